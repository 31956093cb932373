"""One router, then two that share the work, at the real job.

    python -m bench.two_routers [--reports 60000] [--rounds 3] [--keep]

There are two cores only: the broker is on core 0, the first router on core 1, and the second beside
the broker on core 0. So two are at most as fast as two cores less what the broker takes of one, and
the share that the second got is told. All take the same reports, by turns. A rate counts from where
a quarter is done and each router has its part of it, up to the last record in `issues`.
"""

import argparse
import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient

from bench.figures import Figure, command_line, cpu_seconds, keep
from bench.router_peers import (
    BROKER_CORE,
    CORE,
    SETTLE_SECONDS,
    WARM,
    YEAR,
    broker,
    ends_of,
    java_child,
    prepare,
    report_records,
    router,
    router_environment,
)
from hutong.city import load_city
from hutong.demo.generate import generate_reports
from hutong.events.topics import ISSUES
from hutong.kafka import client_config
from hutong.kafka.send import send_confirmed

#: Processor time by which a router has started and is at work, seconds.
_AT_WORK = 3.0
_LONGEST_SECONDS = 120.0
_OUT = 2  # records in `issues` for each report


@dataclass(frozen=True, slots=True)
class Run:
    """Reports a second, and cores in use by each router and the broker."""

    rate: float
    routers: tuple[float, ...]
    broker: float


def main() -> None:
    """Print and, with --keep, keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reports", type=int, default=60_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="Append to bench/results.")
    arguments = parser.parse_args()
    city = load_city()
    runs: dict[int, list[Run]] = {1: [], 2: []}
    with broker() as (stack, _folder):
        prepare(stack.kafka, city)
        made = generate_reports(1, arguments.reports, *YEAR, city)
        send_confirmed(stack.kafka, report_records(made))
        for turn in range(arguments.rounds):
            for count, cores in ((1, (CORE,)), (2, (CORE, BROKER_CORE))):
                group = f"two-{turn}-{count}"
                run = measure(stack.kafka, group, cores, arguments.reports)
                runs[count].append(run)
                print(f"{turn} {count} {run.rate:>8,.0f}/s", run, flush=True)
    figures = figures_of(runs)
    for figure in figures:
        print(figure)
    if arguments.keep:
        keep("routers", command_line(), figures)


def measure(kafka: str, group: str, cores: Sequence[int], reports: int) -> Run:
    """Routers of one group, one on each core, from the warm point to the last report."""
    admin = AdminClient(client_config(kafka))
    start, wanted = ends_of(admin, ISSUES), reports * _OUT
    processes = [_start(kafka, group, core) for core in cores]
    pids = [process.pid for process in processes] + [java_child()]
    warm: tuple[float, int, list[float]] | None = None
    limit = time.monotonic() + _LONGEST_SECONDS
    try:
        while (done := ends_of(admin, ISSUES) - start) < wanted:
            now, used = time.monotonic(), [cpu_seconds(pid) for pid in pids]
            if now > limit or any(process.poll() is not None for process in processes):
                raise SystemExit(f"a router ended or is too slow: {done} of {wanted}")
            if warm is None and done >= wanted * WARM and min(used) > _AT_WORK:
                warm = now, done, used
            time.sleep(0.02)
        end, used = time.monotonic(), [cpu_seconds(pid) for pid in pids]
        if warm is None:
            raise SystemExit("all was done before every router was at work: give more reports")
        seconds = end - warm[0]
        *routers, of_broker = ((b - a) / seconds for a, b in zip(warm[2], used, strict=True))
        time.sleep(SETTLE_SECONDS)
        return Run((wanted - warm[1]) / _OUT / seconds, tuple(routers), of_broker)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(20)


def _start(kafka: str, group: str, core: int) -> "subprocess.Popen[bytes]":
    command = ["taskset", "-c", str(core), *router(0)]
    environment = {**os.environ, **router_environment(kafka, group)}
    return subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[1])


def figures_of(runs: dict[int, list[Run]]) -> list[Figure]:
    """Rates, and two as a multiple of one in the same round."""
    found = []
    for count, of_one in runs.items():
        shares = [
            statistics.median(part) for part in zip(*(run.routers for run in of_one), strict=True)
        ]
        uses = " and ".join(
            f"{share:.0%} of core {core}"
            for share, core in zip(shares, (CORE, BROKER_CORE), strict=False)
        )
        of_broker = statistics.median(run.broker for run in of_one)
        note = f"uses {uses}, the broker {of_broker:.0%} of core {BROKER_CORE}"
        what = "one router" if count == 1 else f"{count} routers"
        found.append(Figure(what, "reports/s", tuple(round(run.rate) for run in of_one), note))
    ratios = tuple(round(b.rate / a.rate, 3) for a, b in zip(runs[1], runs[2], strict=True))
    return [*found, Figure("two routers against one", "ratio", ratios, "same round")]


if __name__ == "__main__":
    main()
