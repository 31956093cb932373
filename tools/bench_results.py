"""Write bench/RESULTS.md from the figures kept in bench/results.

python tools/bench_results.py            write it
python tools/bench_results.py --check    exit 1 if it is not current

Of a figure that was taken more than once, the last is shown; the earlier ones stay in the files. A
line has ``values`` (one for each repetition) and a ``unit``, or, taken once before repetitions were
kept, a ``figure`` in words.
"""

import json
import statistics
import sys
from pathlib import Path
from typing import Any, Final

from pages import write_or_check

ROOT: Final = Path(__file__).resolve().parents[1]
RESULTS: Final = ROOT / "bench" / "results"
PAGE: Final = ROOT / "bench" / "RESULTS.md"

_HEAD: Final = """# Results

Made by `python tools/bench_results.py` from the figures in bench/results; `make bench` takes
those of the router and the projections anew and writes this page. A figure of several runs is
their median, with the least and the most of them beside it. *Load* is the machine's load
average when the figure was kept: above 2 on these two cores, others were at work, and only
ratios of one run mean much.
"""

#: File in bench/results -> what to say above its figures.
GROUPS: Final = {
    "router": (
        "The router against programs that do the same work, in turns on one broker. The "
        "broker runs on core 0 alone, whoever is measured on core 1 alone. The peers are in "
        "bench/peers, with what each leaves out: Kafka Streams masks no text, writes no evidence "
        "and keeps no order waiting for the log, the plain loop loses nothing but its place when "
        "it is killed. *One in, one out* is a copy of bytes for the peers, and for the router an "
        "act that is decoded, validated and stamped. What bounds the router's real job is "
        "Python on its own core, spread thin: the next table. In the first round of the real job "
        "other work shared core 0 with the broker while both peers ran (it used 90 %): their least "
        "rates, 1.63 and 2.29 are of that round and count for nothing; the other two rounds hold. "
        "The reports that Kafka Streams sent elsewhere were written in traditional characters; it "
        "folds them since, and in a run that is not kept it sent none of 40,000 elsewhere. "
        "The plain loop looks for garbage as often as Python does by default, the router seldom; "
        "its lead over the loop was not measured without that."
    ),
    "stages": (
        "What a report costs the router by stage, in process and without a broker; *all of it* is "
        "`Router.route`, and what the stages leave of it is heads, ids, headers and records. What "
        "comes on top is getting records and sending them: of the latter some 11 µs in the "
        "router's own thread and 8 in librdkafka's."
    ),
    "routers": (
        "One router on core 1, then two, one on each core: the second shares core 0 with the "
        "broker, so two cannot be twice as fast here. Generated reports, the real job."
    ),
    "projections": (
        "One projector and a rebuild, each on core 1 alone; Kafka and PostgreSQL on core 0. "
        "Issues of six events, 2,000 of them open at once. *Each core second*: records for "
        "each second of processor time of the process itself. What bounds both is Python, by the "
        "stages below: decoding, folding, and two rows that nearly every record makes (timeline, "
        "clocks). What a record takes of a core second beyond them, some 11 microseconds, is COPY "
        "with its JSON and the consumer; the rest of the time PostgreSQL is waited for. A rebuild "
        "writes an issue's rows once in 20,000 records, live once in every batch. The aim of "
        "30,000 a core second for a rebuild is not reached: decoding and folding alone take more "
        "than two thirds of what that would leave."
    ),
    "memory": (
        "Resident memory over a long log, all processes on both cores: the highest of one run, "
        "and the highest in each fifth of its way. The run over five million events had the lowest "
        "priority while tests used both cores, so its speeds say nothing."
    ),
    "intake": (
        "Intake as one process, its one Kafka and the sender on the same two cores; every report "
        "names who reports, and is sealed."
    ),
    "latency": (
        "A report on its way, `hutong demo` with next to no history: from the append to the "
        "inbox of reports to the append to the department's topic, and to the first look that "
        "sees it in the read models. All parts and the sender share both cores."
    ),
    "growth": (
        "A database with a year of a city's issues, more than a million: every page's queries, "
        "warm, by `EXPLAIN (ANALYZE)`; and what an event takes on disk."
    ),
    "services": (
        "Taken once each, 2026-11-26, on two shared x86-64 cores with 24 GiB, Python 3.11.7, "
        "Java 17, Kafka 4.3.1 (one broker), PostgreSQL 15, all on the same two cores as what "
        "is measured."
    ),
    "duplicates": (
        "Duplicates, same machine, sample pack, a generated year of 24 grids. 20,000 reports "
        "are 16 a week in a grid; the district with 10,471 orders a week has 998 grids, so "
        "10. The generator has few addresses, so at five times that density different matters "
        "look alike to people, too."
    ),
    "sdk": (
        "The SDK, 2026-11-26, same machine, which four others used as well while the cost was "
        "taken (an insert with fsync took 0.1 ms when it was idle, up to 1.3 ms then). The "
        "cost of a call beyond the insert is some 65 µs of computing and of pages (two more "
        "than a table without a queue has), so on a disk that syncs in no time it weighs "
        "more: 1.5 is met on a slow disk and not on an idle one."
    ),
}


def page() -> str:
    """The text of bench/RESULTS.md. ValueError for a file that no group names."""
    files = {path.stem: path for path in sorted(RESULTS.glob("*.jsonl"))}
    if unknown := files.keys() - GROUPS:
        raise ValueError(f"bench/results has {', '.join(unknown)}: name them in GROUPS")
    parts = [_HEAD]
    for group, words in GROUPS.items():
        if group in files:
            lines = files[group].read_text("utf-8").splitlines()
            parts.append(_section(words, [json.loads(line) for line in lines]))
    return "\n".join(parts)


def _section(words: str, kept: list[dict[str, Any]]) -> str:
    newest = {each["what"]: each for each in kept}
    rows = [_row(each) for each in newest.values()]
    head = ["| what | figure | least to most | command | when |", "|---|---|---|---|---|"]
    under = [
        f"{each['machine']}; " + ", ".join(f"{name} {v}" for name, v in each["versions"].items())
        for each in newest.values()
        if "machine" in each
    ]
    notes = [f"\n{text}." for text in dict.fromkeys(under)]
    return "\n".join([words, "", *head, *rows, *notes, ""])


def _row(kept: dict[str, Any]) -> str:
    what, when = kept["what"], kept["date"]
    if kept.get("note"):
        what += f"; {kept['note']}"
    if kept.get("commit"):
        when += f", {kept['commit']}, load {kept['load']}"
    if "figure" in kept:
        figure, spread = kept["figure"], "one run"
    else:
        values = kept["values"]
        figure = f"{_number(statistics.median(values))} {kept['unit']}"
        spread = f"{_number(min(values))} to {_number(max(values))}, {len(values)} runs"
        if len(values) == 1:
            spread = "one run"
    return f"| {what} | {figure} | {spread} | `{kept['command']}` | {when} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) or abs(value) >= 100 else f"{value:,.3g}"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page; 0 when nothing is wrong."""
    return write_or_check({PAGE: page()}, __file__, arguments)


if __name__ == "__main__":
    sys.exit(main())
