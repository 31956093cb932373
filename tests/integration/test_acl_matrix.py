"""Every user x operation x topic (and group, and the cluster) on a real secure broker.

Two ways. First the broker is asked, as each user, for all operations that it would
allow on every topic (`include_authorized_operations`): its authorizer answers, the same that
decides on requests. Then each user really tries, on every topic: to write a record, to delete the
topic, to change its settings; to read every topic that it can see; and on every group to commit an
offset, which needs what joining needs. Creating is tried with names of its own. What is sampled:
reading topics that a user cannot see (one each), transactions (three users), and joining a group
through a subscription (one department, with its own group and topic and with others').

What is expected is written down by hand in tests/fixtures/rights.py.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from confluent_kafka import (
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaError,
    KafkaException,
    Producer,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AclBinding,
    AclOperation,
    AclPermissionType,
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    NewTopic,
    ResourcePatternType,
    ResourceType,
)

from hutong.city import load_city
from hutong.events.topics import load_topics
from hutong.kafka import client_config, consumer_config
from hutong.kafka.access import KafkaAccess
from hutong.kafka.rights import RightsError, apply_rights, compare_rights
from hutong.local.stack import Stack
from tests.fixtures.rights import (
    DESCRIBE,
    EVERYTHING,
    GROUPS,
    READ,
    SUPER_USERS,
    USERS,
    WRITE,
    topic_rights,
)

TOPICS = topic_rights()
NAMES = sorted(TOPICS)
#: 46 users with some twenty threads of librdkafka each, on two cores.
AT_ONCE = 4
SECONDS = 15.0

DENIED = {
    KafkaError.TOPIC_AUTHORIZATION_FAILED: "denied",
    KafkaError.GROUP_AUTHORIZATION_FAILED: "denied",
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: "denied",
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED: "denied",
}
Outcomes = dict[tuple[str, str], str]


def allowed(user: str, topic: str, operation: str) -> bool:
    return user in SUPER_USERS or operation in TOPICS[topic].get(user, set())


def outcome(error: KafkaError | None) -> str:
    return "allowed" if error is None else DENIED.get(error.code(), error.name())


def result(future: Any) -> str:
    try:
        future.result(SECONDS)
    except KafkaException as error:
        return outcome(error.args[0])
    return "allowed"


def commit_at(admin: AdminClient, group: str, place: TopicPartition) -> str:
    """Commit an offset for a group. Its coordinator needs a moment when it is the first."""
    wanted = [ConsumerGroupTopicPartitions(group, [place])]
    until = time.monotonic() + SECONDS
    while True:
        try:
            answer = admin.alter_consumer_group_offsets(wanted)[group].result(SECONDS)
            error = answer.topic_partitions[0].error
        except KafkaException as failure:
            error = failure.args[0]
        said = outcome(error)
        if said in ("allowed", "denied") or time.monotonic() > until:
            return said
        time.sleep(0.1)


def of_every_user(stack: Stack, attempt: Callable[[KafkaAccess], dict[str, str]]) -> Outcomes:
    """(user, what) -> outcome, of an attempt as each user that is bound by rules."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = list(pool.map(lambda user: attempt(stack.access(user)), USERS))
    return {
        (user, what): said
        for user, outcomes in zip(USERS, found, strict=True)
        for what, said in outcomes.items()
    }


def surprises(found: Outcomes, may: Callable[[str, str], bool]) -> Outcomes:
    """What came out otherwise than expected; every cell must have come out."""
    return {
        (user, what): said
        for (user, what), said in found.items()
        if said != ("allowed" if may(user, what) else "denied")
    }


def test_the_users_are_those_of_the_table(secure_kafka: Stack) -> None:
    assert set(secure_kafka.kafka_users) == {*USERS, *SUPER_USERS}
    assert set(NAMES) == {topic.name for topic in load_topics(load_city().departments)}


