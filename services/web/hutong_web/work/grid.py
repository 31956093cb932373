"""A grid worker's page: what was given to do, what is to be checked, a report. Pure."""

from dataclasses import dataclass
from typing import Final

from hutong.readmodels.assignment.queries import GivenTo
from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong_web.acts.acting import Acting
from hutong_web.board import AsOf, as_of, chip
from hutong_web.city_names import CityNames
from hutong_web.data import GridData
from hutong_web.names import ORIGINS, name_of
from hutong_web.text import plain
from hutong_web.times import CityTime
from hutong_web.wording import Wording
from hutong_web.work.lines import WorkLine, subject_of, time_left
from hutong_web.work_wording import WorkWording

#: Lines of each list.
LINES: Final = 50


@dataclass(frozen=True, slots=True)
class GridView:
    """Everything that the grid page's template needs."""

    as_of: AsOf
    worker: str
    grid: str
    given: tuple[WorkLine, ...]
    to_check: tuple[WorkLine, ...]


def build_grid(
    data: GridData,
    acting: Acting,
    *,
    names: CityNames,
    clock: CityTime,
    words: Wording,
    say: WorkWording,
    now: int,
) -> GridView:
    """The page of one worker at one moment. Nobody is offered to check what he handled."""

    def given(one: GivenTo) -> WorkLine:
        return WorkLine(
            issue_id=one.issue_id,
            address=f"/issues/{one.issue_id}#acts",
            receipt=one.receipt,
            subject=subject_of(one.subject, words.no_subject),
            category="",
            street=plain(one.address or "") or names.area(one.area),
            asks="",
            says=(names.department(one.department),),
            since=clock.short(one.since),
            since_iso=clock.iso(one.since),
            left=time_left(one.due_at, now, clock, say),
            chip=chip(one.status, names),
            origin=one.origin,
            origin_name=name_of(ORIGINS, one.origin, names.language),
        )

    def check(issue: IssueCurrent) -> WorkLine:
        at = issue.resolved_at if issue.resolved_at is not None else issue.reported_at
        return WorkLine(
            issue_id=issue.issue_id,
            address=f"/issues/{issue.issue_id}/acts/check-passed#act-check-passed",
            receipt=issue.receipt,
            subject=subject_of(issue.subject, words.no_subject),
            category=" › ".join(names.category_path(issue.category)),
            street=plain(issue.address or "") or names.area(issue.area),
            asks="",
            says=(names.department(issue.lead),) if issue.lead else (),
            since=clock.short(at),
            since_iso=clock.iso(at),
            left=time_left(None, now, clock, say),
            chip=chip(issue.status, names),
            origin=issue.origin,
            origin_name=name_of(ORIGINS, issue.origin, names.language),
        )

    return GridView(
        as_of=as_of(data.position, names, clock, words),
        worker=acting.by,
        grid=names.area(acting.area),
        given=tuple(map(given, data.given)),
        to_check=tuple(
            check(issue) for issue in data.to_check if not _handled(data, issue, acting.by)
        ),
    )


def _handled(data: GridData, issue: IssueCurrent, worker: str) -> bool:
    state = data.states.get(issue.issue_id)
    return state is not None and worker in state.handlers
