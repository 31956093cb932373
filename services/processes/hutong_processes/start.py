"""What must be right before the first turn."""

from hutong.checks import Finding, faults_of
from hutong.checks.safety import database_url_findings, postgres_findings
from hutong.events.topics import CLOCK, ORDERS, load_topics
from hutong.kafka.start import kafka_faults
from hutong.store.facts import read_facts
from hutong_processes.settings import ProcessesSettings


def start_faults(settings: ProcessesSettings) -> list[Finding]:
    """Why not to start. Raises KafkaException or DatabaseDownError when one does not answer.

    Outside production a database that is away is waited for, and one that is not migrated is found
    by the first turn.
    """
    catalogue = load_topics(())
    topics = [catalogue[ORDERS], catalogue[CLOCK]]
    found = kafka_faults(settings.access, topics, production=settings.in_production)
    if settings.in_production:
        url = settings.database_url.get_secret_value()
        found += database_url_findings(url, production=True)
        found += postgres_findings(read_facts(url), production=True)
    return faults_of(found)
