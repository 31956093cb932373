"""The table return_reasons."""

from hutong.readmodels.base import Mode, Table

RETURN_REASONS = Table(
    "return_reasons",
    Mode.SUM,
    key={"reason": "text", "department": "text", "week": "text", "month": "text", "origin": "text"},
    values={
        "returns": "bigint",
        "upheld": "bigint",
        "refused": "bigint",
        "open": "bigint",
        "hops_after": "bigint",
    },
)
