"""How a department as of a time is shown on a terminal of 80 columns."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from hutong.city import City
    from hutong.replay.as_of import DepartmentThen

_AS_OF: Final = ("截至 {at}，以当时已入库为准", "as of {at}, by what was recorded then")
_WORDS: Final = {
    "open": ("未办结工单 {count} 件", "{count} open issues"),
    "clocks": ("正在计时 {count} 项", "{count} clocks run"),
    "score": ("记分卡（按接单周）", "Scorecard, by the week of the turn"),
    "receipt": ("受理号", "receipt"),
    "status": ("状态", "status"),
    "subject": ("事项", "subject"),
    "reported": ("上报", "reported"),
    "due": ("时限", "due"),
    "late": ("逾期", "late"),
    "issue": ("工单", "issue"),
    "clock": ("时钟", "clock"),
    "week": ("周", "week"),
    "origin": ("来源", "origin"),
    "hops": ("接单", "orders"),
    "resolved": ("办结", "done"),
    "returns": ("退单", "returns"),
    "kept": ("按时办结", "in time"),
    "broken": ("超时办结", "too late"),
    "nothing": ("无", "none"),
}


def as_of_line(instant: int, zone: ZoneInfo, language: int) -> str:
    """What the rest was told as of, to the millisecond; Chinese (0) or English (1)."""
    moment = datetime.fromtimestamp(instant // 1000, UTC).astimezone(zone)
    at = f"{moment:%Y-%m-%d %H:%M:%S}.{instant % 1000:03} ({zone.key})"
    return _AS_OF[language].format(at=at)


def print_department(
    console: Console, then: "DepartmentThen", city: "City", instant: int, language: int
) -> None:
    """Print its open issues, the clocks that ran, and its scorecard; Chinese (0) or English (1)."""
    zone = ZoneInfo(city.timezone)
    words = {name: pair[language] for name, pair in _WORDS.items()}

    def minute(millis: int) -> str:
        return f"{datetime.fromtimestamp(millis / 1000, UTC).astimezone(zone):%Y-%m-%d %H:%M}"

    def table(title: str, *columns: str) -> Table:
        drawn = Table(box=None, pad_edge=False, header_style="dim", title=title)
        drawn.title_justify = "left"
        for column in columns:
            drawn.add_column(words[column], overflow="fold")
        return drawn

    name = city.departments[then.department]
    console.print(f"[bold]{escape(name.zh if language == 0 else name.en)}[/]  {then.department}")
    console.print(as_of_line(instant, zone, language))
    title = words["open"].format(count=len(then.issues))
    drawn = table(title, "receipt", "status", "reported", "subject")
    for issue in then.issues:
        mark = "" if issue.origin == "live" else f" ({issue.origin})"
        drawn.add_row(
            issue.receipt, issue.status + mark, minute(issue.reported_at), escape(issue.subject)
        )
    console.print()
    console.print(drawn)
    receipts = {issue.issue_id: issue.receipt for issue in then.issues}
    title = words["clocks"].format(count=len(then.clocks))
    drawn = table(title, "issue", "clock", "due", "late")
    for clock in then.clocks:
        late = words["late"] if clock.due_at < instant else ""
        whose = receipts.get(clock.issue_id, clock.issue_id)
        drawn.add_row(whose, clock.clock, minute(clock.due_at), late)
    console.print()
    console.print(drawn)
    drawn = table(words["score"], "week", "origin", "hops", "resolved", "kept", "broken", "returns")
    for week, score in then.scorecard:
        numbers = (
            score.hops,
            score.resolved,
            score.resolve_on_time,
            score.resolve_late,
            score.returns,
        )
        drawn.add_row(week, score.origin, *map(str, numbers))
    console.print()
    console.print(drawn if then.scorecard else f"{words['score']}: {words['nothing']}")
