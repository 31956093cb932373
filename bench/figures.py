"""Figures, kept as JSON lines in bench/results, from which bench/RESULTS.md is made.

A line is one figure of one run: what was measured, its values (one for each repetition), and all
that somebody needs to judge it: command, commit, date, machine, versions, load of the machine.
"""

import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from hutong.local.jars import KAFKA_VERSION

RESULTS = Path(__file__).parent / "results"
_PACKAGES = ("confluent-kafka", "faust-streaming", "fastavro", "psycopg")


@dataclass(frozen=True, slots=True)
class Figure:
    """``values``: one for each repetition, in the order in which they were taken."""

    what: str
    unit: str
    values: tuple[float, ...]
    note: str = ""


def keep(group: str, command: str, figures: Iterable[Figure]) -> None:
    """Append figures to bench/results/<group>.jsonl, with where and when, and print them."""
    circumstances = {
        "command": command,
        "date": datetime.now(UTC).date().isoformat(),
        "commit": _output("git", "rev-parse", "--short=10", "HEAD"),
        "machine": machine(),
        "versions": versions(),
        "load": round(os.getloadavg()[0], 1),
    }
    RESULTS.mkdir(exist_ok=True)
    with (RESULTS / f"{group}.jsonl").open("a", encoding="utf-8") as file:
        for figure in figures:
            line = json.dumps({**asdict(figure), **circumstances}, ensure_ascii=False)
            file.write(line + "\n")
            print(line)


def machine() -> str:
    """Processor, number of cores, memory."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    kib = re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text())
    gib = int(kib[1]) / 2**20 if kib else 0
    name = cpu[1].strip() if cpu else platform.machine()
    return f"{os.cpu_count()} cores {name}, {gib:.0f} GiB"


def versions() -> Mapping[str, str]:
    """Of what is measured."""
    java = _output("java", "-version", stderr=True).splitlines() or ["none"]
    found = {"python": platform.python_version(), "kafka": KAFKA_VERSION, "java": java[0]}
    return found | {name: version(name) for name in _PACKAGES}


def cpu_seconds(pid: int) -> float:
    """What a process has used of the processor so far."""
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def command_line() -> str:
    """This run's, as somebody would type it."""
    module = sys.modules["__main__"].__spec__
    name = f"python -m {module.name}" if module is not None else f"python {sys.argv[0]}"
    return " ".join([name, *sys.argv[1:]])


def _output(*command: str, stderr: bool = False) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return (done.stderr if stderr else done.stdout).strip()
