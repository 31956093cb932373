from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from hutong.checks.safety import LOCAL_KEY
from hutong.local.keys import (
    CHANNELS,
    CLIENT_FILE,
    SERVER_FILE,
    ensure_identity_keys,
    ensure_keys,
    read_secrets,
)
from hutong.privacy.keys import is_private, read_identity_keys


def test_every_channel_has_a_key_whose_hash_alone_intake_sees(tmp_path: Path) -> None:
    secrets = ensure_keys(tmp_path)
    text = (tmp_path / SERVER_FILE).read_text()
    entries = {entry["principal"]: entry for entry in tomllib.loads(text)["key"]}
    for channel in CHANNELS:
        entry = entries[f"channel:{channel}"]
        assert entry["id"] == f"local-{channel}"
        assert entry["sha256"] == hashlib.sha256(secrets[channel].encode()).hexdigest()
        assert secrets[channel] not in text
        assert secrets[channel].startswith("hk_")
    assert (tmp_path / CLIENT_FILE).stat().st_mode & 0o777 == 0o600


def test_keys_stay_the_same_and_a_missing_one_is_added(tmp_path: Path) -> None:
    first = ensure_keys(tmp_path)
    assert ensure_keys(tmp_path) == first
    kept = "".join(f'{name} = "{secret}"\n' for name, secret in first.items() if name != "app")
    (tmp_path / CLIENT_FILE).write_text(kept)
    second = ensure_keys(tmp_path)
    assert second["app"] != first["app"]
    assert {**second, "app": ""} == {**first, "app": ""}
    assert read_secrets(tmp_path) == second


def test_the_identity_key_is_private_and_stays(tmp_path: Path) -> None:
    file = ensure_identity_keys(tmp_path)
    first = file.read_bytes()
    assert is_private(file)
    assert read_identity_keys(file).current.startswith(LOCAL_KEY)
    assert ensure_identity_keys(tmp_path).read_bytes() == first
