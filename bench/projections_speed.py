"""Records per second through live projections, and through a rebuild.

    python -m bench.projections_speed [--issues 17000] [--rounds 3] [--curve] [--keep]

It starts a Kafka and a PostgreSQL (fsync on) of its own in a temporary folder, on core 0, writes
whole lives of six events each, interleaved as a city would (2,000 issues are open at once), and
runs the real projector process on them, on core 1: states loaded, folded, all read models and the
states written, committed. Then the same log is rebuilt beside the live tables, compared and
swapped, on core 1 too. Every round begins with an empty database.

The live figure counts from the first commit that is seen, so that neither the start of Python nor
the joining of the group is in it. Every report has words of its own. --curve adds other sizes of
batches, a log in which every fifth record belongs to one of ten issues or all of them to a single
one, and one projector and two with all cores to share.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from bench.figures import Figure, command_line, cpu_seconds, keep
from hutong.city import City, load_city
from hutong.events.codec import default_codec
from hutong.events.topics import ISSUES, Topic, TopicCatalogue, load_topics
from hutong.issue.record import Record
from hutong.kafka.admin import create_topics
from hutong.local.stack import Stack
from hutong.ops.garbage import collect_seldom
from hutong.readmodels import Ground
from hutong.replay.log import Replayer
from hutong.replay.rebuild import rebuild
from hutong.store import SCHEMA, connect, migrate, read_offsets
from tests.fixtures.histories import History, append, interleaved, whole_life
from tests.fixtures.promoted import promoted_city

#: Issues whose lives overlap.
OPEN_AT_ONCE = 2_000
BATCH = 4_000
CURVE = (250, 1_000, 16_000)
#: Issues that everybody acts on, together for a fifth of all records.
HOT = (10, 1)
HOT_LOG = "issues-hot-{}"
SERVERS_CORE, CORE = 0, 1


@dataclass(frozen=True, slots=True)
class Rates:
    """Records for each second, and for each second of the process's own processor time."""

    wall: float
    core: float


