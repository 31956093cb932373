"""Creates the topics of the catalogue and holds existing ones against it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from hutong.events.topics import Topic
from hutong.kafka import client_config
from hutong.kafka.access import Brokers

_SECONDS = 30.0


class TopicsError(Exception):
    """The broker's topics differ from the catalogue in a way that must not be papered over."""


@dataclass(frozen=True, slots=True)
class TopicsReport:
    """What `create_topics` found and did."""

    created: tuple[str, ...]
    present: int
    copies: int


def await_broker(bootstrap: Brokers, seconds: float) -> None:
    """Return once a broker answers; KafkaException when none has within so many seconds."""
    AdminClient(client_config(bootstrap)).list_topics(timeout=seconds)


def create_topics(
    bootstrap: Brokers, topics: Iterable[Topic], copies: int | None = None
) -> TopicsReport:
    """Create what is missing; raise TopicsError where an existing topic contradicts the catalogue.

    ``copies`` is the replication factor; by default 3, or 1 on fewer than three brokers. A changed
    number of partitions would split histories (the key would go elsewhere), so it is refused.
    """
    wanted = {topic.name: topic for topic in topics}
    admin = AdminClient(client_config(bootstrap))
    metadata = admin.list_topics(timeout=_SECONDS)
    copies = copies or (3 if len(metadata.brokers) >= 3 else 1)
    faults = [
        f"{name} has {len(metadata.topics[name].partitions)} partitions, the catalogue says "
        f"{topic.partitions}: its keys would go elsewhere"
        for name, topic in wanted.items()
        if name in metadata.topics and len(metadata.topics[name].partitions) != topic.partitions
    ]
    faults += _config_faults(admin, [t for t in wanted.values() if t.name in metadata.topics])
    if faults:
        raise TopicsError("topics differ from the catalogue:\n  " + "\n  ".join(faults))
    missing = [topic for name, topic in wanted.items() if name not in metadata.topics]
    if missing:
        _create(admin, missing, copies)
    return TopicsReport(tuple(t.name for t in missing), len(wanted) - len(missing), copies)


def _create(admin: AdminClient, topics: list[Topic], copies: int) -> None:
    in_sync = 2 if copies >= 3 else 1
    new = [
        NewTopic(
            topic.name,
            num_partitions=topic.partitions,
            replication_factor=copies,
            config={**topic.config, "min.insync.replicas": str(in_sync)},
        )
        for topic in topics
    ]
    for name, future in admin.create_topics(new, operation_timeout=_SECONDS).items():
        try:
            future.result(_SECONDS)
        except KafkaException as error:
            # Two starters at once: the other one made it.
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise TopicsError(f"cannot create {name}: {error.args[0].str()}") from error


def _config_faults(admin: AdminClient, topics: list[Topic]) -> list[str]:
    if not topics:
        return []
    resources = [ConfigResource(ResourceType.TOPIC, topic.name) for topic in topics]
    faults = []
    for resource, future in admin.describe_configs(resources).items():
        found: Mapping[str, object] = {k: v.value for k, v in future.result(_SECONDS).items()}
        topic = next(t for t in topics if t.name == resource.name)
        faults += [
            f"{topic.name} has {key}={found.get(key)}, the catalogue says {value}"
            for key, value in topic.config.items()
            if str(found.get(key)) != value
        ]
    return faults
