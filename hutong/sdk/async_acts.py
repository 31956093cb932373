# Made by tools/sdk_twins.py: edit that, or what it is made from.
"""Every act on an issue as a typed method."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hutong.events.fields import Place, Reporter
from hutong.sdk.receipt import Receipt


class AsyncActs(ABC):
    """Methods named after the verbs of `hutong.events.acts`.

    Each keeps the act in the outbox and returns its receipt, like `report_issue`. Those who write
    to Kafka themselves must say with ``answers`` which event of the issue theirs answers; intake
    knows it where it is left out. ``by`` is who at the sender does it; ``occurred_at`` is now
    where it is left out; ``event_id`` is made where it is left out.
    """

    @abstractmethod
    async def act(
        self,
        verb: str,
        issue_id: str,
        fields: dict[str, Any],
        *,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """Any act by its verb."""

    async def accept(
        self,
        issue_id: str,
        *,
        hop: int | None = None,
        handler: str | None = None,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The department signed for it.

        Writes `IssueAccepted`.

        Args:
            issue_id: the issue.
            hop: Hop of the order that it answers.
            handler: Who handles it there.
        """
        fields: dict[str, Any] = {
            "hop": hop,
            "handler": handler,
        }
        return await self.act(
            "accept",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def assign(
        self,
        issue_id: str,
        *,
        assignee: str,
        level: str,
        due: datetime | None = None,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """Given to a unit or worker below the department.

        Writes `IssueAssigned`.

        Args:
            issue_id: the issue.
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
        return await self.act(
            "assign",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def return_(
        self,
        issue_id: str,
        *,
        hop: int | None = None,
        reason: str,
        proposed: str | None = None,
        media: Sequence[str] = (),
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The department says that it is not its matter.

        Writes `IssueReturned`.

        Args:
            issue_id: the issue.
            hop: Hop of the order that it answers.
            reason: Reason code of the city pack, group return.
            proposed: Department proposed instead.
            media: SHA-256 of each attached file, lower-case hex.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "hop": hop,
            "reason": reason,
            "proposed": proposed,
            "media": media,
            "text": text,
        }
        return await self.act(
            "return",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def respond(
        self,
        issue_id: str,
        *,
        means: str,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The reporter got a first answer.

        Writes `IssueResponded`.

        Args:
            issue_id: the issue.
            means: call, message, visit or letter.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "means": means,
            "text": text,
        }
        return await self.act(
            "respond",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def note(
        self,
        issue_id: str,
        *,
        media: Sequence[str] = (),
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """Something was done or learnt.

        Writes `ProgressNoted`.

        Args:
            issue_id: the issue.
            media: SHA-256 of each attached file, lower-case hex.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "media": media,
            "text": text,
        }
        return await self.act(
            "note",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def request_extension(
        self,
        issue_id: str,
        *,
        reason: str,
        minutes: int,
        media: Sequence[str] = (),
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The department asks for more time.

        Writes `ExtensionRequested`.

        Args:
            issue_id: the issue.
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
        return await self.act(
            "request-extension",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def resolve(
        self,
        issue_id: str,
        *,
        hop: int | None = None,
        result: str,
        media: Sequence[str] = (),
        file_number: str | None = None,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The department claims that it is solved.

        Writes `IssueResolved`.

        Args:
            issue_id: the issue.
            hop: Hop of the order that it answers.
            result: Code of the city pack, group result.
            media: SHA-256 of each attached file, lower-case hex.
            file_number: Number of the enforcement file or agreement.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "hop": hop,
            "result": result,
            "media": media,
            "file_number": file_number,
            "text": text,
        }
        return await self.act(
            "resolve",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def declare_unresolvable(
        self,
        issue_id: str,
        *,
        hop: int | None = None,
        reason: str,
        media: Sequence[str] = (),
        explanation: str,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """It cannot be solved, and the reporter was told why.

        Writes `IssueDeclaredUnresolvable`.

        Args:
            issue_id: the issue.
            hop: Hop of the order that it answers.
            reason: Reason code of the city pack, group unresolvable.
            media: SHA-256 of each attached file, lower-case hex.
            explanation: What the reporter was told.
        """
        fields: dict[str, Any] = {
            "hop": hop,
            "reason": reason,
            "media": media,
            "explanation": explanation,
        }
        return await self.act(
            "declare-unresolvable",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def dispatch(
        self,
        issue_id: str,
        *,
        item: str,
        category: str | None = None,
        kind: str | None = None,
        intent: str | None = None,
        tier: str | None = None,
        lead: str,
        co_owners: Sequence[str] = (),
        hop: int | None = None,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The issue was given to a department.

        Writes `IssueDispatched`.

        Args:
            issue_id: the issue.
            item: Duty-list item code.
            category: Category code: what it is about.
            kind: service, hazard, opinion, dispute, patrol or management.
            intent: consult, help, complain, report, suggest or praise.
            tier: SLA tier code.
            lead: Department that leads.
            co_owners: Departments that help.
            hop: 1 for the first dispatch, one more for each reassignment.
        """
        fields: dict[str, Any] = {
            "item": item,
            "category": category,
            "kind": kind,
            "intent": intent,
            "tier": tier,
            "lead": lead,
            "co_owners": co_owners,
            "hop": hop,
        }
        return await self.act(
            "dispatch",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def reclassify(
        self,
        issue_id: str,
        *,
        category_before: str | None = None,
        item: str,
        category: str | None = None,
        kind: str | None = None,
        tier: str | None = None,
        ground: str,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The desk changed what it is about.

        Writes `IssueReclassified`.

        Args:
            issue_id: the issue.
            category_before: Category until now.
            item: Duty-list item from now on.
            category: Category from now on.
            kind: Kind from now on.
            tier: Tier from now on.
            ground: Why.
        """
        fields: dict[str, Any] = {
            "category_before": category_before,
            "item": item,
            "category": category,
            "kind": kind,
            "tier": tier,
            "ground": ground,
        }
        return await self.act(
            "reclassify",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def decide_return(
        self,
        issue_id: str,
        *,
        decision: str,
        accepted: bool | None = None,
        rule: str,
        next_owner: str | None = None,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The desk decided on a return.

        Writes `ReturnDecided`.

        Args:
            issue_id: the issue.
            decision: Code of the city pack, group return_decision.
            accepted: Whether the return stands.
            rule: Rule cited, e.g. D06.
            next_owner: Department that leads next.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "decision": decision,
            "accepted": accepted,
            "rule": rule,
            "next_owner": next_owner,
            "text": text,
        }
        return await self.act(
            "decide-return",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def adjudicate(
        self,
        issue_id: str,
        *,
        lead: str,
        co_owners: Sequence[str] = (),
        ground: str,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """A dispute over who leads was ruled.

        Writes `DutyAdjudicated`.

        Args:
            issue_id: the issue.
            lead: Department that leads.
            co_owners: Departments that help.
            ground: Rule or decision it rests on.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "lead": lead,
            "co_owners": co_owners,
            "ground": ground,
            "text": text,
        }
        return await self.act(
            "adjudicate",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def decide_extension(
        self,
        issue_id: str,
        *,
        granted: bool,
        level: str,
        minutes: int | None = None,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """More time was granted or refused.

        Writes `ExtensionDecided`.

        Args:
            issue_id: the issue.
            granted: Whether it was.
            level: Who decided: desk, district or leader.
            minutes: Time granted, minutes of the clock's calendar; 0 when refused.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "granted": granted,
            "level": level,
            "minutes": minutes,
            "text": text,
        }
        return await self.act(
            "decide-extension",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def suspend(
        self,
        issue_id: str,
        *,
        reason: str,
        condition: str,
        review_at: datetime,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """Put on hold under a condition.

        Writes `IssueSuspended`.

        Args:
            issue_id: the issue.
            reason: Reason code of the city pack, group suspension.
            condition: What must happen before it goes on.
            review_at: When the hold is looked at again.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "reason": reason,
            "condition": condition,
            "review_at": review_at,
            "text": text,
        }
        return await self.act(
            "suspend",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def resume(
        self,
        issue_id: str,
        *,
        ground: str,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The hold ended.

        Writes `IssueResumed`.

        Args:
            issue_id: the issue.
            ground: Why.
        """
        fields: dict[str, Any] = {
            "ground": ground,
        }
        return await self.act(
            "resume",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def close_issue(
        self,
        issue_id: str,
        *,
        ground: str,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The desk closed it.

        Writes `IssueClosed`.

        Args:
            issue_id: the issue.
            ground: Why it may be closed: verified, rated, unresolvable, policy (a claim suffices)
                or at-desk (the desk answered it).
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "ground": ground,
            "text": text,
        }
        return await self.act(
            "close",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def reopen(
        self,
        issue_id: str,
        *,
        reason: str,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The desk opened it again.

        Writes `IssueReopened`.

        Args:
            issue_id: the issue.
            reason: Reason code of the city pack, group reopen.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "reason": reason,
            "text": text,
        }
        return await self.act(
            "reopen",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def call(
        self,
        issue_id: str,
        *,
        reached: str,
        contacted: bool | None = None,
        solved: str | None = None,
        satisfied: str | None = None,
        cause: str | None = None,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The desk called the reporter: five separate facts.

        Writes `FollowUpCalled`.

        Args:
            issue_id: the issue.
            reached: reached, no-answer, wrong-number or declined.
            contacted: Whether the handler had been in touch.
            solved: yes, partly, no or unknown.
            satisfied: very, yes, fair, no or very-no.
            cause: If not: result, speed, attitude, explanation or not-on-site.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "reached": reached,
            "contacted": contacted,
            "solved": solved,
            "satisfied": satisfied,
            "cause": cause,
            "text": text,
        }
        return await self.act(
            "call",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def supervise(
        self,
        issue_id: str,
        *,
        level: str,
        ground: str,
        due_at: datetime | None = None,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """A leader supervises it.

        Writes `SupervisionOpened`.

        Args:
            issue_id: the issue.
            level: Level that supervises.
            ground: Why.
            due_at: Answer wanted by.
        """
        fields: dict[str, Any] = {
            "level": level,
            "ground": ground,
            "due_at": due_at,
        }
        return await self.act(
            "supervise",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def end_supervision(
        self,
        issue_id: str,
        *,
        level: str,
        ground: str,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The supervision ended.

        Writes `SupervisionClosed`.

        Args:
            issue_id: the issue.
            level: Level that supervised.
            ground: Why.
        """
        fields: dict[str, Any] = {
            "level": level,
            "ground": ground,
        }
        return await self.act(
            "end-supervision",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def merge(
        self,
        issue_id: str,
        *,
        other_id: str,
        reason: str,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """Joined into the older issue; the other half, IssueAbsorbed there, answers its own issue.

        Writes `IssueMerged`.

        Args:
            issue_id: the issue.
            other_id: The other of the two; the older becomes the master.
            reason: Reason code of the city pack, group merge.
        """
        fields: dict[str, Any] = {
            "other_id": other_id,
            "reason": reason,
        }
        return await self.act(
            "merge",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def unmerge(
        self,
        issue_id: str,
        *,
        other_id: str,
        ground: str,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """A merge was undone.

        Writes `IssueUnmerged`.

        Args:
            issue_id: the issue.
            other_id: The other side of the merge.
            ground: Why.
        """
        fields: dict[str, Any] = {
            "other_id": other_id,
            "ground": ground,
        }
        return await self.act(
            "unmerge",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def dismiss_duplicate(
        self,
        issue_id: str,
        *,
        other_id: str,
        ground: str,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """A person looked at a suspected pair: they are two matters.

        Writes `DuplicateDismissed`.

        Args:
            issue_id: the issue.
            other_id: The issue that was suspected to be the same matter.
            ground: Why.
        """
        fields: dict[str, Any] = {
            "other_id": other_id,
            "ground": ground,
        }
        return await self.act(
            "dismiss-duplicate",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def transfer(
        self,
        issue_id: str,
        *,
        reason: str,
        target: str,
        reference: str | None = None,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """Handed to an emergency line or another authority.

        Writes `IssueTransferred`.

        Args:
            issue_id: the issue.
            reason: Reason code of the city pack, group transfer.
            target: Where to, e.g. 119.
            reference: Their number.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "reason": reason,
            "target": target,
            "reference": reference,
            "text": text,
        }
        return await self.act(
            "transfer",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def withdraw(
        self,
        issue_id: str,
        *,
        reason: str,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The reporter withdrew it, or it was a mistake.

        Writes `IssueWithdrawn`.

        Args:
            issue_id: the issue.
            reason: Reason code of the city pack, group withdraw.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "reason": reason,
            "text": text,
        }
        return await self.act(
            "withdraw",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def amend(
        self,
        issue_id: str,
        *,
        area: str | None = None,
        place: Place | None = None,
        contact: str | None = None,
        reporter: Reporter | None = None,
        subject: str | None = None,
        body: str | None = None,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """Facts of a report were corrected. A null field stays as it was.

        Writes `IssueAmended`.

        Args:
            issue_id: the issue.
            area: A code of the city's area tree.
            place: Corrected place.
            contact: Corrected contact token.
            reporter: Who reported it, sealed by intake: what is in it takes the place of what was
                said before, the rest stays.
            subject: Corrected subject.
            body: Corrected text.
        """
        fields: dict[str, Any] = {
            "area": area,
            "place": place,
            "contact": contact,
            "reporter": reporter,
            "subject": subject,
            "body": body,
        }
        return await self.act(
            "amend",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def rate(
        self,
        issue_id: str,
        *,
        resolved: bool | None = None,
        satisfied: bool | None = None,
        stars: int | None = None,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """The reporter rated it.

        Writes `IssueRated`.

        Args:
            issue_id: the issue.
            resolved: Whether it is solved for them.
            satisfied: Whether they are satisfied.
            stars: 1 to 5.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "resolved": resolved,
            "satisfied": satisfied,
            "stars": stars,
            "text": text,
        }
        return await self.act(
            "rate",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def check_passed(
        self,
        issue_id: str,
        *,
        checker: str,
        media: Sequence[str] = (),
        place: Place | None = None,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """A grid worker other than the handler found it solved.

        Writes `SiteCheckPassed`.

        Args:
            issue_id: the issue.
            checker: Who looked.
            media: SHA-256 of each attached file, lower-case hex.
            place: Where they stood.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "checker": checker,
            "media": media,
            "place": place,
            "text": text,
        }
        return await self.act(
            "check-passed",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )

    async def check_failed(
        self,
        issue_id: str,
        *,
        checker: str,
        media: Sequence[str] = (),
        place: Place | None = None,
        text: str = "",
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """A grid worker other than the handler found it not solved.

        Writes `SiteCheckFailed`.

        Args:
            issue_id: the issue.
            checker: Who looked.
            media: SHA-256 of each attached file, lower-case hex.
            place: Where they stood.
            text: Free text, as written.
        """
        fields: dict[str, Any] = {
            "checker": checker,
            "media": media,
            "place": place,
            "text": text,
        }
        return await self.act(
            "check-failed",
            issue_id,
            fields,
            occurred_at=occurred_at,
            by=by,
            answers=answers,
            event_id=event_id,
        )
