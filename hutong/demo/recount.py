"""Counts a week's issues a second time: from the records of the log alone, in its own words.

Nothing here is shared with the fold, its clocks or the read models, so where both come to the same
figures, neither has miscounted. It knows as much of the rules as the simulated history needs: whose
act counts, when a promise starts, stands still, is moved and is kept. Of origin simulated only.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from hutong.city import City
from hutong.issue.record import Record

#: What is counted, by the names that the circular has for it.
FIGURES: Final = (
    "reported",
    "respond_on_time",
    "respond_late",
    "respond_open",
    "respond_overdue",
    "resolve_on_time",
    "resolve_late",
    "resolve_open",
    "resolve_overdue",
    "overdue",
    "unresolvable",
    "returned",
    "reworked",
    "asked_satisfied",
    "satisfied",
)
SIMULATED: Final = "simulated"
_MINUTE: Final = 60_000
_HOUR: Final = 60 * _MINUTE
#: A return is taken for seven hours of working time, of an urgent matter for two of any.
_RETURNS: Final = (7 * _HOUR, "working")
_URGENT_RETURNS: Final = (2 * _HOUR, "natural")
_FALSE: Final = ("check-failed", "false-result")


class OfficeHours:
    """Working time of a city, minute by minute of a day; slow and plain."""

    def __init__(self, city: City) -> None:
        self._calendar = city.calendar
        self._zone = ZoneInfo(city.timezone)

    def after(self, start: int, length: int, calendar: str) -> int:
        """When that much time is over."""
        if calendar == "natural":
            return start + length
        for opens, closes in self._spans(start):
            begins = max(start, opens)
            if begins >= closes:
                continue
            if length <= closes - begins:
                return begins + length
            length -= closes - begins
        raise AssertionError("time goes on")

    def between(self, start: int, end: int, calendar: str) -> int:
        """How much of that time lies between."""
        if calendar == "natural":
            return max(0, end - start)
        total = 0
        for opens, closes in self._spans(start):
            if opens >= end:
                return total
            total += max(0, min(end, closes) - max(start, opens))
        raise AssertionError("time goes on")

    def week(self, at: int) -> str:
        """The ISO week of the city's wall clock."""
        year, week, _ = self._day(at).isocalendar()
        return f"{year}-W{week:02}"

    def _day(self, at: int) -> date:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._zone).date()

    def _spans(self, start: int) -> Iterable[tuple[int, int]]:
        day = self._day(start)
        while True:
            if self._calendar.is_working_day(day):
                midnight = datetime(day.year, day.month, day.day, tzinfo=self._zone)
                base = int(midnight.timestamp()) * 1000
                for opens, closes in self._calendar.hours:
                    yield base + opens * _MINUTE, base + closes * _MINUTE
            day += timedelta(days=1)


@dataclass(slots=True)
class _Promise:
    """One promise, as a person would keep it on paper."""

    minutes: int
    calendar: str
    due: int
    kept_at: int | None = None
    #: Off the table without an answer.
    dropped_at: int | None = None
    #: Standing still since.
    held_at: int | None = None

    @property
    def runs(self) -> bool:
        return self.kept_at is None and self.dropped_at is None

    def is_overdue(self, at: int) -> bool:
        """Whether its time is over and nobody has answered; standing still makes nobody late."""
        return self.due < (at if self.held_at is None else self.held_at)

    def outcome(self, *, waits: bool) -> str | None:
        """on_time, late or open; None where there is nothing to count."""
        end = self.kept_at if self.kept_at is not None else self.dropped_at
        if end is None:
            return "open" if waits else None
        if (end if self.held_at is None else self.held_at) > self.due:
            return "late"
        return "on_time" if self.kept_at is not None else None


