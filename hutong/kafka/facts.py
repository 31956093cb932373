"""Collects what the rules of `hutong.checks` look at from a cluster. Asks only."""

from collections.abc import Iterable

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from hutong.checks.facts import KafkaFacts, TopicFacts
from hutong.kafka import client_config
from hutong.kafka.access import Brokers

_SECONDS = 10.0


def collect_kafka(
    kafka: Brokers, names: Iterable[str], *, seconds: float = _SECONDS, with_brokers: bool = True
) -> KafkaFacts:
    """The brokers and these topics. Raises KafkaException when no broker answers.

    What the broker does not show to our principal is left empty.
    """
    admin = AdminClient(client_config(kafka))
    metadata = admin.list_topics(timeout=seconds)
    wanted = {"__consumer_offsets", *names}
    present = [name for name in metadata.topics if name in wanted]
    topics = _configs(admin, ResourceType.TOPIC, present, seconds)
    brokers = [str(number) for number in metadata.brokers]
    settings = _configs(admin, ResourceType.BROKER, brokers, seconds) if with_brokers else {}
    return KafkaFacts(
        brokers={int(number): settings.get(number, {}) for number in brokers},
        topics={
            name: _topic(metadata.topics[name].partitions.values(), topics.get(name, {}))
            for name in present
        },
    )


def _topic(partitions: "Iterable[object]", config: dict[str, str]) -> TopicFacts:
    found = list(partitions)
    return TopicFacts(
        partitions=len(found),
        copies=min((len(p.replicas) for p in found), default=0),  # type: ignore[attr-defined]
        in_sync=min((len(p.isrs) for p in found), default=0),  # type: ignore[attr-defined]
        leaderless=sum(p.leader < 0 for p in found),  # type: ignore[attr-defined]
        config=config,
    )


def _configs(
    admin: AdminClient, kind: ResourceType, names: list[str], seconds: float
) -> dict[str, dict[str, str]]:
    if not names:
        return {}
    asked = admin.describe_configs([ConfigResource(kind, name) for name in names])
    found: dict[str, dict[str, str]] = {}
    for resource, future in asked.items():
        try:
            entries = future.result(seconds)
        except KafkaException as error:
            if error.args[0].name() not in _HIDDEN:
                raise
            continue
        found[resource.name] = {key: entry.value or "" for key, entry in entries.items()}
    return found


_HIDDEN = frozenset({"TOPIC_AUTHORIZATION_FAILED", "CLUSTER_AUTHORIZATION_FAILED"})
