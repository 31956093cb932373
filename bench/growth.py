"""What every page asks of PostgreSQL when there are a million issues, by plan.

    .venv/bin/python -m bench.growth [--copies 110] [--data DIR] [--keep]

A month of a busy district is played for real (`hutong demo --days 30`: 12,000 issues, some ten
events each), and its rows are then written again and again with other ids and receipts, each copy
a month back, twelve months deep; of months that are over only what is settled is written. 110
copies are a million issues and ten million events of a year. States, lists, clocks and timelines
grow so; sums are per week and place, and stay as they are.

Then the pages' own functions are called, and each query that they made is run again with
`EXPLAIN (ANALYZE)`, warm: its time, and
the tables of over 10,000 rows that it reads from end to end. `--slow MS` prints the slower queries.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Final, LiteralString

import psycopg
from hutong_web.board import ISSUES, weeks_to_show
from hutong_web.database import DatabaseSource
from hutong_web.filters import Filters
from hutong_web.language import Language
from hutong_web.times import CityTime
from psycopg import sql

from bench.figures import Figure, command_line, keep
from hutong.city import City, load_city
from hutong.issue.state import ENDED
from hutong.local.stack import Stack
from hutong.readmodels.clock_due import queries as clock_due
from hutong.readmodels.issue_timeline import queries as timeline
from hutong.readmodels.periods import Period
from hutong.readmodels.projection import load_states
from hutong.store import Connection, connect, migrate

MONTH: Final = 30 * 86_400_000
#: Tables with rows of single issues, and their columns that hold an issue's or an event's id.
GROWING: Final = {
    "issue_state": ("issue_id",),
    "issue_current": ("issue_id", "master"),
    "issue_timeline": ("issue_id", "event_id", "causation_id"),
    "queue": ("issue_id",),
    "clock_due": ("issue_id",),
    "assignment": ("issue_id",),
    "identity": ("issue_id", "event_id"),
    "duplicate_pair": ("issue_id", "other_id", "event_id"),
    "duplicate_merge": ("issue_id", "other_id", "event_id"),
    "duplicate_candidate": ("issue_id",),
}
#: bigint columns that are no instants.
LENGTHS: Final = frozenset({"offset", "excused_ms"})


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--copies", type=int, default=110, help="of the month, itself included")
    parser.add_argument("--slow", type=float, default=50, help="milliseconds")
    parser.add_argument("--keep", action="store_true", help="keep the figures in bench/results")
    parser.add_argument("--data", type=Path, help="keep the data there, and use what is there")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = arguments.data or Path(folder)
        if not (data / "postgres").exists():
            command = [sys.executable, "-m", "hutong.cli.main", "demo", "--exit"]
            subprocess.run([*command, "--days", "30", "--data", str(data)], check=True)
        with Stack(data, only=("postgres",)) as stack, connect(stack.database_url) as connection:
            migrate(stack.database_url)
            log = log_bytes(connection, data)
            grow(connection, arguments.copies)
            figures = [*sizes(connection), *log, *measure(connection, load_city(), arguments.slow)]
            if arguments.keep:
                keep("growth", command_line(), figures)


def grow(connection: Connection, copies: int) -> None:
    """Write the month again until there are so many of it; nothing where there are."""
    start = time.perf_counter()
    base = _one(connection, "SELECT count(*) FROM issue_timeline WHERE issue_id NOT LIKE 'c0p%'")
    if _count(connection, "issue_timeline") <= base * (copies - 1) // 2:
        connection.execute(
            "CREATE TEMP TABLE settled AS SELECT issue_id FROM issue_current"
            " WHERE issue_id NOT LIKE 'c0p%%' AND status = ANY(%s)"
            " AND issue_id NOT IN (SELECT issue_id FROM queue)",
            [sorted(ENDED)],
        )
        connection.execute("ANALYZE settled")
        for table, ids in GROWING.items():
            name = sql.Identifier(table)
            connection.execute(sql.SQL("DELETE FROM {} WHERE issue_id LIKE 'c0p%'").format(name))
            _copy(connection, table, ids, copies - 1)
            connection.commit()
            print(f"{table:<20} {time.perf_counter() - start:>7,.0f} s", flush=True)
        connection.execute("TRUNCATE status_count")
        connection.execute(
            "INSERT INTO status_count SELECT origin, status, count(*), count(dispatched_at)"
            " FROM issue_current GROUP BY 1, 2"
        )
    connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE")
    issues, events = _count(connection, "issue_state"), _count(connection, "issue_timeline")
    seconds = time.perf_counter() - start
    print(f"{issues:,} issues, {events:,} events; grown and analysed in {seconds:,.0f} s")


def _copy(connection: Connection, table: str, ids: Sequence[str], copies: int) -> None:
    columns = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'hutong' AND table_name = %s ORDER BY ordinal_position",
        [table],
    ).fetchall()
    values = [_value(name, kind, ids) for name, kind in columns]
    query = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM generate_series(1, %s) AS k,"
        " {table} AS t WHERE k %% 12 = 0 OR t.issue_id IN (SELECT issue_id FROM settled)"
    ).format(
        table=sql.Identifier(table),
        columns=sql.SQL(", ").join(sql.Identifier(name) for name, _ in columns),
        values=sql.SQL(", ").join(values),
    )
    connection.execute(query, [copies])


def _value(name: str, kind: str, ids: Sequence[str]) -> sql.Composable:
    column = sql.Identifier("t", name)
    if name in ids:
        return sql.SQL("overlay({} placing 'c0p' || lpad(k::text, 3, '0') from 1 for 6)").format(
            column
        )
    if name == "receipt":
        return sql.SQL("overlay({} placing lpad(k::text, 3, '0') from 7 for 3)").format(column)
    if name == "offset":
        return sql.SQL("{} + k * 10000000").format(column)
    if kind == "bigint" and name not in LENGTHS:
        return sql.SQL("{} - (k %% 12) * {}::bigint").format(column, MONTH)
    if name == "state":
        return sql.SQL(
            "replace(t.state::text, t.issue_id,"
            " overlay(t.issue_id placing 'c0p' || lpad(k::text, 3, '0') from 1 for 6))::jsonb"
        )
    return column


def log_bytes(connection: Connection, data: Path) -> list[Figure]:
    """What one copy of Kafka's log takes for each event of the month that was played."""
    found: dict[str, int] = {}
    for segment in (data / "kafka").rglob("*.log"):
        topic = segment.parent.name.rpartition("-")[0]
        found[topic] = found.get(topic, 0) + segment.stat().st_size
    played = "SELECT count(*) FROM issue_timeline WHERE issue_id NOT LIKE 'c0p%'"
    events = _one(connection, played)
    others = sum(found.values()) - found["issues"]
    what = "Kafka, one copy, an event of a simulated month"
    return [
        Figure(f"{what}: `issues`", "bytes", (round(found["issues"] / events),)),
        Figure(f"{what}: all other topics", "bytes", (round(others / events),)),
    ]