@dataclass(slots=True)
class _Paper:
    """What one would note about one issue."""

    hours: OfficeHours
    reported_at: int = 0
    on_the_spot: bool = False
    lead: str | None = None
    urgent: bool = False
    offered_at: int = 0
    answered: bool = False
    unresolvable: bool = False
    returned: bool = False
    reworked: bool = False
    over: bool = False
    master: str | None = None
    rating: bool | None = None
    rated: bool = False
    called: str | None = None
    promises: dict[str, _Promise] = field(default_factory=dict)

    def figures(self, at: int) -> Counter[str]:
        """What it adds to its week, as things stand at that instant."""
        found = Counter({"reported": 1})
        waits = self.master is None and not self.over
        for name, promise in self.promises.items():
            if name == "resolve" and self.unresolvable:
                continue
            if (outcome := promise.outcome(waits=waits)) is not None:
                found[f"{name}_{outcome}"] += 1
            if outcome == "open" and promise.is_overdue(at):
                found[f"{name}_overdue"] = found["overdue"] = 1
        content = self.rating
        if content is None and self.called is not None:
            content = self.called in ("very", "yes")
        found["unresolvable"] = int(self.unresolvable)
        found["returned"] = int(self.returned)
        found["reworked"] = int(self.reworked)
        found["asked_satisfied"] = int(content is not None)
        found["satisfied"] = int(content is True)
        return +found

    def note(self, name: str, at: int, by: str, body: Mapping[str, Any]) -> None:
        """One more record."""
        department = by.split(":")[1] if by.startswith("dept:") else None
        if department is not None and department != self.lead:
            return  # whoever does not lead neither answers nor returns
        note = _NOTES.get(name)
        if note is not None:
            note(self, at, body)

    def on_reported(self, at: int, body: Mapping[str, Any]) -> None:
        self.reported_at = at
        self.on_the_spot = self.answered = body["handled_on_the_spot"] is not None

    def on_dispatched(self, at: int, body: Mapping[str, Any]) -> None:
        if self.answered:
            return  # what a patrol has solved is only classified
        self.lead, self.urgent, self.offered_at = body["lead"], body["tier"] == "urgent", at
        for length in body["clocks"]:
            name = length["clock"]
            if name in ("respond", "resolve") and name not in self.promises:
                self._promise(name, at, length["minutes"], length["calendar"])

    def _promise(self, name: str, at: int, minutes: int, calendar: str) -> None:
        due = self.hours.after(at, minutes * _MINUTE, calendar)
        self.promises[name] = _Promise(minutes, calendar, due)

    def on_returned(self, at: int, _body: Mapping[str, Any]) -> None:
        window = _URGENT_RETURNS if self.urgent else _RETURNS
        if not self.answered and at <= self.hours.after(self.offered_at, *window):
            self.returned = True

    def on_return_decided(self, _at: int, body: Mapping[str, Any]) -> None:
        if body["accepted"]:
            self.lead = None

    def on_duty_adjudicated(self, _at: int, _body: Mapping[str, Any]) -> None:
        self.lead = None

    def on_responded(self, at: int, _body: Mapping[str, Any]) -> None:
        self._keep("respond", at)

    def _keep(self, name: str, at: int) -> None:
        promise = self.promises.get(name)
        if promise is not None and promise.runs:
            promise.kept_at = at

    def on_resolved(self, at: int, _body: Mapping[str, Any]) -> None:
        if not self.answered:
            self.answered = True
            self._keep("respond", at)
            self._keep("resolve", at)

    def on_declared_unresolvable(self, at: int, body: Mapping[str, Any]) -> None:
        self.on_resolved(at, body)
        self.unresolvable = True

    def on_extension_decided(self, _at: int, body: Mapping[str, Any]) -> None:
        promise = self.promises["resolve"]
        if body["granted"]:
            length = body["minutes"] * _MINUTE
            promise.due = self.hours.after(promise.due, length, promise.calendar)

    def on_suspended(self, at: int, _body: Mapping[str, Any]) -> None:
        for promise in self.promises.values():
            if promise.runs and promise.held_at is None:
                promise.held_at = at

    def on_resumed(self, at: int, _body: Mapping[str, Any]) -> None:
        for promise in self.promises.values():
            if not promise.runs or promise.held_at is None:
                continue
            if promise.held_at <= promise.due:
                left = self.hours.between(promise.held_at, promise.due, promise.calendar)
                promise.due = self.hours.after(at, left, promise.calendar)
            promise.held_at = None

    def on_closed(self, at: int, _body: Mapping[str, Any]) -> None:
        for promise in self.promises.values():
            if promise.runs:
                promise.dropped_at = at

    def on_withdrawn(self, at: int, body: Mapping[str, Any]) -> None:
        self.on_closed(at, body)
        self.over = True

    def on_site_check_failed(self, _at: int, _body: Mapping[str, Any]) -> None:
        self._begin_again()
        self._go_on()

    def on_reopened(self, at: int, body: Mapping[str, Any]) -> None:
        self._begin_again()
        promise = self.promises.get("resolve")
        if body["reason"] in _FALSE:
            self._go_on()
        elif promise is not None:
            self._promise("resolve", at, promise.minutes, promise.calendar)

    def _begin_again(self) -> None:
        self.reworked, self.answered, self.unresolvable = True, False, False
        self.rating, self.rated, self.called = None, False, None

    def _go_on(self) -> None:
        if (promise := self.promises.get("resolve")) is not None:
            promise.kept_at = promise.dropped_at = None

    def on_rated(self, _at: int, body: Mapping[str, Any]) -> None:
        if not self.rated:
            self.rated, self.rating = True, body["satisfied"]

    def on_follow_up_called(self, _at: int, body: Mapping[str, Any]) -> None:
        if self.called is None or body["reached"] == "reached":
            self.called = body["satisfied"]

    def on_merged(self, _at: int, body: Mapping[str, Any]) -> None:
        self.master = body["master_id"]

    def on_unmerged(self, _at: int, body: Mapping[str, Any]) -> None:
        if self.master == body["other_id"]:
            self.master = None


