"""The demo: feeds reports in, waits until all are visible, says what happened."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table

from hutong.city import City, load_city
from hutong.demo.account import (
    Account,
    Latency,
    Pace,
    measure_pace,
    take_account,
    wait_until_visible,
)
from hutong.demo.acts import act, wait_until_judged
from hutong.demo.circulars import as_circulars_say, compare
from hutong.demo.feed import DemoFailedError, post_live, simulate
from hutong.demo.generate import generate_reports
from hutong.demo.log import read_issues
from hutong.demo.recount import SIMULATED, Recount
from hutong.demo.report import GeneratedReport
from hutong.demo.shown import print_acts, print_departments, print_figures, print_statuses
from hutong.demo.visible import VisibilityWatch
from hutong.events.topics import TopicCatalogue, load_topics
from hutong.importer.messages import read_messages
from hutong.importer.send import ImportReport, import_messages
from hutong.local.stack import Stack
from hutong.readmodels.issue_current import queries as current
from hutong.readmodels.status_count import queries as status_count
from hutong.store import connect, one_moment

_DAY = 86_400_000
_STALLED_SECONDS = 60.0
_NUMBER = 6
_GAPS = 4
"""Between the three columns of a table."""


@dataclass(frozen=True, slots=True)
class DemoPlan:
    """What to feed in: a file of messages, or simulated days and then live reports."""

    data: Path
    input: Path | None = None
    brokers: int = 1
    #: Folder of the city pack that the stack has; the built-in one without.
    city: Path | None = None
    history: int = 3_000
    days: int = 364
    live: int = 400
    per_second: float = 100.0
    seed: int = 2026


def run_demo(plan: DemoPlan, stack: Stack, console: Console) -> bool:
    """Run the demo on a started stack; False where log and read models do not agree."""
    city = load_city(plan.city)
    catalogue = load_topics(city.departments)
    bad_rows, agrees = 0, True

    def alive() -> None:
        stack.wait(0)
        for child in stack.status().children:
            if child.state == "failed":
                raise DemoFailedError(f"{child.name} has failed: see {stack.log(child.name)}")

    with VisibilityWatch(stack.database_url) as watch:
        started = _now()
        if plan.input is not None:
            report = _import(plan.input, stack, console)
            ids, bad_rows = report.issue_ids, len(report.bad)
            wait_until_visible(stack.database_url, ids, _STALLED_SECONDS, alive)
            reported = live_from = _now()
        else:
            span = Span.before(started, plan)
            reports = list(generate_reports(span.seed, plan.history, span.start, span.end, city))
            ids = _simulate(plan, span, reports, stack, console)
            wait_until_visible(stack.database_url, ids, _STALLED_SECONDS, alive)
            reported = _now()
            agrees = _act(span, city, reports, ids, stack, console, alive)
            live_from = _now()
            ids += _post(plan, city, stack, console, live_from)
            wait_until_visible(stack.database_url, ids, _STALLED_SECONDS, alive)
        finished = _now()
        facts, accounts = take_account(stack.access(), catalogue, stack.database_url)
        burst = measure_pace(facts, watch, started, reported)
        steady = measure_pace(facts, watch, live_from, finished + 1)

    _print_categories(console, city, stack, ids)
    if plan.input is None:
        agrees = _hold_circulars(city, catalogue, stack, console) and agrees
    _print_accounts(console, accounts, facts.repeats, bad_rows)
    _print_pace(console, plan, burst, steady)
    return agrees and all(account.agrees for account in accounts)


def print_addresses(console: Console, stack: Stack, command: str) -> None:
    """Where to look now. ``command``: how `hutong` is typed here."""
    console.print(f"  pages     {stack.web_url}/", soft_wrap=True)
    console.print(f"  intake    {stack.intake_url}/docs", soft_wrap=True)
    console.print(f"  commands  {command} circular | issue show | lag | status", soft_wrap=True)
    if stack.data != Path(".hutong").resolve():
        console.print(f"            with HUTONG_DATA={stack.data}", soft_wrap=True)


def _now() -> int:
    return time.time_ns() // 1_000_000


def _import(file: Path, stack: Stack, console: Console) -> ImportReport:
    report = import_messages(stack.access("importer"), read_messages(file))
    console.print(
        f"[bold]{len(report.issue_ids):,}[/] messages of {file.name} sent by the import topic, "
        f"each with its own time; {len(report.bad)} rows refused"
    )
    for row in report.bad[:5]:
        console.print(f"  line {row.line}: {row.reason}")
    return report


@dataclass(frozen=True, slots=True)
class Span:
    """The simulated days, milliseconds UTC, and the seed of what happens in them."""

    seed: int
    start: int
    end: int

    @classmethod
    def before(cls, now: int, plan: DemoPlan) -> "Span":
        """Days that end last midnight (UTC), so that running the demo again today adds nothing."""
        end = now - now % _DAY
        return cls(plan.seed * 100_000 + end // _DAY, end - plan.days * _DAY, end)


def _simulate(
    plan: DemoPlan, span: Span, reports: list[GeneratedReport], stack: Stack, console: Console
) -> list[str]:
    ids = simulate(stack.access("simulator"), span.seed, reports)
    console.print(f"[bold]{len(ids):,}[/] simulated reports sent: {plan.days} days of one district")
    return ids


def _act(
    span: Span,
    city: City,
    reports: list[GeneratedReport],
    ids: list[str],
    stack: Stack,
    console: Console,
    alive: Callable[[], None],
) -> bool:
    """Let everybody act on the simulated reports; whether all was judged as it was meant."""
    catalogue = load_topics(city.departments)
    acts = act(
        stack.access(),
        stack.access("simulator"),
        catalogue,
        city,
        span.seed,
        reports,
        ids,
        span.end,
    )
    judged = wait_until_judged(stack.database_url, acts, _STALLED_SECONDS, alive)
    print_acts(console, acts, judged)
    with connect(stack.database_url, autocommit=True) as connection:
        counts = status_count.all(connection)
    print_statuses(console, {row.status: row.issues for row in counts if row.origin == SIMULATED})
    return judged == acts.verdicts


def _hold_circulars(city: City, catalogue: TopicCatalogue, stack: Stack, console: Console) -> bool:
    """Show the simulated history's figures; whether circulars and log say the same."""
    recount = Recount(city)
    for record in read_issues(stack.access(), catalogue):
        recount.take(record)
    now = _now()
    with connect(stack.database_url) as connection, one_moment(connection):
        figures = compare(as_circulars_say(connection, city, now), recount.weeks(now))
    print_departments(console, city, recount.departments(now))
    print_figures(console, figures)
    return all(figure.agrees for figure in figures)


