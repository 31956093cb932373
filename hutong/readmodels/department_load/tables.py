"""The table department_load."""

from hutong.readmodels.base import Mode, Table

DEPARTMENT_LOAD = Table(
    "department_load",
    Mode.SUM,
    key={"department": "text", "origin": "text"},
    values={
        "open": "bigint",
        "dispatched": "bigint",
        "accepted": "bigint",
        "returned": "bigint",
        "resolved": "bigint",
        "unresolvable": "bigint",
        "ended": "bigint",
    },
)
