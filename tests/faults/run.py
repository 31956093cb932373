"""``make faults``: every row, as often as asked, on stacks of three brokers under full load.

Each run of a row has a stack of its own, so that a failure's logs hold nothing else. A line of
JSON per run is appended to the results as soon as it is known, failures too; `tools/faults_doc.py`
makes docs/faults.md of them. The folder of a failed run is kept.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tests.faults.arena import Arena, as_json
from tests.faults.rows import BAD_LINE, BOUNDS, ROWS, SETTINGS

_ROOT: Final = Path(__file__).parents[2]
RESULTS: Final = Path(__file__).with_name("results.ndjson")


def main() -> int:
    """1 when a run failed."""
    parser = argparse.ArgumentParser(description="Attack delivery, and keep account of it.")
    parser.add_argument("rows", nargs="*", default=list(ROWS), help=f"of {', '.join(ROWS)}")
    parser.add_argument("--times", type=int, default=1, help="runs of each row")
    parser.add_argument("--seed", type=int, help="of the first run; the next ones count up")
    parser.add_argument("--rate", type=float, default=300.0, help="events a second")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where lines are appended")
    given = parser.parse_args()
    if unknown := set(given.rows) - set(ROWS):
        parser.error(f"no row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    failed = 0
    for row in given.rows:
        for turn in range(given.times):
            first = given.seed if given.seed is not None else random.randrange(1, 100_000)
            line = run(row, first + turn, given.rate)
            failed += not line["held"]
            with given.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n")
            sys.stdout.write(_told(line) + "\n")
            sys.stdout.flush()
    return int(failed > 0)


def run(row: str, seed: int, rate: float) -> dict[str, Any]:
    """One run of one row; whatever goes wrong is a line too."""
    line: dict[str, Any] = {
        "row": row,
        "seed": seed,
        "rate": rate,
        "bound": BOUNDS[row],
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _commit(),
        "held": False,
    }
    folder = Path(tempfile.mkdtemp(prefix=f"hutong-{row}-{seed}-"))
    start = time.monotonic()
    try:
        with Arena(folder, rate=rate, more=SETTINGS.get(row)) as arena:
            report = arena.run(
                ROWS[row],
                seed,
                warm_up=10,
                after=10,
                bad_line=row in BAD_LINE,
                bound=line["bound"],
            )
        line |= as_json(report)
        line["held"] = not report.violations and not report.lost and not report.doubled
    except Exception as error:  # noqa: BLE001 - told, counted as a failure, and the next row runs
        line["error"] = "".join(traceback.format_exception_only(error)).strip()[:1_000]
        sys.stderr.write("".join(traceback.format_exception(error)))
    line["seconds"] = round(time.monotonic() - start, 1)
    if line["held"]:
        shutil.rmtree(folder)
    else:
        sys.stderr.write(f"{row}, seed {seed}: everything of it is in {folder}\n")
    return line


def _commit() -> str:
    found = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() or "unknown"


def _told(line: dict[str, Any]) -> str:
    what = f"{line['row']} seed {line['seed']}: {'held' if line['held'] else 'FAILED'}"
    if "error" in line:
        return f"{what}, {line['error']}"
    counts = ", ".join(f"{line[name]} {name}" for name in ("accepted", "lost", "doubled"))
    broken = "".join(f"\n  {violation}" for violation in line["violations"][:20])
    return f"{what}, {counts}; nothing accepted for {line['longest_gap']:.1f} s{broken}"


if __name__ == "__main__":
    raise SystemExit(main())
