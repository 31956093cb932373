"""Instants and durations as people read them: in the city's zone, with the weekday."""

from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hutong_web.language import Language

_DAYS: Final = {
    Language.ZH: ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    Language.EN: ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}
_MONTHS: Final = [
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
]
_SECOND: Final = 1_000
_MINUTE: Final = 60 * _SECOND
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_UNITS: Final = {
    Language.ZH: ("天", "小时", "分", "秒", "毫秒"),
    Language.EN: ("d", "h", "min", "s", "ms"),
}


class CityTime:
    """Writes times for one city in one language."""

    def __init__(self, zone: str, language: Language) -> None:
        self.zone = zone
        self.language = language
        self._zone = ZoneInfo(zone)

    def at(self, millis: int) -> datetime:
        """The instant in the city's zone."""
        return (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=millis)).astimezone(
            self._zone
        )

    def iso(self, millis: int) -> str:
        """For the `datetime` attribute."""
        return self.at(millis).isoformat(timespec="milliseconds")

    def full(self, millis: int) -> str:
        """2026年6月1日 周一 08:00:06 / Mon 1 Jun 2026 08:00:06."""
        at = self.at(millis)
        return f"{self.day(millis)} {at:%H:%M:%S}"

    def day(self, millis: int) -> str:
        """2026年6月1日 周一 / Mon 1 Jun 2026."""
        at = self.at(millis)
        weekday = _DAYS[self.language][at.weekday()]
        if self.language is Language.ZH:
            return f"{at.year}年{at.month}月{at.day}日 {weekday}"
        return f"{weekday} {at.day} {_MONTHS[at.month - 1]} {at.year}"

    def short(self, millis: int) -> str:
        """6月1日 周一 08:00 / Mon 1 Jun 08:00, for tables of the latest."""
        at = self.at(millis)
        weekday = _DAYS[self.language][at.weekday()]
        if self.language is Language.ZH:
            return f"{at.month}月{at.day}日 {weekday} {at:%H:%M}"
        return f"{weekday} {at.day} {_MONTHS[at.month - 1]} {at:%H:%M}"

    def clock(self, millis: int) -> str:
        """08:00:06."""
        return f"{self.at(millis):%H:%M:%S}"

    def week(self, millis: int) -> str:
        """The ISO week, 2026-W23."""
        year, week, _ = self.at(millis).isocalendar()
        return f"{year}-W{week:02}"

    def duration(self, millis: int) -> str:
        """How long, in the two largest units that matter: 2 天 3 小时; 6 分 20 秒; 840 毫秒."""
        sign, rest = ("−" if millis < 0 else ""), abs(millis)
        days, hours, minutes, seconds, thousandths = _UNITS[self.language]
        if rest < _SECOND:
            parts = [(rest, thousandths)]
        elif rest < 10 * _SECOND:
            tenths = rest // 100
            return f"{sign}{tenths // 10}.{tenths % 10} {seconds}"
        elif rest < _MINUTE:
            parts = [(rest // _SECOND, seconds)]
        elif rest < _HOUR:
            parts = [(rest // _MINUTE, minutes), (rest % _MINUTE // _SECOND, seconds)]
        elif rest < _DAY:
            parts = [(rest // _HOUR, hours), (rest % _HOUR // _MINUTE, minutes)]
        else:
            parts = [(rest // _DAY, days), (rest % _DAY // _HOUR, hours)]
        shown = [parts[0], *(part for part in parts[1:] if part[0])]
        return sign + " ".join(f"{number} {unit}" for number, unit in shown)


def week_before(week: str, count: int = 1) -> str:
    """The ISO week `count` weeks earlier."""
    year, number = week.split("-W")
    iso = (date.fromisocalendar(int(year), int(number), 1) - timedelta(weeks=count)).isocalendar()
    return f"{iso.year}-W{iso.week:02}"


def monday_of(week: str) -> date:
    """The Monday of an ISO week."""
    year, number = week.split("-W")
    return date.fromisocalendar(int(year), int(number), 1)
