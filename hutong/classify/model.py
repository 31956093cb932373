"""What the classifier says of one report."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """A duty item that the text may mean; `margin` is its score in per mille of the best one."""

    item: str
    category: str
    lead: str
    score: int
    margin: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A keyword that spoke for the chosen item. `field` is `subject` or `body`."""

    keyword: str
    field: str
    weight: int
    count: int


@dataclass(frozen=True, slots=True)
class Classification:
    """The answer for one report.

    Where `confident` is False, `unsure_reason` is one of `no-match`, `weak`, `close-candidates`,
    `area-unknown`, and item, category and lead are the best guess (None where there is none):
    the desk decides. `confidence` runs from 0 to 1000. `candidates` are the best five, best first.
    """

    item: str | None
    category: str | None
    kind: str
    intent: str
    tier: str
    lead: str | None
    co_owners: tuple[str, ...]
    confidence: int
    confident: bool
    unsure_reason: str | None
    candidates: tuple[Candidate, ...]
    evidence: tuple[Evidence, ...]
    model: str
