"""Rules on topics against the catalogue. They hold in every profile: anything else breaks order,
times or the log itself."""

from collections.abc import Iterable, Iterator

from hutong.checks.facts import KafkaFacts, TopicFacts
from hutong.checks.finding import Finding, fault, ok, warning
from hutong.events.topics import Topic

SUBJECT = "topics"


def topic_findings(facts: KafkaFacts, wanted: Iterable[Topic]) -> Iterator[Finding]:
    """Every difference between the broker's topics and those of the catalogue."""
    topics = list(wanted)
    found: list[Finding] = []
    missing = [topic.name for topic in topics if topic.name not in facts.topics]
    if missing:
        found.append(
            fault(SUBJECT, f"{_names(missing)} missing", "run `hutong topics create`"),
        )
    for topic in topics:
        if topic.name in facts.topics:
            found += _differences(topic, facts.topics[topic.name])
    yield from found or [ok(SUBJECT, f"{len(topics)} are as the catalogue says")]


def _differences(topic: Topic, found: TopicFacts) -> Iterator[Finding]:
    if found.partitions != topic.partitions:
        yield fault(
            SUBJECT,
            f"{topic.name} has {found.partitions} partitions, the catalogue says"
            f" {topic.partitions}: keys would go elsewhere and split the histories of issues",
            "partitions cannot be taken away: put the topic back from the archive, under its name",
        )
    if found.leaderless:
        yield fault(
            SUBJECT,
            f"{topic.name} has {found.leaderless} partitions without a leader",
            "start the brokers that hold them",
        )
    elif found.in_sync < found.copies:
        yield warning(
            SUBJECT,
            f"{topic.name} has partitions with {found.in_sync} of {found.copies} copies in step",
            "see which broker is down or slow",
        )
    for name, value in topic.config.items():
        seen = found.config.get(name)
        if seen is not None and seen != value:
            yield fault(
                SUBJECT,
                f"{topic.name} has {name}={seen}, the catalogue says {value}",
                f"kafka-configs.sh --alter --topic {topic.name} --add-config {name}={value}",
            )


def _names(names: list[str]) -> str:
    most = 5
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more + (" is" if len(names) == 1 else " are")
