"""Version 1: which event does what to which clock, and how."""

from collections.abc import Callable, Mapping
from typing import Final

from hutong.issue import clocks
from hutong.issue.calendar import NATURAL
from hutong.issue.clocks import Clock
from hutong.issue.pack import Pack
from hutong.issue.record import Record
from hutong.issue.state import IssueState
from hutong.issue.table import Action, Cell, Changes
from hutong.issue.v1.limits import (
    CALENDAR_ANNOUNCED,
    ENFORCED,
    FALSE_CLAIMS,
    FOLLOW_UP_DUE,
    FOLLOW_UP_OPENS,
    FOLLOW_UP_TRIES,
)

DISPATCH: Final = "dispatch"
ACCEPT: Final = "accept"
RESPOND: Final = "respond"
RESOLVE: Final = "resolve"
STATUTORY: Final = "statutory"
FOLLOW_UP: Final = "follow-up"
REVIEW: Final = "review"
ASSIGNMENT: Final = "assignment"
SUPERVISION: Final = "supervision"

#: Clock -> what it measures. Those of a department or a level have its code behind a colon.
NAMES: Final[Mapping[str, str]] = {
    DISPATCH: "from the report to the first dispatch",
    ACCEPT: "from the first dispatch until a department signs",
    RESPOND: "from the first dispatch to the first answer to the reporter",
    RESOLVE: "from the first dispatch to the claimed result",
    STATUTORY: "the law's own term, beside the promise",
    FOLLOW_UP: "from the result to the desk's call",
    REVIEW: "from a suspension to the day on which somebody looks again",
    ASSIGNMENT: "what a department gave a unit or worker (`assignment:<department>`)",
    SUPERVISION: "what a leader set (`supervision:<level>`)",
}


def _on_the_spot(_state: IssueState, record: Record) -> bool:
    return record.body["handled_on_the_spot"] is not None


def _not_on_the_spot(state: IssueState, record: Record) -> bool:
    return not _on_the_spot(state, record)


def _to_be_done(state: IssueState, _record: Record) -> bool:
    return not _only_classified(state, _record)


def _only_classified(state: IssueState, _record: Record) -> bool:
    return state.on_the_spot and state.lead is None and state.resolved_at is not None


def _with_due(_state: IssueState, record: Record) -> bool:
    return record.body["due" if "due" in record.body else "due_at"] is not None


def _granted(_state: IssueState, record: Record) -> bool:
    return record.body["granted"] is True


def _stands(_state: IssueState, record: Record) -> bool:
    return record.body["accepted"] is True


def _for_good(_state: IssueState, record: Record) -> bool:
    return bool(record.body["result"] != ENFORCED)


def _false_claim(_state: IssueState, record: Record) -> bool:
    return record.body["reason"] in FALSE_CLAIMS


def _new_matter(_state: IssueState, record: Record) -> bool:
    return record.body["reason"] not in FALSE_CLAIMS


def _nobody_leads(state: IssueState, _record: Record) -> bool:
    return state.lead is None


def _first_claim(state: IssueState, _record: Record) -> bool:
    return state.resolved_at is None


def _in_the_window(state: IssueState, record: Record) -> bool:
    clock = state.clocks.get(FOLLOW_UP)
    if clock is None or (clock.opens_at is not None and record.counts_at < clock.opens_at):
        return False
    tries = state.follow_up.tries if state.follow_up is not None else 0
    return record.body["reached"] != "no-answer" or tries + 1 >= FOLLOW_UP_TRIES


_START, _ANEW, _STOP = Cell(Action.START), Cell(Action.ANEW), Cell(Action.STOP)
_ONCE = Cell(
    Action.START, "with the first dispatch that names it; a later one changes nothing", _to_be_done
)
_IF_OPEN = Cell(Action.STOP, "where it still runs")
_END = Cell(Action.END, "where it still runs")
_ALL: Final = tuple(NAMES)

