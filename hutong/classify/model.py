"""What the classifier says of one report. Tuples, because each report makes about ten."""

from typing import NamedTuple


class Candidate(NamedTuple):
    """A duty item that the text may mean; `margin` is its score in per mille of the best one."""

    item: str
    category: str
    lead: str
    score: int
    margin: int


class Evidence(NamedTuple):
    """A keyword that spoke for the chosen item. `field` is `subject` or `body`."""

    keyword: str
    field: str
    weight: int
    times: int


class Classification(NamedTuple):
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
