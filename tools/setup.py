"""Makes .venv with the `hutong` command: what `make setup` and `make test` run.

Standard library only, and readable by an older Python too, which it must be able to turn away.
Usage: python tools/setup.py [--dev]
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "hutong-setup.json"
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
EXTRAS = {"run": "all", "dev": "dev"}

_DOWNLOADING = re.compile(r"^\s*Downloading (\S+) \(([\d.]+) (bytes|kB|MB|GB)\)")
_UNITS = {"bytes": 1, "kB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000}
_JARS = re.compile(r"^kafka-jars bytes=(\d+) seconds=([\d.]+)")


class SetupError(Exception):
    """Set-up cannot go on; the message says why and what to do."""


def main() -> int:
    """Set up and return the exit code."""
    mode = "dev" if "--dev" in sys.argv[1:] else "run"
    try:
        check_python(sys.version_info[:2])
        set_up(mode)
    except SetupError as error:
        print(f"hutong setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("hutong setup: stopped; run it again to go on.", file=sys.stderr)
        return 130
    return 0


def check_python(version: "tuple[int, ...]") -> None:
    """Refuse a Python that the packages do not support."""
    if not OLDEST <= version <= NEWEST:
        here = ".".join(map(str, version))
        raise SetupError(
            f"this is Python {here} ({sys.executable}), and Hutong needs 3.11, 3.12 or 3.13.\n"
            "Remedy: install one of them, then: make setup PYTHON=/path/to/python3.12"
        )


def set_up(mode: str) -> None:
    """Bring .venv to what `mode` needs; nothing to do when it is that already."""
    if is_done(mode):
        return
    started = time.monotonic()
    STAMP.unlink(missing_ok=True)
    make_venv()
    packages, seconds = install(mode)
    jars, jar_seconds = fetch_jars()
    STAMP.write_text(json.dumps({"mode": mode, "key": key(mode)}) + "\n", "utf-8")
    print(
        f"Downloaded {packages / 1e6:.1f} MB of packages (installed in {seconds:.0f} s) "
        f"and {jars / 1e6:.1f} MB of Kafka ({jar_seconds:.0f} s).\n"
        f"Ready after {time.monotonic() - started:.0f} s: .venv/bin/hutong --help"
    )


def is_done(mode: str) -> bool:
    """Tell whether .venv was set up from these very files, for this mode or a larger one."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
        done = str(stamp["mode"])
        return done in (mode, "dev") and stamp["key"] == key(done) and PYTHON.exists()
    except (OSError, ValueError, KeyError):
        return False


def key(mode: str) -> str:
    """Return a digest of all that decides what is in .venv: files, Python, place."""
    digest = hashlib.sha256(f"{ROOT} {sys.version_info[:2]}".encode())
    for name in ("pyproject.toml", LOCKS[mode]):
        path = ROOT / name
        digest.update(path.read_bytes() if path.exists() else b"none")
    return digest.hexdigest()


def make_venv() -> None:
    """Make .venv, anew when it is broken or of another Python."""
    if venv_version() == sys.version_info[:2]:
        return
    try:
        import ensurepip  # noqa: F401  Debian leaves it out of its python3
        import venv
    except ImportError as error:
        package = "python{}.{}-venv".format(*sys.version_info[:2])
        raise SetupError(
            f"this Python cannot make virtual environments ({error}).\n"
            f"Remedy: apt-get install {package} (Debian, Ubuntu), "
            "or use a Python that has ensurepip."
        ) from error
    print(f"Making .venv with Python {sys.version.split()[0]}", flush=True)
    if VENV.exists():
        shutil.rmtree(VENV)
    try:
        venv.EnvBuilder(with_pip=True, symlinks=True).create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(VENV, ignore_errors=True)
        raise SetupError(f"could not make .venv: {error}") from error


def venv_version() -> "tuple[int, ...] | None":
    """Return the version of .venv's Python, or None when there is none that has pip."""
    code = "import sys, pip; print(*sys.version_info[:2])"
    try:
        done = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return tuple(int(part) for part in done.stdout.split())


def install(mode: str) -> "tuple[float, float]":
    """Install the pinned packages, then the project itself; returns bytes downloaded and s."""
    started = time.monotonic()
    lock = ROOT / LOCKS[mode]
    if lock.exists():
        print(f"Installing the packages of {lock.name}", flush=True)
        size = pip("--require-hashes", "-r", str(lock))
        size += pip("--no-deps", "--no-build-isolation", "-e", str(ROOT))
    else:
        print(f"Installing the packages (there is no {lock.name})", flush=True)
        size = pip("-e", f"{ROOT}[{EXTRAS[mode]}]")
    return size, time.monotonic() - started


def pip(*arguments: str) -> float:
    """Run `pip install`, show how far it is, and return the bytes that it downloaded."""
    command = [str(PYTHON), "-m", "pip", "install", "--progress-bar=off", *arguments]
    command += ["--no-input", "--disable-pip-version-check", "--no-warn-script-location"]
    progress = Progress()
    return_code, lines = run(command, progress.see)
    progress.end()
    if return_code != 0:
        tail = "\n".join(f"  {line}" for line in lines[-15:])
        raise SetupError(
            f"pip could not install the packages:\n{tail}\n"
            "Remedy: is there a network and room on the disk? Then run the same command again; "
            "what was downloaded is kept."
        )
    return sum(downloaded(line) for line in lines)


def downloaded(line: str) -> float:
    """Return the bytes that a line of pip's says it downloads, else 0.

    Packages only: the small `.metadata` files are read beforehand and give no size of interest.
    """
    match = _DOWNLOADING.match(line)
    if match is None or match.group(1).endswith(".metadata"):
        return 0.0
    return float(match.group(2)) * _UNITS[match.group(3)]


def fetch_jars() -> "tuple[int, float]":
    """Fill the user's cache with Kafka; returns bytes downloaded and s (0 when it was there)."""
    command = [str(PYTHON), "-m", "hutong.local.jars", "fetch"]
    return_code, lines = run(command, show_download)
    match = _JARS.match(lines[-1]) if lines else None
    if return_code != 0 or match is None:
        raise SetupError("\n".join(lines) or "Kafka could not be fetched.")
    return int(match.group(1)), float(match.group(2))


class Progress:
    """One line that tells how far the packages are: rewritten on a terminal, else at the end."""

    def __init__(self) -> None:
        self.count, self.size, self.started = 0, 0.0, time.monotonic()
        self.live = sys.stdout.isatty()

    def see(self, line: str) -> None:
        """Take in a line of pip's."""
        size = downloaded(line)
        if size:
            self.count, self.size = self.count + 1, self.size + size
            if self.live:
                print("\r" + str(self), end="", flush=True)

    def end(self) -> None:
        """Leave the line as it is in the end; nothing when nothing was downloaded."""
        if self.count:
            print(("\r" if self.live else "") + str(self), flush=True)

    def __str__(self) -> str:
        seconds = time.monotonic() - self.started
        return f"  {self.count} packages, {self.size / 1e6:.1f} MB, {seconds:.0f} s"


def show_download(line: str) -> None:
    """Print what the fetching of Kafka says when a download starts and ends."""
    if line.startswith("Download"):
        print("  " + line, flush=True)


def run(command: "list[str]", see: "Callable[[str], None]") -> "tuple[int, list[str]]":
    """Run a command, show each of its lines to `see`, return its code and all its lines."""
    lines = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=str(ROOT)
    ) as process:
        assert process.stdout is not None
        for raw in process.stdout:
            line = raw.rstrip()
            lines.append(line)
            see(line)
    return process.returncode, lines


if __name__ == "__main__":
    sys.exit(main())