#: Event -> clock -> what happens to it. What is not here leaves every clock alone.
CLOCKS: Final[Mapping[str, Mapping[str, tuple[Cell, ...]]]] = {
    "IssueReported": {
        DISPATCH: (Cell(Action.START, "unless handled on the spot", _not_on_the_spot),),
        FOLLOW_UP: (Cell(Action.START, "when handled on the spot", _on_the_spot),),
    },
    "IssueDispatched": {
        DISPATCH: (Cell(Action.SETTLE, "with the length of the tier, known now", _to_be_done),),
        ACCEPT: (_ONCE,),
        RESPOND: (_ONCE,),
        RESOLVE: (_ONCE,),
        STATUTORY: (_ONCE,),
        ASSIGNMENT: (Cell(Action.DROP),),
    },
    "ReturnDecided": {ASSIGNMENT: (Cell(Action.DROP, "when accepted", _stands),)},
    "DutyAdjudicated": {ASSIGNMENT: (Cell(Action.DROP),)},
    "IssueAccepted": {ACCEPT: (_STOP,)},
    "IssueAssigned": {ASSIGNMENT: (Cell(Action.ANEW, "when a due time is given", _with_due),)},
    "IssueResponded": {RESPOND: (_STOP,), ACCEPT: (_IF_OPEN,)},
    "ExtensionDecided": {RESOLVE: (Cell(Action.EXTEND, "when granted", _granted),)},
    "IssueSuspended": {
        ACCEPT: (Cell(Action.PAUSE),),
        RESPOND: (Cell(Action.PAUSE),),
        RESOLVE: (Cell(Action.PAUSE),),
        REVIEW: (_ANEW,),
    },
    "IssueResumed": {
        ACCEPT: (Cell(Action.RESUME),),
        RESPOND: (Cell(Action.RESUME),),
        RESOLVE: (Cell(Action.RESUME),),
        REVIEW: (_STOP,),
    },
    "IssueResolved": {
        ACCEPT: (_IF_OPEN,),
        RESPOND: (_IF_OPEN,),
        RESOLVE: (Cell(Action.STOP, "the claim counts"),),
        STATUTORY: (
            Cell(Action.STOP, "but for `enforced`, which answers the promise only", _for_good),
        ),
        ASSIGNMENT: (_IF_OPEN,),
        FOLLOW_UP: (Cell(Action.ANEW, "with the first claim of a round", _first_claim),),
    },
    "IssueDeclaredUnresolvable": {
        ACCEPT: (_IF_OPEN,),
        RESPOND: (_IF_OPEN,),
        RESOLVE: (Cell(Action.STOP, "counted apart"),),
        STATUTORY: (_STOP,),
        ASSIGNMENT: (_IF_OPEN,),
        FOLLOW_UP: (_ANEW,),
    },
    "SiteCheckFailed": {
        RESOLVE: (Cell(Action.GO_ON, "as though there had been no claim; the same due time"),),
        STATUTORY: (Cell(Action.GO_ON),),
        FOLLOW_UP: (Cell(Action.DROP),),
        DISPATCH: (Cell(Action.ANEW, "when nobody leads", _nobody_leads),),
    },
    "IssueClosed": dict.fromkeys((DISPATCH, ACCEPT, RESPOND, RESOLVE, ASSIGNMENT), (_END,)),
    "IssueReopened": {
        RESOLVE: (
            Cell(Action.GO_ON, "after a false claim: the same due time", _false_claim),
            Cell(Action.ANEW, "for any other reason: the same length again", _new_matter),
        ),
        STATUTORY: (Cell(Action.GO_ON),),
        FOLLOW_UP: (Cell(Action.DROP),),
        DISPATCH: (Cell(Action.ANEW, "when nobody leads", _nobody_leads),),
    },
    "FollowUpCalled": {
        FOLLOW_UP: (
            Cell(
                Action.STOP, "from the window on; without answer at the third try", _in_the_window
            ),
        )
    },
    "SupervisionOpened": {SUPERVISION: (Cell(Action.ANEW, "when a due time is given", _with_due),)},
    "SupervisionClosed": {SUPERVISION: (_STOP,)},
    "DueRevised": dict.fromkeys(_ALL, (Cell(Action.REVISE, "the one that it names"),)),
    "IssueWithdrawn": dict.fromkeys(_ALL, (_END,)),
    "IssueTransferred": dict.fromkeys(_ALL, (_END,)),
}