def test_the_broker_would_allow_exactly_the_table(secure_kafka: Stack) -> None:
    def ask(access: KafkaAccess) -> dict[str, str]:
        admin = AdminClient(client_config(access))
        answers = admin.describe_topics(TopicCollection(NAMES), include_authorized_operations=True)
        found = {}
        for name, future in answers.items():
            try:
                operations = future.result(SECONDS).authorized_operations
                found[name] = " ".join(sorted(operation.name for operation in operations))
            except KafkaException as error:
                found[name] = outcome(error.args[0])
        return found

    expected = {
        (user, name): " ".join(sorted(TOPICS[name].get(user, ()))) or "denied"
        for user in USERS
        for name in NAMES
    }
    found = of_every_user(secure_kafka, ask)
    assert {cell: said for cell, said in found.items() if said != expected[cell]} == {}
    assert found.keys() == expected.keys()
    assert set(ask(secure_kafka.access("break-glass")).values()) == {" ".join(sorted(EVERYTHING))}


def test_writing_is_possible_where_the_table_says_and_nowhere_else(secure_kafka: Stack) -> None:
    def write(access: KafkaAccess) -> dict[str, str]:
        found: dict[str, str] = {}
        # Without idempotence: a user that may write nothing would fail before the first topic.
        settings = {**client_config(access), "acks": "all", "message.timeout.ms": 30_000}
        producer = Producer({**settings, "log_level": 0})
        for name in NAMES:
            producer.produce(
                name,
                access.user.encode(),
                on_delivery=lambda error, _, name=name: found.update({name: outcome(error)}),
                partition=0,
            )
        assert producer.flush(SECONDS) == 0
        return found

    found = of_every_user(secure_kafka, write)
    assert len(found) == len(USERS) * len(NAMES)
    assert surprises(found, lambda user, name: allowed(user, name, WRITE)) == {}


def test_reading_is_possible_where_the_table_says_and_nowhere_else(secure_kafka: Stack) -> None:
    """Each user reads every topic that it can see, and asks for the leaders of one, another one
    each, that it cannot: without leaders there is nothing to fetch from."""

    def seen(user: str) -> list[str]:
        return [name for name in NAMES if allowed(user, name, DESCRIBE)]

    def unseen(user: str) -> list[str]:
        rest = [name for name in NAMES if not allowed(user, name, DESCRIBE)]
        return rest[USERS.index(user) % max(1, len(rest)) :][:1]

    def read(access: KafkaAccess) -> dict[str, str]:
        return fetch(access, seen(access.user)) | look(access, unseen(access.user))

    found = of_every_user(secure_kafka, read)
    assert surprises(found, lambda user, name: allowed(user, name, READ)) == {}
    tried = {(user, name) for user in USERS for name in seen(user) + unseen(user)}
    assert found.keys() == tried


def look(access: KafkaAccess, names: list[str]) -> dict[str, str]:
    """Topic -> whether its leaders, without which nothing can be fetched, are told."""
    admin = AdminClient(client_config(access))
    return {name: outcome(admin.list_topics(name, SECONDS).topics[name].error) for name in names}


def fetch(access: KafkaAccess, names: list[str]) -> dict[str, str]:
    """Topic -> whether a record of it could be read, or its end be seen."""
    settings = {"group.id": "reader", "enable.auto.commit": False, "enable.partition.eof": True}
    consumer = Consumer({**client_config(access), **settings, "log_level": 0})
    consumer.assign([TopicPartition(name, 0, 0) for name in names])
    found: dict[str, str] = {}
    until = time.monotonic() + SECONDS
    while len(found) < len(names) and time.monotonic() < until:
        for message in consumer.consume(1_000, 0.1):
            error, name = message.error(), message.topic()
            if error is not None and error.code() == KafkaError._PARTITION_EOF:
                error = None  # there is nothing, and it may know that
            if name in TOPICS:  # else: the group "reader", whose coordinator nobody may ask for
                found[name] = outcome(error)
    consumer.close()
    return found


