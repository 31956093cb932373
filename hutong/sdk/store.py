"""The SQLite file under outbox and inbox: one connection, short transactions, faults in words.

WAL with ``synchronous=FULL``: what is committed survives a power cut. Two processes may use one
file; each writes in turn.
"""

import errno
import os
import shutil
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from hutong.sdk.errors import DiskFullError, OutboxError, Problem

#: Milliseconds that a writer waits for another process's transaction; theirs take a few.
_BUSY_MS: Final = 15_000
_WAL_ATTEMPTS: Final = 250
#: Of the tables; counts up when they change, with the statements that bring old files along.
_VERSION: Final = 1
#: How SQLite says that a file system is full, beside SQLITE_FULL: it could not write, sync, make
#: its log, or make room for its shared memory.
_PERHAPS_FULL: Final = frozenset({sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN})
_PRIMARY: Final = 0xFF
#: With less room nothing is begun: a message takes up to 50 KB and SQLite's shared memory 32. Where
#: blocks are smaller than pages (an ext4 of under 512 MB), a full disk found out by writing to that
#: memory is no error but SIGBUS.
_LEAST_ROOM: Final = 131_072

#: Of a new file. A message changes a few rows far apart, and all of each page that changes goes
#: through the log: with SQLite's own 4096 a call took a tenth longer, and no drain was faster.
_PAGE_BYTES: Final = 1_024

_TABLES: Final = """
CREATE TABLE IF NOT EXISTS message (
    seq INTEGER PRIMARY KEY,
    event_id TEXT NOT NULL UNIQUE,
    issue_id TEXT NOT NULL,
    verb TEXT NOT NULL,
    body TEXT,                             -- JSON as sent; gone once accepted
    digest BLOB NOT NULL,                  -- of the body
    made_at INTEGER NOT NULL,              -- milliseconds UTC, like all times here
    state TEXT NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'accepted', 'dead')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL DEFAULT 0,     -- not to be sent before
    lease TEXT,                            -- who is sending it now
    lease_until INTEGER NOT NULL DEFAULT 0,
    answer TEXT,                           -- JSON: what the log's side said when it took it
    settled_at INTEGER,
    problem TEXT                           -- JSON: why it waits or is dead
) STRICT;
-- What was accepted is in none of these, so that they stay small.
CREATE INDEX IF NOT EXISTS message_queued ON message (state) WHERE state = 'queued';
CREATE INDEX IF NOT EXISTS message_open ON message (issue_id) WHERE state <> 'accepted';
CREATE INDEX IF NOT EXISTS message_settled ON message (settled_at) WHERE state = 'accepted';
"""

Row = tuple[Any, ...]
Values = Mapping[str, Any] | tuple[Any, ...]


class Store:
    """One file. Safe to use from several threads; OutboxError where it cannot be used."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._folder = str(self.path.parent)
        self._faults = _FaultsSaid(self.path)
        self._lock = threading.RLock()
        self.check_room()
        with self._faults:
            if not self.path.exists():
                # What waits here may hold names and phone numbers: for its owner alone.
                with suppress(FileExistsError):
                    os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            self._connection = sqlite3.connect(
                self.path, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000
            )
            self._connection.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
            _use_wal(self._connection)
            self._connection.execute("PRAGMA synchronous = FULL")
            self._connection.execute("PRAGMA secure_delete = ON")
            [version] = self._connection.execute("PRAGMA user_version").fetchone()
            if version > _VERSION:
                raise _unusable(self.path, f"version {version}, made by a newer hutong")
            self._connection.executescript(_TABLES)
            if version < _VERSION:
                self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    def check_room(self) -> None:
        """DiskFullError where so little is left that nothing should be begun."""
        if _room(self._folder) < _LEAST_ROOM:
            raise _full(self.path)

    def execute(self, sql: str, values: Values = ()) -> list[Row]:
        """One statement, by itself a transaction unless within `transaction`; its rows."""
        with self._lock, self._faults:
            return self._connection.execute(sql, values).fetchall()

    def change(self, sql: str, values: Values = ()) -> int:
        """The same for a statement that changes rows: how many."""
        with self._lock, self._faults:
            return self._connection.execute(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements within it together or not at all. May be nested; the outermost counts."""
        with self._lock, self._faults:
            if self._connection.in_transaction:
                yield
                return
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def make(self, tables: str) -> None:
        """Make further tables where they are not there (CREATE … IF NOT EXISTS)."""
        with self._lock, self._faults:
            self._connection.executescript(tables)

    def limit_pages(self, pages: int) -> None:
        """Let the file grow no further than so many pages: what a full disk does, for tests."""
        self.execute(f"PRAGMA max_page_count = {int(pages)}")

    def close(self) -> None:
        """Close it. What was committed stays."""
        with self._lock, self._faults:
            self._connection.close()


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to WAL. SQLite refuses it at once while another opens the file, without waiting."""
    for left in range(_WAL_ATTEMPTS, -1, -1):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or not left:
                raise
        time.sleep(0.02)


class _FaultsSaid:
    """Within it, what SQLite and the file system say comes out as an OutboxError in words.

    A class, since a generator costs each statement more than the rest of the call does.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        path = self._path
        if isinstance(error, sqlite3.Error):
            if _is_full(path, getattr(error, "sqlite_errorcode", 0)):
                raise _full(path) from error
            if isinstance(error, sqlite3.IntegrityError | sqlite3.ProgrammingError):
                return  # a fault of ours
            why = getattr(error, "sqlite_errorname", None) or type(error).__name__
            raise _unusable(path, f"{why}: {error}") from error
        if isinstance(error, OSError):
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise _full(path) from error
            raise _unusable(path, error.strerror or str(error)) from error


def _is_full(path: Path, code: int) -> bool:
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_WRITE):
        return True
    return code & _PRIMARY in _PERHAPS_FULL and _room(str(path.parent)) < _LEAST_ROOM


def _room(folder: str) -> int:
    """Bytes free there; many where that cannot be told, since others will say why."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return sys.maxsize


def _full(path: Path) -> DiskFullError:
    return DiskFullError(
        Problem(
            "disk-full",
            f"磁盘已满，{path} 未能保存；没有发送。请腾出空间后再试。",
            f"The disk is full: nothing was kept in {path} or sent. Make room and call again.",
        )
    )


def _unusable(path: Path, why: str) -> OutboxError:
    return OutboxError(
        Problem(
            "outbox-unusable",
            f"无法使用文件 {path}（{why}）。请检查路径与权限，或换一个文件。",
            f"The file {path} cannot be used ({why}). Check path and rights, or use another file.",
        )
    )
