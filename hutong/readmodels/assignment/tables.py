"""The table assignment."""

from hutong.readmodels.base import Mode, Table

ASSIGNMENT = Table(
    "assignment",
    Mode.UPSERT,
    key={"issue_id": "text", "department": "text"},
    values={
        "assignee": "text",
        "level": "text",
        "since": "bigint",
        "due_at": "bigint",
        "origin": "text",
    },
)
