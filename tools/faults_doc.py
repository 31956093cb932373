"""Writes docs/faults.md from the results of `make faults`. ``--check``: only say if it is stale."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from pages import write_or_check

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "tests/faults/results.ndjson"
PAGE: Final = ROOT / "docs/faults.md"

ROWS: Final[Mapping[str, str]] = {
    "F1": "kill -9 of the leader of the busiest partition, and of its four successors",
    "F2": "kill -9 of the active controller",
    "F3": "the leader sleeps 20 s (SIGSTOP), and wakes as a zombie",
    "F4": "two of three brokers are down for 20 s",
    "F5": "kill -9 of all three brokers at once",
    "F7": "kill -9 of the broker that coordinates the router's group",
    "F8": "kill -9 of a router at its six named places",
    "F9": "kill -9 of a projector at its four named places",
    "F10": "kill -9 of a random service every 1 to 20 s, for two minutes",
    "F11": "20 workers come and go; a router and a projector sleep past their sessions",
    "F12": "slow consumer: both projectors stand still for 9 s of every 10, for a minute",
    "F13": "PostgreSQL: immediate stop, a backend killed -9, all of it asleep for 30 s",
    "F16": "a table locked for 30 s, waiting sessions ended, then no connection left",
    "F19": "each service's wall clock wrong by +2 d or -3 h, then stepping every 5 s",
    "F20": "client to intake: delays, connections cut before and after the request, half-open",
    "F21": "1 %, then all reports make the classifier raise; a router dies of one by SIGSEGV; "
    "junk stops the routers; what a bad release buried is redriven",
    "F22": "twenty times the load for 30 s, on an intake with 200 in flight at most",
    "F24": "a rebuild cancelled five times while F1, F9 and F13 happen, then left alone",
    "F25": "SIGTERM to every service at once, under load",
    "F26": "a fault of the brokers and two killed services at once, four times",
}

HEAD: Final = """# Delivery under attack

<!-- Written by tools/faults_doc.py from tests/faults/results.ndjson. Do not edit. -->

Three real brokers (replication 3, two in-sync copies needed), PostgreSQL with fsync, intake, two
routers, two projectors and the processes, all on one machine. A load client sends reports by four
channels, amendments, and a department's acts over HTTP. It writes each intent to a journal on disk
(fsync) before the first byte is sent, and each answer after it; what has no clear answer is sent
again with the same key. Then the fault, the healing, and when everything was read, the check of
every promise of [tests/faults/checker.py](../tests/faults/checker.py) over journal, log, read
models, dead letters and department topics.

- `make test` runs F1, F8, F9, F11 and F13 in short form, one after the other on one stack, and F27,
  the drill of the checker: doctored histories, each caught by its name.
- `make faults` runs the rows below (`ARGS="F3 F4 --times 10 --seed 7 --rate 300"`) and appends to
  the results; `python tools/faults_doc.py` makes this page of them.
- `make mutants` breaks our own code twelve ways and wants a test red for each.

*Lost*: answered with 202 and not in the read models. *Doubled*: an event with more than one line.
*Gap*: the longest time in which nothing was accepted. *Again*: from the end of the fault to the
first event accepted. *Read*: from the end of the load until all was in the read models.
These three are the worst of the runs, in seconds. *Bound*: what neither of the last two may exceed
(I9); runs of before there was one were judged without.
*Events/s*, in the last table, is what the client was asked for. What was accepted a second is less
(older runs did not keep it): two cores are shared by the client and eleven processes.

