"""``make mutants``: our own code broken on purpose; a test must turn red for each.

Every mutation is made in a copy of the tree, and the one test named beside it is run there. It must
pass on the copy as it is, and fail by its own assertion on the mutated one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).parents[2]
_COPIED: Final = ("hutong", "services", "schemas", "tests", "tools", "bench", "examples", "docs")
_SOURCES: Final = (
    ".",
    "schemas",
    *(f"services/{name}" for name in ("intake", "router", "projections", "processes", "web")),
)
_FAILED: Final = 1
"""pytest's exit code for tests that ran and failed; an error in collecting is another."""


@dataclass(frozen=True)
class Mutant:
    """One change of one place, and the test that must notice."""

    what: str
    file: str
    old: str
    new: str
    test: str


ROUTER: Final = "services/router/hutong_router"
AGENT: Final = "tests/unit/router/test_agent.py::test_"

MUTANTS: Final = (
    Mutant(
        "the router acknowledges before the log has confirmed",
        f"{ROUTER}/agent.py",
        "        self._jobs.add(job)\n",
        "        self._jobs.add(job)\n        chunk.done = True\n",
        f"{AGENT}orders_go_out_only_when_the_log_is_confirmed_and_only_then_is_it_done",
    ),
    Mutant(
        "orders go out before the log has the dispatch",
        f"{ROUTER}/agent.py",
        "while waiting and waiting[0].unconfirmed == 0:",
        "while waiting:",
        f"{AGENT}orders_keep_the_order_of_the_chunks_whatever_is_confirmed_first",
    ),
    Mutant(
        "the router commits beyond a chunk that is not done",
        f"{ROUTER}/ledger.py",
        "while chunks and chunks[0].done:",
        "while chunks and any(chunk.done for chunk in chunks):",
        "tests/unit/router/test_ledger.py::test_commits_only_the_prefix_that_is_done",
    ),
    Mutant(
        "dead letters without end",
        f"{ROUTER}/agent.py",
        "if self._dead_in_a_row > self._most_dead_letters:",
        "if False:",
        f"{AGENT}row_75_too_many_dead_letters_in_a_row_stop_it_before_the_chunk_is_sent",
    ),
    Mutant(
        "an event that was seen is judged again",
        "hutong/issue/fold.py",
        "if state is not None and (known := _digest_of_first",
        "if state is None and (known := _digest_of_first",
        "tests/unit/issue/test_fold.py::test_a_repeat_changes_nothing",
    ),
    Mutant(
        "no fence: whoever writes last moves the offset",
        "hutong/store/offsets.py",
        "if moved.rowcount != 1:",
        "if moved.rowcount > 1:",
        "tests/integration/test_store.py"
        "::test_offsets_move_only_from_where_they_are_believed_to_be",
    ),
    Mutant(
        "intake answers 202 for what the broker did not confirm",
        "services/intake/hutong_intake/intake.py",
        "            raise _unconfirmed(pending) from None\n",
        "            from hutong_intake.log import Appended\n\n"
        '            place = Appended(f"reports-{pending.channel}", 0, 0, 0)\n',
        "tests/unit/intake/test_sending.py::test_row_44_no_confirmation",
    ),
    Mutant(
        "a retry makes an id of its own",
        "services/intake/hutong_intake/intake.py",
        'issue_id = derived_id("report", channel, key)\n            if report',
        "issue_id = new_id()\n            if report",
        "tests/unit/intake/test_sending.py::test_row_30_after_a_restart_the_same_bytes_are_written",
    ),
    Mutant(
        "half of a merge is sent",
        "services/intake/hutong_intake/acts.py",
        "        for event in pair:\n            places",
        "        for event in pair[:1]:\n            places",
        "tests/unit/intake/test_acts.py::test_a_merge_goes_to_the_older_issue_first",
    ),
    Mutant(
        "a department's order that was done is done again",
        "hutong/sdk/department.py",
        "if self._inbox.is_done(incoming.id):",
        "if False:",
        "tests/unit/sdk/test_department.py::test_an_order_that_comes_twice_is_done_once",
    ),
    Mutant(
        "the projector commits the offset first, and then the rows",
        "services/projections/hutong_projections/sink.py",
        "            move_offsets(connection, batch.moves)\n",
        "            move_offsets(connection, batch.moves)\n"
        "        with connection.transaction():\n",
        "tests/integration/test_projections.py"
        "::test_f09_killed_at_a_failpoint_nothing_is_lost_or_doubled[in-sql]",
    ),
    Mutant(
        "orders leave the outbox before the broker has confirmed them",
        "services/processes/hutong_processes/orders.py",
        "        self._sender.send(map(_record, rows))\n        self._failpoints.reach(SENT)\n"
        "        outbox.remove(connection, [row.event_id for row in rows])\n",
        "        outbox.remove(connection, [row.event_id for row in rows])\n"
        "        self._failpoints.reach(SENT)\n        self._sender.send(map(_record, rows))\n",
        "tests/integration/test_orders_relay.py"
        "::test_killed_between_sending_and_deleting_it_says_the_same_again",
    ),
)


def main() -> int:
    """Try each; 1 when one survives."""
    survived = 0
    with tempfile.TemporaryDirectory(prefix="hutong-mutants-") as name:
        tree = Path(name)
        _copy(tree)
        code, said = _test(tree, *sorted({mutant.test for mutant in MUTANTS}))
        if code != 0:
            sys.stderr.write(f"The tests do not pass on the code as it is:\n{said}\n")
            return 1
        for mutant in MUTANTS:
            path = tree / mutant.file
            whole = path.read_text("utf-8")
            if whole.count(mutant.old) != 1:
                sys.stderr.write(f"{mutant.file} does not hold once: {mutant.old!r}\n")
                return 1
            path.write_text(whole.replace(mutant.old, mutant.new), "utf-8")
            code, said = _test(tree, mutant.test)
            path.write_text(whole, "utf-8")
            caught = code == _FAILED
            survived += not caught
            test = mutant.test.rpartition("::test_")[2]
            sys.stdout.write(f"{'caught  ' if caught else 'SURVIVED'}  {mutant.what}\n")
            sys.stdout.write(f"          {test}\n")
            if not caught:
                sys.stdout.write(f"exit code {code}\n{said}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(MUTANTS)} mutants, {survived} survived\n")
    return int(survived > 0)


def _copy(tree: Path) -> None:
    for name in _COPIED:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(_ROOT / name, tree / name, ignore=ignored)
    for file in _ROOT.iterdir():
        if file.is_file():
            shutil.copy2(file, tree / file.name)


def _test(tree: Path, *tests: str) -> tuple[int, str]:
    """The packages of the copy come before those that are installed."""
    path = os.pathsep.join(str(tree / source) for source in _SOURCES)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done.returncode, done.stdout[-3_000:] + done.stderr[-1_000:]


if __name__ == "__main__":
    raise SystemExit(main())
