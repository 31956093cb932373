"""The circular's page: rates, tables, corrections. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hutong.circular.export import correction_line
from hutong.circular.tables import Share, TableView, rate, tables_of
from hutong.circular.title import source_of, title_of
from hutong.circular.words import COLUMNS, DEFINITIONS, ORIGINS
from hutong.readmodels.periods import Period
from hutong_web.city_names import CityNames
from hutong_web.language import Language
from hutong_web.reports.data import CircularData
from hutong_web.reports.links import FACT_OF, issues_of
from hutong_web.reports.sheet import Sheet, draw, sheet
from hutong_web.reports.words import ReportWords
from hutong_web.text import plain
from hutong_web.times import CityTime

_RATES: Final = ("response", "resolution", "satisfaction", "solution")
_COUNTS: Final = ("reported", "resolved", "overdue", "returned", "reworked")
#: Corrections shown before the rest is folded away.
_SHOWN: Final = 12


@dataclass(frozen=True, slots=True)
class Headline:
    """One large figure: a rate with its parts, or a count; and how it was before."""

    key: str
    label: str
    value: str
    parts: str
    change: str
    address: str
    hot: bool


@dataclass(frozen=True, slots=True)
class OriginPart:
    """Everything of one origin."""

    code: str
    name: str
    headlines: tuple[Headline, ...]
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class EditionLink:
    """An edition that was issued, or the circular as of now."""

    name: str
    note: str
    address: str
    here: bool


@dataclass(frozen=True, slots=True)
class CircularView:
    """Everything that the circular's template needs."""

    title: str
    period: str
    editions: tuple[EditionLink, ...]
    note: str
    csv: str
    xlsx: str
    parts: tuple[OriginPart, ...]
    corrected_from: int
    corrections: tuple[tuple[str, str, str], ...]
    more_corrections: tuple[tuple[str, str, str], ...]
    definitions: tuple[str, ...]
    source: tuple[str, ...]


def build_circular(
    data: CircularData, names: CityNames, clock: CityTime, words: ReportWords
) -> CircularView:
    """The page of one edition."""
    edition, city, language = data.edition, names.city, names.language
    n = 0 if language is Language.ZH else 1
    period = edition.period
    address = f"/circular/{period.name}"
    query = "" if data.issued is None else f"?edition={data.issued.number}"
    note = words.draft_hint
    if data.issued is not None:
        at = clock.full(data.issued.issued_at)
        note = words.issued.format(by=plain(data.issued.issued_by), at=at)
    editions = [EditionLink(words.now, words.draft, address, data.issued is None)]
    editions += [
        EditionLink(
            words.edition.format(number=each.number),
            words.issued.format(by=plain(each.issued_by), at=clock.short(each.issued_at)),
            f"{address}?edition={each.number}",
            data.issued is not None and data.issued.number == each.number,
        )
        for each in data.editions
    ]
    lines = [_correction(correction_line(each, city, n), words) for each in data.corrections]
    number = data.issued.number - 1 if data.issued is not None else len(data.editions)
    return CircularView(
        title=title_of(edition, city, n),
        period=period.name,
        editions=tuple(editions),
        note=note,
        csv=f"{address}.csv{query}",
        xlsx=f"{address}.xlsx{query}",
        parts=tuple(
            _part(data, names, words, origin)
            for origin in ORIGINS
            if "total" in edition.figures.get(origin, {})
        ),
        corrected_from=number,
        corrections=tuple(lines[:_SHOWN]),
        more_corrections=tuple(lines[_SHOWN:]),
        definitions=tuple(definition[n] for definition in DEFINITIONS),
        source=source_of(edition, city, n),
    )


def _correction(line: Sequence[object], words: ReportWords) -> tuple[str, str, str]:
    origin, table, row, column, before, after = map(str, line)
    return f"{origin} · {table} · {row} · {column}", after, f"{words.was} {before}"


def _part(data: CircularData, names: CityNames, words: ReportWords, origin: str) -> OriginPart:
    edition, language = data.edition, names.language
    period = edition.period
    n = 0 if language is Language.ZH else 1

    views = tables_of(edition, names.city, origin)
    return OriginPart(
        origin,
        ORIGINS[origin][n],
        tuple(_headlines(data, words, origin, n)),
        tuple(_linked(view, period, origin, language) for view in views),
    )


def _linked(view: TableView, period: Period, origin: str, language: Language) -> Sheet:
    return sheet(
        view,
        language,
        lambda code, key: issues_of(period, origin, view.key, code, key),
        lambda code: _row_address(view.key, code, origin, period.name),
    )


def _row_address(table: str, code: str, origin: str, period: str) -> str:
    """Where a row's name leads: departments have a page of their own."""
    if table == "department":
        return f"/departments/{code}/scorecard?period={period}&origin={origin}"
    if table == "return":
        return f"/returns?period={period}&origin={origin}"
    return ""


def _headlines(data: CircularData, words: ReportWords, origin: str, n: int) -> Sequence[Headline]:
    edition = data.edition
    now, before = edition.numbers(origin, "total"), edition.numbers(origin, "before")
    made = []
    for name in _RATES:
        here, there = rate(name, now), rate(name, before)
        drawn = draw(here)
        parts = words.parts.format(part=f"{here.part:,}", whole=f"{here.whole:,}")
        made.append(
            Headline(
                name,
                COLUMNS[name][n],
                drawn.text,
                parts if here.whole else "",
                _points(here, there, words),
                _address(data, origin, name) if here.part < here.whole else "",
                drawn.hot,
            )
        )
    for name in _COUNTS:
        value, last = now.get(name, 0), before.get(name, 0)
        sign = "+" if value > last else "−" if value < last else "±"
        label = f"{words.was} {last:,}" if last else words.rate_change_none
        change = f"{sign}{abs(value - last):,} · {label}" if last else label
        hot = name == "overdue" and value > 0
        made.append(
            Headline(
                name,
                COLUMNS[name][n],
                f"{value:,}",
                "",
                change,
                _address(data, origin, name) if value else "",
                hot,
            )
        )
    return made


def _address(data: CircularData, origin: str, name: str) -> str:
    return issues_of(data.edition.period, origin, "total", name, "this") if name in FACT_OF else ""


def _points(here: Share, there: Share, words: ReportWords) -> str:
    if here.permille is None or there.permille is None:
        return words.rate_change_none
    by = here.permille - there.permille
    sign = "+" if by > 0 else "−" if by < 0 else "±"
    points = words.points.format(sign=sign, points=f"{abs(by) / 10:.1f}")
    return words.rate_change.format(points=points)
