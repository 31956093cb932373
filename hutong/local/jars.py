"""The jars of the Kafka broker: fetched once by jgo, checked against pinned hashes, cached.

The cache is one folder a user (`$XDG_CACHE_HOME/hutong`, else `~/.cache/hutong`). A folder there
is complete or absent: downloads go to `….partial` and are renamed when every jar has the pinned
hash. An interrupted download goes on from the jars that are already right.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from hutong.local.errors import LocalStackError

if TYPE_CHECKING:
    from jgo.maven import MavenContext

KAFKA_VERSION = "4.3.1"
ROOTS = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.slf4j:slf4j-simple:1.7.36")
"""What the pinned list was resolved from: the broker, and a logger that writes to standard error.
"""

_TRIES = 3
"""Times each jar is asked for: registries drop a connection now and then."""

_AT_ONCE = 6
"""Downloads under way together: latency, not width, is what 46 small files wait for."""


@dataclass(frozen=True)
class Jar:
    """One pinned jar: Maven coordinate, size in bytes, SHA-256 in hex."""

    group: str
    artifact: str
    version: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """Its file name."""
        return f"{self.artifact}-{self.version}.jar"

    def is_at(self, path: Path) -> bool:
        """Tell whether `path` holds exactly this jar."""
        if not path.is_file() or path.stat().st_size != self.size:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == self.sha256


@dataclass(frozen=True)
class KafkaJars:
    """Where the jars are, and what getting them cost this time (0 bytes: from the cache)."""

    folder: Path
    bytes_downloaded: int
    seconds: float

    @property
    def class_path(self) -> str:
        """The value of `java -cp`."""
        return f"{self.folder}{os.sep}*"


Fetch = Callable[[Jar, Path], Path]
"""Get one jar, given a folder to keep files in; returns the path of the file got."""


def pinned_jars() -> tuple[Jar, ...]:
    """Read the pinned list that ships with the package."""
    text = files("hutong.local").joinpath(f"kafka-{KAFKA_VERSION}.lock").read_text("utf-8")
    jars = []
    for line in text.splitlines():
        if line and not line.startswith("#"):
            coordinate, size, sha256 = line.split()
            group, artifact, version = coordinate.split(":")
            jars.append(Jar(group, artifact, version, int(size), sha256))
    return tuple(jars)


def cache_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return the per-user cache folder (not made yet)."""
    env = os.environ if environ is None else environ
    base = env.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "hutong"


