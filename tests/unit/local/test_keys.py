from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from hutong.local.keys import CHANNELS, CLIENT_FILE, SERVER_FILE, ensure_keys, read_secrets


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