What a row looks at besides the promises: F19, that the date in intake's answers is wrong while the
clocks are; order and statutory time then are I3, I5 and I7 (they follow the log's own append time).
The clock is `time.time` of the Python services, changed by a `sitecustomize` of the run's own; C
libraries and brokers keep theirs. F21, that the routers say so for some and for all, that one ends
by SIGSEGV, that more than 100 dead letters in a row stop both, and that `hutong dead-letters
redrive` brings back what was buried. F22, that something was answered with 429 or 503, nothing with
another 5xx, and that no service held 512 MiB.
"""

FOUND: Final = """
## What the runs found

- **A router that is not given its records** (F8, mended). After six routers were killed one after
  the other, `reports-grid/2`, `reports-hotline/2` and `reports-app/2` stood still for 180 s, until
  the run was given up, while the routers were ready. A router now ends when a partition of its own
  has records that it is not handed for `HUTONG_ROUTER_IDLE_SECONDS`, and joins anew.
- **Clients that are busy while a broker is down** (F1, mended). Two ways in which librdkafka 2.16
  connects to a dead broker without a pause, 10,000 times a second. An admin client that asks for
  the end of a partition whose leader has just died does so until the answer is late: 4.1 s of
  processor time in 5 s. The router's watch asked every five seconds and kept its client, which
  never looked again who leads: both routers filled both cores with it until the broker was back.
  The client is replaced now when an answer fails or is late. And an idempotent producer with five
  requests in flight: 5.1 s of processor time in 32 s with one of three brokers dead, 1.0 s with
  two in flight, which is what ours have.
- **A router that asks a broker which leads no more** (F3, mended). After a broker had slept and
  woken, the routers stood still on the partitions that it had led. aiokafka 0.14 fetches nothing
  of a broker while one partition of it has no position, and asks the old leader for that position
  again and again. It learns of the new one when what it knows of leaders is too old: after five
  minutes by Faust's setting, after five seconds now.
- **A watch that was blind in just that case** (F3, mended). The router's search for partitions
  that stand still had no answer from the broker: librdkafka's admin client goes on asking with
  the epoch of the old leader, and is told `FENCED_LEADER_EPOCH` for ever. The processes' horizon
  had the same fault. Both replace the client now when an answer fails, and the router says so.
- **The checker's I6** (mended after the first run of F4). Reports that intake wrote twice,
  because their sender tried again after no clear answer, are routed twice; of the second answer
  of the router the fold asks the id alone, so it has no row though its bytes differ. The
  checker counted it as unaccounted.
- **The harness's quiet** (mended). Notices that the processes wrote while the checker read were
  counted as not routed. The processes are stopped now, and what they wrote is read, before it
  looks.
- **A rebuild and a reader that wait for each other** (F24, mended). A swap took its tables one
  after the other; the processes, who read a list and then the states in one transaction, had one
  and waited for another: a deadlock, and the rebuild ended. It takes all at once now, or none. A
  test with such a reader failed before and holds since, as F24 does.
- **A burst is bounded by the client** (F22). It asked for 2,000 events a second; on two cores that
  it shares with three brokers it began about 8,400 in 30 s, near three times the usual load. With
  200 in flight at most, intake answered 717 tries with 503; it held 128 MiB, and no service more.
- **A clock that is ahead used up the reminders** (F19, mended). A notice that the fold refuses as
  not due yet is given again, eight times at most and then never. With clocks that stepped for half
  a minute, 272 notices had been refused, up to four times each (seed 7, 100 events/s). Since then
  the first answer of the broker that shows it makes the processes go by the broker's clock: 128
  notices were refused with the same seed, once each.
- **Routers restart in rebalances** (F8). A router that has fetched in the middle of a rebalance
  ends with `TornError`, and is started again.
"""

NOT_DONE: Final = """
## What was not tried

- F6, F14, F15, F17, F18 need network namespaces, devices that fill up, injected system calls or a
  schema registry, which the machine of these runs does not offer or the product does not have yet.
- {missing}
- I7 has no sealed checkpoints to verify: instead each record of the log must name an input that is
  there, with its key and its append time.
- `kill -9` of brokers keeps the page cache: no power cut was simulated.
- Few clean runs bound little: after 30 without a failure the rate may still be 10 % (rule of
  three).
"""


def page(lines: Iterable[Mapping[str, Any]]) -> str:
    """The whole page."""
    runs: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for line in lines:
        runs[line["row"]].append(line)
    every = [run for found in runs.values() for run in found]
    whole = [run for run in every if "accepted" in run]
    total = {name: sum(run[name] for run in whole) for name in ("accepted", "lost", "doubled")}
    failed = sum(not run["held"] for run in every)
    summary = (
        f"**{len(every)} runs, {failed} of them failed; {total['accepted']:,} events accepted "
        f"under faults, {total['lost']} lost, {total['doubled']} doubled.**\n"
    )
    columns = ["runs", "held", "accepted", "unknown", "lost", "doubled"]
    columns += ["gap", "again", "read", "bound"]
    text = [HEAD, summary, f"| row | fault | {' | '.join(columns)} |", "|---" * 12 + "|"]
    text += [_row(row, what, runs[row]) for row, what in ROWS.items() if row in runs]
    columns = ["row", "seed", "events/s", "accepted/s", "commit", "at (UTC)", "seconds", "result"]
    text += ["\n## Every run\n", f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    text += map(_run, every)
    missing = [row for row in ROWS if row not in runs]
    said = f"Not run yet: {', '.join(missing)}." if missing else "Nothing else."
    return "\n".join(text) + "\n" + FOUND + NOT_DONE.format(missing=said)


def _row(row: str, what: str, runs: list[Mapping[str, Any]]) -> str:
    whole = [run for run in runs if "accepted" in run]
    sums = [sum(run[name] for run in whole) for name in ("accepted", "unknown", "lost", "doubled")]
    worst = [
        f"{max((run[name] for run in whole), default=0):.1f}"
        for name in ("longest_gap", "accepts_again", "drained")
    ]
    held = sum(run["held"] for run in runs)
    bound = next((f"{run['bound']:g}" for run in reversed(runs) if "bound" in run), "-")
    cells = [row, what, len(runs), held, *(f"{each:,}" for each in sums), *worst, bound]
    return f"| {' | '.join(map(str, cells))} |"


def _run(run: Mapping[str, Any]) -> str:
    result = "held" if run["held"] else "**failed**: " + _why(run)
    if run.get("short"):
        result += " (short form of `make test`)"
    accepted = f"{run['accepted'] / run['loaded']:.0f}" if run.get("loaded") else ""
    cells = [run["row"], run["seed"], f"{run['rate']:g}", accepted, run["commit"], run["at"][:19]]
    return f"| {' | '.join(map(str, [*cells, round(run['seconds']), result]))} |"


def _why(run: Mapping[str, Any]) -> str:
    if "error" in run:
        words = str(run["error"]).split("\n")[0][:200]
    else:
        words = "; ".join(run["violations"][:3])[:400]
    return words.replace("|", "/")


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page; 0 when nothing is wrong."""
    text = RESULTS.read_text("utf-8") if RESULTS.exists() else ""
    made = page(json.loads(line) for line in text.splitlines())
    return write_or_check({PAGE: made}, __file__, arguments)


if __name__ == "__main__":
    sys.exit(main())
