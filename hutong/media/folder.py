"""Photos in a folder: ``ab/abcdef…``, one file each, mode 0600."""

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hutong.media.store import MediaDownError, Stored

_NAME = re.compile(r"[0-9a-f]{64}").fullmatch


class FolderStore:
    """`MediaStore` in a folder, which is made when it is first written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, sha256: str, data: bytes) -> None:
        """See `MediaStore.put`. On disk when it returns."""
        path = self._path(sha256)
        with _faults():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # No name of a file that counts, so what a crash leaves behind is never taken for one.
            temporary = path.with_name(f".{sha256}.{secrets.token_hex(4)}")
            try:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
                with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(path)
            finally:
                temporary.unlink(missing_ok=True)
            _sync(path.parent)
            _sync(self._folder)

    def keep(self, sha256: str) -> bool:
        """See `MediaStore.keep`."""
        with _faults():
            try:
                now = time.time_ns()
                os.utime(self._path(sha256), ns=(now, now))
            except FileNotFoundError:
                return False
        return True

    def get(self, sha256: str) -> bytes | None:
        """See `MediaStore.get`."""
        with _faults():
            try:
                return self._path(sha256).read_bytes()
            except FileNotFoundError:
                return None

    def all(self) -> Iterator[Stored]:
        """See `MediaStore.all`."""
        with _faults():
            if not self._folder.exists():
                return
            for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
                if _NAME(path.name) is None:
                    continue
                try:
                    yield Stored(path.name, path.stat().st_mtime_ns // 1_000_000)
                except FileNotFoundError:
                    continue  # another sweep was faster

    def remove(self, sha256: str, before: int) -> bool:
        """See `MediaStore.remove`. Out of sight first: whoever keeps it meanwhile is told that it
        is not there, and sends it again.
        """
        path = self._path(sha256)
        hidden = path.with_name(f".{sha256}.going")
        with _faults():
            try:
                path.rename(hidden)
                if hidden.stat().st_mtime_ns // 1_000_000 >= before:
                    hidden.rename(path)
                    return False
                hidden.unlink()
            except FileNotFoundError:
                return False
        return True

    def _path(self, sha256: str) -> Path:
        if _NAME(sha256) is None:
            raise ValueError(f"{sha256!r} is no SHA-256")
        return self._folder / sha256[:2] / sha256


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MediaDownError(f"{error.filename}: {error.strerror}") from error


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
