"""How long a report takes to its department's topic, and to be seen in the read models, at a rate.

    python -m bench.latency [--rates 50 200] [--seconds 20] [--keep]

`hutong demo` with next to no history and so many live reports a second, posted one by one to
intake over HTTP; the times are those that it prints: from the append to the inbox of reports (the
received time) to the append to the department's topic, and to the first look, every 5 ms, that sees
the record. All parts and the sender share the machine's cores, none is pinned.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time

from bench.figures import Figure, command_line, keep

#: A row of the demo's table: what, p50, p99, how many.
_ROW = re.compile(r"^\s*(\S.*→.*?) +([\d,]+) +([\d,]+) +([\d,]+)\s*$", re.MULTILINE)


def main() -> None:
    """Print and, with --keep, keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rates", type=int, nargs="+", default=[50, 200])
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--keep", action="store_true", help="Append to bench/results.")
    arguments = parser.parse_args()
    figures = [each for rate in arguments.rates for each in at_rate(rate, arguments.seconds)]
    for figure in figures:
        print(figure)
    if arguments.keep:
        keep("latency", command_line(), figures)


def at_rate(rate: int, seconds: int) -> list[Figure]:
    """What the demo says of so many reports a second."""
    options = ["--exit", "--history", "1", "--rate", str(rate), "--live", str(rate * seconds)]
    with tempfile.TemporaryDirectory(prefix="hutong-bench-") as folder:
        command = [sys.executable, "-m", "hutong.cli.main", "demo", "--data", folder, *options]
        start = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    print(f"{rate}/s: {time.monotonic() - start:.0f} s", done.stdout[-1500:], sep="\n", flush=True)
    return [
        Figure(
            f"{row[0]} at {rate}/s, {which}",
            "ms",
            (float(value.replace(",", "")),),
            f"{row[3]} reports",
        )
        for row in _ROW.findall(done.stdout)
        for which, value in (("p50", row[1]), ("p99", row[2]))
    ]


if __name__ == "__main__":
    main()