def sizes(connection: Connection) -> list[Figure]:
    """What is on disk in PostgreSQL, with indexes, by event."""
    events = _count(connection, "issue_timeline")
    rows = connection.execute(
        "SELECT relname, pg_total_relation_size(oid), pg_indexes_size(oid) FROM pg_class"
        " WHERE relnamespace = 'hutong'::regnamespace AND relkind = 'r' ORDER BY 2 DESC LIMIT 6"
    ).fetchall()
    total = _one(
        connection,
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
        " WHERE relnamespace = 'hutong'::regnamespace AND relkind = 'r'",
    )
    print(f"on disk {total / 1e9:,.2f} GB, {total / events:,.0f} bytes an event")
    for name, whole, indexes in rows:
        print(f"  {name:<16} {whole / 1e9:>7.2f} GB, of it indexes {indexes / 1e9:.2f}")
    issues = _count(connection, "issue_state")
    what = f"PostgreSQL, {issues:,} issues, {events:,} events, with indexes"
    return [
        Figure(what, "bytes an event", (round(total / events),)),
        Figure("the same", "bytes an issue", (round(total / issues),)),
    ]


class Noting(psycopg.Cursor[Any]):
    """Notes what is asked."""

    asked: ClassVar[list[tuple[Any, Any]]] = []

    def execute(self, query: Any, params: Any = None, **more: Any) -> "Noting":
        """As any cursor does."""
        self.asked.append((query, params))
        return super().execute(query, params, **more)


class OnOne(DatabaseSource):
    """The pages' source over one connection that notes."""

    def __init__(self, connection: Connection) -> None:
        super().__init__("")
        self._connection = connection

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        yield self._connection


def measure(connection: Connection, city: City, slow: float) -> list[Figure]:
    """All queries of each page."""
    figures = []
    connection.cursor_factory = Noting
    now = _one(connection, "SELECT max(received_at) FROM issue_timeline")
    print(f"{'asked by':<34}{'queries':>8}{'ms':>8}{'slowest':>9}  read from end to end")
    for name, ask in pages(connection, city, now):
        Noting.asked.clear()
        ask()
        asked = list(Noting.asked)
        plans = [_explained(connection, *each) for each in asked]
        whole = sorted({table for plan in plans for table in plan[1]})
        times = [plan[0] for plan in plans]
        print(f"{name:<34}{len(plans):>8}{sum(times):>8.1f}{max(times):>9.1f}  {' '.join(whole)}")
        note = f"the slowest {max(times):.1f} ms"
        figures.append(Figure(f"{name}: {len(plans)} queries", "ms", (round(sum(times), 1),), note))
        for (query, params), (took, _) in zip(asked, plans, strict=True):
            if took > slow:
                print(f"    {took:,.0f} ms: {_plain(connection, query)} {params or ''}")
    return figures