def _post(plan: DemoPlan, city: City, stack: Stack, console: Console, now: int) -> list[str]:
    reports = list(generate_reports(now, plan.live, now - 1_800_000, now, city))
    posted = post_live(stack.intake_url, stack.client_keys_file, reports, plan.per_second)
    console.print(
        f"[bold]{len(posted.receipts):,}[/] live reports posted to intake at "
        f"{plan.per_second:.0f}/s, each confirmed by Kafka; the last receipt: "
        f"[bold]{posted.receipts[-1]}[/]"
    )
    return posted.issue_ids


def _print_categories(console: Console, city: City, stack: Stack, ids: list[str]) -> None:
    with connect(stack.database_url, autocommit=True) as connection:
        rows = current.count_by_category_and_lead(connection, ids)
    by_category: dict[str, dict[str, int]] = {}
    desk = 0
    for category, lead, count in rows:
        if category is None or lead is None:
            desk += count
            continue
        leads = by_category.setdefault(category.partition(".")[0], {})
        leads[lead] = leads.get(lead, 0) + count
    print_dispatched(console, {c: (city.categories[c].zh, n) for c, n in by_category.items()}, desk)


def print_dispatched(
    console: Console, found: Mapping[str, tuple[str, Mapping[str, int]]], desk: int
) -> None:
    """Category -> its name and how many issues each department got; ``desk``: with nobody yet."""
    table = Table(title="Dispatched / 派单", box=None, title_justify="left", pad_edge=False)
    table.add_column("category", no_wrap=True)
    table.add_column("issues", justify="right", no_wrap=True, min_width=_NUMBER)
    table.add_column("departments", no_wrap=True)
    names = {code: f"{name} {code}" for code, (name, _) in found.items()} | {"": "待派 desk"}
    room = console.width - max(map(cell_len, names.values())) - _NUMBER - _GAPS
    ranked = sorted(found.items(), key=lambda item: (-sum(item[1][1].values()), item[0]))
    for code, (_, leads) in ranked:
        most = sorted(leads.items(), key=lambda item: (-item[1], item[0]))
        entries = [f"{department} {count}" for department, count in most]
        table.add_row(names[code], f"{sum(leads.values()):,}", whole_entries(entries, room))
    table.add_row(names[""], f"{desk:,}", "[dim]waiting, or closed there[/]")
    console.print()
    console.print(table)
    dispatched = sum(sum(leads.values()) for _, leads in found.values())
    if total := dispatched + desk:
        share = 100 * dispatched / total
        console.print(f"{share:.1f} % dispatched, {100 - share:.1f} % not (yet)")


