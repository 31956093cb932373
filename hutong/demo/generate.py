"""Writes a district's reports: who, when, where, about what, in whose words. Pure and seeded.

The same seed gives the same reports on any machine and any supported Python.
"""

from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random as Stream
from typing import Final, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from hutong.demo.library import CHANNELS, BurstKind, Item, Library, Register, load_library
from hutong.demo.phrases import REPORT_WORDS, SPOT_WORDS, Phrase, Random, pick, render
from hutong.demo.places import CityLike, GridPlaces, Spot, nearest
from hutong.demo.report import GeneratedReport, as_json
from hutong.demo.rhythm import Hour, Rhythm, spread
from hutong.demo.slips import slip

__all__ = ["GeneratedReport", "as_json", "generate_reports"]

SHORTEST: Final = 20
LONGEST: Final = 400
"""Characters of a body: what the hotline's own form takes."""

_HOTLINE, _APP, _GRID, _MAILBOX, _OPEN311, _SENSOR = range(len(CHANNELS))
_BURST_SHARE = 0.05
_FIRST_BURST = 400
"""Fewer reports than this are too thin for thirty of them to be about one water main."""
_REMEMBERED = 512
_DAY = 86_400_000
_FORGOTTEN = 45 * _DAY
"""Nobody complains again about what they wrote this long ago (and the season has changed)."""
_AGAIN: Final = (0.17, 0.15, 0.03, 0.2, 0.05, 0.1)
"""By channel: chance that a report is about a matter already reported."""
_VAGUE: Final = (0.012, 0.03, 0.004, 0.02, 0.03, 0.0)
_SLIPS: Final = (0.25, 1.0, 0.2, 0.4, 1.0, 0.0)

_WORD: Final = {name: len(SPOT_WORDS) + index for index, name in enumerate(REPORT_WORDS)}
_SINCE, _ME, _HOME, _EVENT = (_WORD[name] for name in ("since", "me", "home", "event"))
_SUBJECT, _FACT, _FACT2 = _WORD["subject"], _WORD["fact"], _WORD["fact2"]
_DETAIL, _DETAIL2, _ASK = _WORD["detail"], _WORD["detail2"], _WORD["ask"]
_EXTRA, _EXTRA2, _COMMUNITY = _WORD["extra"], _WORD["extra2"], SPOT_WORDS.index("community")
_BLANK: Final = ("",) * len(REPORT_WORDS)

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Burst:
    kind: BurstKind
    grids: list[int]
    event: str
    number: int


@dataclass(frozen=True, slots=True)
class _Matter:
    """What somebody reports: one thing at one place, or their share of a burst."""

    number: int
    when: int
    item: Item
    spot: Spot
    grid: str
    event: str
    """Where the burst happened; empty if it is none."""
    person: int


class _Words(NamedTuple):
    intent: str
    subject: str
    body: str
    handled: str | None = None
    vague: bool = False


class _Remembered(NamedTuple):
    """A report that somebody may come back to."""

    matter: _Matter
    channel: int
    words: _Words


def generate_reports(
    seed: int, count: int, start: int, end: int, city: CityLike
) -> Iterator[GeneratedReport]:
    """`count` reports in time order, from `start` up to but not `end` (ms UTC).

    Raises ValueError if the span is empty or the city has no grids.
    """
    if count < 0:
        raise ValueError(f"count is {count}; it cannot be negative")
    if start >= end:
        raise ValueError("the span is empty: start must lie before end")
    grids = sorted(code for code, area in city.areas.items() if area.level == "grid")
    if not grids:
        raise ValueError("the city pack has no grids to report from")
    return _Writer(seed, count, start, end, city, grids).reports()


