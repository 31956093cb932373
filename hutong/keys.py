"""API keys: who may call over HTTP, as which principal. The file holds hashes, never secrets.

The file is TOML, one table per key::

    [[key]]
    id = "citizen-app-2026"
    principal = "channel:app"
    sha256 = "9f86d0…"                 # of the whole secret, `hk_` included, in hex
    scopes = ["reports:write"]         # absent: all that its principal may do
    not_before = 2026-01-01T00:00:00+08:00
    expires_at = 2027-01-01T00:00:00+08:00
    revoked = false

A secret has 256 random bits, so a plain SHA-256 cannot be searched; a slow hash would only cost.
"""

import hashlib
import hmac
import re
import secrets
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

REPORTS_WRITE: Final = "reports:write"
REPORTS_READ: Final = "reports:read"
ISSUES_ACT: Final = "issues:act"
ISSUES_READ: Final = "issues:read"
MEDIA_WRITE: Final = "media:write"
MEDIA_READ: Final = "media:read"
REPORT_SCOPES: Final = frozenset({REPORTS_WRITE, REPORTS_READ})
"""Of channels alone: nobody else sends reports."""

SCOPES: Final = REPORT_SCOPES | {ISSUES_ACT, ISSUES_READ, MEDIA_WRITE, MEDIA_READ}
"""What a key may be limited to."""

DESK: Final = "desk"
CHANNEL: Final = "channel"
DEPARTMENT: Final = "dept"

PREFIX: Final = "hk_"
"""Every secret starts with it, so that scanners find one that leaked."""

