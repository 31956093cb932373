# Made by tools/sdk_twins.py: edit that, or what it is made from.
"""What a department may say to an order, as typed methods."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any


class Replies(ABC):
    """Methods named after the verbs of departments; each returns the id of what was said.

    ``by`` is who at the department says it; ``occurred_at`` is now where it is left out.
    """

    @abstractmethod
    def say(
        self,
        verb: str,
        fields: dict[str, Any],
        *,
        occurred_at: datetime | None = None,
        by: str | None = None,
    ) -> str:
        """Say something by its verb; InvalidError with every fault."""

    def accept(
        self,
        *,
        handler: str | None = None,
        occurred_at: datetime | None = None,
        by: str | None = None,
    ) -> str:
        """The department signed for it.

        Writes `IssueAccepted`.

        Args:
            handler: Who handles it there.
        """
        fields: dict[str, Any] = {
            "handler": handler,
        }
        return self.say("accept", fields, occurred_at=occurred_at, by=by)

    def assign(
        self,
        *,
        assignee: str,
        level: str,
        due: datetime | None = None,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
    ) -> str:
        """Given to a unit or worker below the department.

        Writes `IssueAssigned`.

        Args:
            assignee: Unit or worker code.
            level: department, street, community or grid.
            due: Wanted by.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "assignee": assignee,
            "level": level,
            "due": due,
            "text": text,
        }
        return self.say("assign", fields, occurred_at=occurred_at, by=by)

    def return_(
        self,
        *,
        reason: str,
        proposed: str | None = None,
        media: Sequence[str] = (),
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
    ) -> str:
        """The department says that it is not its matter.

        Writes `IssueReturned`.

        Args:
            reason: Reason code of the city pack, group return.
            proposed: Department proposed instead.
            media: SHA-256 of each attached file, lower-case hex.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "reason": reason,
            "proposed": proposed,
            "media": media,
            "text": text,
        }
        return self.say("return", fields, occurred_at=occurred_at, by=by)

    def respond(
        self,
        *,
        means: str,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
    ) -> str:
        """The reporter got a first answer.

        Writes `IssueResponded`.

        Args:
            means: call, message, visit or letter.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "means": means,
            "text": text,
        }
        return self.say("respond", fields, occurred_at=occurred_at, by=by)

    def note(
        self,
        *,
        media: Sequence[str] = (),
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
    ) -> str:
        """Something was done or learnt.

        Writes `ProgressNoted`.

        Args:
            media: SHA-256 of each attached file, lower-case hex.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "media": media,
            "text": text,
        }
        return self.say("note", fields, occurred_at=occurred_at, by=by)

    def request_extension(
        self,
        *,
        reason: str,
        minutes: int,
        media: Sequence[str] = (),
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
    ) -> str:
        """The department asks for more time.

        Writes `ExtensionRequested`.

        Args:
            reason: Reason code of the city pack, group extension.
            minutes: Time asked for, minutes of the clock's calendar.
            media: SHA-256 of each attached file, lower-case hex.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "reason": reason,
            "minutes": minutes,
            "media": media,
            "text": text,
        }
        return self.say("request-extension", fields, occurred_at=occurred_at, by=by)

    def resolve(
        self,
        *,
        result: str,
        media: Sequence[str] = (),
        file_number: str | None = None,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
    ) -> str:
        """The department claims that it is solved.

        Writes `IssueResolved`.

        Args:
            result: Code of the city pack, group result.
            media: SHA-256 of each attached file, lower-case hex.
            file_number: Number of the enforcement file or agreement.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "result": result,
            "media": media,
            "file_number": file_number,
            "text": text,
        }
        return self.say("resolve", fields, occurred_at=occurred_at, by=by)

    def declare_unresolvable(
        self,
        *,
        reason: str,
        media: Sequence[str] = (),
        explanation: str,
        occurred_at: datetime | None = None,
        by: str | None = None,
    ) -> str:
        """It cannot be solved, and the reporter was told why.

        Writes `IssueDeclaredUnresolvable`.

        Args:
            reason: Reason code of the city pack, group unresolvable.
            media: SHA-256 of each attached file, lower-case hex.
            explanation: What the reporter was told.
        """
        fields: dict[str, Any] = {
            "reason": reason,
            "media": media,
            "explanation": explanation,
        }
        return self.say("declare-unresolvable", fields, occurred_at=occurred_at, by=by)