def whole_entries(entries: Sequence[str], room: int) -> str:
    """As many of the entries as have room, and how many more there are."""
    for shown in range(len(entries), 0, -1):
        more = f" +{len(entries) - shown}" if shown < len(entries) else ""
        text = ", ".join(entries[:shown]) + more
        if cell_len(text) <= room:
            return text
    return f"+{len(entries)}"


def _print_accounts(console: Console, accounts: list[Account], repeats: int, bad_rows: int) -> None:
    table = Table(title="\nCounted three ways", box=None, title_justify="left", pad_edge=False)
    for name in ("reports", "in the log", "in issue_current", "in category_weekly"):
        table.add_column(name, justify="left" if name == "reports" else "right")
    table.add_column("")
    for a in accounts:
        verdict = "[green]agree[/]" if a.agrees else "[red]DIFFER[/]"
        counts = [f"{n:,}" for n in (a.in_log, a.in_current, a.in_weekly)]
        table.add_row(a.origin, *counts, verdict)
    console.print(table)
    for a in accounts:
        if a.weeks:
            which = a.first_week if a.weeks == 1 else f"{a.first_week} to {a.last_week}"
            console.print(f"{a.origin}: {a.weeks} week{'s' * (a.weeks != 1)}, {which}")
    if repeats:
        console.print(f"{repeats} records of `issues` are repeats; they changed nothing")
    if bad_rows:
        console.print(f"{bad_rows} rows of the file were refused")


def _print_pace(console: Console, plan: DemoPlan, burst: Pace, steady: Pace) -> None:
    console.print()
    console.print(
        f"{burst.per_second:,.0f} events/s from input to visible, as fast as they came "
        f"({burst.records:,} records of `issues` in {burst.seconds:.1f} s)"
    )
    pace, how = (burst, "in that burst") if plan.input else (steady, f"at {plan.per_second:.0f}/s")
    table = Table(box=None, pad_edge=False)
    for name in (f"latency {how}", "p50 ms", "p99 ms", "reports"):
        table.add_column(name, justify="left" if name.startswith("latency") else "right")
    for name, latency in (
        ("intake → department topic", pace.to_department),
        ("intake → visible in the read models", pace.to_visible),
    ):
        table.add_row(name, *_latency(latency))
    console.print(table)


def _latency(latency: Latency | None) -> tuple[str, str, str]:
    if latency is None:
        return "–", "–", "0"
    return f"{latency.p50}", f"{latency.p99}", f"{latency.count:,}"
