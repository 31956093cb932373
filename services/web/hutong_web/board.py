"""The board: what its template shows, made from rows. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from hutong.issue.state import ENDED, Status
from hutong.readmodels.department_load.queries import DepartmentLoad
from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong.readmodels.status_count.queries import StatusCount
from hutong_web.city_names import CityNames
from hutong_web.data import BoardData, Position
from hutong_web.filters import DISPATCHED_ONCE, GROUPS, SPECIAL, Filters
from hutong_web.names import FACTS, ORIGINS, STAGES, STATUSES, TONES, name_of
from hutong_web.text import plain, visible
from hutong_web.times import CityTime, monday_of, week_before
from hutong_web.wording import Wording

#: Weeks in the chart, this one included.
WEEKS: Final = 8
#: Categories with a panel of their own; the rest share the last.
PANELS: Final = 9
#: Departments shown before the rest is folded away.
DEPARTMENTS: Final = 10
#: Issues in the list.
ISSUES: Final = 40


@dataclass(frozen=True, slots=True)
class Figure:
    """One large number."""

    key: str
    label: str
    value: int
    note: str
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class WeekFigure:
    """This week so far beside the whole last one."""

    this: int
    last: int
    note: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One category's weeks, oldest first. `address` filters the list; empty for the rest."""

    name: str
    address: str
    values: tuple[int, ...]

    @property
    def total(self) -> int:
        """Of all weeks shown."""
        return sum(self.values)


@dataclass(frozen=True, slots=True)
class Load:
    """One department's line; widths are per mille of the fullest."""

    code: str
    name: str
    address: str
    open: int
    unsigned: int
    returned: int
    ended: int
    width: int
    unsigned_width: int


@dataclass(frozen=True, slots=True)
class Chip:
    """A status as it is drawn: words, tone, and how many of five steps are done."""

    code: str
    label: str
    tone: str
    stage: int


@dataclass(frozen=True, slots=True)
class Line:
    """One issue in the list."""

    issue_id: str
    address: str
    receipt: str
    time: str
    iso: str
    time_full: str
    channel: str
    street: str
    category: str
    category_parent: str
    category_path: str
    subject: Markup
    lead: str
    chip: Chip
    origin: str
    origin_name: str


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of a filter."""

    value: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter with its options; `groups` have a heading ('' for none)."""

    name: str
    label: str
    groups: tuple[tuple[str, tuple[Option, ...]], ...]


@dataclass(frozen=True, slots=True)
class OriginTab:
    """One origin to look at, with how many issues it has."""

    code: str
    name: str
    count: int
    address: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class AsOf:
    """Which moment of the log a page shows."""

    time: str
    iso: str
    position: str
    position_hint: str
    pack_short: str
    pack_hint: str


@dataclass(frozen=True, slots=True)
class Board:
    """Everything the board's template needs."""

    as_of: AsOf
    mark: str
    empty: bool
    figures: tuple[Figure, ...]
    week: WeekFigure
    week_labels: tuple[str, ...]
    panels: tuple[Panel, ...]
    scale: int
    loads: tuple[Load, ...]
    more_loads: tuple[Load, ...]
    lines: tuple[Line, ...]
    choices: tuple[Choice, ...]
    hidden: tuple[tuple[str, str], ...]
    origins: tuple[OriginTab, ...]
    origin_notice: str
    narrowing: str
    narrowed: bool
    clear_address: str
    older_address: str
    newest_address: str


def weeks_to_show(now: int, clock: CityTime) -> tuple[str, ...]:
    """The ISO weeks of the chart, oldest first."""
    this = clock.week(now)
    return tuple(week_before(this, back) for back in reversed(range(WEEKS)))


def build_board(
    data: BoardData,
    filters: Filters,
    *,
    weeks: Sequence[str],
    names: CityNames,
    clock: CityTime,
    words: Wording,
) -> Board:
    """The board of one moment. Figures follow the origin alone; the list follows all filters."""
    counts = [c for c in data.counts if filters.origin in ("", c.origin)]
    loads = _loads(data.loads, filters, names)
    panels = _panels(data.weekly, weeks, filters, names, words)
    origins = _origins(data.counts, filters, names, words)
    return Board(
        as_of=as_of(data.position, names, clock, words),
        mark=data.position.mark,
        empty=not any(c.issues for c in data.counts),
        figures=_figures(counts, filters, words),
        week=_week(data.weekly, weeks, words),
        week_labels=tuple(_week_label(week, words) for week in weeks),
        panels=panels,
        scale=max((max(p.values) for p in panels), default=0),
        loads=loads[:DEPARTMENTS],
        more_loads=loads[DEPARTMENTS:],
        lines=tuple(_line(issue, names, clock, words) for issue in data.issues),
        choices=_choices(filters, names, words),
        hidden=tuple(
            (name, value) for name in ("origin", *SPECIAL) if (value := getattr(filters, name))
        ),
        narrowing=_narrowing(filters, names, words),
        origins=origins,
        origin_notice=_origin_notice(counts, names, words),
        narrowed=filters.narrowed,
        clear_address=filters.only(),
        older_address=_older(data, filters),
        newest_address=filters.address() if filters.before else "",
    )


