"""How an issue counts where promises and opinions are counted: one answer for every read model.

Nothing here knows the present time. A clock that nobody has stopped is *open*; whether it is late
by now is asked of its due time (`due_at`) with an instant of the asker's.
"""

from typing import Final, Literal, TypeAlias

from hutong.issue.clocks import Clock
from hutong.issue.state import IssueState, Status

Outcome: TypeAlias = Literal["on_time", "late", "open"]

#: They end a clock that nobody has answered; in time, that is neither kept nor broken.
_ENDINGS: Final = frozenset({"IssueClosed", "IssueWithdrawn", "IssueTransferred"})
#: Nobody waits for these: a merged issue follows its master.
_OFF: Final = frozenset({Status.MERGED, Status.WITHDRAWN, Status.TRANSFERRED, Status.AWAITED})
_IMPORTED: Final = "imported"
_SATISFIED: Final = {"very": True, "yes": True, "fair": False, "no": False, "very-no": False}
_SOLVED: Final = {"yes": True, "partly": False, "no": False}
_SPEED: Final = "speed"


def outcome(state: IssueState, name: str) -> Outcome | None:
    """What became of a clock of the issue; None where there is nothing to count.

    - *on_time*, *late*: stopped by an answer before or after its due time; closing, withdrawing or
      transferring an issue whose time was over is late too.
    - *open*: not stopped, and somebody is to stop it (paused ones included).
    - None: no such clock; ended before its time was over; merged while open; not answered, and
      imported (an import brings reports and knows no answers, so all would be late at once); and
      ``resolve`` of what was declared unresolvable, which is counted apart.
    """
    clock = state.clocks.get(name)
    if clock is None or (name == "resolve" and state.unresolvable):
        return None
    if clock.stopped_at is None:
        return None if state.status in _OFF or state.origin == _IMPORTED else "open"
    if clock.is_late():
        return "late"
    return None if clock.stopped_by in _ENDINGS else "on_time"


def due_at(state: IssueState, name: str) -> int | None:
    """The due time of a clock that is open; before an instant, it is late at that instant.

    None while it stands still: a pause makes nobody late. One that was late when it was paused
    stays so and keeps its due time.
    """
    clock = state.clocks.get(name)
    if clock is None or outcome(state, name) != "open":
        return None
    return None if clock.paused_at is not None and not clock.is_late() else clock.due_at


def satisfied(state: IssueState) -> bool | None:
    """What the reporter thinks: by the rating, else by what the call heard; None when unknown.

    ``fair`` (一般) is known, and not satisfied.
    """
    if state.rating is not None and state.rating.satisfied is not None:
        return state.rating.satisfied
    if state.follow_up is None or state.follow_up.satisfied is None:
        return None
    return _SATISFIED.get(state.follow_up.satisfied)


def solved(state: IssueState) -> bool | None:
    """Whether it is solved by the reporter's word, as `satisfied`; ``partly`` is not."""
    if state.rating is not None and state.rating.resolved is not None:
        return state.rating.resolved
    if state.follow_up is None or state.follow_up.solved is None:
        return None
    return _SOLVED.get(state.follow_up.solved)


def is_at_fault(state: IssueState) -> bool:
    """Whether a bad opinion of this issue may be laid at its department's door.

    It is not, and the *net* rating leaves the opinion out, where the issue was declared
    unresolvable with the reason that the pack asks for (no basis in law or policy, a private
    matter, technically impossible …), and where what displeased was the speed while the promises
    to answer and to resolve were kept: then it is the promise that displeases.
    """
    if state.unresolvable:
        return False
    call = state.follow_up
    if call is None or call.cause != _SPEED or satisfied(state) is not False:
        return True
    return not all(outcome(state, name) == "on_time" for name in ("respond", "resolve"))


def stopped_in_turn_of(state: IssueState, clock: Clock) -> int:
    """The index in ``state.hops`` of the turn in which a clock was stopped; the last while open."""
    last = len(state.hops) - 1
    if clock.stopped_at is None:
        return last
    begun = [n for n, hop in enumerate(state.hops) if hop.started_at <= clock.stopped_at]
    return begun[-1] if begun else 0