def pages(connection: Connection, city: City, now: int) -> Iterable[tuple[str, Any]]:
    """What is asked, and how."""
    source = OnOne(connection)
    weeks = weeks_to_show(now, CityTime(city.timezone, Language.ZH))
    week, month, quarter = (
        Period.parse(_text(connection, f"SELECT max({column}) FROM category_weekly"))
        if column
        else Period.parse("2026-Q4")
        for column in ("week", "month", "")
    )
    issue, receipt = connection.execute(
        "SELECT issue_id, receipt FROM issue_current WHERE closed_at IS NOT NULL"
        " AND issue_id NOT LIKE 'c0p%' ORDER BY issue_id LIMIT 1"
    ).fetchone() or ("", "")
    worker = _text(connection, "SELECT assignee FROM assignment LIMIT 1")
    ids = [row[0] for row in connection.execute("SELECT issue_id FROM issue_state LIMIT 4000")]
    for name, filters in (
        ("board", Filters()),
        ("board, open of a department", Filters(status="open", department="urban-mgmt")),
        ("board, a category", Filters(category="utilities")),
        ("board, a street", Filters(street="west")),
        ("board, a month's late ones", Filters(period="2026-06", fact="respond-overdue")),
    ):
        yield name, lambda f=filters: source.board(f, f.scope(city, now), weeks, ISSUES)
    yield "case", lambda: source.case(issue)
    yield "find a receipt", lambda: source.find(receipt)
    for kind in ("", "queued", "return", "follow-up", "suspected"):
        yield (
            f"desk {kind}".strip(),
            lambda k=kind: source.desk(k, street="", origin="", after=None, limit=50, now=now),
        )
    yield "department's inbox", lambda: source.inbox("urban-mgmt", 50)
    yield "grid worker", lambda: source.grid(worker, ("west-bell-01",), 50)
    for period in (week, month, quarter):
        yield (
            f"circular {period.name}",
            lambda p=period: source.circular(city, p, number=None, at=now),
        )
    yield "scorecard", lambda: source.scorecard(city, "urban-mgmt", (week,), at=now)
    yield "workers", lambda: source.workers(week)
    yield "returns", lambda: source.returns(week)
    yield "what is due (`clocks due`)", lambda: clock_due.due_before(connection, now, limit=100)
    yield "what comes (clocks process)", lambda: clock_due.coming(connection, now, limit=500)
    yield "timeline of an issue", lambda: timeline.of_issue(connection, issue)
    yield "4,000 states (a batch)", lambda: load_states(connection, ids)


def _explained(connection: Connection, query: Any, params: Any) -> tuple[float, set[str]]:
    """Milliseconds of the second run, and the large tables that it reads from end to end."""
    text = _plain(connection, query)
    if not text.lstrip().upper().startswith(("SELECT", "WITH")):
        return 0.0, set()
    explain = f"EXPLAIN (ANALYZE, FORMAT JSON) {text}"
    plan: Any = None
    for _ in range(2):
        with psycopg.Cursor(connection) as cursor:
            row = cursor.execute(explain, params).fetchone()
            plan = row[0] if row else None
    found = json.loads(plan) if isinstance(plan, str) else plan
    return float(found[0]["Execution Time"]), set(_scans(found[0]["Plan"]))


def _plain(connection: Connection, query: Any) -> str:
    return query.as_string(connection) if isinstance(query, sql.Composable) else str(query)


def _scans(node: dict[str, Any]) -> Iterator[str]:
    rows = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
    if node["Node Type"] in ("Seq Scan", "Parallel Seq Scan") and rows > 10_000:
        yield node["Relation Name"]
    for below in node.get("Plans", ()):
        yield from _scans(below)


def _count(connection: Connection, table: LiteralString) -> int:
    return _one(connection, f"SELECT count(*) FROM {table}")


def _one(connection: Connection, query: LiteralString) -> int:
    [(value,)] = connection.execute(query).fetchall()
    return int(value)


def _text(connection: Connection, query: LiteralString) -> str:
    [(value,)] = connection.execute(query).fetchall()
    return str(value)


if __name__ == "__main__":
    main()