class _Writer:
    def __init__(
        self, seed: int, count: int, start: int, end: int, city: CityLike, grids: list[str]
    ) -> None:
        self._library: Library = load_library()
        self._plan = Stream(f"{seed}/plan")
        self._rnd = Stream(f"{seed}/reports").random
        self._places = [
            GridPlaces(city.areas[code], city.areas, self._library.parts) for code in grids
        ]
        sizes = Stream("/".join(grids))
        self._grid_weights = list(accumulate(0.5 + sizes.random() for _ in grids))
        self._rhythm = Rhythm(self._library.rhythm, self._library.items)
        self._count = count
        self._hours = self._rhythm.hours(start, end, ZoneInfo(city.timezone), self._plan)
        self._people = max(20, int(count * 0.6))
        self._memory: list[_Remembered] = []
        in_ten_days = max(1.0, count * 10 * _DAY / (end - start))
        self._keep = min(1.0, _REMEMBERED / in_ten_days)
        self._number = 0
        self._first_of: dict[int, int] = {}
        """Burst -> number of its first report."""

    def reports(self) -> Iterator[GeneratedReport]:
        bursts = self._plan_bursts()
        alone = self._count - len(bursts)
        position = 0
        for hour, times in spread(self._hours, alone, self._plan):
            now: list[tuple[int, int]] = [(when, -1) for when in times]
            while position < len(bursts) and bursts[position][0] < hour.end:
                now.append((bursts[position][0], position))
                position += 1
            now.sort()
            for when, index in now:
                self._number += 1
                if index >= 0:
                    yield self._one_of_burst(when, bursts[index][2])
                else:
                    yield self._single(when, hour)

    # What is reported.

    def _plan_bursts(self) -> list[tuple[int, int, _Burst]]:
        """(time, order, burst) for each report that belongs to one, in time order."""
        room = int(self._count * _BURST_SHARE) if self._count >= _FIRST_BURST else 0
        if room and room < 30:
            room = 30
        rnd, found = self._plan.random, list[tuple[int, int, _Burst]]()
        kinds = self._library.bursts
        first, tries = True, 0
        while room >= 6 and tries < 20 * (room + 10):
            tries += 1
            hour = self._hours[int(rnd() * len(self._hours))]
            # The first is always a broken water main, the classic.
            kind = kinds[0] if first else _weighted(kinds, rnd)
            low, high = kind.size
            if (
                hour.month + 1 not in kind.months
                or hour.rain < kind.rain
                or not kind.hours[0] <= hour.hour < kind.hours[1]
                or low > room
                or hour.end + kind.minutes * 60_000 > self._hours[-1].end
            ):
                continue
            first = False
            size = min(room, low + int(rnd() * (high - low + 1)))
            centre = int(rnd() * len(self._places))
            spots = self._places[centre].spots(kind.event_place)
            event = spots[int(rnd() * len(spots))].words[SPOT_WORDS.index("short")]
            burst = _Burst(kind, nearest(self._places, centre, 4), event, len(found))
            begin = hour.start + int(rnd() * (hour.end - hour.start))
            for _ in range(size):
                late = rnd()
                when = begin + int(late * late * kind.minutes * 60_000)
                found.append((when, len(found), burst))
            room -= size
        found.sort(key=lambda entry: entry[:2])
        return found

    def _one_of_burst(self, when: int, burst: _Burst) -> GeneratedReport:
        rnd = self._rnd
        chance = rnd()
        channel = _HOTLINE if chance < 0.64 else _APP if chance < 0.94 else _GRID
        near = rnd()
        places = self._places[burst.grids[int(near * near * len(burst.grids))]]
        return self._write(
            when,
            channel,
            _Matter(
                number=self._first_of.setdefault(burst.number, self._number),
                when=when,
                item=burst.kind.item,
                spot=_any(places.spots(burst.kind.item.at), rnd),
                grid=places.code,
                event=burst.event,
                person=self._person(),
            ),
        )

    def _single(self, when: int, hour: Hour) -> GeneratedReport:
        rnd = self._rnd
        channel = self._rhythm.channel(hour, rnd())
        old = self._remembered(when, channel) if rnd() < _AGAIN[channel] else None
        if old is not None:
            chance = rnd()
            if chance < 0.55:
                return self._write(when, channel, old.matter, again=True)
            # Somebody else, about the same thing; now and then in the very same words.
            matter = replace(old.matter, when=when, person=self._person())
            if chance > 0.94 and channel == old.channel:
                return self._send(when, channel, matter, old.words)
            return self._write(when, channel, matter)
        item = self._rhythm.item(hour, channel, rnd())
        index = bisect(self._grid_weights, rnd() * self._grid_weights[-1])
        places = self._places[min(index, len(self._places) - 1)]
        spot = _any(places.spots(item.at), rnd)
        matter = _Matter(self._number, when, item, spot, places.code, "", self._person())
        return self._write(when, channel, matter)

    def _person(self) -> int:
        """Every fifteenth report comes from the few who write all the time."""
        chance = self._rnd()
        few = max(3, self._people // 150)
        return int(chance * 15 * few) if chance < 1 / 15 else int(chance * self._people)

    def _remembered(self, when: int, channel: int) -> _Remembered | None:
        """A matter that somebody may come back to through this channel now."""
        if not self._memory:
            return None
        old = _any(self._memory, self._rnd)
        if when - old.matter.when > _FORGOTTEN or (channel == _SENSOR) != (old.channel == _SENSOR):
            return None
        return old if old.matter.item.affinity[channel] else None

    def _remember(self, matter: _Matter, channel: int, words: _Words) -> None:
        if self._rnd() >= self._keep:
            return
        kept = _Remembered(matter, channel, words)
        if len(self._memory) < _REMEMBERED:
            self._memory.append(kept)
        else:
            self._memory[int(self._rnd() * _REMEMBERED)] = kept

    # How it is said.

    def _write(
        self, when: int, channel: int, matter: _Matter, *, again: bool = False
    ) -> GeneratedReport:
        rnd, library, item = self._rnd, self._library, matter.item
        register = library.registers[channel]
        context = [*matter.spot.words, *_BLANK]
        context[_SINCE] = _any(library.parts["lately" if matter.event else "since"], rnd)
        context[_ME] = _any(register.me, rnd)
        context[_HOME] = _any(register.home, rnd)
        context[_EVENT] = matter.event
        context[_SUBJECT] = pick(item.subjects, context, rnd)
        words: _Words | None = None
        if channel != _SENSOR and not matter.event and rnd() < _VAGUE[channel]:
            words = _vague(register, context, rnd)
        elif channel != _SENSOR and not again:
            words = self._other_than_problem(channel, item, register, context)
        if words is None:
            words = self._problem(channel, item, register, context, again)
            if not again and words.handled is None:
                self._remember(matter, channel, words)
        return self._send(when, channel, matter, words)

    def _other_than_problem(
        self, channel: int, item: Item, register: Register, context: list[str]
    ) -> _Words | None:
        """A question or a thank-you, where chance has it."""
        rnd = self._rnd
        chance = rnd() * (6 if channel == _GRID else 1)  # patrols rarely pass these on
        if item.praises and chance < 0.35:
            context[_FACT] = pick(item.praises, context, rnd)
            subject = f"表扬{context[_COMMUNITY]}" if rnd() < 0.5 else "感谢信"
            return _Words("praise", subject, self._typed(register.praises, channel, context))
        if item.consults and chance < item.consult_share:
            context[_FACT] = pick(item.consults, context, rnd)
            subject = f"咨询{item.name}" if rnd() < 0.5 else f"咨询：{context[_SUBJECT]}"
            return _Words("consult", subject, self._typed(register.consults, channel, context))
        return None

    def _problem(
        self, channel: int, item: Item, register: Register, context: list[str], again: bool
    ) -> _Words:
        rnd = self._rnd
        frames = register.again if again else register.problems
        handled: str | None = None
        intent = _any(item.intents, rnd)
        if channel == _SENSOR:
            context[_FACT] = pick(item.readings, context, rnd)
            body = pick(frames, context, rnd)
            return _Words("report", pick(register.subjects, context, rnd), body)
        if channel == _GRID and not again and item.affinity[_GRID] >= 2 and rnd() < 0.35:
            frames, handled = register.solved, _any(register.results, rnd)
        frame = _any(frames, rnd)
        facts = item.patrols if channel == _GRID else item.facts
        context[_ASK] = pick(item.asks, context, rnd)
        for first, second, choices in (
            (_FACT, _FACT2, facts),
            (_DETAIL, _DETAIL2, item.details),
            (_EXTRA, _EXTRA2, register.extras),
        ):
            one, two = _two(len(choices), rnd)
            context[first] = render(choices[one], context, rnd)
            if second in frame[1]:
                context[second] = render(choices[two], context, rnd)
        body = self._typed((frame,), channel, context)
        subject = pick(register.subjects, context, rnd)
        return _Words("help" if intent == "consult" else intent, subject, body, handled)

    def _typed(self, frames: tuple[Phrase, ...], channel: int, context: list[str]) -> str:
        """One of the frames filled in, with the slips of those who type on this channel."""
        body = pick(frames, context, self._rnd).replace("请请", "请")
        often = _SLIPS[channel]
        if often:
            library = self._library
            body = slip(body, self._rnd, library.typos, library.traditional, often)
        return _fit(body, context)

    def _send(self, when: int, channel: int, matter: _Matter, words: _Words) -> GeneratedReport:
        """Put the words in their envelope: what this channel knows of place, sender and intent."""
        rnd, spot = self._rnd, matter.spot
        area: str | None = matter.grid
        point: tuple[float, float] | None = None
        address: str | None = spot.address
        told = name = phone = contact = None
        chance = rnd()
        if spot.points:
            point = spot.points[int(rnd() * len(spot.points))]
        if channel == _HOTLINE:
            if chance < 0.12:
                area = point = None
                address = None if chance < 0.05 else address
            elif chance > 0.6:
                point = None
            told = words.intent if rnd() < 0.88 else None
        elif channel == _APP:
            area = None if chance < 0.15 and point else area
            address = None if chance > 0.5 else address
            told = words.intent if rnd() < 0.45 else None
        elif channel == _MAILBOX:
            point, area = None, None if chance < 0.3 else area
            told = words.intent if rnd() < 0.4 else None
        elif channel == _OPEN311:
            area = None if point else area
        if channel == _SENSOR:
            contact = f"sensor-{matter.grid}-{matter.item.code}"
        elif channel == _GRID:
            contact = f"grid-worker-{matter.grid}"
        elif rnd() >= (0.35 if words.intent == "report" else 0.08):  # who informs on others hides
            contact = f"resident-{matter.person:07d}"
            name, phone = self._identity(matter.person, channel)
        return GeneratedReport(
            self._number,
            CHANNELS[channel],
            when,
            area,
            None if point is None else point[0],
            None if point is None else point[1],
            address,
            words.subject,
            words.body,
            told,
            contact,
            name,
            phone,
            words.handled,
            matter.item.code,
            matter.number,
            words.vague,
        )

    def _identity(self, person: int, channel: int) -> tuple[str, str]:
        parts = self._library.parts
        surnames, given = parts["surnames"], parts["given"]
        surname = surnames[person * 31 % len(surnames)]
        if channel == _HOTLINE:
            name = f"{surname}{'女士' if person % 2 else '先生'}"
        else:
            name = f"{surname}{given[person * 17 % len(given)]}"
        return name, f"154{(person * 7_919 + 1_234_567) % 100_000_000:08d}"


def _fit(body: str, context: list[str]) -> str:
    """A body of `SHORTEST` to `LONGEST` characters: told where, or cut after a sentence."""
    if len(body) < SHORTEST:
        body = f"{body}位置在{context[_COMMUNITY]}，麻烦尽快派人看一下。"
    if len(body) > LONGEST:
        cut = body.rfind("。", SHORTEST, LONGEST)
        body = body[: cut + 1] if cut > 0 else body[:LONGEST]
    return body


def _vague(register: Register, context: list[str], rnd: Random) -> _Words:
    body = _fit(pick(register.vagues, context, rnd), context)
    subject = body[:8] if rnd() < 0.5 else f"反映{context[_COMMUNITY]}的问题"
    return _Words("complain", subject, body, vague=True)


def _any(choices: Sequence[_T], rnd: Random) -> _T:
    return choices[int(rnd() * len(choices))]


def _two(count: int, rnd: Random) -> tuple[int, int]:
    """Two different indexes below `count`; twice the first where there is only one."""
    one = int(rnd() * count)
    return one, (one + 1 + int(rnd() * (count - 1))) % count


def _weighted(kinds: tuple[BurstKind, ...], rnd: Random) -> BurstKind:
    table = list(accumulate(kind.weight for kind in kinds))
    return kinds[bisect(table, rnd() * table[-1])]
