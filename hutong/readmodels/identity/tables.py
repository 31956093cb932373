"""The table identity."""

from hutong.readmodels.base import Mode, Table

IDENTITY = Table(
    "identity",
    Mode.UPSERT,
    key={"event_id": "text", "issue_id": "text"},
    values={
        "nth": "integer",
        "name": "text",
        "contact": "text",
        "key_id": "text",
        "box": "text",
    },
)
