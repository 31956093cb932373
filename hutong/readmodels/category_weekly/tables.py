"""The table category_weekly."""

from hutong.readmodels.base import Mode, Table

CATEGORY_WEEKLY = Table(
    "category_weekly",
    Mode.SUM,
    key={"week": "text", "origin": "text", "street": "text", "category": "text", "kind": "text"},
    values={
        "reported": "bigint",
        "dispatched": "bigint",
        "queued": "bigint",
        "accepted": "bigint",
        "responded": "bigint",
        "resolved": "bigint",
        "unresolvable": "bigint",
        "closed": "bigint",
    },
)
