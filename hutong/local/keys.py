"""Keys of a local stack: for its callers (hashes for intake, secrets for the clients on this
machine), and to seal who reported.
"""

from __future__ import annotations

import hashlib
import secrets
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from hutong.city import load_city
from hutong.local.folder import write_whole
from hutong.privacy.keys import with_new_key

CHANNELS = ("grid", "hotline", "app", "mailbox", "open311", "sensor")
DESK = "desk"
SERVER_FILE = "keys.toml"
CLIENT_FILE = "client-keys.toml"
IDENTITY_FILE = "identity-keys.toml"
_IDENTITY_KEY = "local-1"

_SECRET_BYTES = 32


def ensure_keys(data: Path, departments: Iterable[str] = ()) -> dict[str, str]:
    """Make each key that is not there yet; return the secrets by who holds them.

    A channel's key goes by the channel's code (`app`), a department's by `dept:<code>`, the desk's
    by `desk`. `keys.toml` holds SHA-256 hashes only and is what intake reads; `client-keys.toml`
    (mode 0600) holds the secrets. Keys that are there stay as they are.
    """
    known = read_secrets(data)
    names = (*CHANNELS, DESK, *(f"dept:{code}" for code in departments))
    found = {name: known.get(name) or _new_secret() for name in names}
    if found != known:
        client = "".join(f'"{name}" = "{secret}"\n' for name, secret in found.items())
        write_whole(data / CLIENT_FILE, "# The secrets of this local stack.\n" + client, 0o600)
    server = "\n".join(_entry(name, secret) for name, secret in found.items())
    head = "# Who may send to this local stack: hashes of the keys in client-keys.toml.\n\n"
    if not (data / SERVER_FILE).exists() or found != known:
        write_whole(data / SERVER_FILE, head + server, 0o600)
    return found


def ensure_identity_keys(data: Path) -> Path:
    """Make the key that seals who reported, unless it is there: no other one opens old boxes.

    Returns its file.
    """
    path = data / IDENTITY_FILE
    if not path.exists():
        write_whole(path, with_new_key("", _IDENTITY_KEY, str(path)), 0o600)
    return path


def read_secrets(data: Path) -> dict[str, str]:
    """Return the secrets as `ensure_keys` does; empty when none were made yet."""
    try:
        text = (data / CLIENT_FILE).read_text("utf-8")
    except FileNotFoundError:
        return {}
    return {name: str(secret) for name, secret in tomllib.loads(text).items()}


def _new_secret() -> str:
    return "hk_" + secrets.token_urlsafe(_SECRET_BYTES)


def _entry(name: str, secret: str) -> str:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    principal = f"channel:{name}" if name in CHANNELS else name
    key_id = f"local-{name.replace(':', '-')}"
    return f'[[key]]\nid = "{key_id}"\nprincipal = "{principal}"\nsha256 = "{digest}"\n'


def main(arguments: list[str]) -> int:
    """Make the keys in the folder named by the first argument, for the city of the second."""
    if len(arguments) not in (1, 2):
        sys.stderr.write("usage: python -m hutong.local.keys FOLDER [CITY]\n")
        return 2
    city = load_city(Path(arguments[1]) if len(arguments) == 2 else None)
    ensure_identity_keys(Path(arguments[0]))
    ensure_keys(Path(arguments[0]), city.departments)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