def as_of(position: Position, names: CityNames, clock: CityTime, words: Wording) -> AsOf:
    """Which moment of the log, and which city pack, a page was made from."""
    at = position.recorded_at
    offsets = ", ".join(f"{p}:{position.offsets[p]}" for p in sorted(position.offsets))
    digest = names.city.hash.removeprefix("sha256:")
    return AsOf(
        time=words.as_of_nothing if at is None else clock.full(at),
        iso="" if at is None else clock.iso(at),
        position=words.log_position_value.format(
            count=f"{position.records:,}", partitions=len(position.offsets)
        ),
        position_hint=words.log_position_hint.format(offsets=offsets or "—"),
        pack_short=digest[:10],
        pack_hint=words.pack_hint.format(hash=names.city.hash),
    )


def chip(status: str, names: CityNames) -> Chip:
    """How a status is drawn."""
    label = name_of(STATUSES, status, names.language)
    return Chip(status, label, TONES.get(status, "way"), STAGES.get(status, 0))


def _figures(counts: Iterable[StatusCount], filters: Filters, words: Wording) -> tuple[Figure, ...]:
    by_status: dict[str, int] = defaultdict(int)
    dispatched = 0
    for count in counts:
        by_status[count.status] += count.issues
        dispatched += count.dispatched
    total = sum(by_status.values())
    queued = by_status[Status.QUEUED]
    returned = sum(by_status[status] for status in GROUPS["desk"]) - queued
    is_open = total - sum(by_status[status] for status in (*ENDED, Status.AWAITED))
    closed = by_status[Status.CLOSED]
    rows = (
        ("", words.total_reported, total, words.total_reported_note),
        (
            DISPATCHED_ONCE,
            words.total_dispatched,
            dispatched,
            words.total_dispatched_note.format(share=_share(dispatched, total)),
        ),
        (
            "desk",
            words.total_desk,
            queued + returned,
            words.total_desk_note.format(queued=f"{queued:,}", returned=f"{returned:,}"),
        ),
        ("open", words.total_open, is_open, words.total_open_note),
        (
            "closed",
            words.total_closed,
            closed,
            words.total_closed_note.format(share=_share(closed, total)),
        ),
    )
    return tuple(
        Figure(
            key=status or "all",
            label=label,
            value=value,
            note=note,
            address=filters.only(status=status),
            chosen=bool(status) and filters.status == status,
        )
        for status, label, value, note in rows
    )


def _share(part: int, whole: int) -> str:
    return f"{part * 1000 // whole / 10:.1f}%" if whole else "—"


def _week(
    weekly: Mapping[str, Mapping[str, int]], weeks: Sequence[str], words: Wording
) -> WeekFigure:
    this = sum(weekly.get(weeks[-1], {}).values())
    last = sum(weekly.get(weeks[-2], {}).values())
    if not last:
        return WeekFigure(this, last, words.week_no_last)
    change = (this - last) * 100 // last
    sign = "+" if change > 0 else "−" if change < 0 else ""
    return WeekFigure(this, last, words.week_change.format(change=f"{sign}{abs(change)}%"))


def _week_label(week: str, words: Wording) -> str:
    monday = monday_of(week)
    return words.week_label.format(
        month=monday.month, day=monday.day, month_name=f"{monday:%b}", week=week
    )


def _panels(
    weekly: Mapping[str, Mapping[str, int]],
    weeks: Sequence[str],
    filters: Filters,
    names: CityNames,
    words: Wording,
) -> tuple[Panel, ...]:
    codes = {code for week in weeks for code in weekly.get(week, {})}
    values = {code: tuple(weekly.get(week, {}).get(code, 0) for week in weeks) for code in codes}
    unclassified = values.pop("", None)
    ranked = sorted(values, key=lambda code: (-sum(values[code]), code))
    room = PANELS - (unclassified is not None)
    shown = ranked if len(ranked) <= room else ranked[: room - 1]
    panels = [
        Panel(
            names.category(code),
            filters.only(category=code),
            values[code],
        )
        for code in shown
    ]
    if rest := [values[code] for code in ranked[len(shown) :]]:
        panels.append(Panel(words.category_other, "", tuple(map(sum, zip(*rest, strict=True)))))
    if unclassified is not None:
        panels.append(Panel(words.category_none, "", unclassified))
    return tuple(panels)


