"""Version 1: the objections to an event. Each gives words for the history, or None."""

from collections.abc import Mapping
from typing import Any, Final

from hutong.issue.calendar import CALENDARS, MINUTE
from hutong.issue.clocks import Clock
from hutong.issue.pack import Pack
from hutong.issue.record import Record
from hutong.issue.state import IssueState, Status
from hutong.issue.table import Guard
from hutong.issue.v1 import limits
from hutong.issue.v1.clock_table import RESOLVE, STATUTORY

_CHANNEL: Final = "channel:"
_DESK: Final = "desk"

S = Status

# -- who, and on which order -------------------------------------------------------------------


def _not_the_lead(state: IssueState, record: Record, _pack: Pack) -> str | None:
    if record.department == state.lead and state.lead is not None:
        return None
    return f"{record.acts_as} does not lead, {state.lead or 'nobody'} does"


def _not_an_owner(state: IssueState, record: Record, _pack: Pack) -> str | None:
    if record.department == state.lead or record.department in state.co_owners:
        return None
    return f"{record.acts_as} is neither lead nor co-owner"


def _wrong_hop(state: IssueState, record: Record, _pack: Pack) -> str | None:
    hop = record.body["hop"]
    return None if hop == state.hop else f"answers hop {hop}, now {state.hop}"


def _not_the_next_hop(state: IssueState, record: Record, _pack: Pack) -> str | None:
    hop, expected = record.body["hop"], state.hop + 1
    return None if hop == expected else f"hop {hop}, expected {expected}"


def _not_as_ruled(state: IssueState, record: Record, _pack: Pack) -> str | None:
    lead = record.body["lead"]
    if state.next_lead in (None, lead):
        return None
    return f"dispatched to {lead}, the desk decided on {state.next_lead}"


def _accepted_before(state: IssueState, _record: Record, _pack: Pack) -> str | None:
    return f"hop {state.hop} was accepted" if state.accepted_at is not None else None


def _another_channel(state: IssueState, record: Record, _pack: Pack) -> str | None:
    if not record.acts_as.startswith(_CHANNEL) or record.acts_as == _CHANNEL + state.channel:
        return None
    return f"{record.acts_as} did not report it, {state.channel} did"


def _may_not_know(state: IssueState, record: Record, pack: Pack) -> str | None:
    if record.acts_as == _DESK:
        return None
    return _not_the_lead(state, record, pack)


def _ended_long_ago(state: IssueState, record: Record, _pack: Pack) -> str | None:
    ended = {S.CLOSED: state.closed_at, S.WITHDRAWN: state.ended_at, S.TRANSFERRED: state.ended_at}
    at = ended.get(state.status)
    if at is None or record.counts_at <= at + limits.REVEAL_AFTER_END * MINUTE:
        return None
    return f"the issue ended at {at}"


LEAD: Final = Guard("not-the-lead", _not_the_lead)
#: Who reported is told to the desk and to the present lead, while there is something to do.
MAY_KNOW: Final = Guard("not-the-lead", _may_not_know)
NOT_LONG_ENDED: Final = Guard("ended-long-ago", _ended_long_ago)
#: One channel's client must not withdraw, amend or rate what came by another.
OWN_CHANNEL: Final = Guard("not-the-channel", _another_channel)
OWNER: Final = Guard("not-an-owner", _not_an_owner)
PRESENT_HOP: Final = Guard("wrong-hop", _wrong_hop)
NEXT_HOP: Final = Guard("wrong-hop", _not_the_next_hop)
AS_RULED: Final = Guard("not-as-ruled", _not_as_ruled)
NOT_YET_ACCEPTED: Final = Guard("accepted-before", _accepted_before)


# -- reasons of the pack -----------------------------------------------------------------------


def of_group(group: str, field: str = "reason") -> tuple[Guard, ...]:
    """The code must be in that group of the pack, with evidence where the pack asks for it."""

    def unknown(_state: IssueState, record: Record, pack: Pack) -> str | None:
        code = record.body[field]
        known = code in pack.reasons.get(group, {})
        return None if known else f"no reason {code} in the pack's group {group}"

    def bare(_state: IssueState, record: Record, pack: Pack) -> str | None:
        code = record.body[field]
        if pack.reasons[group][code] and not record.body.get("media", True):
            return f"{code} needs a file as evidence"
        return None

    return Guard("unknown-reason", unknown), Guard("no-evidence", bare)