#: What one notes of which event; of the others nothing.
_NOTES: Final[Mapping[str, Callable[[_Paper, int, Mapping[str, Any]], None]]] = {
    "IssueReported": _Paper.on_reported,
    "IssueDispatched": _Paper.on_dispatched,
    "IssueReturned": _Paper.on_returned,
    "ReturnDecided": _Paper.on_return_decided,
    "DutyAdjudicated": _Paper.on_duty_adjudicated,
    "IssueResponded": _Paper.on_responded,
    "IssueResolved": _Paper.on_resolved,
    "IssueDeclaredUnresolvable": _Paper.on_declared_unresolvable,
    "ExtensionDecided": _Paper.on_extension_decided,
    "IssueSuspended": _Paper.on_suspended,
    "IssueResumed": _Paper.on_resumed,
    "IssueClosed": _Paper.on_closed,
    "IssueWithdrawn": _Paper.on_withdrawn,
    "IssueTransferred": _Paper.on_withdrawn,
    "SiteCheckFailed": _Paper.on_site_check_failed,
    "IssueReopened": _Paper.on_reopened,
    "IssueRated": _Paper.on_rated,
    "FollowUpCalled": _Paper.on_follow_up_called,
    "IssueMerged": _Paper.on_merged,
    "IssueUnmerged": _Paper.on_unmerged,
}


class Recount:
    """Takes records of `issues`, of each issue in the order of the log; counts them by week."""

    def __init__(self, city: City) -> None:
        self._hours = OfficeHours(city)
        self._papers: dict[str, _Paper] = {}
        self._seen: set[str] = set()

    def take(self, record: Record) -> None:
        """One more record; repeats and other origins count for nothing."""
        head = record.body["head"]
        if record.origin != SIMULATED or head["event_id"] in self._seen:
            return
        self._seen.add(head["event_id"])
        paper = self._papers.setdefault(head["issue_id"], _Paper(self._hours))
        paper.note(record.name, record.received_at, head["actor"], record.body)

    def of_issue(self, issue_id: str, at: int) -> Counter[str]:
        """What one issue adds to its week, as things stand at that instant."""
        return self._papers[issue_id].figures(at)

    def departments(self, at: int) -> dict[str, Counter[str]]:
        """Whoever leads at the end -> figures of all that it leads."""
        found: dict[str, Counter[str]] = {}
        for paper in self._papers.values():
            if paper.lead is not None and paper.master is None:
                found.setdefault(paper.lead, Counter()).update(paper.figures(at))
        return dict(sorted(found.items()))

    def weeks(self, at: int) -> dict[str, Counter[str]]:
        """Week -> figures of all its issues."""
        found: dict[str, Counter[str]] = {}
        for paper in self._papers.values():
            week = self._hours.week(paper.reported_at)
            found.setdefault(week, Counter()).update(paper.figures(at))
        return dict(sorted(found.items()))