def _loads(rows: Iterable[DepartmentLoad], filters: Filters, names: CityNames) -> tuple[Load, ...]:
    sums: dict[str, list[int]] = {}
    for row in rows:
        if filters.origin in ("", row.origin):
            mine = sums.setdefault(row.department, [0, 0, 0, 0])
            parts = (row.open, row.dispatched, row.returned, row.ended)
            mine[:] = [a + b for a, b in zip(mine, parts, strict=True)]
    fullest = max((s[0] for s in sums.values()), default=0) or 1
    return tuple(
        Load(
            code=code,
            name=names.department(code),
            address=filters.only(department=code, status="open"),
            open=s[0],
            unsigned=s[1],
            returned=s[2],
            ended=s[3],
            width=s[0] * 1000 // fullest,
            unsigned_width=s[1] * 1000 // fullest,
        )
        for code, s in sorted(sums.items(), key=lambda pair: (-pair[1][0], pair[0]))
    )


def _line(issue: IssueCurrent, names: CityNames, clock: CityTime, words: Wording) -> Line:
    path = names.category_path(issue.category)
    return Line(
        issue_id=issue.issue_id,
        address=f"/issues/{issue.issue_id}",
        receipt=issue.receipt,
        time=clock.short(issue.reported_at),
        iso=clock.iso(issue.reported_at),
        time_full=clock.full(issue.reported_at),
        channel=names.channel(issue.channel),
        street=names.area(issue.street) or words.no_street,
        category=path[-1] if path else words.category_none,
        category_parent=path[-2] if len(path) > 1 else "",
        category_path=" › ".join(path),
        subject=visible(issue.subject) if plain(issue.subject) else Markup(words.no_subject),
        lead=names.department(issue.lead) or words.no_lead,
        chip=chip(issue.status, names),
        origin=issue.origin,
        origin_name=name_of(ORIGINS, issue.origin, names.language),
    )


def _choices(filters: Filters, names: CityNames, words: Wording) -> tuple[Choice, ...]:
    city, language = names.city, names.language

    def options(chosen: str, codes: Iterable[tuple[str, str]]) -> tuple[Option, ...]:
        known = dict(codes)
        if chosen and chosen not in known:
            known[chosen] = chosen
        return tuple(Option(code, label, code == chosen) for code, label in known.items())

    statuses = [(s.value, name_of(STATUSES, s, language)) for s in Status if s != Status.AWAITED]
    groups = [
        ("", words.any_status),
        (DISPATCHED_ONCE, words.group_dispatched),
        ("desk", words.group_desk),
        ("open", words.group_open),
    ]
    categories = [
        (code, ("\u3000" if category.level > 1 else "") + names.category(code))
        for code, category in city.categories.items()
        if category.level <= 2
    ]
    streets = [(a.code, names.area(a.code)) for a in city.areas.values() if a.level == "street"]
    departments = [(code, names.department(code)) for code in city.departments]
    single = (
        ("department", words.department, words.any_department, departments),
        ("category", words.category, words.any_category, categories),
        ("street", words.street, words.any_street, streets),
    )
    return (
        Choice("status", words.status, (("", options(filters.status, [*groups, *statuses])),)),
        *(
            Choice(name, label, (("", options(getattr(filters, name), [("", any_label), *codes])),))
            for name, label, any_label, codes in single
        ),
    )


def _narrowing(filters: Filters, names: CityNames, words: Wording) -> str:
    """What the form has no choice for, in words."""
    parts = [
        words.narrow_period.format(period=filters.period) if filters.period else "",
        words.narrow_turn.format(period=filters.turn) if filters.turn else "",
        names.kind(filters.kind),
        names.area(filters.area),
        name_of(FACTS, filters.fact, names.language) if filters.fact else "",
    ]
    return " · ".join(part for part in parts if part)


def _origins(
    counts: Iterable[StatusCount], filters: Filters, names: CityNames, words: Wording
) -> tuple[OriginTab, ...]:
    """Which origins there are; none where everything is live and nothing else was asked for."""
    totals: dict[str, int] = defaultdict(int)
    for count in counts:
        totals[count.origin] += count.issues
    if not filters.origin and set(totals) <= {"live"}:
        return ()
    tabs = [OriginTab("", words.origin_all, sum(totals.values()), "", not filters.origin)]
    tabs += [
        OriginTab(code, name_of(ORIGINS, code, names.language), totals[code], "", False)
        for code in ORIGINS
        if totals[code] or code == filters.origin
    ]
    return tuple(
        OriginTab(
            tab.code,
            tab.name,
            tab.count,
            filters.address(origin=tab.code),
            tab.code == filters.origin,
        )
        for tab in tabs
    )


def _origin_notice(counts: Iterable[StatusCount], names: CityNames, words: Wording) -> str:
    totals: dict[str, int] = defaultdict(int)
    for count in counts:
        totals[count.origin] += count.issues
    parts = [
        words.origin_part.format(name=name_of(ORIGINS, code, names.language), count=f"{n:,}")
        for code, n in totals.items()
        if n and code != "live"
    ]
    if not parts:
        return ""
    joint = "、" if names.language == "zh" else ", "
    return words.origin_notice_mixed.format(parts=joint.join(sorted(parts)))


def _older(data: BoardData, filters: Filters) -> str:
    if not data.has_older:
        return ""
    last = data.issues[-1]
    return filters.address(before=f"{last.reported_at}_{last.issue_id}")
