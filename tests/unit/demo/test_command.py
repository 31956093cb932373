"""`hutong generate`: files that the importer reads, and plain words when it cannot."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from hutong.cli.generate import register
from hutong.importer.messages import ImportedMessage, read_messages


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return app


def test_the_csv_can_be_imported(app: typer.Typer, tmp_path: Path) -> None:
    file = tmp_path / "year.csv"

    result = CliRunner().invoke(app, ["generate", "--count", "300", "--out", str(file)])

    assert result.exit_code == 0, result.output
    rows = list(read_messages(file))
    assert len(rows) == 300
    messages = [row for row in rows if isinstance(row, ImportedMessage)]
    assert len(messages) == 300
    assert {message.channel for message in messages} >= {"hotline", "app", "grid"}
    assert any(message.lon for message in messages)


def test_ndjson_keeps_the_truth_apart(app: typer.Typer, tmp_path: Path) -> None:
    file = tmp_path / "day.ndjson"
    days = ["--from", "2025-03-01", "--to", "2025-03-02"]

    result = CliRunner().invoke(app, ["generate", "--count", "20", *days, "--out", str(file)])

    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert len(lines) == 20
    for line in lines:
        assert set(line) == {"channel", "request", "truth"}
        assert line["request"]["occurred_at"].startswith("2025-03-01T")
        assert set(line["truth"]) == {"item", "matter", "vague"}


def test_the_output_is_csv(app: typer.Typer) -> None:
    result = CliRunner().invoke(app, ["generate", "--count", "3", "--seed", "5"])

    assert result.output.startswith("message_id,submitted_at,subject,body,channel,area,lon,lat\n")
    assert "demo-5-3," in result.output


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--from", "1 March"], "not a date"),
        (["--from", "2026-01-01", "--to", "2025-01-01"], "must lie before"),
        (["--out", "year.xlsx"], "must end in .csv"),
    ],
)
def test_mistakes_are_named(app: typer.Typer, options: list[str], words: str) -> None:
    result = CliRunner().invoke(app, ["generate", "--count", "1", *options])

    assert result.exit_code == 2
    assert words in result.output


def test_a_file_that_cannot_be_written_is_a_failure(app: typer.Typer, tmp_path: Path) -> None:
    out = str(tmp_path / "nowhere" / "year.csv")

    result = CliRunner().invoke(app, ["generate", "--count", "1", "--out", out])

    assert result.exit_code == 1
    assert "cannot be written" in result.output