def test_nobody_deletes_changes_or_makes_a_topic(secure_kafka: Stack) -> None:
    def delete(access: KafkaAccess) -> dict[str, str]:
        admin = AdminClient(client_config(access))  # kept: its end would end the request
        answers = admin.delete_topics(NAMES)
        return {name: result(future) for name, future in answers.items()}

    def alter(access: KafkaAccess) -> dict[str, str]:
        entry = ConfigEntry("retention.ms", "1", incremental_operation=AlterConfigOpType.SET)
        resources = [
            ConfigResource(ResourceType.TOPIC, name, incremental_configs=[entry]) for name in NAMES
        ]
        admin = AdminClient(client_config(access))
        answers = admin.incremental_alter_configs(resources)
        return {resource.name: result(future) for resource, future in answers.items()}

    def create(access: KafkaAccess) -> dict[str, str]:
        new = [NewTopic(name, 1, 1) for name in ("mine", "reports-mine", "dept-mine")]
        admin = AdminClient(client_config(access))
        answers = admin.create_topics(new)
        return {name: result(future) for name, future in answers.items()}

    for attempt in (delete, alter, create):
        found = of_every_user(secure_kafka, attempt)
        assert surprises(found, lambda _user, _name: False) == {}, attempt.__name__
        assert len(found) >= len(USERS) * 3


def test_groups_are_their_owners(secure_kafka: Stack) -> None:
    """Committing an offset asks for Read on the group, as joining it does."""

    def commit(access: KafkaAccess) -> dict[str, str]:
        admin = AdminClient(client_config(access))
        # A topic that the user may read, so that the answer is the group's alone.
        readable = [name for name in NAMES if allowed(access.user, name, READ)]
        place = TopicPartition(readable[0] if readable else "issues", 0, 0)
        return {group: commit_at(admin, group, place) for group in GROUPS}

    found = of_every_user(secure_kafka, commit)
    may = {(user, group) for group in GROUPS for user, ops in GROUPS[group].items() if READ in ops}
    assert surprises(found, lambda user, group: (user, group) in may) == {}
    assert len(found) == len(USERS) * len(GROUPS)


def test_groups_are_seen_by_their_owners_and_the_monitor(secure_kafka: Stack) -> None:
    def look(access: KafkaAccess) -> dict[str, str]:
        admin = AdminClient(client_config(access))
        answers = {
            group: admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])[group]
            for group in GROUPS
        }
        return {group: result(future) for group, future in answers.items()}

    found = of_every_user(secure_kafka, look)
    may = {(u, group) for group in GROUPS for u, ops in GROUPS[group].items() if DESCRIBE in ops}
    assert surprises(found, lambda user, group: (user, group) in may) == {}


def test_rights_and_the_cluster_are_nobodys(secure_kafka: Stack) -> None:
    def give_oneself(access: KafkaAccess) -> dict[str, str]:
        rule = AclBinding(
            ResourceType.TOPIC,
            "issues",
            ResourcePatternType.LITERAL,
            f"User:{access.user}",
            "*",
            AclOperation.ALL,
            AclPermissionType.ALLOW,
        )
        admin = AdminClient(client_config(access))
        [future] = admin.create_acls([rule]).values()
        return {"give": result(future)}

    def transact(access: KafkaAccess) -> dict[str, str]:
        settings = {**client_config(access), "transactional.id": f"{access.user}-1"}
        producer = Producer({**settings, "log_level": 0})
        try:
            producer.init_transactions(SECONDS)
        except KafkaException as error:
            return {"transact": outcome(error.args[0])}
        return {"transact": "allowed"}

    assert surprises(of_every_user(secure_kafka, give_oneself), lambda *_: False) == {}
    for user in ("router", "intake", "projections"):
        assert transact(secure_kafka.access(user)) == {"transact": "denied"}


@pytest.fixture
def subscribed(secure_kafka: Stack) -> Iterator[Callable[[str, str, str], str]]:
    """(user, group, topic) -> what subscribing comes to."""
    consumers = []

    def subscribe(user: str, group: str, topic: str) -> str:
        consumer = Consumer({**consumer_config(secure_kafka.access(user), group), "log_level": 0})
        consumers.append(consumer)
        consumer.subscribe([topic])
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            message = consumer.poll(0.2)
            if message is not None and message.error() is not None:
                said = outcome(message.error())
                if said != KafkaError(KafkaError._AUTO_OFFSET_RESET).name():
                    return said
            if consumer.assignment():
                return "allowed"
        return "nothing"

    yield subscribe
    for consumer in consumers:
        consumer.close()