def not_blank(field: str, code: str) -> Guard:
    """The text must say something."""

    def blank(_state: IssueState, record: Record, _pack: Pack) -> str | None:
        return None if record.body[field].strip() else f"{field} is empty"

    return Guard(code, blank)


# -- dispatch ----------------------------------------------------------------------------------


def _bad_clock(_state: IssueState, record: Record, _pack: Pack) -> str | None:
    for length in record.body["clocks"]:
        if length["calendar"] not in CALENDARS:
            return f"{length['clock']} has no known calendar: {length['calendar']}"
        if not 0 < length["minutes"] <= limits.LONGEST_CLOCK:
            return f"{length['clock']} of {length['minutes']} minutes"
    return None


def _solved_already(state: IssueState, record: Record, _pack: Pack) -> str | None:
    """A report that a patrol solved takes the router's one answer."""
    if state.stage is not Status.RESOLVED or (state.on_the_spot and state.item is None):
        return None
    return f"{record.name} is not allowed when {state.status}"


FIRST_ANSWER: Final = Guard("not-now", _solved_already)
GOOD_CLOCKS: Final = Guard("bad-clock", _bad_clock)


# -- returns -----------------------------------------------------------------------------------


def _return_too_late(state: IssueState, record: Record, pack: Pack) -> str | None:
    minutes, calendar = limits.RETURN_WINDOW.get(state.tier or "", limits.USUAL_RETURN_WINDOW)
    until = pack.keeper.due(state.hops[-1].offered_at, minutes * MINUTE, calendar).at
    if record.counts_at <= until:
        return None
    return f"the window was {minutes} minutes of {calendar} time, until {until}"


def _ruled(state: IssueState, _record: Record, _pack: Pack) -> str | None:
    return "the dispute over who leads was ruled" if state.adjudicated else None


def _unclear(_state: IssueState, record: Record, _pack: Pack) -> str | None:
    decision, accepted = record.body["decision"], record.body["accepted"]
    if decision.startswith("accepted-" if accepted else "refused-"):
        return None
    return f"{decision}, but accepted is {accepted}"


def _nobody_next(_state: IssueState, record: Record, _pack: Pack) -> str | None:
    if record.body["decision"] == "accepted-reassigned" and record.body["next_owner"] is None:
        return "accepted-reassigned, but to nobody"
    return None


IN_RETURN_WINDOW: Final = Guard("return-too-late", _return_too_late)
NOT_RULED: Final = Guard("ruled-already", _ruled)
CLEAR_DECISION: Final = Guard("decision-unclear", _unclear)
NEXT_OWNER: Final = Guard("no-next-owner", _nobody_next)


# -- extensions and suspensions ----------------------------------------------------------------


def _extended_before(state: IssueState, _record: Record, _pack: Pack) -> str | None:
    extension = state.extension
    return "granted before" if extension is not None and extension.granted else None


def _already_asked(state: IssueState, _record: Record, _pack: Pack) -> str | None:
    extension = state.extension
    return "not decided yet" if extension is not None and extension.granted is None else None


def _asked_too_late(state: IssueState, record: Record, _pack: Pack) -> str | None:
    clock = state.clocks.get(RESOLVE)
    if clock is not None and clock.is_late(record.counts_at):
        return f"resolve was due at {clock.due_at}"
    return None


def _no_resolve(state: IssueState, _record: Record, _pack: Pack) -> str | None:
    return None if RESOLVE in state.clocks else "the issue has no clock to extend"


def _nothing_asked(state: IssueState, _record: Record, _pack: Pack) -> str | None:
    extension = state.extension
    return "no request waits" if extension is None or extension.granted is not None else None


def _too_long(state: IssueState, record: Record, _pack: Pack) -> str | None:
    if not record.body["granted"]:
        return None
    level, minutes = record.body["level"], record.body["minutes"]
    most = limits.EXTENSION.get(level, {}).get(state.clocks[RESOLVE].calendar, 0)
    return None if minutes <= most else f"{level} may grant {most} minutes, not {minutes}"


def _review_behind(_state: IssueState, record: Record, _pack: Pack) -> str | None:
    review = record.body["review_at"]
    return None if review > record.counts_at else f"review at {review}, received no earlier"


