"""Records that are well-formed and still wrong, row by row, through fold and timeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from hutong.events.headers import Source
from hutong.issue.fold import ALTERED, ANSWERS_REPEAT, Outcome, evolve
from hutong.issue.record import Record
from hutong.issue.state import IssueState, Status
from hutong.readmodels import CityFacts, all_models
from hutong.readmodels.facts import Places
from hutong.readmodels.issue_timeline.changes import changes
from hutong.readmodels.issue_timeline.queries import TimelineEntry, clocks_off
from hutong.readmodels.issue_timeline.tables import ISSUE_TIMELINE
from hutong.readmodels.projection import fold
from tests.fixtures.histories import MINUTE, START, History, whole_life
from tests.fixtures.lifecycle import RULES

#: When the first report of a history says that it happened.
REPORTED_AT = START - 5_000
FACTS = CityFacts(
    {0: Places(streets={}, timezone="Asia/Shanghai")}, rules=RULES, channels={"app": 3}
)


def entries_of(records: list[Record]) -> dict[int, TimelineEntry]:
    """The timeline after these records, by offset."""
    found: dict[int, TimelineEntry] = {}
    for step in fold({}, records, RULES).steps:
        for change in changes(step, FACTS):
            partition, offset = change.key
            assert change.values is not None
            columns = dict(zip(ISSUE_TIMELINE.values, change.values, strict=True))
            found[offset] = TimelineEntry(partition=partition, offset=offset, **columns)
    return found


def state_after(records: list[Record]) -> IssueState:
    [state] = fold({}, records, RULES).states.values()
    return state


def again(record: Record, offset: int, *, source: Source | None = None, **changes: Any) -> Record:
    """The same record at another place; ``changes`` are of its body."""
    body = {**record.body, **changes}
    return replace(record, offset=offset, source=source or record.source, body=body)


def test_row_68_the_same_event_twice() -> None:
    """An event that comes twice, byte for byte (a sender's retry, a redelivery by the router).

    Gets: applied once; the repeat is counted (`verdict="repeat"`) and shows nowhere.
    """
    records = whole_life(1)
    repeats = [again(record, 500 + n) for n, record in enumerate(records)]
    folded = fold({}, [*records, *repeats, *reversed(repeats)], RULES)
    assert folded.tally == {"applied": 6, "repeat": 12}
    assert folded.states == fold({}, records, RULES).states
    assert entries_of([*records, *repeats]) == entries_of(records)


def test_row_69_another_event_under_the_same_id() -> None:
    """Another event under the id of one that was seen: same event_id, other bytes.

    Gets: the first wins. Each further one is refused (`altered-repeat`) and stands in the history;
    the projector logs a security alert and counts it (`verdict="altered"`).
    """
    history = History(1)
    records = [history.reported(), history.dispatched(), history.by_lead("IssueAccepted", hop=1)]
    forged = [
        again(records[0], 501, subject="something else"),
        again(records[2], 502, actor="x"),
        again(records[0], 503, subject="something else"),
    ]
    folded = fold({}, [*records, *forged], RULES)
    assert folded.tally == {"applied": 3, "altered": 3}
    assert [record.offset for record in folded.altered] == [501, 502, 503]
    [state] = folded.states.values()
    assert state == state_after(records)
    entry = entries_of([*records, *forged])[501]
    assert (entry.verdict, entry.reason) == ("refused", ALTERED)


def test_row_69_while_the_first_still_waits() -> None:
    """The same while the first waits for the event that it answers."""
    reported, dispatched, accepted, *_ = whole_life(1)
    forged = again(accepted, 501, hop=7)
    folded = fold({}, [reported, accepted, forged, again(accepted, 502), dispatched], RULES)
    assert folded.tally == {"applied": 2, "waiting": 1, "altered": 1, "repeat": 1}
    assert state_after([reported, accepted, forged, dispatched]).status is Status.ACCEPTED


def test_row_69_the_router_may_say_it_again_in_other_words() -> None:
    """The router's answer to a repeated report, which names the later received time.

    Gets: a repeat, no alert: it follows from the sender's own repeat.
    """
    reported, dispatched, *_ = whole_life(1)
    later = again(dispatched, 501, confidence=1)
    assert fold({}, [reported, dispatched, later], RULES).tally == {"applied": 2, "repeat": 1}


def test_row_69_what_the_router_made_of_the_other_one() -> None:
    """The router's dispatch of a report that was not the first under its id.

    Gets: refused as well (`answers-a-repeat`), so other words cannot send an issue elsewhere.
    """
    history = History(1)
    reported, queued = history.reported(), history.queued()
    forged = again(reported, 501, source=Source("reports-app", 3, 99))
    made_of_it = again(
        history.dispatched(answers=reported.event_id), 502, source=Source("reports-app", 3, 99)
    )
    before = state_after([reported, queued])
    after = state_after([reported, queued, forged, made_of_it])
    assert (after.status, after.lead) == (before.status, None) == (Status.QUEUED, None)
    assert entries_of([reported, queued, made_of_it])[502].reason == ANSWERS_REPEAT


def test_row_69_nobody_else_may_use_an_id_of_the_router() -> None:
    """An act of the desk under the id that the router's answer has, before it or after it."""
    reported, dispatched, *_ = whole_life(1)
    copied = replace(dispatched, principal="desk", offset=501)
    assert fold({}, [reported, dispatched, copied], RULES).tally == {"applied": 2, "altered": 1}
    assert fold({}, [reported, copied, dispatched], RULES).tally == {"applied": 2, "altered": 1}


def test_row_69_survives_the_state_table() -> None:
    """The same after a restart, with states read back from PostgreSQL."""
    history = History(1)
    records = [history.reported(), history.dispatched()]
    back = IssueState.from_json(state_after(records).to_json())
    assert back == state_after(records)
    [step] = evolve(back, again(records[0], 501, subject="something else"), RULES)
    assert step.verdict.reason == ALTERED


def acts_out_of_place() -> Iterator[tuple[str, list[Record], str]]:
    history = History(1)
    yield (
        "resolved before it was dispatched",
        [history.reported(), history.queued(), history.by_lead("IssueResolved", hop=1)],
        "not-now",
    )
    life = whole_life(2)
    closed = History(2)
    yield (
        "accepted after it was closed",
        [*life, closed.event("IssueAccepted", "dept:water-co", answers=life[-1].event_id, hop=1)],
        "not-now",
    )
    history = History(3)
    yield (
        "accepted by a department that does not lead",
        [
            history.reported(),
            history.dispatched(),
            history.by_lead("IssueAccepted", lead="parks", hop=1),
        ],
        "not-the-lead",
    )
    history = History(4)
    yield (
        "accepted on a hop that is over",
        [history.reported(), history.dispatched(), history.by_lead("IssueAccepted", hop=2)],
        "wrong-hop",
    )
    history = History(5)
    yield (
        "accepted twice",
        [
            history.reported(),
            history.dispatched(),
            history.by_lead("IssueAccepted", hop=1),
            history.by_lead("IssueAccepted", hop=1),
        ],
        "not-now",
    )


@pytest.mark.parametrize(
    ("records", "reason"),
    [case[1:] for case in acts_out_of_place()],
    ids=[case[0] for case in acts_out_of_place()],
)
def test_row_71_an_act_that_is_not_allowed_now(records: list[Record], reason: str) -> None:
    """An act that is not allowed now: resolved before dispatched, accepted after closed.

    Gets: refused, and kept in the history with the reason (`not-now`, `not-the-lead`, `wrong-hop`).
    The state stays as it was.
    """
    before = state_after(records[:-1])
    after = state_after(records)
    assert after.but({"seen": before.seen}) == before
    last = entries_of(records)[records[-1].offset]
    assert (last.verdict, last.reason) == ("refused", reason)
    assert last.detail


def test_row_72_an_answer_to_what_was_not_seen_yet() -> None:
    """An act that answers an event which has not come yet, or of an issue that nobody reported.

    Gets: waiting, shown in the history as `cause-not-seen`; it takes effect when what it answers
    comes.
    """
    reported, dispatched, accepted, *_ = whole_life(1)
    alone = entries_of([accepted])[accepted.offset]
    assert (alone.verdict, alone.reason) == ("waiting", "cause-not-seen")
    assert str(dispatched.event_id) in alone.detail
    assert state_after([accepted]).status is Status.AWAITED
    assert state_after([accepted, dispatched]).status is Status.AWAITED

    late = [accepted, dispatched, reported]
    assert state_after(late).status is Status.ACCEPTED
    assert {entry.verdict for entry in entries_of(late).values()} == {Outcome.APPLIED}


@pytest.mark.parametrize(
    ("occurred_at", "off"),
    [
        (0, True),
        (START - 370 * 24 * 60 * MINUTE, True),
        (START - 24 * 60 * MINUTE, True),
        (REPORTED_AT - MINUTE - 1, True),
        (REPORTED_AT - MINUTE, False),
        (START + 2 * MINUTE + MINUTE, False),
        (START + 2 * MINUTE + MINUTE + 1, True),
        (4_102_444_800_000, True),
    ],
)
def test_row_73_a_time_that_cannot_be(occurred_at: int, off: bool) -> None:
    """An event that says it happened in 1970, in 2099, or before the issue was there.

    Gets: kept and applied; `hutong issue show` marks a claimed time that lies more than a minute
    after the received time, more than a minute before the time that the report claims, or more
    than a year back. Clocks go by the received time.
    """
    reported, dispatched, accepted, *_ = whole_life(1)
    head = {**accepted.body["head"], "occurred_at": occurred_at}
    records = [reported, dispatched, again(accepted, accepted.offset, head=head)]
    entries = entries_of(records)
    assert clocks_off(list(entries.values())) == [False, False, off]
    assert entries[accepted.offset].verdict == "applied"
    assert state_after(records).accepted_at == accepted.received_at == START + 2 * MINUTE


def test_no_model_breaks_on_an_altered_repeat() -> None:
    reported, dispatched, *_ = whole_life(1)
    for step in fold({}, [reported, dispatched, again(reported, 9, subject="x")], RULES).steps[2:]:
        for model in all_models():
            written = [change.table for change in model.changes(step, FACTS)]
            assert written in ([], ["issue_timeline"])
