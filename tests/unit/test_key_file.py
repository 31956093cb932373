"""Changing a key file: what else is in it stays, and it is changed whole or not at all."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hutong.key_file import KeyChangeError, change_file, keys_in, with_field, with_key
from hutong.keys import REPORTS_WRITE, Key, KeysError, hash_of, parse_keys

ZONE = ZoneInfo("Asia/Shanghai")
NOW = 1_795_343_504_000
FILE = """\
# ours
[[key]]  # the app
id = "app-1"
principal = "channel:app"
sha256 = "{one}"
scopes = [
  "reports:write",  # no reading
]

[[key]]
id = "grid-1"
principal = "channel:grid"
sha256 = "{two}"
expires_at = 2030-01-01T00:00:00+08:00
# the end
""".format(one=hash_of("1"), two=hash_of("2"))
NEW = Key("app-2", "channel:app", hash_of("3"), frozenset({REPORTS_WRITE}), None, NOW, False)


def key(text: str, key_id: str) -> Key:
    return next(key for key in parse_keys(text, "f") if key.id == key_id)


def test_a_new_key_is_added_at_the_end_and_reads_back_as_it_was_made() -> None:
    text = with_key(FILE, NEW, ZONE)
    assert text.startswith(FILE)
    assert key(text, "app-2") == NEW
    assert len(parse_keys(text, "f")) == 3


def test_the_first_key_makes_the_file() -> None:
    text = with_key("", replace(NEW, revoked=True), ZONE)
    assert text.startswith("# API keys")
    assert list(parse_keys(text, "f")) == [replace(NEW, revoked=True)]


def test_an_id_is_used_once() -> None:
    with pytest.raises(KeyChangeError, match="'app-1' already"):
        with_key(FILE, replace(NEW, id="app-1"), ZONE)


@pytest.mark.parametrize("key_id", ["app-1", "grid-1"])
def test_one_field_changes_and_nothing_else(key_id: str) -> None:
    revoked, ending = (
        replace(key(FILE, key_id), revoked=True),
        replace(key(FILE, key_id), expires_at=NOW),
    )
    for field, changed in (("revoked", revoked), ("expires_at", ending)):
        text = with_field(FILE, changed, field, ZONE)
        assert key(text, key_id) == changed
        others = {k for k in parse_keys(text, "f") if k.id != key_id}
        assert others == {k for k in parse_keys(FILE, "f") if k.id != key_id}
        for comment in ("# ours", "# the app", "# no reading", "# the end"):
            assert comment in text


@pytest.mark.parametrize(
    "text",
    [
        f'key = [{{id = "app-1", principal = "channel:app", sha256 = "{hash_of("1")}"}}]\n',
        f'[[key]]\nid = "app-1"\nprincipal = "channel:app"\nsha256 = "{hash_of("1")}"\n["key"]\n',
    ],
)
def test_what_cannot_be_changed_safely_is_left_to_a_person(text: str) -> None:
    wanted = Key("app-1", "channel:app", hash_of("1"), revoked=True)
    with pytest.raises((KeyChangeError, KeysError)):
        with_field(text, wanted, "revoked", ZONE)


def test_a_faulty_file_is_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text("[[key]]\nid = 1\n")
    with pytest.raises(KeysError):
        change_file(path, lambda text: with_key(text, NEW, ZONE))
    assert path.read_text() == "[[key]]\nid = 1\n"
    assert [p.name for p in tmp_path.iterdir()] == ["keys.toml"]


def test_the_file_is_ours_alone_to_read_and_a_link_stays_a_link(tmp_path: Path) -> None:
    real, link = tmp_path / "real.toml", tmp_path / "keys.toml"
    real.write_text(FILE)
    real.chmod(0o644)
    link.symlink_to(real)
    change_file(link, lambda text: with_key(text, NEW, ZONE))
    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o600
    assert len(keys_in(real.read_text(), "f")) == 3


def test_two_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"

    def add(number: int) -> None:
        new = replace(NEW, id=f"k-{number}", sha256=hash_of(str(number)))
        change_file(path, lambda text: with_key(text, new, ZONE))

    threads = [threading.Thread(target=add, args=(n,)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys_in(path.read_text(), "f")) == 20
