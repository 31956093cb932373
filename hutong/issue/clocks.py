"""A clock of an issue, and what may be done to it. Pure; which event does what is in the rules."""

from typing import NamedTuple

from hutong.issue.calendar import MINUTE, NATURAL, TimeKeeper


class Clock(NamedTuple):
    """One promise: started, due, perhaps stopped. Instants are milliseconds UTC.

    ``minutes`` is its length in time of its calendar, None when the event named the due time.
    While it is paused, ``due_at`` is what it would be without the pause.
    """

    minutes: int | None
    calendar: str
    started_at: int
    due_at: int
    stopped_at: int | None = None
    stopped_by: str = ""
    #: A year on the way to the due time has not been announced yet.
    provisional: bool = False
    #: What comes earlier does not stop it (the follow-up call's window).
    opens_at: int | None = None
    paused_at: int | None = None
    #: Time granted on top, in minutes of its calendar.
    extended: int = 0
    #: Time excused on top because the fault was ours, in milliseconds.
    excused_ms: int = 0
    reminded: int = 0
    #: The due time of which it was noticed that it had passed; another one needs a notice again.
    noticed: int | None = None
    #: How far up the ladder it went.
    level: str = ""
    #: Time of its calendar that pauses took out, in milliseconds.
    paused_ms: int = 0
    #: Outages of ours that were excused: from and to, in the order in which that was said.
    excused: tuple[tuple[int, int], ...] = ()

    @property
    def is_running(self) -> bool:
        """Whether somebody is still expected to answer; a paused clock is not."""
        return self.stopped_at is None and self.paused_at is None

    def is_late(self, now: int | None = None) -> bool:
        """Whether it was stopped after its due time, or is not stopped at ``now`` and past it.

        A clock that stands still is judged by the moment at which it was paused.
        """
        end = self.paused_at if self.paused_at is not None else self.stopped_at
        if end is None:
            end = now
        return end is not None and end > self.due_at

    def length_ms(self, keeper: TimeKeeper) -> int:
        """All the time that it has, pauses aside: milliseconds of its calendar."""
        if self.minutes is None:
            return keeper.elapsed(self.started_at, self.due_at, self.calendar)
        return (self.minutes + self.extended) * MINUTE

    def remind_at(self, keeper: TimeKeeper) -> int:
        """When four fifths of its time are used."""
        return keeper.back(self.due_at, self.length_ms(keeper) // 5, self.calendar)

    def announced_due(self, keeper: TimeKeeper) -> int | None:
        """The due time by this calendar, counted from the start; None while it is not announced.

        Only a clock with a length can be provisional. Time that was excused comes on top again.
        """
        length = self.length_ms(keeper) + self.paused_ms
        due = keeper.due(self.started_at, length, self.calendar)
        if self.excused_ms:
            excused = keeper.elapsed(self.due_at - self.excused_ms, self.due_at, self.calendar)
            due = keeper.due(due.at, excused, self.calendar)
        return None if due.provisional else due.at


def start(
    at: int, minutes: int, calendar: str, keeper: TimeKeeper, *, opens_after: int | None = None
) -> Clock:
    """A clock of that length; ``opens_after`` is in minutes of its calendar too."""
    due = keeper.due(at, minutes * MINUTE, calendar)
    opens = None if opens_after is None else keeper.due(at, opens_after * MINUTE, calendar).at
    return Clock(minutes, calendar, at, due.at, provisional=due.provisional, opens_at=opens)


def start_until(at: int, due_at: int) -> Clock:
    """A clock whose due time somebody named."""
    return Clock(None, NATURAL, at, due_at)


def stop(clock: Clock, at: int, by: str) -> Clock:
    """Stopped; if it was before, the earlier of the two counts: a late record accuses nobody."""
    if clock.stopped_at is not None and clock.stopped_at <= at:
        return clock
    return clock._replace(stopped_at=at, stopped_by=by)


def end(clock: Clock, at: int, by: str) -> Clock:
    """Stopped if nothing has stopped it yet."""
    return clock if clock.stopped_at is not None else stop(clock, at, by)


def settle(clock: Clock, minutes: int, calendar: str, keeper: TimeKeeper) -> Clock:
    """The same start with the length that is only known now."""
    due = keeper.due(clock.started_at, minutes * MINUTE, calendar)
    return clock._replace(
        minutes=minutes, calendar=calendar, due_at=due.at, provisional=due.provisional
    )


def pause(clock: Clock, at: int) -> Clock:
    """Stands still from ``at`` on. Pausing twice is pausing once; what stopped stays stopped."""
    if not clock.is_running:
        return clock
    return clock._replace(paused_at=max(at, clock.started_at))


def resume(clock: Clock, at: int, keeper: TimeKeeper) -> Clock:
    """Runs again, with as much time left as when it was paused: the pause is excluded once.

    A clock that was overdue stays so.
    """
    if clock.paused_at is None or clock.stopped_at is not None:
        return clock
    running = clock._replace(paused_at=None)
    if clock.paused_at > clock.due_at or at <= clock.paused_at:
        return running
    left = keeper.elapsed(clock.paused_at, clock.due_at, clock.calendar)
    due = keeper.due(at, left, clock.calendar)
    return running._replace(
        due_at=due.at,
        provisional=clock.provisional or due.provisional,
        paused_ms=clock.paused_ms + keeper.elapsed(clock.paused_at, at, clock.calendar),
    )


def extend(clock: Clock, minutes: int, keeper: TimeKeeper) -> Clock:
    """Due later by that much time of its calendar."""
    due = keeper.due(clock.due_at, minutes * MINUTE, clock.calendar)
    return clock._replace(
        due_at=due.at,
        provisional=clock.provisional or due.provisional,
        extended=clock.extended + minutes,
    )


def go_on(clock: Clock) -> Clock:
    """As though it had never been stopped: the due time stays what it was."""
    return clock._replace(stopped_at=None, stopped_by="")


def announce(clock: Clock, due_at: int) -> Clock:
    """The due time by a calendar that has been announced by now."""
    return clock._replace(due_at=due_at, provisional=False)


def excuse(clock: Clock, due_at: int, outage: tuple[int, int] | None) -> Clock:
    """Due later because of an outage of ours; visible as ``excused_ms``."""
    return clock._replace(
        due_at=due_at,
        excused_ms=clock.excused_ms + due_at - clock.due_at,
        excused=clock.excused if outage is None else (*clock.excused, outage),
    )
