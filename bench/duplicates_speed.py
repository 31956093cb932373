"""How long the duplicates process takes for a report among many, with PostgreSQL.

Run: python bench/duplicates_speed.py [--count 100000] [--reports 2000] [--database-url URL]

Fills the tables that it reads with a generated year (`--count` issues), as the projector does, and
looks at the last `--reports` of them, as a turn of the process does, without Kafka. Without a URL a
PostgreSQL of its own is started.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hutong_processes.candidates import around, load, remember
from hutong_processes.duplicates import compare

from hutong.city import City, load_city
from hutong.classify import Classifier
from hutong.demo.generate import GeneratedReport, generate_reports
from hutong.events.ids import derived_id
from hutong.local.stack import Stack
from hutong.store import Connection, connect, migrate

FLOOD = 3_000
START, END = 1_735_660_800_000, 1_767_196_800_000


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--reports", type=int, default=2_000)
    parser.add_argument("--database-url")
    arguments = parser.parse_args()
    with server(arguments.database_url) as url:
        migrate(url)
        with connect(url) as connection:
            measure(connection, arguments.count, arguments.reports)
            connection.rollback()


@contextmanager
def server(url: str | None) -> Iterator[str]:
    """The PostgreSQL to measure on."""
    if url is not None:
        yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        stack = Stack(Path(folder) / "data", only=("postgres",))
        stack.start()
        try:
            yield stack.database_url
        finally:
            stack.stop()


def measure(connection: Connection, count: int, looked_at: int) -> None:
    """Of the end of a year, and of a flood: the same words from 3,000 people in half a minute."""
    city = load_city()
    year = list(generate_reports(1, count, START, END, city))
    report(connection, year, year[-looked_at:], city, f"{count} issues of a year")
    flood = [
        replace(year[0], number=count + n, occurred_at=END + n * 10) for n in range(1, FLOOD + 1)
    ]
    report(connection, flood, flood[-500:], city, f"a flood of {FLOOD}")


def report(
    connection: Connection,
    reports: list[GeneratedReport],
    looked_at: list[GeneratedReport],
    city: City,
    name: str,
) -> None:
    """Add these reports; milliseconds for each of those looked at."""
    items = fill(connection, reports, Classifier(city))
    connection.execute("ANALYZE")
    times, compared, found = [], 0, 0
    for each in looked_at:
        issue_id = id_of(each)
        started = time.perf_counter()
        issue = load(connection, [issue_id], items)[issue_id]
        others = around(connection, issue, city)
        found += sum(len(pairs) for _, pairs in compare(issue, others, city))
        remember(connection, [issue])
        times.append((time.perf_counter() - started) * 1000)
        compared += len(others)
    print(f"{name}, {len(looked_at)} looked at, {compared / len(looked_at):.0f} read for each")
    print(f"  mean {statistics.fmean(times):.2f} ms", end=", ")
    print(f"p50 {statistics.median(times):.2f} ms", end=", ")
    print(f"p99 {statistics.quantiles(times, n=100)[98]:.2f} ms; {found} pairs named")


def id_of(report: GeneratedReport) -> str:
    """Its issue."""
    return derived_id("report", str(report.number))


def fill(
    connection: Connection, reports: list[GeneratedReport], classifier: Classifier
) -> dict[str, str]:
    """Rows as after projection, all dispatched and looked at; duty items by issue."""
    items = {}
    rows = []
    for report in reports:
        guess = classifier.classify(
            report.subject, report.body, channel=report.channel, area=report.area
        )
        items[id_of(report)] = guess.item or ""
        rows.append((id_of(report), report, guess.item))
    with connection.cursor().copy(
        "COPY issue_current (issue_id, receipt, channel, origin, status, area, street, item,"
        " co_owners, hop, subject, lon, lat, address, reported_at, unresolvable, applied)"
        " FROM STDIN"
    ) as copy:
        for issue_id, report, item in rows:
            copy.write_row(
                (
                    issue_id, issue_id, report.channel, "live", "dispatched", report.area, "",
                    item, "{}", 1, report.subject, report.lon, report.lat, report.address,
                    report.occurred_at, False, 2,
                )
            )  # fmt: skip
    padding = {"seen": {derived_id("seen", str(n)): "0123456789abcdef" for n in range(8)}}
    with connection.cursor().copy(
        "COPY issue_state (issue_id, partition, fold_version, state) FROM STDIN"
    ) as copy:
        for issue_id, report, _ in rows:
            state = {"text": report.body, "subject": report.subject, **padding}
            copy.write_row((issue_id, 0, 1, json.dumps(state, ensure_ascii=False)))
    with connection.cursor().copy("COPY duplicate_candidate FROM STDIN") as copy:
        for issue_id, report, _ in rows:
            copy.write_row((issue_id, items[issue_id], report.occurred_at))
    return items


if __name__ == "__main__":
    main()
