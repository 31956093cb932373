from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from hutong.cli.main import build_app
from hutong.privacy.keys import is_private, read_identity_keys


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(build_app(), ["identity", *arguments])
    return result.exit_code, result.output


def test_a_new_key_is_made_and_the_next_one_takes_its_place(tmp_path: Path) -> None:
    file = tmp_path / "identity.toml"
    assert run("new-key", str(file), "--id", "one")[0] == 0
    assert run("new-key", str(file))[0] == 0
    keys = read_identity_keys(file)
    assert len(keys.secrets) == 2
    assert keys.current != "one"
    assert is_private(file)


def test_a_faulty_file_stays_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "identity.toml"
    file.write_text("[[key]]\n")
    code, output = run("new-key", str(file))
    assert code == 1
    assert "its id must be" in output
    assert file.read_text() == "[[key]]\n"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    code, output = run("new-key", str(tmp_path / "none" / "identity.toml"))
    assert code == 1
    assert "cannot be written" in output
