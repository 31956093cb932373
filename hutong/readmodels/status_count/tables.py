"""The table status_count."""

from hutong.readmodels.base import Mode, Table

STATUS_COUNT = Table(
    "status_count",
    Mode.SUM,
    key={"origin": "text", "status": "text"},
    values={"issues": "bigint", "dispatched": "bigint"},
)
