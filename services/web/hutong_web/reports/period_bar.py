"""Which period a report page shows, and the ways to others. Pure."""

from dataclasses import dataclass
from urllib.parse import urlencode

from hutong.readmodels.periods import Period
from hutong_web.language import Language
from hutong_web.names import ORIGINS, name_of
from hutong_web.reports.words import ReportWords


@dataclass(frozen=True, slots=True)
class Way:
    """A link to another period or origin; ``here`` is the one that is shown."""

    name: str
    address: str
    here: bool = False


@dataclass(frozen=True, slots=True)
class PeriodBar:
    """The period that is shown."""

    name: str
    days: str
    before: Way
    after: Way
    kinds: tuple[Way, ...]
    origins: tuple[Way, ...]


def period_bar(
    period: Period,
    path: str,
    language: Language,
    words: ReportWords,
    *,
    origin: str = "",
    origins: tuple[str, ...] = (),
) -> PeriodBar:
    """The bar of a page at ``path``; one that ends in ``/`` has the period in its path."""

    def address(of: Period, origin: str = origin) -> str:
        query = {"origin": origin} if origin else {}
        if path.endswith("/"):
            return f"{path}{of.name}" + (f"?{urlencode(query)}" if query else "")
        return f"{path}?{urlencode({'period': of.name, **query})}"

    day = period.last_day
    quarter = Period.parse(f"{day.year}-Q{(day.month + 2) // 3}")
    kinds = (
        (words.week, Period.week_of(day)),
        (words.month, Period.parse(f"{day:%Y-%m}")),
        (words.quarter, quarter),
    )
    first, last = period.first_day, period.last_day
    if language is Language.ZH:
        days = (
            f"{first.year}年{first.month}月{first.day}日 – {last.year}年{last.month}月{last.day}日"
        )
    else:
        days = f"{first.isoformat()} – {last.isoformat()}"
    return PeriodBar(
        period.name,
        days,
        Way(words.before.format(period=period.before.name), address(period.before)),
        Way(words.after.format(period=period.after.name), address(period.after)),
        tuple(
            Way(
                name,
                address(of),
                _kind(of) == _kind(period),
            )
            for name, of in kinds
        ),
        tuple(
            Way(name_of(ORIGINS, each, language), address(period, each), each == origin)
            for each in origins
        )
        if len(origins) > 1
        else (),
    )


def _kind(period: Period) -> tuple[str, int]:
    return period.column, len(period.values)
