"""The table worker_assessment."""

from hutong.readmodels.base import Mode, Table

WORKER_ASSESSMENT = Table(
    "worker_assessment",
    Mode.SUM,
    key={"worker": "text", "day": "text", "area": "text", "origin": "text"},
    values={
        "reported": "bigint",
        "on_the_spot": "bigint",
        "assigned": "bigint",
        "assignment_on_time": "bigint",
        "assignment_late": "bigint",
        "assignment_open": "bigint",
        "checks_passed": "bigint",
        "checks_failed": "bigint",
        "reworked": "bigint",
    },
)
