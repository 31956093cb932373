"""The files of keys: those of callers, and those that seal who reported."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hutong.checks.finding import Finding, fault, ok, warning
from hutong.checks.safety import identity_findings, key_findings
from hutong.keys import KeysError, read_keys
from hutong.privacy.keys import IdentityKeysError, is_private, read_identity_keys

SOON_MS: Final = 30 * 86_400_000
"""A new key has to reach whoever uses it: a month is short for a city's paperwork."""


def key_file_findings(path: Path | None, now: int, *, production: bool) -> Iterator[Finding]:
    """Whether it can be read, and which keys end soon."""
    if path is None:
        return
    try:
        keys = list(read_keys(path))
    except KeysError as error:
        yield fault(
            "keys",
            f"{len(error.faults)} faults, the first: {error.faults[0]}",
            "mend the file: intake keeps the keys it has and does not start anew",
        )
        return
    yield from key_findings((key.id for key in keys), production=production)
    good = [key for key in keys if key.is_good(now)]
    if not good:
        yield fault("keys", f"none of the {len(keys)} keys in {path} may be used", "issue new ones")
    for key in keys:
        if key.expires_at is None or key.revoked:
            continue
        day = f"{datetime.fromtimestamp(key.expires_at / 1000, UTC):%Y-%m-%d}"
        if key.expires_at <= now:
            yield warning("keys", f"{key.id} expired on {day}", "remove it, or issue another")
        elif key.expires_at - now < SOON_MS:
            yield warning("keys", f"{key.id} expires on {day}", "issue the next one now: both hold")
    if good:
        yield ok("keys", f"{len(good)} may be used")


def identity_file_findings(path: Path | None, *, production: bool) -> Iterator[Finding]:
    """Whether there are keys that seal who reported, and whether nobody else may read them."""
    if path is None:
        yield from identity_findings(None, private=False, production=production)
        return
    try:
        keys = read_identity_keys(path)
        private = is_private(path)
    except IdentityKeysError as error:
        for line in str(error).splitlines():
            yield fault("identity keys", line, "mend the file: intake does not start anew")
        return
    yield from identity_findings(keys.secrets, private=private, production=production)
    yield ok("identity keys", f"{len(keys.secrets)}, sealing with {keys.current}")
