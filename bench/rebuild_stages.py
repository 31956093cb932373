"""Where the Python of a rebuild goes: microseconds a record by stage, without Kafka or PostgreSQL.

    python -m bench.rebuild_stages [--issues 8000] [--rounds 3] [--keep]

The log of bench.projections_speed is encoded once; then it is decoded and folded in batches, rows
are made and merged as `hutong.readmodels.projection` does, with the batches and laps of
`hutong.replay.lap`. What is missing here is COPY, the consumer, and all waiting.
"""

import argparse
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence

from confluent_kafka import TIMESTAMP_LOG_APPEND_TIME

from bench.figures import Figure, command_line, keep
from bench.projections_speed import city_day
from hutong.city import load_city
from hutong.events.codec import default_codec
from hutong.issue.fold import Outcome, Step
from hutong.issue.state import IssueState
from hutong.kafka.issues import KeptRecord, read_kept
from hutong.ops.garbage import collect_seldom
from hutong.readmodels import Ground, all_models
from hutong.readmodels.projection import fold
from hutong.readmodels.writer import Rows, merge
from hutong.replay.lap import BATCH, LAP
from tests.fixtures.histories import headers_for

#: Read models with about a row a record.
LARGE = ("issue_timeline", "clock_due")


def main() -> None:
    """Print and, with --keep, keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--issues", type=int, default=8_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="Append to bench/results.")
    arguments = parser.parse_args()
    log = list(kept_log(arguments.issues))
    ground = Ground.of(load_city())
    collect_seldom()
    rounds = [stages(log, ground) for _ in range(arguments.rounds)]
    figures = [
        Figure(
            f"Python of a rebuild, {len(log):,} records: {name}",
            "microseconds a record",
            tuple(round(each[name] / len(log) * 1e6, 1) for each in rounds),
        )
        for name in rounds[0]
    ]
    for figure in figures:
        print(f"{figure.what:<60} {figure.values}")
    if arguments.keep:
        keep("projections", command_line(), figures)


def kept_log(issues: int) -> Iterator[KeptRecord]:
    """Records as a consumer gives them."""
    codec = default_codec()
    for offset, record in enumerate(city_day(issues)):
        yield KeptRecord(
            0,
            offset,
            TIMESTAMP_LOG_APPEND_TIME,
            record.recorded_at,
            record.issue_id.encode(),
            codec.encode_body(f"hutong.issue.{record.name}", dict(record.body)),
            headers_for(record),
        )


def stages(log: Sequence[KeptRecord], ground: Ground) -> dict[str, float]:
    """Stage -> processor seconds; `all` of them last."""
    codec, used = default_codec(), defaultdict[str, float](float)
    models = all_models()
    modes = {table.name: table.mode for model in models for table in model.tables}
    states: dict[str, IssueState] = {}
    strides: dict[str, Step] = {}
    rows: dict[str, Rows] = {}
    at = time.process_time()

    def done(stage: str) -> None:
        nonlocal at
        used[stage] += (now := time.process_time()) - at
        at = now

    def make(steps: Sequence[Step], *, of_state: bool) -> None:
        for model in models:
            if model.of_state is of_state:
                changes = [c for step in steps for c in model.changes(step, ground.facts)]
                merge(changes, modes, rows)
                done(f"rows of {model.name}" if model.name in LARGE else "all other rows")

    for start in range(0, len(log), BATCH):
        batch = [read_kept(codec, "issues", kept) for kept in log[start : start + BATCH]]
        done("decoding")
        folded = fold(states, batch, ground.rules)
        states.update(folded.states)
        done("folding")
        make(folded.steps, of_state=False)
        for step in folded.steps:
            if step.verdict.outcome is Outcome.APPLIED:
                first = strides.get(step.record.issue_id, step)
                strides[step.record.issue_id] = step._replace(before=first.before)
        done("steps of an issue taken as one")
        if (start + BATCH) % LAP == 0 or start + BATCH >= len(log):
            make(tuple(strides.values()), of_state=True)
            for issue_id in strides:
                states[issue_id].to_json()
            done("states to plain values")
            strides.clear()
            rows.clear()
            done("clearing up")
    used["all"] = sum(used.values())
    return dict(used)


if __name__ == "__main__":
    main()
