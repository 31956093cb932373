"""Which result a department claims: it follows from what the issue is about."""

from collections.abc import Mapping, Sequence
from typing import Final

from hutong.demo.month.stage import Case

_MENDED: Final = (
    *("fixed",) * 13, "fixed-temporary", "fixed-temporary", "partly-fixed", "already-normal",
    "not-found",
)  # fmt: skip
_ANSWERED: Final = ("answered", "answered", "explained")
#: First level of the category -> results, where they are others than for what is mended.
_OF_MATTER: Final[Mapping[str, Sequence[str]]] = {
    "construction": (*_MENDED, "enforced", "enforced", "enforced"),
    "market": ("fixed", "fixed", "mediated", "mediated", "mediated", "explained", "enforced"),
    "labor": ("fixed", "mediated", "mediated", "answered", "explained"),
    "housing": (*_MENDED, "mediated", "mediated", "explained"),
    "education": ("answered", "explained", "fixed"),
    "welfare": ("answered", "explained", "fixed"),
    "business": ("answered", "explained"),
    "governance": ("answered", "explained", "fixed"),
}


def result_of(case: Case) -> str:
    """A code of the pack's group `result`."""
    state = case.state
    if state.intent in ("consult", "praise", "suggest") or state.tier == "consultation":
        return case.chance.one(_ANSWERED)
    top = (state.category or "").partition(".")[0]
    return case.chance.one(_OF_MATTER.get(top, _MENDED))
