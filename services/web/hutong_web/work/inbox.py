"""A department's inbox: what to sign, what is in work, what lies elsewhere. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from hutong.issue.state import Status
from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong_web.board import AsOf, as_of, chip
from hutong_web.city_names import CityNames
from hutong_web.data import InboxData
from hutong_web.names import ORIGINS, name_of
from hutong_web.text import plain
from hutong_web.times import CityTime
from hutong_web.wording import Wording
from hutong_web.work.lines import WorkLine, next_clock, subject_of, time_left
from hutong_web.work_names import clock_name
from hutong_web.work_wording import WorkWording

#: Open issues that one inbox shows; more than a department has in a bad week.
LINES: Final = 300

_LATEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the inbox; ``code`` names it in the page, ``hint`` says what is next."""

    code: str
    title: str
    hint: str
    lines: tuple[WorkLine, ...]


@dataclass(frozen=True, slots=True)
class InboxView:
    """Everything that the inbox's template needs."""

    as_of: AsOf
    code: str
    name: str
    parts: tuple[Part, ...]
    more: bool


def build_inbox(
    data: InboxData,
    department: str,
    *,
    names: CityNames,
    clock: CityTime,
    words: Wording,
    say: WorkWording,
    now: int,
) -> InboxView:
    """The inbox of one moment; within each part what is due first comes first."""

    def line(issue: IssueCurrent) -> WorkLine:
        state = data.states.get(issue.issue_id)
        due = next_clock(state) if issue.lead == department else None
        worker = data.given.get(issue.issue_id)
        says = [names.department(issue.lead)] if issue.lead != department and issue.lead else []
        if worker:
            says.append(say.inbox_given.format(assignee=plain(worker)))
        if issue.hop > 1:
            says.append(words.hop_value.format(hop=issue.hop))
        return WorkLine(
            issue_id=issue.issue_id,
            address=f"/issues/{issue.issue_id}#acts",
            receipt=issue.receipt,
            subject=subject_of(issue.subject, words.no_subject),
            category=" › ".join(names.category_path(issue.category)),
            street=names.area(issue.street) or words.no_street,
            asks="",
            says=tuple(says),
            since=clock.short(issue.reported_at),
            since_iso=clock.iso(issue.reported_at),
            left=time_left(due[1].due_at, now, clock, say, clock_name(due[0], names))
            if due
            else time_left(None, now, clock, say),
            chip=chip(issue.status, names),
            origin=issue.origin,
            origin_name=name_of(ORIGINS, issue.origin, names.language),
        )

    def due_at(issue: IssueCurrent) -> int:
        due = next_clock(data.states.get(issue.issue_id))
        return _LATEST if due is None else due[1].due_at

    def part(code: str, title: str, hint: str, found: Iterable[IssueCurrent]) -> Part:
        return Part(code, title, hint, tuple(line(issue) for issue in sorted(found, key=due_at)))

    leads = [issue for issue in data.open if issue.lead == department]
    helps = [issue for issue in data.open if issue.lead != department]
    return InboxView(
        as_of=as_of(data.position, names, clock, words),
        code=department,
        name=names.department(department),
        parts=(
            part("sign", say.inbox_sign, say.inbox_sign_hint, _at(leads, Status.DISPATCHED)),
            part(
                "work",
                say.inbox_work,
                say.inbox_work_hint,
                _at(leads, Status.ACCEPTED, Status.RESPONDED),
            ),
            part("help", say.inbox_help, say.inbox_help_hint, helps),
            part(
                "desk",
                say.inbox_desk,
                say.inbox_desk_hint,
                _at(leads, Status.RETURNED, Status.DISPUTED, Status.SUSPENDED),
            ),
            part(
                "check",
                say.inbox_check,
                say.inbox_check_hint,
                _at(leads, Status.RESOLVED, Status.UNRESOLVABLE, Status.VERIFIED),
            ),
            Part("done", say.inbox_done, say.inbox_done_hint, tuple(map(line, data.closed))),
        ),
        more=data.has_more,
    )


def _at(issues: Sequence[IssueCurrent], *statuses: Status) -> list[IssueCurrent]:
    return [issue for issue in issues if issue.status in statuses]
