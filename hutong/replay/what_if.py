"""Real history under other rules: what another city pack would have made of the same reports.

Each report is classified again by the pack; then its real history is folded again with the clocks,
calendar and reasons of the pack, as though everybody had acted when they did. What people would
have done otherwise, nobody knows: hours are upper bounds.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from typing import Any, Final

from hutong.city import City
from hutong.classify import Classification, Classifier
from hutong.classify.area import area_of
from hutong.issue.fold import Outcome, evolve
from hutong.issue.record import ROUTER, Record
from hutong.issue.rules import Rules
from hutong.issue.state import IssueState
from hutong.privacy.mask import mask
from hutong.readmodels.outcomes import outcome
from hutong.replay.progress import Progress
from hutong.replay.source import Source, Wanted

CLOCKS: Final = ("accept", "respond", "resolve")
_BATCH: Final = 5_000
#: How long before a report was received it, or an act that overtook it, could have been recorded,
#: were clocks an hour apart. The router refuses claims that lie more than a minute ahead.
_EARLY_MS: Final = 3_600_000
_ANSWERS: Final = frozenset({"IssueDispatched", "IssueQueued"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a router says of a report. ``lead`` None: the desk decides (or nobody has to)."""

    item: str | None
    category: str | None
    tier: str | None
    lead: str | None
    queued: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """An issue for which the pack would make a difference. Times are milliseconds UTC.

    ``final``: who led it at the end of the log. ``returned`` and ``reclassified``: by whom it was
    handled found the first answer wrong. ``saved_ms``: at most, until it got to whom the pack would
    have sent it; 0 where it never did. ``late`` and ``late_then``: clocks that were late, and that
    would be late with the same acts.
    """

    issue_id: str
    source: str
    origin: str
    reported_at: int
    subject: str
    was: Verdict
    would: Verdict
    final: str | None
    returned: int
    reclassified: bool
    saved_ms: int
    late: tuple[str, ...]
    late_then: tuple[str, ...]

    @property
    def other_lead(self) -> bool:
        """Whether it would go to another department, or to the desk instead of one or back."""
        return self.was.lead != self.would.lead

    @property
    def other_tier(self) -> bool:
        """Whether its promises would be those of another tier; not of what the desk would get."""
        return None not in (self.was.tier, self.would.tier) and self.was.tier != self.would.tier

    @property
    def corrected(self) -> bool:
        """Whether people found the real answer wrong: it was returned or reclassified."""
        return bool(self.returned) or self.reclassified

    @property
    def agrees(self) -> bool | None:
        """Whether the pack names at once who led it in the end; None while nobody led it."""
        return None if self.final is None else self.would.lead == self.final


@dataclass(slots=True)
class WhatIf:
    """The difference that a pack makes. ``reports``: how many were compared. ``offsets``: as far as
    the log was read for it, partition -> next offset; the same log up to there gives the same."""

    pack: str
    start: int
    end: int
    offsets: Mapping[int, int]
    reports: int = 0
    #: Of all reports: whether the first lead, real or by the pack, was the one in the end.
    right: int = 0
    right_then: int = 0
    #: Clock -> (late, late with the same acts under the pack), of all reports.
    late: dict[str, tuple[int, int]] = field(default_factory=lambda: dict.fromkeys(CLOCKS, (0, 0)))
    #: Acts that the real rules took and those of the pack would refuse.
    refused: int = 0
    differences: list[Difference] = field(default_factory=list)

    def covers(self, received_at: int) -> bool:
        """Whether the range does."""
        return self.start <= received_at < self.end

    @property
    def moved(self) -> list[Difference]:
        """Those that would go to another department."""
        return [each for each in self.differences if each.other_lead]

    @property
    def flows(self) -> list[tuple[str | None, str | None, int, int]]:
        """(lead, lead by the pack, issues, of them corrected by people), the largest first."""
        both = Counter((each.was.lead, each.would.lead) for each in self.moved)
        wrong = Counter((each.was.lead, each.would.lead) for each in self.moved if each.corrected)
        found = [(*way, count, wrong[way]) for way, count in both.items()]
        return sorted(found, key=lambda flow: (-flow[2], flow[0] or "", flow[1] or ""))

    @property
    def saved_ms(self) -> int:
        """At most, of all that would go to another department at once."""
        return sum(each.saved_ms for each in self.moved)


class EmptyRangeError(Exception):
    """No report of the log lies in the range. ``first`` and ``last``: when the first and the last
    of the log were received, None where it holds none."""

    def __init__(self, first: int | None, last: int | None) -> None:
        super().__init__(f"no report there; the log's were received from {first} to {last}")
        self.first = first
        self.last = last


def what_if(
    source: Source,
    rules: Rules,
    city: City,
    *,
    start: int,
    end: int,
    watch: Callable[[Progress], None] = lambda _: None,
) -> WhatIf:
    """Hold the real history of what was received in [start, end) against what the pack makes of it.

    ``rules``: those of the real packs. Reads from where the range begins to the end of the log, for
    what became of the reports comes after it. Reads one partition after the other, so that only the
    issues of one are in memory; writes nowhere, for it is given nothing to write with. ``watch`` is
    told again and again how far it is. Raises EmptyRangeError, RangeMissingError, UnreadableError.
    """
    ends = source.ends()
    source.require(ends)
    first, began = source.ends_at(start - _EARLY_MS), time.monotonic()
    source.seek(first)
    found = WhatIf(city.hash, start, end, ends)
    compare = _Comparison(found, rules, city)
    for partition, after in sorted(ends.items()):
        histories: dict[str, list[Record]] = {}
        outside: set[bytes] = set()
        for batch in source.read_to({partition: after}, _BATCH, _not_of(outside)):
            for record in batch:
                if record.name == "IssueReported" and not found.covers(record.received_at):
                    outside.add(record.issue_id.encode())
                    histories.pop(record.issue_id, None)
                elif record.issue_id.encode() not in outside:
                    histories.setdefault(record.issue_id, []).append(record)
            watch(Progress(first, dict(source.position), ends, time.monotonic() - began))
        for records in histories.values():
            compare.add(records)
        watch(Progress(first, dict(source.position), ends, time.monotonic() - began))
    if found.reports == 0:
        raise _empty(source, ends)
    found.differences.sort(key=lambda each: (each.reported_at, each.issue_id))
    return found


