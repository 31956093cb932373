"""Changes a file of API keys: a key added, one field of a key set. What else is in it stays.

Text in, text out, so that comments and order survive; `change_file` does it to a file, whole or
not at all. A running intake takes the change up within a second.
"""

import fcntl
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hutong.keys import SCOPES, Key, KeyRing, parse_keys

_HEAD = "# API keys, written by `hutong key`: hashes, never the secrets themselves.\n"
_HEADER = re.compile(r"\s*\[\[\s*key\s*\]\]\s*(#.*)?")
_TABLE = re.compile(r"\s*\[")


class KeyChangeError(Exception):
    """A change that cannot be made; the message says why and what to do."""


def keys_in(text: str, name: str) -> KeyRing:
    """The keys of a file's text; none where it holds nothing yet."""
    return parse_keys(text, name) if _has_keys(text) else KeyRing()


def key_named(ring: KeyRing, key_id: str) -> Key:
    """The key with that id, or KeyChangeError."""
    for key in ring:
        if key.id == key_id:
            return key
    known = ", ".join(key.id for key in ring) or "none"
    raise KeyChangeError(f"there is no key {key_id!r}; there are: {known}")


def with_key(text: str, key: Key, zone: ZoneInfo, name: str = "keys.toml") -> str:
    """The text with one key more, at its end."""
    if any(known.id == key.id for known in keys_in(text, name)):
        raise KeyChangeError(f"there is a key {key.id!r} already; give another name with --id")
    before = (text.rstrip("\n") + "\n") if text.strip() else _HEAD
    new = f"{before}\n" + "".join(f"{line}\n" for line in _lines_of(key, zone))
    _check(text, new, name, {key.id: key})
    return new


def with_field(text: str, changed: Key, field: str, zone: ZoneInfo, name: str = "keys.toml") -> str:
    """The text with one field of a key (``revoked`` or ``expires_at``) as ``changed`` has it."""
    ids = [key.id for key in keys_in(text, name)]
    value = next(line for line in _lines_of(changed, zone) if line.startswith(f"{field} ="))
    lines = text.splitlines()
    starts = [n for n, line in enumerate(lines) if _HEADER.fullmatch(line)]
    if len(starts) != len(ids):
        raise KeyChangeError(f"{name} is not written as [[key]] tables: change it by hand")
    start = starts[ids.index(changed.id)]
    end = next((n for n in range(start + 1, len(lines)) if _TABLE.match(lines[n])), len(lines))
    old = [n for n in range(start + 1, end) if re.match(rf"\s*{field}\s*=", lines[n])]
    if old:
        lines[old[0]] = value
    else:
        lines.insert(start + 1, value)
    new = "\n".join(lines) + "\n"
    _check(text, new, name, {changed.id: changed})
    return new


def change_file(path: Path, change: Callable[[str], str]) -> None:
    """Replace a file by ``change`` of its text: mode 0600, whole or not at all, one at a time.

    A file that is not there counts as empty. Its owner stays, so that root can change the file of
    a service. Raises what ``change`` raises, and OSError.
    """
    path = path.resolve()  # a link goes on pointing to it
    with _alone(path):
        try:
            text = path.read_text("utf-8-sig")
            owner: os.stat_result | None = path.stat()
        except FileNotFoundError:
            text, owner = "", None
        new = change(text)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                os.fchmod(file.fileno(), stat.S_IRUSR | stat.S_IWUSR)
                if owner is not None and os.geteuid() == 0:
                    os.fchown(file.fileno(), owner.st_uid, owner.st_gid)
                file.write(new)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        _sync(path.parent)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep out others who use this module. By the folder, because the file is replaced."""
    descriptor = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check(before: str, after: str, name: str, changed: dict[str, Key]) -> None:
    """KeyChangeError unless the text holds what was there, with these changes, and nothing else."""
    expected = {key.id: key for key in keys_in(before, name)} | changed
    if {key.id: key for key in parse_keys(after, name)} != expected:
        raise KeyChangeError(f"{name} is written in a way that cannot be changed safely: by hand")


def _lines_of(key: Key, zone: ZoneInfo) -> Iterator[str]:
    yield "[[key]]"
    yield f'id = "{key.id}"'
    yield f'principal = "{key.principal}"'
    yield f'sha256 = "{key.sha256}"'
    if key.scopes != SCOPES:
        yield "scopes = [" + ", ".join(f'"{scope}"' for scope in sorted(key.scopes)) + "]"
    for field, millis in (("not_before", key.not_before), ("expires_at", key.expires_at)):
        if millis is not None:
            yield f"{field} = {format_time(millis, zone)}"
    if key.revoked:
        yield "revoked = true"


def format_time(millis: int, zone: ZoneInfo) -> str:
    """As a person and TOML read it, whole seconds, with its offset."""
    moment = datetime.fromtimestamp(millis // 1000, UTC).astimezone(zone)
    return moment.isoformat(timespec="seconds")


def _has_keys(text: str) -> bool:
    """Whether there is anything but comments: to a first key, an empty file is no fault."""
    return any(line.strip() and not line.strip().startswith("#") for line in text.splitlines())