NOT_EXTENDED: Final = Guard("extended-before", _extended_before)
NOT_ASKED: Final = Guard("already-asked", _already_asked)
ASKED_IN_TIME: Final = Guard("asked-too-late", _asked_too_late)
CAN_BE_EXTENDED: Final = Guard("unknown-clock", _no_resolve)
ASKED: Final = Guard("nothing-asked", _nothing_asked)
NOT_TOO_LONG: Final = Guard("extension-too-long", _too_long)
REVIEW_AHEAD: Final = Guard("review-not-ahead", _review_behind)


# -- results -----------------------------------------------------------------------------------


def _second_claim(state: IssueState, record: Record, _pack: Pack) -> str | None:
    """An answered issue takes one more result: of the case that an enforced result opened."""
    if state.status in (Status.ACCEPTED, Status.RESPONDED):
        return None
    clock = state.clocks.get(STATUTORY)
    runs = clock is not None and clock.stopped_at is None
    if runs and state.result == limits.ENFORCED != record.body["result"]:
        return None
    return f"{record.name} is not allowed when {state.status}: no case of the law is open"


def _no_file_number(_state: IssueState, record: Record, _pack: Pack) -> str | None:
    number = record.body["file_number"]
    if record.body["result"] != limits.ENFORCED or (number and number.strip()):
        return None
    return "enforced, but no file number"


def _checks_own_work(state: IssueState, record: Record, _pack: Pack) -> str | None:
    for name in (record.body["checker"], record.body["head"]["actor"]):
        if name in state.handlers:
            return f"{name} handled it"
    return None


#: Ground of closing -> whether it holds.
_GROUNDS: Final[Mapping[str, Any]] = {
    "verified": lambda state: state.verified_at is not None,
    "rated": lambda state: state.rating is not None and state.rating.resolved is True,
    "unresolvable": lambda state: state.unresolvable,
    "policy": lambda state: state.resolved_at is not None,
    "at-desk": lambda state: state.resolved_at is None,
}


def _ground_fails(state: IssueState, record: Record, _pack: Pack) -> str | None:
    ground = record.body["ground"]
    holds = _GROUNDS.get(ground)
    if holds is None:
        return f"the grounds are {', '.join(_GROUNDS)}"
    return None if holds(state) else f"{ground} does not hold when {state.status}"


def _rated(state: IssueState, _record: Record, _pack: Pack) -> str | None:
    return None if state.rating is None else f"rated at {state.rating.at}"


LAW_CASE_OPEN: Final = Guard("not-now", _second_claim)
FILE_NUMBER: Final = Guard("no-file-number", _no_file_number)
OTHER_CHECKER: Final = Guard("checker-is-handler", _checks_own_work)
GROUND_HOLDS: Final = Guard("ground-not-met", _ground_fails)
NOT_RATED: Final = Guard("rated-before", _rated)


# -- clocks ------------------------------------------------------------------------------------


def _clock(state: IssueState, record: Record) -> Clock:
    return state.clocks[record.body["clock"]]


def _unknown_clock(state: IssueState, record: Record, _pack: Pack) -> str | None:
    name = record.body["clock"]
    return None if name in state.clocks else f"the issue has no clock {name}"


def _answered_in_time(state: IssueState, record: Record, _pack: Pack) -> str | None:
    clock = _clock(state, record)
    if clock.stopped_at is not None and not clock.is_late():
        return f"{clock.stopped_by} came at {clock.stopped_at}, due was {clock.due_at}"
    return None


def _stands(state: IssueState, record: Record, _pack: Pack) -> str | None:
    return None if _clock(state, record).is_running else "it does not run"


def _due_moved(state: IssueState, record: Record, _pack: Pack) -> str | None:
    clock, due = _clock(state, record), record.body["due_at"]
    return None if clock.due_at == due else f"says due at {due}, it is {clock.due_at}"


def _not_due(state: IssueState, record: Record, _pack: Pack) -> str | None:
    clock = _clock(state, record)
    if clock.is_late(max(record.counts_at, record.recorded_at)):
        return None
    return f"due at {clock.due_at}"


def _not_higher(state: IssueState, record: Record, pack: Pack) -> str | None:
    level, reached = record.body["level"], _clock(state, record).level
    if level not in pack.ladder:
        return f"the ladder has no rung {level}"
    if reached in pack.ladder and pack.ladder.index(level) <= pack.ladder.index(reached):
        return f"it went to {reached} before"
    return None


