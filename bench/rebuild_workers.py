"""Records per second of a rebuild by one worker and by more, in turns on the same log.

    .venv/bin/python bench/rebuild_workers.py [--issues 30000] [--workers 1 2] [--rounds 2]

It starts a Kafka and a PostgreSQL (fsync on) of its own in a temporary folder and writes whole
lives of six events each, interleaved, thousands of issues open at once. Live tables are empty and
said to stand at the end of the log, so what is measured is reading, folding and writing all states
and read models, with the start of the processes, without comparison and swap. All processes share
the machine's cores; the CPU seconds of ours and of PostgreSQL's are printed beside.
"""

import argparse
import functools
import os
import sys
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.projections_speed import city_day
from bench.stores import empty_stores
from hutong.cli.replay_source import opened_source
from hutong.events.codec import default_codec
from hutong.events.topics import ISSUES
from hutong.local.stack import Stack
from hutong.readmodels import Ground
from hutong.replay.copy import How
from hutong.replay.log import Replayer
from hutong.replay.rebuild import rebuild
from hutong.store import connect
from tests.fixtures.histories import append
from tests.fixtures.promoted import promoted_city


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--issues", type=int, default=30_000)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    with empty_stores() as (stack, city):
        append(stack.kafka, ISSUES, city_day(arguments.issues))
        os.environ.update(stack.environment())
        os.environ["HUTONG_PROJECTIONS_CITY"] = promoted_city(stack.kafka)
        replayer = Replayer(stack.kafka, ISSUES, default_codec())
        with connect(stack.database_url) as live, live.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO projection_offset VALUES (%s, %s)", list(replayer.ends().items())
            )
        for _ in range(arguments.rounds):
            for workers in arguments.workers:
                measure(stack, replayer, Ground.of(city), workers)
        replayer.close()


def measure(stack: Stack, replayer: Replayer, ground: Ground, workers: int) -> None:
    """One rebuild, thrown away."""
    opened = functools.partial(opened_source, None)
    replayer.restart()
    ours, theirs = _our_seconds(), _postgres_seconds(stack)
    began = time.perf_counter()
    report = rebuild(
        stack.database_url,
        replayer,
        lambda: ground,
        dry_run=True,
        how=How(workers=workers, opened=opened),
    )
    whole = time.perf_counter() - began
    ours, theirs = _our_seconds() - ours, _postgres_seconds(stack) - theirs
    print(
        f"{workers} workers {report.records:>9,} records {report.records / report.seconds:>9,.0f}/s"
        f"   {report.seconds:.1f} s, with comparison {whole:.1f} s; "
        f"CPU: ours {ours:.1f} s, PostgreSQL {theirs:.1f} s"
    )


def _our_seconds() -> float:
    return sum(os.times()[:4])


def _postgres_seconds(stack: Stack) -> float:
    """Of our server and its processes, those that have ended too."""
    ours = [
        process
        for process in psutil.process_iter(["name", "cmdline"])
        if process.info["name"] == "postgres"
        and any(str(stack.data) in word for word in process.info["cmdline"] or ())
    ]
    return sum(
        sum(process.cpu_times()[:4])
        for server in ours
        for process in (server, *server.children(recursive=True))
    )


if __name__ == "__main__":
    main()
