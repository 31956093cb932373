"""Records per second through live projections, and through a rebuild.

    .venv/bin/python bench/projections_speed.py [--issues 20000] [--batch 4000]

It starts a Kafka and a PostgreSQL (fsync on) of its own in a temporary folder, writes whole lives
of six events each, interleaved as a city would (thousands of issues are open at once), and runs the
real projector process on them: states loaded, folded, all read models and the states written,
committed. Then the same log is rebuilt beside the live tables, compared and swapped. Live stands
still for the last 10,000 records at most, the comparison and the swap. Kafka,
PostgreSQL and the projector share the machine's cores.

The live figure counts from the first commit that is seen, so that neither the start of Python nor
the joining of the group is in it.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from hutong.city import City, load_city
from hutong.events.codec import default_codec
from hutong.events.topics import ISSUES, load_topics
from hutong.issue.record import Record
from hutong.kafka.admin import create_topics
from hutong.local.stack import Stack
from hutong.readmodels import Ground
from hutong.replay.log import Replayer
from hutong.replay.rebuild import rebuild
from hutong.store import connect, migrate, read_offsets

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.fixtures.histories import append, interleaved, whole_life
from tests.fixtures.promoted import promoted_city

#: Issues whose lives overlap.
OPEN_AT_ONCE = 2_000


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--issues", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=4_000)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder) / "data", only=("kafka", "postgres")) as stack,
    ):
        city = load_city()
        create_topics(stack.kafka, load_topics(city.departments))
        migrate(stack.database_url)
        start = time.perf_counter()
        count = append(stack.kafka, ISSUES, city_day(arguments.issues))
        print(f"written   {count:>9,} records {count / (time.perf_counter() - start):>9,.0f}/s")
        measure_live(stack, count, arguments.batch)
        measure_rebuild(stack, city)


def city_day(issues: int) -> Iterator[Record]:
    """Whole lives, a group of them at a time, event by event."""
    numbers = iter(range(issues))
    while group := list(islice(numbers, OPEN_AT_ONCE)):
        yield from interleaved(whole_life(number) for number in group)


def measure_live(stack: Stack, count: int, batch: int) -> None:
    """The real process, until it stands at the end of the log."""
    environment = {
        **os.environ,
        **stack.environment(),
        "HUTONG_PROJECTIONS_PORT": "0",
        "HUTONG_PROJECTIONS_CITY": promoted_city(stack.kafka),
        "HUTONG_PROJECTIONS_BATCH": str(batch),
        "HUTONG_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-c", "from hutong_projections.main import main; exit(main())"]
    process = subprocess.Popen(command, env=environment)
    try:
        with connect(stack.database_url, autocommit=True) as connection:
            first: tuple[float, int] | None = None
            while (done := sum(read_offsets(connection).values())) < count:
                if first is None and done:
                    first = time.perf_counter(), done
                if process.poll() is not None:
                    raise SystemExit(f"the projector ended with {process.returncode}")
                time.sleep(0.01)
            end = time.perf_counter()
        if first is None:
            raise SystemExit("too few records: all were in the first batch")
        rate = (count - first[1]) / (end - first[0])
        print(f"live      {count - first[1]:>9,} records {rate:>9,.0f}/s   batches of {batch}")
    finally:
        process.terminate()
        process.wait(20)


def measure_rebuild(stack: Stack, city: City) -> None:
    """The same log again, compared and swapped."""
    replayer = Replayer(stack.kafka, ISSUES, default_codec())
    ground = Ground.of(city)
    start = time.perf_counter()
    report = rebuild(stack.database_url, replayer, lambda: ground)
    replayer.close()
    seconds = time.perf_counter() - start
    verdict = "equal" if report.is_equal else "DIFFERENT"
    print(
        f"rebuild   {report.records:>9,} records {report.records / report.seconds:>9,.0f}/s   "
        f"with comparison and swap {report.records / seconds:,.0f}/s   {verdict}; "
        f"live stood still for {report.still_seconds:.1f} s"
    )


if __name__ == "__main__":
    main()