def kafka_jars(
    cache: Path | None = None,
    jars: tuple[Jar, ...] | None = None,
    fetch: Fetch | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> KafkaJars:
    """Return the folder of Kafka's jars, downloading them when the cache has none.

    `fetch` replaces jgo in tests. `say` gets a line for a person when a download starts and ends.

    Raises:
        LocalStackError: a jar could not be had, or is not the one that was pinned.
    """
    cache = cache_folder() if cache is None else cache
    jars = pinned_jars() if jars is None else jars
    folder = cache / f"kafka-{KAFKA_VERSION}-{_digest(jars)[:12]}"
    if _is_complete(folder, jars):
        return KafkaJars(folder, 0, 0.0)
    with _locked(cache / "download.lock"):
        if _is_complete(folder, jars):  # another process was faster
            return KafkaJars(folder, 0, 0.0)
        started = time.monotonic()
        total = sum(jar.size for jar in jars)
        say(f"Downloading Kafka {KAFKA_VERSION}: {len(jars)} jars, {total / 1e6:.1f} MB")
        partial = folder.with_name(folder.name + ".partial")
        downloaded = _download(jars, partial, fetch or _jgo_fetch)
        shutil.rmtree(folder, ignore_errors=True)  # one that somebody damaged
        (partial / "lib").rename(folder)
        shutil.rmtree(partial)
        seconds = time.monotonic() - started
        say(f"Downloaded Kafka {KAFKA_VERSION}: {downloaded:,} bytes in {seconds:.1f} s")
        return KafkaJars(folder, downloaded, seconds)


def _digest(jars: tuple[Jar, ...]) -> str:
    return hashlib.sha256("".join(sorted(jar.sha256 for jar in jars)).encode()).hexdigest()


def _is_complete(folder: Path, jars: tuple[Jar, ...]) -> bool:
    """Sizes only: the hashes were checked before the folder got its name."""
    return all(
        (path := folder / jar.name).is_file() and path.stat().st_size == jar.size for jar in jars
    )


def _download(jars: tuple[Jar, ...], partial: Path, fetch: Fetch) -> int:
    """Fill `partial/lib` with every jar; returns the bytes fetched now."""
    lib = partial / "lib"
    lib.mkdir(parents=True, exist_ok=True)
    missing = [jar for jar in jars if not jar.is_at(lib / jar.name)]
    shutil.rmtree(partial / "m2", ignore_errors=True)  # whatever was cut off half way
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        work = [pool.submit(_get, jar, partial, fetch) for jar in missing]
        try:
            for done in as_completed(work):
                done.result()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
    return sum(jar.size for jar in missing)


def _get(jar: Jar, partial: Path, fetch: Fetch) -> None:
    last: Exception | None = None
    for attempt in range(_TRIES):
        try:
            got = fetch(jar, partial / "m2")
        except (OSError, RuntimeError) as error:  # requests' errors are OSErrors, jgo's the other
            last = error
            shutil.rmtree(partial / "m2" / jar.group.replace(".", "/") / jar.artifact, True)
            time.sleep(attempt * 0.5)
            continue
        if not jar.is_at(got):
            got.unlink()
            last = ValueError(f"{jar.name} is not the file that was pinned (SHA-256 differs)")
            continue
        got.replace(partial / "lib" / jar.name)
        return
    raise LocalStackError(
        f"Could not download {jar.name} of Kafka {KAFKA_VERSION}: {last}",
        "Remedy: check the network and run the same command again; "
        "it goes on from what it already has.",
    ) from last


def _jgo_fetch(jar: Jar, repository: Path) -> Path:
    project = _maven(repository).project(jar.group, jar.artifact)
    return Path(project.at_version(jar.version).artifact().resolve())


def _maven(repository: Path) -> MavenContext:
    try:
        from jgo.maven import MavenContext
    except ImportError as error:
        raise LocalStackError(
            "The package `jgo`, which fetches Kafka, is not installed.",
            "Remedy: pip install 'hutong[local]'",
        ) from error
    return MavenContext(repo_cache=repository, timeout=60)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the file `path` against other processes; the system lets go when we die."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def resolve_lock(repository: Path) -> str:
    """Return the text of a new pinned list, resolving `ROOTS` afresh (for a new Kafka version)."""
    from jgo.parse import Coordinate

    context = _maven(repository)
    roots = [replace(Coordinate.parse(root), scope="compile") for root in ROOTS]
    wanted = [context.create_dependency(root) for root in roots]
    inputs, transitive = context.resolver.resolve(wanted)
    needed = [one for one in transitive if one.scope in ("compile", "runtime")]
    lines = []
    for dependency in [*inputs, *needed]:
        artifact = dependency.artifact
        body = Path(artifact.resolve()).read_bytes()
        sha256 = hashlib.sha256(body).hexdigest()
        name = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
        lines.append(f"{name} {len(body)} {sha256}")
    head = (
        f"# The jars of a Kafka {KAFKA_VERSION} broker: coordinate, bytes, SHA-256.\n"
        "# Made by: python -m hutong.local.jars lock\n"
    )
    return head + "\n".join(sorted(lines)) + "\n"


def main(arguments: list[str]) -> int:
    """`fetch` fills the cache; `lock` writes a new pinned list beside this file."""
    if arguments == ["fetch"]:
        try:
            jars = kafka_jars(say=_print)
        except LocalStackError as error:
            sys.stderr.write(f"{error}\n")
            return 1
        _print(f"kafka-jars bytes={jars.bytes_downloaded} seconds={jars.seconds:.1f}")
        return 0
    if arguments == ["lock"]:
        target = Path(__file__).with_name(f"kafka-{KAFKA_VERSION}.lock")
        target.write_text(resolve_lock(cache_folder() / "resolve"), "utf-8")
        return 0
    sys.stderr.write("usage: python -m hutong.local.jars fetch|lock\n")
    return 2


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
