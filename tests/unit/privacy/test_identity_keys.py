"""The file of identity keys: made, read, refused."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from hutong.privacy.keys import (
    IdentityKeysError,
    is_private,
    parse_identity_keys,
    read_identity_keys,
    with_new_key,
)

GOOD = base64.b64encode(bytes(range(32))).decode()


def entry(key_id: str = "one", secret: str = GOOD, more: str = "current = true") -> str:
    return f'[[key]]\nid = "{key_id}"\nsecret = "{secret}"\n{more}\n'


def test_a_new_key_is_current_and_the_old_one_stays() -> None:
    first = with_new_key("", "2026-11", "keys")
    second = with_new_key(first, "2027-01", "keys")
    before, after = parse_identity_keys(first, "keys"), parse_identity_keys(second, "keys")
    assert (before.current, after.current) == ("2026-11", "2027-01")
    assert after.secrets["2026-11"] == before.secrets["2026-11"]
    assert len(set(after.secrets.values())) == 2
    assert second.startswith("# Keys that seal")
    with pytest.raises(IdentityKeysError, match="already"):
        with_new_key(second, "2026-11", "keys")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "must hold"),
        ("x = 1", "must hold"),
        ("[[key", "not TOML"),
        ("key = [1]", "not a table"),
        (entry(key_id="a b"), "short name"),
        (entry(secret="AAAA"), "32 bytes"),
        (entry(secret="not base64!"), "32 bytes"),
        (entry(more='current = "yes"'), "true or false"),
        (entry(more="extra = 1"), "'extra' is unknown"),
        (entry(more=""), "exactly one"),
        (entry() + entry("two"), "exactly one"),
        (entry() + entry(more=""), "twice"),
    ],
)
def test_what_is_wrong_is_said_without_a_secret(text: str, why: str) -> None:
    with pytest.raises(IdentityKeysError, match=why) as caught:
        parse_identity_keys(text, "the-file")
    assert "the-file" in str(caught.value)
    assert GOOD not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(IdentityKeysError, match="cannot be read"):
        read_identity_keys(tmp_path / "none.toml")


def test_private_means_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys.toml"
    file.touch(0o600)
    assert is_private(file)
    file.chmod(0o640)
    assert not is_private(file)