def test_a_department_reads_its_own_inbox_and_no_other(
    subscribed: Callable[[str, str, str], str],
) -> None:
    assert subscribed("dept-water", "dept-water", "dept-water") == "allowed"
    assert subscribed("dept-water", "dept-housing", "dept-water") == "denied"
    assert subscribed("dept-water", "dept-water", "dept-housing") == "denied"


def test_a_stranger_gets_nowhere(secure_kafka: Stack) -> None:
    """No password, a wrong one, an unknown user: no metadata, no topic name, nothing."""
    for access in (
        KafkaAccess(secure_kafka.kafka),
        KafkaAccess(secure_kafka.kafka, "sasl_plaintext", "router", "wrong"),
        KafkaAccess(secure_kafka.kafka, "sasl_plaintext", "nobody", "wrong"),
    ):
        with pytest.raises(KafkaException):
            AdminClient({**client_config(access), "log_level": 0}).list_topics(timeout=2)


def test_rights_are_applied_again_without_effect_and_surprises_are_told(
    secure_kafka: Stack,
) -> None:
    catalogue, access = load_topics(load_city().departments), secure_kafka.access()
    again = apply_rights(access, catalogue)
    assert (again.secured, again.missing, again.surprises) == (True, (), ())
    admin = AdminClient(client_config(access))
    rules = [
        _rule(ResourceType.TOPIC, "iss", ResourcePatternType.PREFIXED, "User:mallory"),
        _rule(ResourceType.TOPIC, "of-others", ResourcePatternType.LITERAL, "User:others"),
    ]
    for future in admin.create_acls(rules).values():
        future.result(SECONDS)
    try:
        found = compare_rights(secure_kafka.access("monitor"), catalogue)
        assert [str(acl) for acl in found.surprises] == ["mallory: allow read topic iss…"]
        assert apply_rights(access, catalogue).surprises == found.surprises, "it removes nothing"
    finally:
        for future in admin.delete_acls([_filter(rule) for rule in rules]).values():
            future.result(SECONDS)


def test_who_may_not_see_the_rights_is_told_so(secure_kafka: Stack) -> None:
    catalogue = load_topics(load_city().departments)
    with pytest.raises(RightsError, match="may not see the rights"):
        compare_rights(secure_kafka.access("router"), catalogue)


def test_passwords_are_in_files_that_only_we_can_read_and_nowhere_else(secure_kafka: Stack) -> None:
    data = secure_kafka.data
    secrets = {user: secure_kafka.access(user).password for user in secure_kafka.kafka_users}
    assert len(set(secrets.values())) == len(secrets)
    assert all(len(secret) >= 43 for secret in secrets.values())
    places: dict[str, list[str]] = {}
    # Not Kafka's index files: made at 10 MB each, and of numbers alone.
    files = [p for p in data.rglob("*") if p.is_file() and not p.name.endswith("index")]
    for path in files:
        content = path.read_bytes()
        for user, secret in secrets.items():
            if secret.encode() in content:
                places.setdefault(user, []).append(str(path.relative_to(data)))
                assert path.stat().st_mode & 0o077 == 0, path
    broker = ["kafka-users/broker", "kafka/node1/server.properties"]
    assert {user: sorted(found) for user, found in places.items()} == {
        user: broker if user == "broker" else [f"kafka-users/{user}"] for user in secrets
    }
    assert _command_lines_with(secrets.values()) == []
    assert all(secret not in repr(secure_kafka.access(user)) for user, secret in secrets.items())


def _command_lines_with(secrets: Any) -> list[str]:
    import psutil

    mine = psutil.Process(os.getpid())
    lines = [" ".join(p.cmdline()) for p in mine.children(recursive=True) if p.is_running()]
    return [line for line in lines if any(secret in line for secret in secrets)]


def _rule(kind: ResourceType, name: str, pattern: ResourcePatternType, user: str) -> AclBinding:
    allow = AclPermissionType.ALLOW
    return AclBinding(kind, name, pattern, user, "*", AclOperation.READ, allow)


def _filter(rule: AclBinding) -> Any:
    from confluent_kafka.admin import AclBindingFilter

    return AclBindingFilter(
        rule.restype,
        rule.name,
        rule.resource_pattern_type,
        rule.principal,
        rule.host,
        rule.operation,
        rule.permission_type,
    )
