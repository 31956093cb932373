"""The registry that a city runs, asked once at the start."""

from pydantic import SecretStr

from hutong.checks.finding import Finding, Level, faults_of
from hutong.contract.registry.findings import registry_findings
from hutong.events.schemas import load_schemas
from hutong.ops.log import get_logger


def registry_faults(url: SecretStr | None) -> list[Finding]:
    """Why not to start: ids of the lock that mean something else there. None for no registry.

    One that does not answer, or lacks a schema, is a warning in the log: nothing here needs it.
    """
    if url is None:
        return []
    found = list(registry_findings(url.get_secret_value(), load_schemas().by_id.values()))
    for finding in found:
        if finding.level is Level.WARNING:
            get_logger().warning(finding.subject, why=finding.text, remedy=finding.remedy)
    return faults_of(found)
