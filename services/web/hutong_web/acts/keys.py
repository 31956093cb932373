"""With which key the pages act for whom."""

import stat
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

from hutong.checks.finding import Finding, fault

#: Any right of the group or of everybody.
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class ActingKeysError(Exception):
    """The file of keys cannot be used; ``finding`` says why and what to do."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(str(finding))
        self.finding = finding


def read_acting_keys(
    path: Path, channels: Collection[str], *, production: bool = False
) -> Mapping[str, str]:
    """Secrets by principal (`desk`, `dept:water`, `channel:grid`), from a TOML table.

    A channel may stand by its code alone (`grid`), as in the `client-keys.toml` of a local stack.
    Raises ActingKeysError, which never repeats a secret; in production also where others than the
    owner may read the file.
    """
    try:
        if production and path.stat().st_mode & _OTHERS:
            raise ActingKeysError(
                fault("keys of the pages", f"{path} can be read by others", f"chmod 600 {path}")
            )
        found = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise _unusable(path, error.strerror or "cannot be read") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise _unusable(path, "is not TOML") from None
    for name, secret in found.items():
        if not isinstance(secret, str) or not secret.startswith("hk_"):
            raise _unusable(path, f"what stands at {name!r} is no key")
    return {(f"channel:{n}" if n in channels else n): secret for n, secret in found.items()}


def _unusable(path: Path, why: str) -> ActingKeysError:
    remedy = (
        'write one line a principal, as in "desk" = "hk_…", or leave HUTONG_WEB_KEYS_FILE empty'
    )
    return ActingKeysError(fault("keys of the pages", f"{path}: {why}", remedy))
