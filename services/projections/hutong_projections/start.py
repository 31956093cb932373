"""What must be right before the first record is read."""

from hutong.checks import Finding, faults_of
from hutong.checks.safety import database_url_findings, postgres_findings
from hutong.events.topics import ISSUES, load_topics
from hutong.kafka.start import kafka_faults
from hutong.store.facts import read_facts
from hutong_projections.settings import ProjectionsSettings


def start_faults(settings: ProjectionsSettings) -> list[Finding]:
    """Why not to start. Raises KafkaException or DatabaseDownError when one does not answer.

    The log of a test may have as many partitions as it likes. Outside production a database that
    is away is waited for, and one that is not migrated is found by the first transaction.
    """
    found: list[Finding] = []
    if settings.projections_topic == ISSUES:
        topics = [load_topics(())[ISSUES]]
        found += kafka_faults(settings.access, topics, production=settings.in_production)
    if settings.in_production:
        url = settings.database_url.get_secret_value()
        found += database_url_findings(url, production=True)
        found += postgres_findings(read_facts(url), production=True)
    return faults_of(found)
