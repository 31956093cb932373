from __future__ import annotations

import hmac
from pathlib import Path

import pytest

from hutong.keys import (
    REPORT_SCOPES,
    REPORTS_READ,
    SCOPES,
    Key,
    KeyFile,
    KeyRing,
    KeysError,
    hash_of,
    new_secret,
    parse_keys,
    read_keys,
)
from hutong.local.keys import ensure_keys

NOW = 1_795_343_504_000
GOOD = f"""
[[key]]
id = "app"
principal = "channel:app"
sha256 = "{hash_of("hk_app")}"
"""


def test_a_key_is_found_by_its_secret() -> None:
    ring = parse_keys(GOOD, "keys.toml")
    key = ring.identify("hk_app", NOW)
    assert key is not None
    assert (key.id, key.channel, key.scopes) == ("app", "app", SCOPES)
    for wrong in ("hk_ap", "hk_app ", "", "钥匙", "\udce9", hash_of("hk_app")):
        assert ring.identify(wrong, NOW) is None


@pytest.mark.parametrize(
    ("line", "good"),
    [
        ("revoked = true", False),
        ("revoked = false", True),
        ("expires_at = 2026-11-22T18:31:44+08:00", False),
        ("expires_at = 2026-11-22T18:31:45+08:00", True),
        ("not_before = 2026-11-22T18:31:44+08:00", True),
        ("not_before = 2026-11-22T18:31:45+08:00", False),
    ],
)
def test_row_36_keys_have_a_life(line: str, good: bool) -> None:
    ring = parse_keys(GOOD + line, "keys.toml")
    assert (ring.identify("hk_app", NOW) is not None) is good


@pytest.mark.parametrize("secret", ["hk_0", "hk_1", "hk_2", "hk_wrong", "x", ""])
def test_row_36_every_key_is_compared_whatever_is_found(
    secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is first in the file, last in it, or not in it at all.

    Gets: an answer after the same work: each is compared with every key, in constant time.
    """
    compared: list[bytes] = []

    def counted(known: bytes, given: bytes) -> bool:
        compared.append(known)
        return real(known, given)

    real = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", counted)
    ring = KeyRing(
        Key(id=f"k{n}", principal="channel:app", sha256=hash_of(f"hk_{n}")) for n in range(3)
    )
    found = ring.identify(secret, NOW)
    assert (found is not None) is (secret in {"hk_0", "hk_1", "hk_2"})
    assert compared == [bytes.fromhex(key.sha256) for key in ring]


def test_scopes_limit_a_key() -> None:
    [key] = parse_keys(GOOD + 'scopes = ["reports:read"]', "keys.toml")
    assert key.scopes == {REPORTS_READ}


def test_principals_other_than_channels_have_no_channel() -> None:
    [key] = parse_keys(GOOD.replace("channel:app", "dept:water"), "keys.toml")
    assert (key.channel, key.department) == (None, "water")


@pytest.mark.parametrize(
    ("principal", "may"),
    [
        ("channel:app", SCOPES),
        ("dept:water-co", SCOPES - REPORT_SCOPES),
        ("desk", SCOPES - REPORT_SCOPES),
        ("processes", frozenset()),
    ],
)
def test_a_key_may_do_no_more_than_its_principal(principal: str, may: frozenset[str]) -> None:
    [key] = parse_keys(GOOD.replace("channel:app", principal), "keys.toml")
    assert key.may == may
    [key] = parse_keys(GOOD.replace("channel:app", principal) + f"scopes = {sorted(SCOPES)}", "k")
    assert key.may == may


def test_every_fault_is_named_with_its_line() -> None:
    text = GOOD + GOOD + '[[key]]\nid = "B"\nprincipal = ""\nsha256 = "x"\nscope = 1\n'
    text += "expires_at = 2027-01-01T00:00:00\nscopes = ['fly']\nrevoked = 1\n"
    with pytest.raises(KeysError) as caught:
        parse_keys("[other]\n" + text, "keys.toml")
    shown = [str(fault) for fault in caught.value.faults]
    assert shown == [
        "keys.toml:1: 'other' is unknown at the top; keys are [[key]] tables",
        "keys.toml:8: key 'app': its id is there twice",
        "keys.toml:8: key 'app': its sha256 is there twice",
        "keys.toml:12: key 'B': 'scope' is unknown",
        "keys.toml:12: key 'B': 'id' must be a short name of a-z 0-9 . _ -",
        "keys.toml:12: key 'B': 'principal' must be like channel:app",
        "keys.toml:12: key 'B': 'sha256' must be 64 lower-case hex digits",
        f"keys.toml:12: key 'B': scopes fly unknown; there are {', '.join(sorted(SCOPES))}",
        "keys.toml:12: key 'B': 'expires_at' must be a time with its zone, as in …T00:00:00+08:00",
        "keys.toml:12: key 'B': 'revoked' must be true or false",
    ]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "k:1: has no [[key]]"),
        ("key = 5", "k:1: has no [[key]]"),
        ("key = [5]", "k:1: a key: is not a table"),
        ("\n\n[[key]]\nid = hk_secret", "k:4: is not TOML here"),
    ],
)
def test_files_that_are_none(text: str, fault: str) -> None:
    with pytest.raises(KeysError) as caught:
        parse_keys(text, "k")
    assert str(caught.value) == fault


def test_the_local_stacks_file_is_read(tmp_path: Path) -> None:
    secrets = ensure_keys(tmp_path, ["water-co"])
    ring = read_keys(tmp_path / "keys.toml")
    assert {"app", "grid", "desk", "dept:water-co"} <= secrets.keys()
    for name, secret in secrets.items():
        key = ring.identify(secret, NOW)
        assert key is not None
        assert name in (key.channel, key.principal)


def test_secrets_are_long_and_never_the_same() -> None:
    assert len({new_secret() for _ in range(100)}) == 100
    assert all(len(new_secret()) == 46 for _ in range(10))


def test_a_missing_file_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(KeysError, match="cannot be read"):
        read_keys(tmp_path / "none.toml")


def test_row_99_a_changed_file_is_read_and_a_broken_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text(GOOD)
    clock = [0.0]
    broken: list[KeysError] = []
    keys = KeyFile(path, clock=lambda: clock[0], on_broken=broken.append)

    def write(text: str) -> None:
        new = tmp_path / "new"
        new.write_text(text)
        new.replace(path)
        clock[0] += 2

    write(GOOD.replace(hash_of("hk_app"), hash_of("hk_new")))
    assert keys.ring.identify("hk_new", NOW) is not None
    assert keys.ring.identify("hk_app", NOW) is None
    write("broken")
    assert keys.ring.identify("hk_new", NOW) is not None
    clock[0] += 2
    assert keys.ring.identify("hk_new", NOW) is not None
    assert len(broken) == 1
    path.unlink()
    clock[0] += 2
    assert keys.ring.identify("hk_new", NOW) is not None
    assert len(broken) == 2
    write(GOOD)
    assert keys.ring.identify("hk_app", NOW) is not None