def _unknown_ground(_state: IssueState, record: Record, _pack: Pack) -> str | None:
    grounds = (limits.CALENDAR_ANNOUNCED, limits.OUTAGE_EXCUSED)
    return None if record.body["ground"] in grounds else f"the grounds are {', '.join(grounds)}"


def _final(state: IssueState, record: Record, _pack: Pack) -> str | None:
    announced = record.body["ground"] == limits.CALENDAR_ANNOUNCED
    if announced and not _clock(state, record).provisional:
        return "its calendar was announced when it started"
    return None


def _not_later(state: IssueState, record: Record, _pack: Pack) -> str | None:
    due = _clock(state, record).due_at
    excused = record.body["ground"] == limits.OUTAGE_EXCUSED
    return f"due at {due} before" if excused and record.body["due_at"] <= due else None


def _excused_before(state: IssueState, record: Record, _pack: Pack) -> str | None:
    start, end = record.body["outage_from"], record.body["outage_to"]
    if record.body["ground"] != limits.OUTAGE_EXCUSED or start is None or end is None:
        return None
    for before, after in _clock(state, record).excused:
        if start < after and before < end:
            return f"excused from {before} to {after} before"
    return None


def _not_working(state: IssueState, record: Record, pack: Pack) -> str | None:
    due, calendar = record.body["due_at"], _clock(state, record).calendar
    return None if pack.keeper.is_working(due, calendar) else f"nobody works at {due}"


KNOWN_CLOCK: Final = Guard("unknown-clock", _unknown_clock)
NOT_ANSWERED: Final = Guard("answered-in-time", _answered_in_time)
RUNNING: Final = Guard("clock-stands", _stands)
SAME_DUE: Final = Guard("due-moved", _due_moved)
DUE: Final = Guard("not-due-yet", _not_due)
HIGHER: Final = Guard("not-higher", _not_higher)
KNOWN_GROUND: Final = Guard("unknown-ground", _unknown_ground)
PROVISIONAL: Final = Guard("due-is-final", _final)
EXCUSED_ONCE: Final = Guard("excused-before", _excused_before)
LATER: Final = Guard("due-not-later", _not_later)
WORKING_TIME: Final = Guard("not-working-time", _not_working)


# -- supervision and merging -------------------------------------------------------------------


def _supervised(state: IssueState, record: Record, _pack: Pack) -> str | None:
    found = state.supervisions.get(record.body["level"])
    return "it is open" if found is not None and found.closed_at is None else None


def _not_supervised(state: IssueState, record: Record, _pack: Pack) -> str | None:
    found = state.supervisions.get(record.body["level"])
    return "none is open" if found is None or found.closed_at is not None else None


def _into_younger(state: IssueState, record: Record, _pack: Pack) -> str | None:
    master = record.body["master_reported_at"], record.body["master_id"]
    if master < (state.reported_at, state.issue_id):
        return None
    return f"{master[1]} was reported at {master[0]}, this one at {state.reported_at}"


def _absorbs_older(state: IssueState, record: Record, _pack: Pack) -> str | None:
    child = record.body["child_reported_at"], record.body["child_id"]
    if (state.reported_at, state.issue_id) < child:
        return None
    return f"{child[1]} was reported at {child[0]}, this one at {state.reported_at}"


def _absorbed_before(state: IssueState, record: Record, _pack: Pack) -> str | None:
    child = record.body["child_id"]
    return f"{child} is a child already" if child in state.children else None


def _not_merged(state: IssueState, record: Record, _pack: Pack) -> str | None:
    other = record.body["other_id"]
    if other == state.master or other in state.children:
        return None
    return f"not merged with {other}"


def _not_suspected(state: IssueState, record: Record, _pack: Pack) -> str | None:
    if state.suspects and record.body["other_id"] in state.suspects:
        return None
    return f"suspected are: {', '.join(state.suspects) or 'none'}"


UNSUPERVISED: Final = Guard("supervised-already", _supervised)
SUPERVISED: Final = Guard("not-supervised", _not_supervised)
INTO_OLDER: Final = Guard("not-the-older", _into_younger)
ABSORBS_YOUNGER: Final = Guard("not-the-older", _absorbs_older)
NOT_ABSORBED: Final = Guard("absorbed-before", _absorbed_before)
ARE_MERGED: Final = Guard("not-merged", _not_merged)
SUSPECTED: Final = Guard("not-suspected", _not_suspected)
