"""API keys of a local stack: hashes for intake, the secrets for the clients on this machine."""

from __future__ import annotations

import hashlib
import secrets
import sys
import tomllib
from pathlib import Path

from hutong.local.folder import write_whole

CHANNELS = ("grid", "hotline", "app", "mailbox", "open311", "sensor")
SERVER_FILE = "keys.toml"
CLIENT_FILE = "client-keys.toml"

_SECRET_BYTES = 32


def ensure_keys(data: Path) -> dict[str, str]:
    """Make the key of each channel that has none yet; return the secret of each channel.

    `keys.toml` holds SHA-256 hashes only and is what intake reads; `client-keys.toml` (mode 0600)
    holds the secrets. Keys that are there stay as they are.
    """
    known = read_secrets(data)
    found = {name: known.get(name) or _new_secret() for name in CHANNELS}
    if found != known:
        client = "".join(f'{name} = "{secret}"\n' for name, secret in found.items())
        write_whole(data / CLIENT_FILE, "# The secrets of this local stack.\n" + client, 0o600)
    server = "\n".join(_entry(name, secret) for name, secret in found.items())
    head = "# Who may send to this local stack: hashes of the keys in client-keys.toml.\n\n"
    if not (data / SERVER_FILE).exists() or found != known:
        write_whole(data / SERVER_FILE, head + server, 0o600)
    return found


def read_secrets(data: Path) -> dict[str, str]:
    """Return the secret of each channel; empty when none were made yet."""
    try:
        text = (data / CLIENT_FILE).read_text("utf-8")
    except FileNotFoundError:
        return {}
    return {name: str(secret) for name, secret in tomllib.loads(text).items()}


def _new_secret() -> str:
    return "hk_" + secrets.token_urlsafe(_SECRET_BYTES)


def _entry(channel: str, secret: str) -> str:
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return (
        f'[[key]]\nid = "local-{channel}"\nprincipal = "channel:{channel}"\nsha256 = "{digest}"\n'
    )


def main(arguments: list[str]) -> int:
    """Make the keys in the folder named by the one argument."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m hutong.local.keys FOLDER\n")
        return 2
    ensure_keys(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
