"""The table category_weekly."""

from hutong.readmodels.base import Mode, Table

CATEGORY_WEEKLY = Table(
    "category_weekly",
    Mode.SUM,
    key={
        "week": "text",
        "month": "text",
        "origin": "text",
        "street": "text",
        "category": "text",
        "kind": "text",
    },
    values={
        "reported": "bigint",
        "dispatched": "bigint",
        "queued": "bigint",
        "accepted": "bigint",
        "responded": "bigint",
        "resolved": "bigint",
        "unresolvable": "bigint",
        "closed": "bigint",
        "on_the_spot": "bigint",
        "respond_on_time": "bigint",
        "respond_late": "bigint",
        "respond_open": "bigint",
        "resolve_on_time": "bigint",
        "resolve_late": "bigint",
        "resolve_open": "bigint",
        "asked_solved": "bigint",
        "solved": "bigint",
        "asked_satisfied": "bigint",
        "satisfied": "bigint",
        "returned": "bigint",
        "reworked": "bigint",
        "merged": "bigint",
    },
)