def _not_of(outside: Set[bytes]) -> Wanted:
    """Of other issues than those, which may become more meanwhile."""
    return lambda kept: kept.key not in outside


def _empty(source: Source, ends: Mapping[int, int]) -> EmptyRangeError:
    """With the first and the last of the whole log, so that the next range is a better one."""
    source.restart()
    received = [
        record.received_at
        for batch in source.read_to(ends, _BATCH)
        for record in batch
        if record.name == "IssueReported"
    ]
    return EmptyRangeError(min(received, default=None), max(received, default=None))


class _Comparison:
    def __init__(self, found: WhatIf, rules: Rules, city: City) -> None:
        self._found = found
        self._rules = rules
        self._city = city
        self._then = Rules.of(city)
        self._classifier = Classifier(city)

    def add(self, records: Sequence[Record]) -> None:
        """Compare one issue, whose records come in the order of the log."""
        found = self._found
        report = next((each for each in records if each.name == "IssueReported"), None)
        answer = next((e for e in records if e.principal == ROUTER and e.name in _ANSWERS), None)
        if report is None or answer is None:
            return  # the log ends before it
        at = report.received_at
        was, would = _said(answer), self._would(report.body)
        state, refused = _folded(records, self._rules)
        clocks = self._clocks(would)
        state_then, refused_then = _folded(
            (_under(record, answer, would, clocks) for record in records), self._then
        )
        assert state is not None
        assert state_then is not None
        late, late_then = _late(state), _late(state_then)
        found.reports += 1
        found.refused += max(0, refused_then - refused)
        found.right += was.lead is not None and was.lead == state.lead
        found.right_then += would.lead is not None and would.lead == state.lead
        for name in CLOCKS:
            before, after = found.late[name]
            found.late[name] = before + (name in late), after + (name in late_then)
        difference = Difference(
            report.issue_id,
            str(report.source),
            report.origin,
            at,
            mask(report.body["subject"]),
            was,
            would,
            state.lead,
            sum(hop.returns for hop in state.hops),
            any(record.name == "IssueReclassified" for record in records),
            _saved(state, was, would),
            late,
            late_then,
        )
        if difference.other_lead or difference.other_tier or late != late_then:
            found.differences.append(difference)

    def _would(self, report: Mapping[str, Any]) -> Verdict:
        """As the router decides (`hutong_router.dispatch`)."""
        said = self._classifier.classify(
            report["subject"],
            report["body"],
            channel=report["channel"],
            area=area_of(self._city, report),
        )
        owners = (said.lead, *said.co_owners)
        if not said.confident or not all(owner in self._city.departments for owner in owners):
            return Verdict(None, None, None, None, queued=True)
        return _verdict(said)

    def _clocks(self, would: Verdict) -> list[dict[str, Any]] | None:
        if would.tier is None:
            return None
        return [
            {"clock": clock, "minutes": length.minutes, "calendar": length.calendar}
            for clock, length in self._city.promises(would.tier, would.item).items()
        ]


def _verdict(said: Classification) -> Verdict:
    return Verdict(said.item, said.category, said.tier, said.lead, queued=False)


def _said(answer: Record) -> Verdict:
    if answer.name == "IssueQueued":
        return Verdict(None, None, None, None, queued=True)
    body = answer.body
    return Verdict(body["item"], body["category"], body["tier"], body["lead"], queued=False)


def _under(
    record: Record, answer: Record, would: Verdict, clocks: list[dict[str, Any]] | None
) -> Record:
    """The router's dispatch with the tier and clocks of the pack, still to whom it went: those who
    acted are to be judged, not others. All other records as they are."""
    if clocks is None or record.event_id != answer.event_id or record.name != "IssueDispatched":
        return record
    return replace(record, body={**record.body, "tier": would.tier, "clocks": clocks})


def _folded(records: Iterable[Record], rules: Rules) -> tuple[IssueState | None, int]:
    state: IssueState | None = None
    refused = 0
    for record in records:
        for step in evolve(state, record, rules):
            state = step.after
            refused += step.verdict.outcome is Outcome.REFUSED
    return state, refused


def _late(state: IssueState) -> tuple[str, ...]:
    return tuple(name for name in CLOCKS if outcome(state, name) == "late")


def _saved(state: IssueState, was: Verdict, would: Verdict) -> int:
    """From when it first lay somewhere until the pack's choice had it: at most that is saved."""
    if would.lead is None or would.lead == was.lead:
        return 0
    got = next((hop.started_at for hop in state.hops if hop.lead == would.lead), None)
    begun = state.reported_at if was.lead is None else state.hops[0].started_at if state.hops else 0
    return 0 if got is None else max(0, got - begun)