def main() -> None:
    """Print and, with --keep, keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--issues", type=int, default=17_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--keep", action="store_true", help="Append to bench/results.")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {SERVERS_CORE})
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder) / "data", only=("kafka", "postgres")) as stack,
    ):
        os.sched_setaffinity(0, {CORE})
        city = load_city()
        catalogue = load_topics(city.departments)
        create_topics(stack.kafka, catalogue)
        hot_logs = [like(catalogue[ISSUES], HOT_LOG.format(hot)) for hot in HOT]
        create_topics(stack.kafka, TopicCatalogue(hot_logs, {}))
        count = append(stack.kafka, ISSUES, city_day(arguments.issues))
        packs = promoted_city(stack.kafka)
        live, rebuilt = [], []
        for _ in range(arguments.rounds):
            empty(stack.database_url)
            live.append(measure_live(stack, packs, ISSUES, count, BATCH))
            rebuilt.append(measure_rebuild(stack, city))
        figures = [
            *figures_of(f"live, batches of {BATCH:,}, {count:,} records", live),
            *figures_of(f"rebuild with comparison and swap, {count:,} records", rebuilt),
        ]
        figures += disk(stack.database_url, Path(folder) / "data", count)
        if arguments.curve:
            for batch in CURVE:
                empty(stack.database_url)
                rates = [measure_live(stack, packs, ISSUES, count, batch)]
                figures += figures_of(f"live, batches of {batch:,}", rates)
            for hot in HOT:
                log = HOT_LOG.format(hot)
                some = append(stack.kafka, log, with_hot_issues(arguments.issues // 4, hot))
                empty(stack.database_url)
                rates = [measure_live(stack, packs, log, some, BATCH)]
                figures += figures_of(f"live, {some:,} records, a fifth of them of {hot}", rates)
            os.sched_setaffinity(0, range(os.cpu_count() or 1))
            for projectors in (1, 2):
                empty(stack.database_url)
                rates = [measure_live(stack, packs, ISSUES, count, BATCH, projectors)]
                figures += figures_of(f"live, projectors on all cores: {projectors}", rates)
    if arguments.keep:
        keep("projections", command_line(), figures)


def like(topic: Topic, name: str) -> Topic:
    """A topic with another name."""
    return Topic(
        name,
        topic.key,
        topic.partitions,
        topic.writer,
        topic.readers,
        topic.received,
        topic.origin,
        topic.events,
    )


def city_day(issues: int) -> Iterator[Record]:
    """Whole lives, a group of them at a time, event by event."""
    numbers = iter(range(issues))
    while group := list(islice(numbers, OPEN_AT_ONCE)):
        yield from interleaved(life(number) for number in group)


def life(number: int) -> list[Record]:
    """A whole life whose report is worded as no other."""
    report, *rest = whole_life(number)
    words = {name: f"{report.body[name]} {number}" for name in ("subject", "body")}
    return [replace(report, body={**report.body, **words}), *rest]


def with_hot_issues(issues: int, hot: int) -> Iterator[Record]:
    """Whole lives, and issues on whose progress somebody has a word all the time."""
    others = interleaved(life(number) for number in range(issues))
    noted = interleaved(hot_life(number, issues * 6 // 4 // hot) for number in range(hot))
    for record in noted:
        yield record
        yield from islice(others, 4)
    yield from others


def hot_life(number: int, records: int) -> list[Record]:
    """Accepted, and then noted on and on."""
    history = History(1_000_000 + number)
    begun = [
        history.reported(),
        history.dispatched(),
        history.by_lead("IssueAccepted", hop=1),
    ]
    return [*begun, *(history.by_lead("ProgressNoted") for _ in range(records - len(begun)))]


def disk(url: str, data: Path, count: int) -> list[Figure]:
    """What an event takes in PostgreSQL, indexes too, and in one copy of the log."""
    with connect(url, autocommit=True) as connection:
        row = connection.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class"
            " WHERE relnamespace = %s::regnamespace AND relkind = 'r'",
            [SCHEMA],
        ).fetchone()
    assert row is not None  # a sum has one
    segments = data.rglob(f"{ISSUES}-[0-9]*/*.log")
    in_log = sum(segment.stat().st_blocks * 512 for segment in segments)
    what = f"on disk, {count:,} records"
    return [
        Figure(f"{what}, PostgreSQL with indexes", "bytes an event", (round(row[0] / count),)),
        Figure(f"{what}, one copy of `issues`", "bytes an event", (round(in_log / count),)),
    ]


def empty(url: str) -> None:
    """A database as on the first day."""
    with connect(url, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    migrate(url)


def measure_live(
    stack: Stack, packs: str, topic: str, count: int, batch: int, projectors: int = 1
) -> Rates:
    """The real process, or several that share the partitions, until the end of the log."""
    environment = {
        **os.environ,
        **stack.environment(),
        "HUTONG_PROJECTIONS_PORT": "0",
        "HUTONG_PROJECTIONS_CITY": packs,
        "HUTONG_PROJECTIONS_TOPIC": topic,
        "HUTONG_PROJECTIONS_BATCH": str(batch),
        "HUTONG_LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-c", "from hutong_projections.main import main; exit(main())"]
    processes = [subprocess.Popen(command, env=environment) for _ in range(projectors)]
    try:
        with connect(stack.database_url, autocommit=True) as connection:
            first: tuple[float, int, float] | None = None
            while (done := sum(read_offsets(connection).values())) < count:
                if first is None and done:
                    first = time.perf_counter(), done, seconds_of(processes)
                if ended := [p.returncode for p in processes if p.poll() is not None]:
                    raise SystemExit(f"a projector ended with {ended[0]}")
                time.sleep(0.02)
            end, used = time.perf_counter(), seconds_of(processes)
        if first is None:
            raise SystemExit("too few records: all were in the first batch")
        left = count - first[1]
        rates = Rates(left / (end - first[0]), left / (used - first[2]))
        print(f"live    {topic} {left:>9,} records, batches of {batch}: {rates}", flush=True)
        return rates
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def seconds_of(processes: Iterable["subprocess.Popen[bytes]"]) -> float:
    """Processor seconds of them all."""
    return sum(cpu_seconds(process.pid) for process in processes)


def measure_rebuild(stack: Stack, city: City) -> Rates:
    """The same log again, compared and swapped."""
    replayer = Replayer(stack.kafka, ISSUES, default_codec())
    ground = Ground.of(city)
    collect_seldom()  # as `hutong replay rebuild` does
    start, before = time.perf_counter(), _used()
    report = rebuild(stack.database_url, replayer, lambda: ground)
    seconds, used = time.perf_counter() - start, _used() - before
    replayer.close()
    if not report.is_equal:
        raise SystemExit("the rebuilt tables are not what was live")
    rates = Rates(report.records / seconds, report.records / used)
    still = f"live stood still for {report.still_seconds:.1f} s"
    print(f"rebuild {report.records:>9,} records, {still}: {rates}", flush=True)
    return rates


def _used() -> float:
    """Processor seconds of this process and of those that it has waited for."""
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def figures_of(what: str, rates: Iterable[Rates]) -> list[Figure]:
    """Both rates of several rounds."""
    rates = list(rates)
    return [
        Figure(what, "records/s", tuple(round(each.wall) for each in rates)),
        Figure(f"{what}, each core second", "records", tuple(round(each.core) for each in rates)),
    ]


if __name__ == "__main__":
    main()
