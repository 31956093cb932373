"""Migrations and offsets on a real PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from hutong.store import (
    FencedError,
    KeptPack,
    MigrationError,
    RebuildNeededError,
    connect,
    keep_packs,
    kept_pack,
    migrate,
    move_offsets,
    read_offsets,
    require_built,
    require_migrated,
)
from hutong.store.migrations import load_migrations


def test_migrate_applies_everything_once(fresh_database: str) -> None:
    names = tuple(migration.name for migration in load_migrations())
    assert migrate(fresh_database) == names
    assert migrate(fresh_database) == ()
    with connect(fresh_database) as connection:
        require_migrated(connection)


def test_two_at_once_do_no_harm(fresh_database: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        applied = list(pool.map(migrate, [fresh_database] * 2))
    assert sorted(map(len, applied)) == [0, len(load_migrations())]


def test_a_database_that_was_not_migrated_is_refused_with_the_command(fresh_database: str) -> None:
    with connect(fresh_database) as connection, pytest.raises(MigrationError) as caught:
        require_migrated(connection)
    assert "run `hutong migrate`" in str(caught.value)


def test_an_edited_migration_is_refused(fresh_database: str) -> None:
    migrate(fresh_database)
    with connect(fresh_database) as connection:
        connection.execute("UPDATE migration SET checksum = 'other' WHERE number = 1")
    with pytest.raises(MigrationError, match="was edited after it was applied"):
        migrate(fresh_database)


def test_a_newer_database_is_refused(fresh_database: str) -> None:
    migrate(fresh_database)
    with connect(fresh_database) as connection:
        connection.execute("INSERT INTO migration VALUES (9999, '9999_later.sql', 'x')")
    with pytest.raises(MigrationError, match="9999_later"):
        migrate(fresh_database)


def test_offsets_move_only_from_where_they_are_believed_to_be(fresh_database: str) -> None:
    migrate(fresh_database)
    with connect(fresh_database) as connection:
        with connection.transaction():
            move_offsets(connection, {0: (0, 10), 5: (0, 3)})
        with connection.transaction():
            move_offsets(connection, {0: (10, 12)})
        with pytest.raises(FencedError) as caught, connection.transaction():
            move_offsets(connection, {0: (10, 11), 5: (3, 4)})
        assert caught.value.partition == 0
        with pytest.raises(FencedError), connection.transaction():
            move_offsets(connection, {5: (0, 1)})
        assert read_offsets(connection) == {0: 12, 5: 3}


def test_the_pack_of_an_instant_is_the_one_that_counts_then(fresh_database: str) -> None:
    migrate(fresh_database)
    old, new = KeptPack(0, "sha256:a", b"old"), KeptPack(1_000, "sha256:b", b"new")
    with connect(fresh_database) as connection:
        assert kept_pack(connection, 5_000) is None
        keep_packs(connection, [KeptPack(0, "sha256:c", b"other"), KeptPack(500, "sha256:a", b"")])
        keep_packs(connection, [old, new])
        assert [kept_pack(connection, at) for at in (0, 999, 1_000)] == [old, old, new]


def test_rows_made_by_other_versions_are_refused_with_the_command(fresh_database: str) -> None:
    migrate(fresh_database)
    with connect(fresh_database) as connection:
        require_built(connection, {"fold": "1", "a": "1"}, {})
        require_built(connection, {"fold": "1", "a": "1"}, {})
        with pytest.raises(RebuildNeededError, match="hutong replay rebuild --all"):
            require_built(connection, {"fold": "1", "a": "2"}, {})


def test_what_comes_by_and_by_is_noted_when_it_comes_and_held_from_then_on(
    fresh_database: str,
) -> None:
    migrate(fresh_database)
    with connect(fresh_database) as connection:
        require_built(connection, {"fold": "1"}, {})
        require_built(connection, {"fold": "1"}, {"pack:7": "a"})
        require_built(connection, {"fold": "1"}, {"pack:7": "a", "pack:9": "b"})
        with pytest.raises(RebuildNeededError, match="pack:7"):
            require_built(connection, {"fold": "1"}, {"pack:7": "other"})
        with pytest.raises(RebuildNeededError, match="pack:0"):
            require_built(connection, {"fold": "1", "pack:0": "a"}, {})
