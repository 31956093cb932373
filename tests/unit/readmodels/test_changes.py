"""Given steps of issues, then these changes to rows."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as given_any
from hypothesis import settings
from hypothesis import strategies as st

from hutong.events.ids import derived_id
from hutong.issue.fold import evolve
from hutong.issue.record import Record
from hutong.issue.state import IssueState
from hutong.privacy.contact import contact_token
from hutong.readmodels import Change, CityFacts, Mode, ReadModel, all_models
from hutong.readmodels.area_weekly import MODEL as AREAS
from hutong.readmodels.area_weekly.changes import counts as area_counts
from hutong.readmodels.category_weekly import MODEL as WEEKLY
from hutong.readmodels.category_weekly.changes import counts as weekly_counts
from hutong.readmodels.department_load import MODEL as LOAD
from hutong.readmodels.department_load.changes import counts as load_counts
from hutong.readmodels.facts import Places
from hutong.readmodels.identity import MODEL as IDENTITY
from hutong.readmodels.issue_current import MODEL as CURRENT
from hutong.readmodels.issue_timeline import MODEL as TIMELINE
from hutong.readmodels.projection import fold
from hutong.readmodels.status_count import MODEL as STATUSES
from hutong.readmodels.status_count.changes import counts as status_counts
from hutong.readmodels.writer import merge
from tests.fixtures.histories import History, whole_life
from tests.fixtures.lifecycle import RULES
from tests.fixtures.stories import stories

STREETS = {"east-canal-01": "east", "west-bell-01": "west"}
FACTS = CityFacts(
    {0: Places(streets=STREETS, timezone="Asia/Shanghai")},
    rules=RULES,
    channels={"app": 3, "import": 8, "simulator": 9},
)


def changes_of(model: ReadModel, records: list[Record]) -> list[Change]:
    """All changes that these records make, in order."""
    return [c for step in fold({}, records, RULES).steps for c in model.changes(step, FACTS)]


def rows_of(model: ReadModel, records: list[Record]) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Key -> column -> value after these records."""
    [table] = model.tables
    merged = merge(changes_of(model, records), {table.name: table.mode}).get(table.name, {})
    return {key: dict(zip(table.values, row, strict=True)) for key, row in merged.items() if row}


def test_the_current_row_is_the_state() -> None:
    [(key, row)] = rows_of(CURRENT, whole_life(7)).items()
    assert key == (History(7).issue_id,)
    assert row["receipt"] == "03-03-00000007-2"
    assert (row["status"], row["street"], row["lead"]) == ("closed", "east", "water-co")
    assert row["co_owners"] == ["water", "housing"]


def test_an_issue_whose_report_was_not_seen_has_no_current_row() -> None:
    assert rows_of(CURRENT, whole_life(1)[1:]) == {}
    assert len(rows_of(TIMELINE, whole_life(1)[1:])) == 5


def test_the_timeline_keeps_verdicts_and_learns_of_later_ones() -> None:
    reported, dispatched, accepted, *_ = whole_life(1)
    waiting = rows_of(TIMELINE, [reported, accepted])
    assert waiting[(0, accepted.offset)]["verdict"] == "waiting"
    applied = rows_of(TIMELINE, [reported, accepted, dispatched])
    assert applied[(0, accepted.offset)]["verdict"] == "applied"
    assert len(applied) == 3


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.name)
def test_who_reported_it_is_in_the_identity_rows_alone(model: ReadModel) -> None:
    history = History(1)
    sealed = {"key": "example", "box": "sealed" * 18}
    records = [
        history.reported(reporter=sealed),
        history.event("IssueAmended", "desk", reporter=sealed),
    ]
    assert (sealed["box"] in str(changes_of(model, records))) == (model is IDENTITY)


def test_boxes_are_kept_in_the_order_in_which_they_were_said() -> None:
    history = History(1)
    box = {"key": "example", "box": "sealed" * 18}
    reported = history.reported(reporter=box, contact=None)
    queued = history.queued()
    amended = history.event("IssueAmended", "desk", reporter={**box, "key": "next"}, contact=None)
    unsaid = history.event("IssueAmended", "desk", reporter=None, contact=None)
    refused = history.event("IssueAmended", "channel:grid", reporter=box)
    rows = rows_of(IDENTITY, [reported, amended, unsaid, queued, refused])
    assert [(key, row["nth"], row["name"], row["key_id"]) for key, row in rows.items()] == [
        ((reported.event_id, history.issue_id), 1, "IssueReported", "example"),
        ((amended.event_id, history.issue_id), 3, "IssueAmended", "next"),
    ]
    contacts = {row["contact"] for row in rows.values()}
    assert contacts == {None, contact_token(history.issue_id)}


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.name)
def test_no_two_issues_write_one_row_whatever_ids_their_events_have(model: ReadModel) -> None:
    """Sums apart, which do not mind. Else rows would depend on how partitions are interleaved."""
    written = []
    for number in (1, 2):
        history = History(number)
        box = {"key": "example", "box": f"sealed {number}"}
        records = [
            history.reported(reporter=box),
            history.queued(),
            history.event("IssueAmended", "desk", reporter=box, event_id=derived_id("one", "id")),
            history.dispatched(),
            history.by_lead("IssueAccepted", hop=1),
            history.by_lead("IssueAssigned"),
            history.event("DuplicateSuspected", "processes"),
        ]
        upserts = {table.name for table in model.tables if table.mode is Mode.UPSERT}
        changes = changes_of(model, records)
        written.append({(c.table, c.key) for c in changes if c.table in upserts})
    assert not written[0] & written[1]
    assert all(written) or not upserts


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model.name)
def test_numbers_in_what_people_wrote_are_in_no_row(model: ReadModel) -> None:
    """In every free text of every event that the sample histories know, refused ones included."""
    history = History(1)
    phone, identity = "13800138000", "11010519491231002X"
    text = f"请回电{phone}，身份证{identity}"
    place = {"lon": None, "lat": None, "address": text}
    records = [
        history.reported(subject=text, body=text, place=place, contact=phone, reference=text),
        history.event("IssueAmended", "desk", subject=text, body=text, place=place, contact=phone),
        history.dispatched(),
        history.by_lead("ProgressNoted", text=text),
        history.by_lead("IssueResolved", text=text, file_number=phone),
        history.by_lead("IssueResolved", lead="nobody-s", text=text),
    ]
    noted = records[3].body
    records[3] = replace(records[3], body={**noted, "head": {**noted["head"], "actor": text}})
    told = str(changes_of(model, records))
    assert phone not in told
    assert identity not in told


