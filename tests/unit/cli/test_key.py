from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from hutong.cli.key import register
from hutong.keys import KeyRing, read_keys

DAY = 86_400_000


class Keys:
    """The command on a file of its own."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._app = typer.Typer()
        self._app.command("other")(lambda: None)
        register(self._app)

    def run(self, *arguments: str) -> Result:
        command = ["key", *arguments, "--file", str(self.file)]
        return CliRunner().invoke(self._app, command, env={"HUTONG_CITY": None})

    def make(self, *arguments: str) -> str:
        made = self.run("create", "--channel", "app", *arguments)
        assert made.exit_code == 0, made.output
        return made.stdout.strip()

    @property
    def ring(self) -> KeyRing:
        return read_keys(self.file)


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys(tmp_path / "keys.toml")


def test_the_list_fits_80_columns_with_nothing_cut(
    keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    long = "the-app-of-the-whole-district-2026"
    keys.make("--id", long, "--expires", "2099-12-01T08:30+08:00")
    keys.make("--expires", "never")
    shown = keys.run("list").stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert "2099-12-01 08:30" in shown
    assert "no end" in shown
    assert "…" not in shown
    assert {"reports:read", "reports:write"} <= set(shown.split())
    assert all(part in shown for part in ("channel:app", "good"))


def now() -> int:
    return time.time_ns() // 1_000_000


def test_a_key_is_made_shown_once_and_kept_as_a_hash(keys: Keys) -> None:
    secret = keys.make("--scopes", "reports:write", "--expires", "90d")
    assert secret.startswith("hk_")
    found = keys.ring.identify(secret, now())
    assert found is not None
    assert (found.id, found.principal) == ("app-1", "channel:app")
    assert found.scopes == {"reports:write"}
    assert keys.ring.identify(secret, now() + 91 * DAY) is None
    assert secret not in keys.file.read_text()
    assert secret not in keys.run("list").output
    assert keys.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("arguments", "key_id", "principal"),
    [
        (("--department", "water-co"), "water-co-1", "dept:water-co"),
        (("--desk",), "desk-1", "desk"),
    ],
)
def test_a_key_of_a_department_or_the_desk(
    arguments: tuple[str, ...], key_id: str, principal: str, keys: Keys
) -> None:
    made = keys.run("create", *arguments)
    found = keys.ring.identify(made.stdout.strip(), now())
    assert found is not None
    assert (found.id, found.principal) == (key_id, principal)
    assert "issues:act" in made.output
    assert "reports:write" not in made.output


def test_a_key_ends_after_a_year_unless_told_otherwise(keys: Keys) -> None:
    year, ever, day = keys.make(), keys.make("--expires", "never"), "2099-01-01T00:00:00+08:00"
    assert keys.ring.identify(year, now() + 364 * DAY) is not None
    assert keys.ring.identify(year, now() + 366 * DAY) is None
    assert keys.ring.identify(ever, now() + 99_999 * DAY) is not None
    keys.make("--expires", day)
    rows = json.loads(keys.run("list", "--json").stdout)
    assert [row["expires_at"] for row in rows][1:] == [None, day]


def test_a_revoked_key_is_refused_at_once_and_its_id_is_not_used_again(keys: Keys) -> None:
    secret = keys.make()
    assert keys.run("revoke", "app-1").exit_code == 0
    assert keys.ring.identify(secret, now()) is None
    keys.make()
    assert [key.id for key in keys.ring] == ["app-1", "app-2"]


def test_rotation_overlaps(keys: Keys) -> None:
    old = keys.make("--scopes", "reports:read")
    rotated = keys.run("rotate", "app-1", "--overlap", "7")
    new = rotated.stdout.strip()
    for days, good in ((0, {old, new}), (6, {old, new}), (8, {new}), (366, set())):
        at = now() + days * DAY
        assert {s for s in (old, new) if keys.ring.identify(s, at)} == good, days
    made = keys.ring.identify(new, now())
    assert made is not None
    assert (made.id, sorted(made.scopes)) == ("app-2", ["reports:read"])


def test_rotation_never_lengthens_the_old_key(keys: Keys) -> None:
    old = keys.make("--expires", "2d")
    keys.run("rotate", "app-1", "--overlap", "30")
    assert keys.ring.identify(old, now() + 3 * DAY) is None


def test_rotation_without_overlap_ends_the_old_key_now(keys: Keys) -> None:
    old = keys.make()
    keys.run("rotate", "app-1", "--overlap", "0")
    assert keys.ring.identify(old, now()) is None


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("create", "--channel", "nope"), 2, "there is no channel 'nope'; there are: grid"),
        (("create", "--channel", "simulator"), 2, "there is no channel 'simulator'"),
        (("create", "--channel", "app", "--scopes", "all"), 2, "channel:app has no scope all"),
        (("create", "--desk", "--scopes", "reports:write"), 2, "desk has no scope reports:write"),
        (("create", "--department", "nope"), 2, "there is no department 'nope'; there are: urban"),
        (("create",), 2, "name one of --channel, --department and --desk"),
        (("create", "--channel", "app", "--desk"), 2, "name one of"),
        (("create", "--channel", "app", "--expires", "soon"), 2, "--expires 'soon' is neither"),
        (("create", "--channel", "app", "--expires", "2099-01-01"), 2, "is neither"),
        (("create", "--channel", "app", "--expires", "2000-01-01T00:00Z"), 2, "is over already"),
        (("create", "--channel", "app", "--expires", "0d"), 2, "is over already"),
        (("create", "--channel", "app", "--id", "app-1"), 1, "there is a key 'app-1' already"),
        (("revoke", "nobody"), 1, "there is no key 'nobody'; there are: app-1"),
        (("rotate", "nobody"), 1, "there is no key 'nobody'"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_changes(
    arguments: tuple[str, ...], code: int, said: str, keys: Keys
) -> None:
    keys.make()
    before = keys.file.read_bytes()
    done = keys.run(*arguments)
    assert done.exit_code == code
    assert said in done.output
    assert keys.file.read_bytes() == before


def test_a_revoked_key_is_not_rotated(keys: Keys) -> None:
    keys.make()
    keys.run("revoke", "app-1")
    done = keys.run("rotate", "app-1")
    assert (done.exit_code, len(keys.ring)) == (1, 1)
    assert "is revoked" in done.output
