"""What a department says to an order."""

from collections.abc import Callable
from typing import Any, Unpack

from hutong.events.acts import ACTS
from hutong.sdk.draft import Draft, act_draft
from hutong.sdk.options import ReplyOptions
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

    def say(self, verb: str, fields: dict[str, Any], **options: Unpack[ReplyOptions]) -> str:
        """See `Replies.say`."""
        if verb in ACTS and "hop" in ACTS[verb].model_fields:
            fields = {"hop": self._hop, **fields}
        draft = act_draft(verb, self.issue_id, fields, answers=self._answers, **options)
        self._put(draft)
        return draft.event_id