_SECRET_BYTES = 32
_FIELDS = frozenset({"id", "principal", "sha256", "scopes", "not_before", "expires_at", "revoked"})
_ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_PRINCIPAL = re.compile(r"[a-z0-9-]+(:[a-z0-9-]+)?")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SYNTAX_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the file. Times are milliseconds UTC; the last one is excluded."""

    id: str
    principal: str
    sha256: str
    scopes: frozenset[str] = SCOPES
    not_before: int | None = None
    expires_at: int | None = None
    revoked: bool = False

    @property
    def channel(self) -> str | None:
        """The channel that it speaks for, or None when its principal is no channel."""
        return self._named(CHANNEL)

    @property
    def department(self) -> str | None:
        """The department that it speaks for, or None when its principal is no department."""
        return self._named(DEPARTMENT)

    @property
    def may(self) -> frozenset[str]:
        """What it may do: its scopes, as far as its principal has them at all."""
        return self.scopes & scopes_of(self.principal)

    def _named(self, wanted: str) -> str | None:
        kind, _, name = self.principal.partition(":")
        return name if kind == wanted and name else None

    def is_good(self, now: int) -> bool:
        """Whether it may be used at ``now`` (milliseconds UTC)."""
        early = self.not_before is not None and now < self.not_before
        late = self.expires_at is not None and now >= self.expires_at
        return not (self.revoked or early or late)


@dataclass(frozen=True, slots=True)
class KeyFault:
    """One fault of a key file, at the place where a person can mend it."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class KeysError(Exception):
    """A key file that cannot be used; ``faults`` lists everything wrong with it."""

    def __init__(self, faults: Iterable[KeyFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class KeyRing:
    """All keys of a file."""

    def __init__(self, keys: Iterable[Key] = ()) -> None:
        self._keys = tuple((bytes.fromhex(key.sha256), key) for key in keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __iter__(self) -> Iterator[Key]:
        return (key for _, key in self._keys)

    def identify(self, secret: str, now: int) -> Key | None:
        """The key with that secret if it may be used at ``now``.

        Compares with every key, whatever it finds, so that the time says nothing.
        """
        digest = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).digest()
        found = None
        for known, key in self._keys:
            if hmac.compare_digest(known, digest):
                found = key
        return found if found is not None and found.is_good(now) else None


def scopes_of(principal: str) -> frozenset[str]:
    """All that a principal may do over HTTP."""
    kind = principal.partition(":")[0]
    if kind == CHANNEL:
        return SCOPES
    return SCOPES - REPORT_SCOPES if kind in (DEPARTMENT, DESK) else frozenset()


def new_secret() -> str:
    """A fresh secret; only its holder keeps it."""
    return PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def hash_of(secret: str) -> str:
    """What the file holds for a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def read_keys(path: Path) -> KeyRing:
    """The keys of a file; KeysError with every fault, each with its line."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise KeysError([KeyFault(str(path), 1, f"cannot be read: {why}")]) from None
    return parse_keys(text, str(path))


def parse_keys(text: str, name: str) -> KeyRing:
    """Like `read_keys`, from the text of the file called ``name``."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = _SYNTAX_LINE.search(str(error))
        fault = KeyFault(name, int(place[1]) if place else 1, "is not TOML here")
        raise KeysError([fault]) from None
    faults = [
        KeyFault(name, 1, f"'{field}' is unknown at the top; keys are [[key]] tables")
        for field in raw
        if field != "key"
    ]
    entries = raw.get("key", [])
    if not isinstance(entries, list) or not entries:
        faults.append(KeyFault(name, 1, "has no [[key]]"))
        raise KeysError(faults)
    headers = [n for n, line in enumerate(text.splitlines(), 1) if _is_key_header(line)]
    lines = headers if len(headers) == len(entries) else [1] * len(entries)
    keys: list[Key] = []
    for line, entry in zip(lines, entries, strict=True):
        if not isinstance(entry, dict):
            faults.append(KeyFault(name, line, "a key: is not a table"))
            continue
        label = f"key {entry['id']!r}" if isinstance(entry.get("id"), str) else "a key"
        found = list(_entry_faults(entry))
        if not found:
            keys.append(_key(entry))
        faults += [KeyFault(name, line, f"{label}: {message}") for message in found]
        for field in ("id", "sha256"):
            if not found and any(getattr(k, field) == entry[field] for k in keys[:-1]):
                faults.append(KeyFault(name, line, f"{label}: its {field} is there twice"))
    if faults:
        raise KeysError(faults)
    return KeyRing(keys)


class KeyFile:
    """The keys of a file that may change while the process runs.

    A changed file is read at the next call after ``every`` seconds. A broken one changes nothing:
    the old keys stay, and ``on_broken`` gets the faults, once for each change.
    """

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], float],
        on_broken: Callable[[KeysError], None],
        every: float = 1.0,
    ) -> None:
        self._path = path
        self._clock = clock
        self._on_broken = on_broken
        self._every = every
        self._seen = _stamp(path)
        self._checked = clock()
        self._ring = read_keys(path)

    @property
    def ring(self) -> KeyRing:
        """The keys in force."""
        now = self._clock()
        if now - self._checked >= self._every:
            self._checked = now
            self._reload()
        return self._ring

    def _reload(self) -> None:
        stamp = _stamp(self._path)
        if stamp == self._seen:
            return
        self._seen = stamp
        try:
            self._ring = read_keys(self._path)
        except KeysError as error:
            self._on_broken(error)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _is_key_header(line: str) -> bool:
    return "".join(line.partition("#")[0].split()) == "[[key]]"


def _entry_faults(entry: Mapping[str, Any]) -> Iterator[str]:
    for field in sorted(entry.keys() - _FIELDS):
        yield f"'{field}' is unknown"
    shapes = (
        ("id", _ID, "a short name of a-z 0-9 . _ -"),
        ("principal", _PRINCIPAL, "like channel:app"),
        ("sha256", _SHA256, "64 lower-case hex digits"),
    )
    for field, shape, expected in shapes:
        value = entry.get(field)
        if not isinstance(value, str) or not shape.fullmatch(value):
            yield f"'{field}' must be {expected}"
    scopes = entry.get("scopes", [])
    if not isinstance(scopes, list) or not all(isinstance(s, str) for s in scopes):
        yield "'scopes' must be a list of texts"
    elif unknown := sorted(set(scopes) - SCOPES):
        yield f"scopes {', '.join(unknown)} unknown; there are {', '.join(sorted(SCOPES))}"
    for field in ("not_before", "expires_at"):
        value = entry.get(field)
        if value is not None and not (isinstance(value, datetime) and value.tzinfo):
            yield f"'{field}' must be a time with its zone, as in …T00:00:00+08:00"
    if not isinstance(entry.get("revoked", False), bool):
        yield "'revoked' must be true or false"


def _key(entry: Mapping[str, Any]) -> Key:
    return Key(
        id=entry["id"],
        principal=entry["principal"],
        sha256=entry["sha256"],
        scopes=frozenset(entry["scopes"]) if "scopes" in entry else SCOPES,
        not_before=_millis(entry.get("not_before")),
        expires_at=_millis(entry.get("expires_at")),
        revoked=entry.get("revoked", False),
    )


def _millis(value: datetime | None) -> int | None:
    return None if value is None else int(value.timestamp() * 1000)
