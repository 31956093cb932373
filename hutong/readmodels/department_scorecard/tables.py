"""The table department_scorecard."""

from hutong.readmodels.base import Mode, Table

DEPARTMENT_SCORECARD = Table(
    "department_scorecard",
    Mode.SUM,
    key={"department": "text", "week": "text", "month": "text", "origin": "text"},
    values={
        "issues": "bigint",
        "hops": "bigint",
        "accept_on_time": "bigint",
        "accept_late": "bigint",
        "accept_open": "bigint",
        "respond_on_time": "bigint",
        "respond_late": "bigint",
        "respond_open": "bigint",
        "resolve_on_time": "bigint",
        "resolve_late": "bigint",
        "resolve_open": "bigint",
        "resolved": "bigint",
        "unresolvable": "bigint",
        "reworked": "bigint",
        "returns": "bigint",
        "returns_upheld": "bigint",
        "returns_refused": "bigint",
        "returns_open": "bigint",
        "dwell_ms": "bigint",
        "dwell_hops": "bigint",
        "asked_solved": "bigint",
        "solved": "bigint",
        "asked_satisfied": "bigint",
        "satisfied": "bigint",
        "net_asked_satisfied": "bigint",
        "net_satisfied": "bigint",
    },
)
