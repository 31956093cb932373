"""Attack the codec in a guarded process: ``python -m tests.fuzz.codec --count 1000000 --seed 7``.

A worker decodes and checks mutated examples of every schema and compares each answer with fastavro
(read, written again, same bytes). It may not grow by more than 200 MB (RLIMIT_AS) and no input may
take a second; a hang is ended by SIGALRM. The input under way is in a file that outlives the
worker, so that whatever killed it is kept in --keep.
"""

import argparse
import json
import mmap
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

from hutong.events.codec import UndecodableError, default_codec
from tests.fixtures.hostile import examples, mutate, oracle

LONGEST_SECONDS = 1.0
MOST_GROWTH = 200 * 1024 * 1024
_HANG_SECONDS = 10
_ALARM_EVERY = 1_000
_ROOM = 4 * 1024 * 1024


class WrongAnswerError(Exception):
    """The codec took what it must refuse, or refused what it must take, or was too slow."""


def work(count: int, seed: int, current: Path) -> dict[str, object]:
    """Try so many inputs; what came of them. WrongAnswerError at the first that is wrong."""
    codec, random, originals = default_codec(), Random(seed), examples()
    for value in originals:
        codec.check(codec.decode(value))
        oracle(value)
    _limit_memory()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reasons: Counter[str] = Counter()
    longest = 0.0
    with current.open("r+b") as file, mmap.mmap(file.fileno(), _ROOM) as note:
        for number in range(count):
            if number % _ALARM_EVERY == 0:
                signal.alarm(_HANG_SECONDS)
            value = mutate(random, originals[number % len(originals)])[: _ROOM - 8]
            note[:8] = len(value).to_bytes(8, "big")
            note[8 : 8 + len(value)] = value
            reason, body = "", None
            started = time.perf_counter()
            try:
                decoded = codec.decode(value)
                body = decoded.body
                codec.check(decoded)
            except UndecodableError as error:
                reason = error.reason
            seconds = time.perf_counter() - started
            longest = max(longest, seconds)
            if seconds > LONGEST_SECONDS:
                raise WrongAnswerError(f"took {seconds:.3f} s")
            # Compared as text, in which one NaN equals another.
            if repr(body) != repr(oracle(value)):
                raise WrongAnswerError(f"{reason or 'taken'}, and fastavro says otherwise")
            reasons[reason or "taken"] += 1
    signal.alarm(0)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    return {
        "inputs": count,
        "seed": seed,
        "longest_seconds": round(longest, 4),
        "grown_mb": round(grown / 1024, 1),
        "reasons": dict(reasons.most_common()),
    }


def _limit_memory() -> None:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + MOST_GROWTH
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def guarded(count: int, seed: int, keep: Path) -> int:
    """Run a worker; 0 when all went well, else 1 and the input is in ``keep``."""
    with tempfile.NamedTemporaryFile() as current:
        current.truncate(_ROOM)
        arguments = ["--count", str(count), "--seed", str(seed), "--worker", current.name]
        done = subprocess.run([sys.executable, "-m", "tests.fuzz.codec", *arguments], check=False)
        if done.returncode == 0:
            return 0
        note = Path(current.name).read_bytes()
    value = note[8 : 8 + int.from_bytes(note[:8], "big")]
    keep.mkdir(parents=True, exist_ok=True)
    file = keep / f"codec-{seed}-{time.time_ns()}.bin"
    file.write_bytes(value)
    sys.stderr.write(f"the worker ended with {done.returncode}; the input is in {file}\n")
    return 1


def main() -> int:
    """Read the command line, run, say what happened."""
    parser = argparse.ArgumentParser(description="Attack the codec in a guarded process.")
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--keep", type=Path, default=Path("tests/fuzz/found"))
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker is None:
        return guarded(given.count, given.seed, given.keep)
    sys.stdout.write(json.dumps(work(given.count, given.seed, given.worker), indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
