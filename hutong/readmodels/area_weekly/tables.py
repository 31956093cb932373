"""The table area_weekly."""

from hutong.readmodels.base import Mode, Table

AREA_WEEKLY = Table(
    "area_weekly",
    Mode.SUM,
    key={"week": "text", "month": "text", "origin": "text", "area": "text"},
    values={"reported": "bigint"},
)
