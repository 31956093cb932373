"""The keys that seal who reported: a TOML file, several keys by id, one of them current.

    [[key]]
    id = "2026-11"
    secret = "…"        # 32 random bytes, base64
    current = true      # new boxes are sealed with it; the others open old ones

Whoever has the file and the log can read every identity; without the file nobody can, ever again.
"""

import base64
import binascii
import re
import secrets
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

SECRET_BYTES: Final = 32
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_FIELDS: Final = frozenset({"id", "secret", "current"})
_HEAD: Final = """\
# Keys that seal who reported. Without this file no name and no phone in the log can ever be read
# again: keep a copy in another place. Never remove a key that boxes in the log name.
"""


class IdentityKeysError(Exception):
    """A file of identity keys that cannot be used; the message has a line for each fault."""


@dataclass(frozen=True, slots=True)
class IdentityKeys:
    """Keys by id. ``current`` seals; all open. No secret is in its representation."""

    secrets: Mapping[str, bytes] = field(repr=False)
    current: str


def read_identity_keys(path: Path) -> IdentityKeys:
    """The keys of a file; IdentityKeysError says all that is wrong, and repeats no secret."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "is not UTF-8"
        raise IdentityKeysError(f"{path}: cannot be read: {why}") from None
    return parse_identity_keys(text, str(path))


def parse_identity_keys(text: str, name: str) -> IdentityKeys:
    """Like `read_identity_keys`, from the text of the file called ``name``."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise IdentityKeysError(f"{name}: is not TOML") from None
    entries = raw.get("key")
    if not isinstance(entries, list) or not entries or raw.keys() != {"key"}:
        raise IdentityKeysError(f"{name}: must hold [[key]] tables and nothing else")
    faults = [f"{name}: key {n}: {why}" for n, e in enumerate(entries, 1) for why in _faults(e)]
    if not faults:
        ids = [entry["id"] for entry in entries]
        faults += [f"{name}: key {key!r} is there twice" for key in {*ids} if ids.count(key) > 1]
        if sum(entry.get("current", False) for entry in entries) != 1:
            faults.append(f"{name}: exactly one key must be current")
    if faults:
        raise IdentityKeysError("\n".join(faults))
    [current] = [entry["id"] for entry in entries if entry.get("current")]
    return IdentityKeys({e["id"]: base64.b64decode(e["secret"]) for e in entries}, current)


def _faults(entry: Any) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield "is not a table"
        return
    for name in sorted(entry.keys() - _FIELDS):
        yield f"{name!r} is unknown"
    key_id, secret = entry.get("id"), entry.get("secret")
    if not isinstance(key_id, str) or not _ID.fullmatch(key_id):
        yield "its id must be a short name of letters, digits and . _ -"
    if not isinstance(secret, str) or not _is_secret(secret):
        yield f"its secret must be {SECRET_BYTES} bytes in base64"
    if not isinstance(entry.get("current", False), bool):
        yield "current must be true or false"


def _is_secret(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == SECRET_BYTES
    except binascii.Error:
        return False


def with_new_key(text: str, key_id: str, name: str) -> str:
    """The text of a key file with one fresh key more, which is current from now on."""
    if text.strip():
        known = parse_identity_keys(text, name)
        if key_id in known.secrets:
            raise IdentityKeysError(f"{name}: there is a key {key_id!r} already; take another id")
        text = re.sub(r"(?m)^(\s*current\s*=\s*)true\b", r"\1false", text)
    secret = base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()
    entry = f'\n[[key]]\nid = "{key_id}"\nsecret = "{secret}"\ncurrent = true\n'
    new = (text.rstrip("\n") + "\n" if text.strip() else _HEAD) + entry
    parse_identity_keys(new, name)
    return new


def is_private(path: Path) -> bool:
    """Whether nobody but the file's owner may read it."""
    return not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
