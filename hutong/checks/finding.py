"""One line of a check: how bad, about what, what was found, what to do."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is. A warning works today; a fault does not, or loses or exposes records."""

    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found; ``remedy`` says what to do and is empty when all is well."""

    level: Level
    subject: str
    text: str
    remedy: str = ""

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}" + (f"; {self.remedy}" if self.remedy else "")


def ok(subject: str, text: str) -> Finding:
    """All is well."""
    return Finding(Level.OK, subject, text)


def warning(subject: str, text: str, remedy: str) -> Finding:
    """Works, but a person should look."""
    return Finding(Level.WARNING, subject, text, remedy)


def fault(subject: str, text: str, remedy: str) -> Finding:
    """Does not work, or must not be used."""
    return Finding(Level.FAULT, subject, text, remedy)


def faults_of(findings: Iterable[Finding]) -> list[Finding]:
    """Those that forbid a start."""
    return [finding for finding in findings if finding.level is Level.FAULT]


def faults_in(subject: str, error: Exception) -> list[Finding]:
    """An error that lists what is wrong, a line each, as findings."""
    return [fault(subject, line, "") for line in str(error).splitlines()]


def refusal(faults: Iterable[Finding]) -> str:
    """What a service that does not start says: every reason, a line each."""
    return "cannot start:\n" + "".join(f"  {one}\n" for one in faults)