def test_the_week_is_that_of_the_report_on_the_city_s_clock() -> None:
    assert FACTS.when(1_780_243_200_000) == ("2026-W23", "2026-06", "2026-06-01")
    assert FACTS.when(1_780_243_199_999) == ("2026-W22", "2026-05", "2026-05-31")
    # 2026-06-01 00:00 in Shanghai is still Sunday, 31 May in UTC.
    assert FACTS.week(1_780_243_200_000) == "2026-W23"
    assert FACTS.week(1_780_243_199_999) == "2026-W22"
    assert FACTS.week(1_798_732_800_000) == "2026-W53"


def test_an_issue_moves_between_categories_and_leaves_nothing_behind() -> None:
    history = History(1)
    reported, queued = history.reported(), history.queued()
    assert list(rows_of(WEEKLY, [reported, queued])) == [
        ("2026-W23", "2026-06", "live", "east", "", "")
    ]
    dispatched = history.dispatched(category="utilities.water", kind="service")
    [(key, row)] = rows_of(WEEKLY, [reported, queued, dispatched]).items()
    assert key == ("2026-W23", "2026-06", "live", "east", "utilities.water", "service")
    assert (row["reported"], row["dispatched"], row["queued"]) == (1, 1, 0)


def test_the_load_follows_the_lead() -> None:
    history = History(1)
    records = [
        history.reported(),
        history.dispatched(lead="water-co"),
        history.by_lead("IssueReturned", lead="water-co", hop=1),
    ]
    [(key, row)] = rows_of(LOAD, records).items()
    assert key == ("water-co", "live")
    assert (row["open"], row["returned"]) == (1, 1)
    records.append(history.by_desk("ReturnDecided", next_owner="parks"))
    assert rows_of(LOAD, records) == {}
    records.append(history.dispatched(lead="parks", hop=2))
    assert list(rows_of(LOAD, records)) == [("parks", "live")]


@settings(max_examples=300, deadline=None)
@given_any(st.integers(1, 4).flatmap(lambda n: st.tuples(*(stories(i) for i in range(n)))))
def test_summed_changes_equal_a_count_of_the_final_states(told: tuple[list[Record], ...]) -> None:
    records = [record for story in told for record in story]
    finals: list[IssueState] = []
    for story in told:
        state: IssueState | None = None
        for record in story:
            state = steps[-1].after if (steps := evolve(state, record, RULES)) else state
        assert state is not None
        finals.append(state)
    for model, counts in (
        (WEEKLY, lambda state: weekly_counts(state, FACTS)),
        (LOAD, load_counts),
        (STATUSES, status_counts),
        (AREAS, lambda state: area_counts(state, FACTS)),
    ):
        [table] = model.tables
        expected: dict[tuple[Any, ...], tuple[int, ...]] = {}
        for state in finals:
            if (counted := counts(state)) is not None:
                key, values = counted
                old = expected.get(key, (0,) * len(values))
                expected[key] = tuple(a + b for a, b in zip(old, values, strict=True))
        summed = merge(changes_of(model, records), {table.name: table.mode}).get(table.name, {})
        assert summed == expected


@settings(max_examples=200, deadline=None)
@given_any(stories(), st.integers(1, 5))
def test_the_size_of_batches_makes_no_difference(story: list[Record], size: int) -> None:
    at_once = fold({}, story, RULES)
    states: dict[str, IssueState] = {}
    steps: list[Any] = []
    for start in range(0, len(story), size):
        folded = fold(states, story[start : start + size], RULES)
        states.update(folded.states)
        steps.extend(folded.steps)
    assert states == at_once.states
    assert tuple(steps) == at_once.steps


@settings(max_examples=200, deadline=None)
@given_any(stories())
def test_a_repeat_of_everything_changes_nothing(story: list[Record]) -> None:
    once, twice = fold({}, story, RULES), fold({}, [*story, *story], RULES)
    assert once.states == twice.states
    assert once.steps == twice.steps