class _Hands:
    """Moves the clocks of one state by one record."""

    def __init__(self, state: IssueState, record: Record, pack: Pack) -> None:
        self.state, self.record, self.pack = state, record, pack
        self.at = record.counts_at
        self.clocks = dict(state.clocks)
        self.past = state.past_clocks

    def move(self, clock: str, action: Action) -> None:
        """Do it to that clock, or to all of its kind."""
        moved = _MOVES.get(action)
        if moved is None:
            self._start(self._own(clock), clock, anew=action is Action.ANEW)
            return
        for name in self._of_kind(clock):
            moved(self, name)

    def _own(self, clock: str) -> str:
        """The name of this record's clock of that kind."""
        if clock == ASSIGNMENT:
            return f"{clock}:{self.record.department}"
        return f"{clock}:{self.record.body['level']}" if clock == SUPERVISION else clock

    def _of_kind(self, clock: str) -> list[str]:
        if self.record.name == "DueRevised":
            wanted = self.record.body["clock"]
            return [wanted] if wanted.partition(":")[0] == clock else []
        if self.record.name == "SupervisionClosed":
            clock = self._own(clock)
        elif clock in (ASSIGNMENT, SUPERVISION):
            return [name for name in self.clocks if name.partition(":")[0] == clock]
        return [clock] if clock in self.clocks else []

    def _start(self, name: str, clock: str, *, anew: bool) -> None:
        last = self.clocks.get(name)
        if last is not None and not anew:
            return
        made = self._made(clock, last)
        if made is None:
            return
        if last is not None:
            self.past = (*self.past, (name, last))
        self.clocks[name] = made

    def _made(self, clock: str, last: Clock | None) -> Clock | None:
        body, keeper = self.record.body, self.pack.keeper
        if clock == REVIEW:
            return clocks.start_until(self.at, body["review_at"])
        if clock == ASSIGNMENT:
            return clocks.start_until(self.at, body["due"])
        if clock == SUPERVISION:
            return clocks.start_until(self.at, body["due_at"])
        if clock == FOLLOW_UP:
            return clocks.start(
                self.at, FOLLOW_UP_DUE, NATURAL, keeper, opens_after=FOLLOW_UP_OPENS
            )
        if clock == DISPATCH:
            return clocks.start(self.at, *self.pack.dispatch, keeper)
        if last is not None:
            assert last.minutes is not None  # promises have a length
            return clocks.start(self.at, last.minutes, last.calendar, keeper)
        length = self._length(clock)
        return None if length is None else clocks.start(self.at, *length, keeper)

    def _length(self, clock: str) -> tuple[int, str] | None:
        for length in self.record.body.get("clocks", ()):
            if length["clock"] == clock:
                return length["minutes"], length["calendar"]
        return None

    def stop(self, name: str) -> None:
        self.clocks[name] = clocks.stop(self.clocks[name], self.at, self.record.name)

    def end(self, name: str) -> None:
        self.clocks[name] = clocks.end(self.clocks[name], self.at, self.record.name)

    def settle(self, name: str) -> None:
        length = self._length(name)
        if self.clocks[name].stopped_at is None and length is not None:
            self.clocks[name] = clocks.settle(self.clocks[name], *length, self.pack.keeper)
        self.stop(name)

    def pause(self, name: str) -> None:
        self.clocks[name] = clocks.pause(self.clocks[name], self.at)

    def resume(self, name: str) -> None:
        self.clocks[name] = clocks.resume(self.clocks[name], self.at, self.pack.keeper)

    def extend(self, name: str) -> None:
        minutes = self.record.body["minutes"]
        self.clocks[name] = clocks.extend(self.clocks[name], minutes, self.pack.keeper)

    def revise(self, name: str) -> None:
        body, clock = self.record.body, self.clocks[name]
        if body["ground"] == CALENDAR_ANNOUNCED:
            self.clocks[name] = clocks.announce(clock, body["due_at"])
            return
        start, end = body["outage_from"], body["outage_to"]
        outage = None if start is None or end is None else (start, end)
        self.clocks[name] = clocks.excuse(clock, body["due_at"], outage)

    def go_on(self, name: str) -> None:
        self.clocks[name] = clocks.go_on(self.clocks[name])

    def drop(self, name: str) -> None:
        self.past = (*self.past, (name, self.clocks.pop(name)))


#: All but the two that start one.
_MOVES: Final[Mapping[str, Callable[[_Hands, str], None]]] = {
    Action.STOP: _Hands.stop,
    Action.END: _Hands.end,
    Action.SETTLE: _Hands.settle,
    Action.PAUSE: _Hands.pause,
    Action.RESUME: _Hands.resume,
    Action.EXTEND: _Hands.extend,
    Action.REVISE: _Hands.revise,
    Action.GO_ON: _Hands.go_on,
    Action.DROP: _Hands.drop,
}


def move_clocks(state: IssueState, record: Record, pack: Pack) -> Changes:
    """What the record changes about the clocks, by the state before it."""
    row = CLOCKS.get(record.name)
    if row is None:
        return {}
    hands = _Hands(state, record, pack)
    for clock, cells in row.items():
        for cell in cells:
            if cell.when is None or cell.when(state, record):
                hands.move(clock, cell.action)
    changes: Changes = {"clocks": hands.clocks}
    if hands.past is not state.past_clocks:
        changes["past_clocks"] = hands.past
    return changes
