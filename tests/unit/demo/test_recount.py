"""The second count: issue by issue, it comes to what the fold and the read models say."""

from __future__ import annotations

from collections import Counter

import pytest

from hutong.city import load_city
from hutong.demo.recount import FIGURES, OfficeHours, Recount
from hutong.events.headers import Source
from hutong.issue.calendar import MINUTE, NATURAL, WORKING, TimeKeeper
from hutong.issue.record import Record
from hutong.issue.state import IssueState
from hutong.readmodels.outcomes import due_at, outcome, satisfied
from tests.fixtures.month import END, PlayedMonth, played_month

CITY = load_city()


@pytest.fixture(scope="module")
def month() -> PlayedMonth:
    return played_month(days=20, per_day=60, seed=11)


@pytest.fixture(scope="module")
def recount(month: PlayedMonth) -> Recount:
    recount = Recount(CITY)
    for record in month.routed:
        recount.take(record)
    for number, (at, event, _) in enumerate(month.told):
        source = Source("acts-simulator", 0, number)
        record = Record(
            type(event).__name__, event.to_body(), at, at, "simulator", "simulated", "1",
            source, 0, number,
        )  # fmt: skip
        recount.take(record)
        if number % 7 == 0:
            recount.take(record)  # a repeat
    return recount


def expected(state: IssueState) -> Counter[str]:
    """By the fold, as the circular counts it."""
    found = Counter({"reported": 1})
    for name in ("respond", "resolve"):
        if (what := outcome(state, name)) is not None:
            found[f"{name}_{what}"] += 1
        due = due_at(state, name)
        if due is not None and due < END:
            found[f"{name}_overdue"] = found["overdue"] = 1
    found["unresolvable"] = int(state.unresolvable)
    found["returned"] = int(any(hop.returns for hop in state.hops))
    found["reworked"] = int(bool(state.rounds))
    found["asked_satisfied"] = int(satisfied(state) is not None)
    found["satisfied"] = int(satisfied(state) is True)
    return +found


def test_every_issue_counts_as_the_fold_says(month: PlayedMonth, recount: Recount) -> None:
    total: Counter[str] = Counter()
    for issue_id, case in month.stage.by_id.items():
        wanted = expected(case.state)
        assert recount.of_issue(issue_id, END) == wanted, case.state
        total += wanted

    assert set(total) == set(FIGURES)
    weeks = recount.weeks(END)
    assert sum(weeks.values(), Counter()) == total
    assert len(weeks) == 4


@pytest.mark.parametrize("calendar", [NATURAL, WORKING])
def test_its_office_hours_are_those_of_the_calendar(calendar: str) -> None:
    keeper, hours = TimeKeeper(CITY.calendar, CITY.timezone), OfficeHours(CITY)
    for step in range(60):
        start = END + step * 7_919 * MINUTE
        length = (1 + step * 37) * MINUTE
        due = hours.after(start, length, calendar)
        assert due == keeper.due(start, length, calendar).at
        assert hours.between(start, due, calendar) == length
