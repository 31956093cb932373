"""What a department says to an order."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from hutong.events.acts import ACTS
from hutong.sdk.draft import Draft, act_draft
from hutong.sdk.replies import Replies


class Reply(Replies):
    """Replies to one order. Each names the order's issue and hop, and what it answers, by itself.

    In a handler they leave once it has returned; of one that raises, none does.
    """

    def __init__(
        self, issue_id: str, hop: int | None, answers: str | None, put: Callable[[Draft], object]
    ) -> None:
        self.issue_id = issue_id
        self._hop = hop
        self._answers = answers
        self._put = put

    def __repr__(self) -> str:
        return f"Reply({self.issue_id!r}, hop={self._hop})"

    def say(
        self,
        verb: str,
        fields: dict[str, Any],
        *,
        occurred_at: datetime | None = None,
        by: str | None = None,
    ) -> str:
        """See `Replies.say`."""
        if "hop" in ACTS[verb].model_fields:
            fields = {"hop": self._hop, **fields}
        draft = act_draft(
            verb,
            self.issue_id,
            event_id=None,
            occurred_at=occurred_at,
            by=by,
            answers=self._answers,
            fields=fields,
        )
        self._put(draft)
        return draft.event_id
