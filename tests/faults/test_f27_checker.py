"""F27: the checker is tried first. A sound history passes; doctored ones fail by the right name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.checker import check
from tests.faults.facts import History, Logged, Place, Row, Sent

TOPIC, DEPT = "reports-app", "dept-water-co"
_EVENT = "hutong.issue."


def _input(offset: int, event_id: str, key: str = "a", name: str = "IssueReported") -> Logged:
    return Logged(
        Place(TOPIC, 0, offset),
        key,
        event_id,
        _EVENT + name,
        f"bytes of {event_id}",
        1_000 + offset,
        f"mark-{event_id}.",
    )


def _issue(offset: int, event_id: str, source: int, key: str = "a", name: str = "") -> Logged:
    return Logged(
        Place("issues", 0, offset),
        key,
        event_id,
        _EVENT + name,
        f"bytes of {event_id}",
        2_000 + offset,
        source=Place(TOPIC, 0, source),
        received=1_000 + source,
    )


def _order(offset: int, event_id: str, source: int, key: str = "a") -> Logged:
    return Logged(
        Place(DEPT, 0, offset),
        key,
        event_id,
        "hutong.orders.OrderIssued",
        f"bytes of {event_id}",
        3_000 + offset,
        source=Place(TOPIC, 0, source),
        hop=1,
    )


def _sent(number: int, event_id: str, offset: int | None, issue: str = "a") -> Sent:
    return Sent(
        number,
        "channel:app",
        issue,
        event_id,
        "unknown" if offset is None else "ok",
        f"mark-{event_id}.",
        None if offset is None else Place(TOPIC, 0, offset),
    )


def sound() -> History:
    """Two issues: a is reported, dispatched and amended twice; b was never confirmed, but came.

    The router was killed in between, so that the first report is in the log twice. The record at
    offset 4 is junk of the test's own. b came again by a retry: its other place makes the second
    answer of the router another one, which is refused.
    """
    issues = (
        _issue(0, "a", 0, name="IssueReported"),
        _issue(1, "a-sent", 0, name="IssueDispatched"),
        _issue(2, "a", 0, name="IssueReported"),
        _issue(3, "a-sent", 0, name="IssueDispatched"),
        _issue(4, "a1", 1, name="IssueAmended"),
        _issue(5, "a2", 2, name="IssueAmended"),
        _issue(6, "b", 3, "b", "IssueReported"),
        _issue(7, "b-desk", 3, "b", "IssueQueued"),
        _issue(8, "b", 5, "b", "IssueReported"),
        replace(_issue(9, "b-desk", 5, "b", "IssueQueued"), value="another receipt"),
    )
    rows = (
        *tuple(
            Row(0, offset, issues[offset].key, issues[offset].event_id, "applied")
            for offset in (0, 1, 4, 5, 6, 7)
        ),
        Row(0, 9, "b", "b-desk", "refused"),
    )
    tables = {"department_load": ['["water-co", 1]'], "issue_state": ['["a", 4]', '["b", 2]']}
    return History(
        sent=(
            _sent(1, "a", 0),
            _sent(2, "a1", 1),
            _sent(3, "a2", 2),
            _sent(4, "b", None, "b"),
            replace(_sent(5, "c", None, "c"), result="refused"),
        ),
        inputs=(
            _input(0, "a"),
            _input(1, "a1", name="IssueAmended"),
            _input(2, "a2", name="IssueAmended"),
            _input(3, "b", "b"),
            Logged(Place(TOPIC, 0, 4), "", "", "", "junk", 1_004),
            _input(5, "b", "b"),
        ),
        issues=issues,
        orders=(_order(0, "o1", 0), _order(1, "o1", 0)),
        dead=(Place(TOPIC, 0, 4),),
        timeline=rows,
        read_to={0: 10},
        live=tables,
        folded=tables,
        rebuilt=tables,
        written_by_us=frozenset({TOPIC}),
        known_bad=frozenset({Place(TOPIC, 0, 4)}),
    )


def _lost(h: History) -> History:
    return replace(
        h,
        inputs=h.inputs[:2] + h.inputs[3:],
        issues=h.issues[:5] + h.issues[6:],
        timeline=h.timeline[:3] + h.timeline[4:],
    )


def _lost_by_the_router(h: History) -> History:
    return replace(h, issues=h.issues[:5] + h.issues[6:], timeline=h.timeline[:3] + h.timeline[4:])


def _twice(h: History) -> History:
    return replace(h, timeline=(*h.timeline, Row(0, 2, "a", "a", "applied")))


def _swapped(h: History) -> History:
    first, second = h.timeline[2], h.timeline[3]
    swapped = (replace(first, offset=5), replace(second, offset=4))
    return replace(h, timeline=(*h.timeline[:2], *swapped, *h.timeline[4:]))


def _phantom(h: History) -> History:
    return replace(
        h,
        inputs=(*h.inputs, _input(6, "z", "z")),
        issues=(*h.issues, _issue(10, "z", 6, "z", "IssueReported")),
        timeline=(*h.timeline, Row(0, 10, "z", "z", "applied")),
        read_to={0: 11},
    )


def _stale(h: History) -> History:
    return replace(h, timeline=h.timeline[:4], read_to={0: 6})


def _skipped(h: History) -> History:
    return replace(h, timeline=h.timeline[:4] + h.timeline[5:])


def _altered_by_the_router(h: History) -> History:
    spoiled = replace(h.issues[4], value="other bytes")
    return replace(h, issues=(*h.issues[:4], spoiled, *h.issues[5:]))


def _altered_by_intake(h: History) -> History:
    spoiled = replace(h.inputs[1], marks="mark-another.")
    return replace(h, inputs=(h.inputs[0], spoiled, *h.inputs[2:]))


def _refused_in_log(h: History) -> History:
    return replace(
        h,
        inputs=(*h.inputs, _input(6, "c", "c")),
        issues=(*h.issues, _issue(10, "c", 6, "c", "IssueReported")),
        timeline=(*h.timeline, Row(0, 10, "c", "c", "applied")),
        read_to={0: 11},
    )


def _sums_wrong(h: History) -> History:
    live = {**h.live, "department_load": ['["water-co", 2]']}
    return replace(h, live=live, rebuilt=live)


def _rebuilt_differs(h: History) -> History:
    return replace(h, rebuilt={**h.rebuilt, "issue_state": ['["a", 4]']})


def _dispatched_twice(h: History) -> History:
    return replace(h, orders=(*h.orders, _order(2, "o2", 0)))


def _two_departments(h: History) -> History:
    other = replace(h.orders[0], place=Place("dept-heating", 0, 0))
    return replace(h, orders=(*h.orders, other))


def _order_altered(h: History) -> History:
    return replace(h, orders=(h.orders[0], replace(h.orders[1], value="other bytes")))


def _undispatched(h: History) -> History:
    return replace(h, orders=())


def _dead_letter_missing(h: History) -> History:
    return replace(h, dead=())


def _both(h: History) -> History:
    return replace(h, dead=(*h.dead, Place(TOPIC, 0, 1)))


def _wrong_time(h: History) -> History:
    spoiled = replace(h.issues[6], received=999)
    return replace(h, issues=(*h.issues[:6], spoiled, *h.issues[7:]))


def _from_nowhere(h: History) -> History:
    spoiled = replace(h.issues[7], source=Place(TOPIC, 0, 77))
    return replace(h, issues=(*h.issues[:7], spoiled, *h.issues[8:]))


def _redriven_in_vain(h: History) -> History:
    return replace(h, redriven=frozenset(h.dead))


def _late(h: History) -> History:
    return replace(h, recovered={"accepted again": 30.5, "all read": 2.0}, bound=30)


def _personal(h: History) -> History:
    return replace(h, found_personal=("issues/0/3 holds a reporter's phone",))


DOCTORED: list[tuple[Callable[[History], History], set[str]]] = [
    (_lost, {"I1 lost"}),
    (_lost_by_the_router, {"I1 lost", "I6 unaccounted"}),
    (_twice, {"I2 twice", "I6 unaccounted"}),
    (_swapped, {"I3 swapped"}),
    (_phantom, {"I4 phantom"}),
    (_stale, {"I2 stale", "I6 unaccounted"}),
    (_skipped, {"I2 stale", "I6 unaccounted"}),
    (_altered_by_the_router, {"I1 altered"}),
    (_altered_by_intake, {"I1 altered"}),
    (_refused_in_log, {"I4 refused-in-log"}),
    (_sums_wrong, {"I2 sums-wrong"}),
    (_rebuilt_differs, {"I5 rebuilt-differs"}),
    (_dispatched_twice, {"I8 dispatched-twice"}),
    (_two_departments, {"I8 dispatched-twice"}),
    (_order_altered, {"I8 dispatched-twice"}),
    (_undispatched, {"I8 undispatched"}),
    (_dead_letter_missing, {"I6 unaccounted"}),
    (_both, {"I6 unaccounted"}),
    (_wrong_time, {"I7 unfounded"}),
    (_from_nowhere, {"I7 unfounded"}),
    (_redriven_in_vain, {"I6 unaccounted"}),
    (_late, {"I9 late"}),
    (_personal, {"I10 personal-data"}),
]


def test_f27_a_sound_history_passes() -> None:
    assert check(sound()) == []


def test_f27_what_was_redriven_may_be_a_dead_letter_as_well() -> None:
    """And what recovered within its bound was in time."""
    amended = Place(TOPIC, 0, 2)
    history = sound()
    redriven = replace(history, dead=(*history.dead, amended), redriven=frozenset({amended}))
    assert check(replace(redriven, recovered={"all read": 30.0}, bound=30)) == []


@pytest.mark.parametrize(
    ("doctor", "names"), DOCTORED, ids=lambda it: it.__name__ if callable(it) else ""
)
def test_f27_each_doctored_history_is_caught(
    doctor: Callable[[History], History], names: set[str]
) -> None:
    found = check(doctor(sound()))
    assert {f"{violation.promise} {violation.name}" for violation in found} == names
