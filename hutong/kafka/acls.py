"""Who may do what on Kafka: the catalogue's principals as Kafka users, and their rights. Pure.

Default deny does the rest: nobody is given Create, Delete, Alter or AlterConfigs on anything, nor
a transactional id. Writing with idempotence needs no right of its own (KIP-679). Making topics and
rights is the break-glass user's, whom no service ever is. See docs/decisions/0006.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from hutong.events.topics import CITY, ISSUES, Topic, TopicCatalogue

BROKER: Final = "broker"
BREAK_GLASS: Final = "break-glass"
SUPER_USERS: Final = (BROKER, BREAK_GLASS)
"""Whom no rule binds: the brokers among themselves, and one user for making topics and rights."""

INTAKE: Final = "intake"
ADMINISTRATOR: Final = "administrator"
MONITOR: Final = "monitor"
REPLAY: Final = "replay"
REDRIVE: Final = "redrive"
ROUTER: Final = "router"
PROJECTIONS: Final = "projections"
PROCESSES: Final = "processes"

ROUTER_GROUP: Final = "router"
PROJECTIONS_GROUP: Final = "hutong-projections"
INTAKE_GROUP: Final = "hutong-intake-status"
REPLAY_GROUPS: Final = "hutong-replay-"
REDRIVE_GROUPS: Final = "hutong-redrive-"
CITY_GROUPS: Final = "hutong-city-"

_CAREFUL: Final = frozenset({INTAKE, ROUTER, PROJECTIONS, PROCESSES})
_BEHIND_INTAKE: Final = ("channel", "dept", "desk")
"""Kinds of principals that intake speaks for, once an API key has shown who is calling."""


@dataclass(frozen=True, slots=True, order=True)
class Acl:
    """One rule, with Kafka's own words. ``pattern``: literal or prefixed; ``*`` is every name."""

    user: str
    operation: str
    resource: str
    name: str
    pattern: str = "literal"
    permission: str = "allow"
    host: str = "*"

    def __str__(self) -> str:
        name = f"{self.name}…" if self.pattern == "prefixed" else self.name
        where = "" if self.host == "*" else f" from {self.host}"
        return f"{self.user}: {self.permission} {self.operation} {self.resource} {name}{where}"

    def covers(self, resource: str, name: str) -> bool:
        """Whether the rule says something about that resource."""
        if self.resource != resource:
            return False
        if self.pattern == "prefixed":
            return name.startswith(self.name)
        return self.name in (name, "*")


def kafka_user(principal: str) -> str:
    """The Kafka user that is a principal of the catalogue: ``channel-app`` for ``channel:app``."""
    return principal.replace(":", "-")


def writers(topic: Topic) -> tuple[str, ...]:
    """The Kafka users that may write a topic: its principal, and intake where it speaks for it."""
    own = kafka_user(topic.writer)
    return (own, INTAKE) if topic.writer.partition(":")[0] in _BEHIND_INTAKE else (own,)


def kafka_users(catalogue: TopicCatalogue) -> tuple[str, ...]:
    """Every Kafka user of a city, sorted, without the super users."""
    found = {user for topic in catalogue for user in writers(topic)}
    found |= {kafka_user(reader) for topic in catalogue for reader in topic.readers}
    return tuple(sorted(found | {MONITOR}))


def consumer_group(department: str) -> str:
    """The consumer group by which a department reads its inbox."""
    return kafka_user(f"dept:{department}")


def expected_acls(catalogue: TopicCatalogue) -> frozenset[Acl]:
    """Every right that there should be."""
    return frozenset({*_topic_rights(catalogue), *_group_rights(catalogue), *_watching(catalogue)})


def surprises(
    found: Iterable[Acl], expected: frozenset[Acl], catalogue: TopicCatalogue
) -> list[Acl]:
    """Rules on the broker that we did not ask for and that touch what is ours, sorted.

    Rules about other topics, groups and users of a shared cluster are nobody's surprise.
    """
    users = {*kafka_users(catalogue), *SUPER_USERS}
    ours = {(acl.resource, acl.name) for acl in expected}

    def touches(acl: Acl) -> bool:
        return (
            acl.user in users
            or acl.resource == "cluster"
            or any(acl.covers(resource, name) for resource, name in ours)
        )

    return sorted(acl for acl in set(found) - expected if touches(acl))


def _topic_rights(catalogue: TopicCatalogue) -> Iterator[Acl]:
    for topic in catalogue:
        for user in writers(topic):
            yield Acl(user, "write", "topic", topic.name)
        for reader in topic.readers:
            yield Acl(kafka_user(reader), "read", "topic", topic.name)
    # Whatever a wildcard may one day allow, what replays history cannot add to it.
    yield Acl(REPLAY, "write", "topic", "*", permission="deny")


def _group_rights(catalogue: TopicCatalogue) -> Iterator[Acl]:
    yield Acl(ROUTER, "read", "group", ROUTER_GROUP)
    yield Acl(PROJECTIONS, "read", "group", PROJECTIONS_GROUP)
    for user in _departments(catalogue):
        yield Acl(user, "read", "group", user)
    # These join no group; librdkafka asks for the coordinator of the name it was given all the
    # same. Describe lets it ask, and neither join nor commit.
    yield Acl(INTAKE, "describe", "group", INTAKE_GROUP)
    yield Acl(REPLAY, "describe", "group", REPLAY_GROUPS, "prefixed")
    yield Acl(REDRIVE, "describe", "group", REDRIVE_GROUPS, "prefixed")
    for reader in catalogue[CITY].readers:
        yield Acl(kafka_user(reader), "describe", "group", CITY_GROUPS, "prefixed")


def _watching(catalogue: TopicCatalogue) -> Iterator[Acl]:
    """What `hutong lag` and checks of an installation need: everything but the records."""
    for topic in catalogue:
        yield Acl(MONITOR, "describe", "topic", topic.name)
        yield Acl(MONITOR, "describe_configs", "topic", topic.name)
        # That a new department has its topics, before its pack is promoted.
        yield Acl(ADMINISTRATOR, "describe", "topic", topic.name)
        # An archive names the ends of what it does not hold.
        yield Acl(REPLAY, "describe", "topic", topic.name)
        # At its start in production each asks whether its topics are kept as they should be.
        for user in {*writers(topic), *map(kafka_user, topic.readers)} & _CAREFUL:
            yield Acl(user, "describe_configs", "topic", topic.name)
    # Nothing is said to be due before the router and the projections are known to have read on.
    for topic in (*catalogue.routed, catalogue[ISSUES]):
        yield Acl(PROCESSES, "describe", "topic", topic.name)
    yield Acl(PROCESSES, "describe", "group", ROUTER_GROUP)
    for group in (ROUTER_GROUP, PROJECTIONS_GROUP, *_departments(catalogue)):
        yield Acl(MONITOR, "describe", "group", group)
    yield Acl(MONITOR, "describe", "cluster", "kafka-cluster")
    yield Acl(MONITOR, "describe_configs", "cluster", "kafka-cluster")


def _departments(catalogue: TopicCatalogue) -> list[str]:
    principals = {r for topic in catalogue for r in topic.readers if r.startswith("dept:")}
    return sorted(map(kafka_user, principals))
