"""What a service asks of Kafka before it starts."""

from collections.abc import Iterable

from hutong.checks.finding import Finding, faults_of
from hutong.checks.safety import client_findings, kafka_findings, producer_findings
from hutong.checks.topics import topic_findings
from hutong.events.topics import Topic
from hutong.kafka import client_config, producer_config
from hutong.kafka.access import Brokers
from hutong.kafka.facts import collect_kafka


def kafka_faults(kafka: Brokers, topics: Iterable[Topic], *, production: bool) -> list[Finding]:
    """Why a service that works with these topics must not start.

    That the topics are as the catalogue says holds everywhere; the rest is asked in production.
    Raises KafkaException when no broker answers.
    """
    wanted = list(topics)
    names = [topic.name for topic in wanted]
    facts = collect_kafka(kafka, names, with_brokers=production)
    found = list(topic_findings(facts, wanted))
    if production:
        found += kafka_findings(facts, names, production=True)
        found += client_findings(client_config(kafka), production=True)
        found += producer_findings(producer_config(kafka))
    return faults_of(found)
