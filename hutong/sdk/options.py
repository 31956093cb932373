"""What may be said with any act beside its own fields."""

from datetime import datetime
from typing import TypedDict


class ReplyOptions(TypedDict, total=False):
    """Of a department's reply to an order."""

    #: When it happened; now where it is left out.
    occurred_at: datetime | None
    #: Who at the sender does it.
    by: str | None


class ActOptions(ReplyOptions, total=False):
    """Of an act on an issue."""

    #: Which event of the issue it answers. Those who write to Kafka themselves must say it; intake
    #: knows it where it is left out.
    answers: str | None
    #: Made where it is left out.
    event_id: str | None
