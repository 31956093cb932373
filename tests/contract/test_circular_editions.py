"""Issued editions in PostgreSQL: numbered, kept as they are, corrected by later ones."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hutong.circular.edition import corrections
from hutong.circular.issued import (
    DamagedEditionError,
    NothingNewError,
    issue_edition,
    issued_editions,
)
from hutong.local.errors import LocalStackError
from hutong.local.postgres import find_programs
from hutong.readmodels.periods import Period
from hutong.store import Connection, connect, migrate
from tests.fixtures.database import database
from tests.fixtures.sources import absent
from tests.unit.circular.editions import AT, WEEK, some


@pytest.fixture
def connection(fresh_database: str) -> Iterator[Connection]:
    migrate(fresh_database)
    with connect(fresh_database) as connection:
        yield connection


def test_a_later_edition_has_the_next_number_and_changes_nothing_before_it(
    connection: Connection,
) -> None:
    first = issue_edition(connection, some(), by="王主任", at=AT)
    second = issue_edition(connection, some(reported=14), by="李主任", at=AT + 1)
    assert (first.number, second.number) == (1, 2)
    kept = issued_editions(connection, WEEK)
    assert kept == [first, second]
    assert kept[0].edition == some()
    [correction] = corrections(kept[0].edition, kept[1].edition)
    assert (correction.before, correction.after) == (12, 14)


def test_the_same_figures_are_not_issued_twice(connection: Connection) -> None:
    issue_edition(connection, some(), by="王主任", at=AT)
    later = replace(some(), at=AT + 60_000, position={0: 500})
    with pytest.raises(NothingNewError, match="edition 1 of 2026-W23"):
        issue_edition(connection, later, by="王主任", at=AT + 60_000)


def test_each_period_counts_its_own_editions(connection: Connection) -> None:
    issue_edition(connection, some(), by="王主任", at=AT)
    june = replace(some(), period=Period.parse("2026-06"))
    assert issue_edition(connection, june, by="王主任", at=AT).number == 1
    assert [each.period for each in issued_editions(connection)] == ["2026-06", "2026-W23"]


def test_one_that_somebody_changed_is_noticed(connection: Connection) -> None:
    issue_edition(connection, some(), by="王主任", at=AT)
    connection.execute("UPDATE circular_edition SET content = replace(content, '12', '13')")
    [damaged] = issued_editions(connection, WEEK)
    with pytest.raises(DamagedEditionError, match="edition 1 of 2026-W23 was changed"):
        _ = damaged.edition


def test_they_are_kept_and_brought_back_by_the_two_commands_of_the_page_on_backups(
    connection: Connection, fresh_database: str, postgres_server: str, tmp_path: Path
) -> None:
    issued = [
        issue_edition(connection, some(), by="王主任\t的\\同事", at=AT),
        issue_edition(connection, some(reported=14), by="李主任", at=AT + 1),
    ]
    connection.commit()
    of_the_page("pg_dump", fresh_database, tmp_path)
    with database(postgres_server) as url:
        migrate(url)
        of_the_page("psql", url, tmp_path)
        with connect(url) as restored:
            assert issued_editions(restored, WEEK) == issued
        with pytest.raises(AssertionError, match="duplicate key"):  # it does not go on in silence
            of_the_page("psql", url, tmp_path)


def of_the_page(program: str, url: str, folder: Path) -> None:
    """Run the command of docs/backup.md that begins with the program, as it stands there."""
    page = (Path(__file__).parents[2] / "docs" / "backup.md").read_text("utf-8")
    [command] = re.findall(rf"\b{program} .*editions\.sql", page)
    try:
        programs = find_programs()
    except LocalStackError as error:
        absent(program, error, "install PostgreSQL's client programs")
    if not (programs.folder / program).exists():
        absent(program, f"none in {programs.folder}", "install PostgreSQL's client programs")
    path = f"{programs.folder}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", command],
        cwd=folder,
        env={"PATH": path, "HUTONG_DATABASE_URL": url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    if "server version mismatch" in done.stderr:
        absent(program, done.stderr, "install client programs as new as the server")
    assert done.returncode == 0, done.stderr
