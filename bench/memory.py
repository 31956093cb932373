"""Resident memory of a rebuild, and of one projector, while they go through a long log.

    python -m bench.memory [--events 5000000] [--projector 1000000] [--keep]

It starts a Kafka and a PostgreSQL (fsync on) of its own in a temporary folder and writes whole
lives of six events, 2,000 issues open at once, straight into `issues`: one life encoded once, with
other ids in place of its own. Live tables are empty and said to stand at the end of the log, so the
rebuild reads, folds and writes all of it, without comparison and swap. Then they are said to stand
so many events before the end, and one projector does the rest.

A figure is the highest resident memory; with it stands the highest in each fifth of the way.
Processes share the machine's cores as they like.
"""

import argparse
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from confluent_kafka import Producer

from bench.figures import Figure, command_line, keep
from bench.projections_speed import OPEN_AT_ONCE
from bench.stores import empty_stores
from hutong.city import City
from hutong.events.codec import default_codec
from hutong.events.ids import derived_id
from hutong.events.topics import ISSUES
from hutong.kafka import producer_config
from hutong.local.stack import Stack
from hutong.ops.garbage import collect_seldom
from hutong.readmodels import Ground
from hutong.replay.copy import How
from hutong.replay.log import Replayer
from hutong.replay.progress import Progress
from hutong.replay.rebuild import rebuild
from hutong.store import connect, read_offsets
from tests.fixtures.histories import headers_for, whole_life
from tests.fixtures.promoted import promoted_city

FIFTHS: Final = 5


def main() -> None:
    """Print and, with --keep, keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=5_000_000)
    parser.add_argument("--projector", type=int, default=1_000_000, help="of them for a projector")
    parser.add_argument("--keep", action="store_true", help="Append to bench/results.")
    arguments = parser.parse_args()
    with empty_stores() as (stack, city):
        # In a process of its own, so that its memory is not what is measured.
        writer = multiprocessing.get_context("spawn").Process(
            target=write, args=(stack.kafka, arguments.events // len(whole_life(0)))
        )
        writer.start()
        writer.join()
        packs = promoted_city(stack.kafka)
        figures = [*of_rebuild(stack, city), *of_projector(stack, packs, arguments.projector)]
    if arguments.keep:
        keep("memory", command_line(), figures)


def write(bootstrap: str, issues: int) -> None:
    """So many lives, a group of them at a time, event by event."""
    began, count = time.perf_counter(), 0
    producer = Producer(producer_config(bootstrap, queue_buffering_max_messages=100_000))
    for key, value, headers in lives(issues):
        producer.produce(ISSUES, key=key, value=value, headers=headers)
        count += 1
        if count % 10_000 == 0:
            producer.flush()
    if producer.flush(60):
        raise SystemExit("the log could not be written")
    print(f"{count:,} events written in {time.perf_counter() - began:.0f} s", flush=True)


def lives(issues: int) -> Iterator[tuple[bytes, bytes, list[tuple[str, bytes]]]]:
    """Key, value and headers of each event. All ids are equally long, so bytes take their place."""
    codec = default_codec()
    life = whole_life(0)
    ids = [record.event_id.encode() for record in life]
    told = [
        (codec.encode_body(f"hutong.issue.{record.name}", dict(record.body)), headers_for(record))
        for record in life
    ]
    numbers = iter(range(issues))
    while group := list(islice(numbers, OPEN_AT_ONCE)):
        others = [
            [derived_id("memory", f"{n}/{turn}").encode() for turn in range(6)] for n in group
        ]
        for turn, (value, headers) in enumerate(told):
            for own in others:
                # The event, the one that it answers, and the issue, which has its report's id.
                made = value
                for place in {0, max(0, turn - 1), turn}:
                    made = made.replace(ids[place], own[place])
                yield own[0], made, headers


def of_rebuild(stack: Stack, city: City) -> list[Figure]:
    """One rebuild, thrown away."""
    replayer = Replayer(stack.kafka, ISSUES, default_codec())
    ends = replayer.ends()
    stand_at(stack, ends)
    ground, seen = Ground.of(city), list[tuple[int, int]]()
    collect_seldom()

    def watch(progress: Progress) -> None:
        seen.append((progress.done, resident(os.getpid())))

    report = rebuild(
        stack.database_url, replayer, lambda: ground, dry_run=True, how=How(watch=watch)
    )
    replayer.close()
    what = f"rebuild by one worker, {report.records:,} events"
    return [
        memory(what, seen, 0, sum(ends.values())),
        Figure(what, "records/s", (round(report.records / report.seconds),)),
    ]


def of_projector(stack: Stack, packs: str, events: int) -> list[Figure]:
    """The last so many events of the log, live."""
    replayer = Replayer(stack.kafka, ISSUES, default_codec())
    ends = replayer.ends()
    replayer.close()
    start = {p: max(0, end - events // len(ends)) for p, end in ends.items()}
    stand_at(stack, start)
    environment = {
        **os.environ,
        **stack.environment(),
        "HUTONG_PROJECTIONS_PORT": "0",
        "HUTONG_PROJECTIONS_CITY": packs,
        "HUTONG_LOG_LEVEL": "ERROR",
    }
    command = [sys.executable, "-c", "from hutong_projections.main import main; exit(main())"]
    process = subprocess.Popen(command, env=environment)
    began, seen = time.perf_counter(), list[tuple[int, int]]()
    try:
        with connect(stack.database_url, autocommit=True) as connection:
            while (done := sum(read_offsets(connection).values())) < sum(ends.values()):
                if process.poll() is not None:
                    raise SystemExit(f"the projector ended with {process.returncode}")
                seen.append((done, resident(process.pid)))
                time.sleep(0.5)
        seen.append((done, resident(process.pid)))
        count = done - sum(start.values())
        what = f"one projector, {count:,} events"
        return [
            memory(what, seen, sum(start.values()), done),
            Figure(what, "records/s", (round(count / (time.perf_counter() - began)),)),
        ]
    finally:
        process.terminate()
        process.wait(20)


def stand_at(stack: Stack, offsets: dict[int, int]) -> None:
    """Live tables that stand there, whatever is in them."""
    with connect(stack.database_url) as live, live.cursor() as cursor:
        cursor.execute("DELETE FROM projection_offset")
        cursor.executemany("INSERT INTO projection_offset VALUES (%s, %s)", list(offsets.items()))


def memory(what: str, seen: list[tuple[int, int]], start: int, end: int) -> Figure:
    """The highest, and the highest in each fifth of the way."""
    highest = [0] * FIFTHS
    for done, size in seen:
        fifth = min(FIFTHS - 1, (done - start) * FIFTHS // (end - start))
        highest[fifth] = max(highest[fifth], size)
    note = f"in each fifth of the way: {', '.join(map(str, highest))}"
    return Figure(f"{what}, resident memory", "MB", (max(highest),), note)


def resident(pid: int) -> int:
    """Megabytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") // 1_000_000


if __name__ == "__main__":
    main()
