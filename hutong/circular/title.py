"""What stands above and below the tables of a circular, in one language. Pure."""

from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from hutong.circular.edition import Edition
from hutong.circular.words import TITLES
from hutong.city import City

ZH: Final = 0
EN: Final = 1


def title_of(edition: Edition, city: City, language: int) -> str:
    """Of which city and period it is."""
    period = edition.period
    kind = period.column if len(period.values) == 1 else "quarter"
    name = (city.name_zh, city.name_en)[language]
    return f"{name} {TITLES[kind][language]} {period.name}"


def days_of(edition: Edition, language: int) -> str:
    """From when to when."""
    first, last = (
        _day(day, language) for day in (edition.period.first_day, edition.period.last_day)
    )
    return f"{first} – {last}"


def _day(day: date, language: int) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if language == ZH else day.isoformat()


def source_of(edition: Edition, city: City, language: int) -> tuple[str, ...]:
    """What the edition was made from: instant, place in the log, pack, digest."""
    zone = ZoneInfo(city.timezone)
    at = datetime.fromtimestamp(edition.at / 1000, UTC).astimezone(zone)
    places = " ".join(f"{partition}:{n}" for partition, n in edition.position.items()) or "–"
    if language == ZH:
        return (
            f"截止时间 {at:%Y-%m-%d %H:%M:%S}（{city.timezone}）",
            f"日志位置 issues {places}",
            f"城市包 {edition.pack}",
            f"数据摘要 sha256:{edition.digest}",
        )
    return (
        f"as of {at:%Y-%m-%d %H:%M:%S} ({city.timezone})",
        f"log position issues {places}",
        f"city pack {edition.pack}",
        f"digest of the figures sha256:{edition.digest}",
    )
