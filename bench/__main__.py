"""Takes the figures of the router and the projections, and writes bench/RESULTS.md.

    python -m bench [--short]

Some 15 minutes on an idle machine; --short gives fewer repetitions of the same, some 8 minutes.
Each part can be run by itself (`python -m bench.router_peers --help`) and keeps nothing unless told
to.
"""

import argparse
import subprocess
import sys
from typing import Final

FULL: Final = (
    ("bench.router_peers", "--reports", "60000", "--copies", "1000000", "--rounds", "5"),
    ("bench.two_routers", "--rounds", "5"),
    ("bench.projections_speed", "--issues", "17000", "--rounds", "5", "--curve"),
    ("bench.latency", "--rates", "50", "200", "1000", "--seconds", "30"),
)
SHORT: Final = (
    ("bench.router_peers", "--reports", "40000", "--copies", "1000000", "--rounds", "3"),
    ("bench.two_routers", "--rounds", "3"),
    ("bench.projections_speed", "--issues", "12000", "--rounds", "3", "--curve"),
    ("bench.latency", "--rates", "50", "200", "1000", "--seconds", "10"),
)


def main() -> int:
    """Run each part in a process of its own; 0 when all went well."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="Fewer repetitions.")
    arguments = parser.parse_args()
    for part in SHORT if arguments.short else FULL:
        if code := _run("-m", *part, "--keep"):
            return code
    return _run("tools/bench_results.py")


def _run(*command: str) -> int:
    print("python", *command, flush=True)
    return subprocess.run([sys.executable, *command], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
