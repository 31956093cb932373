"""Two copies of a table, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from hutong.events.headers import Source as Place
from hutong.events.topics import ISSUES
from hutong.readmodels import Table
from hutong.store import Connection

#: Enough to see what kind of difference it is.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A row as it is live and as it came out of the log; None where there is none.

    ``columns`` are those that differ, none where a whole row lacks. ``place`` is the last record
    of the row's issue, ``issues/2/117``; '' where the row is no single issue's, or the issue has
    none.
    """

    key: Mapping[str, Any]
    columns: tuple[str, ...]
    live: Mapping[str, Any] | None
    rebuilt: Mapping[str, Any] | None
    place: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many rows each copy has, how many differ, and the first that do, by key."""

    table: str
    live: int
    rebuilt: int
    differing: int
    first: tuple[Difference, ...]


def compare(connection: Connection, table: Table, live: str, rebuilt: str) -> Comparison:
    """Compare a table in two schemas: every column of every row."""
    names = {
        "live": sql.Identifier(live, table.name),
        "rebuilt": sql.Identifier(rebuilt, table.name),
        "same": sql.SQL(" AND ").join(
            sql.SQL("l.{0} = r.{0}").format(sql.Identifier(name)) for name in table.key
        ),
        "key": sql.SQL(", ").join(
            sql.SQL("coalesce(l.{0}, r.{0})").format(sql.Identifier(name)) for name in table.key
        ),
        "columns_l": _columns("l", table),
        "columns_r": _columns("r", table),
        "shown": sql.Literal(_SHOWN),
    }
    pairs = sql.SQL(
        "FROM {live} AS l FULL JOIN {rebuilt} AS r ON {same}"
        " WHERE ROW({columns_l}) IS DISTINCT FROM ROW({columns_r})"
    ).format(**names)
    counts = connection.execute(
        sql.SQL(
            "SELECT (SELECT count(*) FROM {live}), (SELECT count(*) FROM {rebuilt}),"
            " (SELECT count(*) {pairs})"
        ).format(pairs=pairs, **names)
    ).fetchone()
    assert counts is not None
    in_live, in_rebuilt, differing = counts
    first = connection.execute(
        sql.SQL("SELECT to_jsonb(l), to_jsonb(r) {pairs} ORDER BY {key} LIMIT {shown}").format(
            pairs=pairs, **names
        )
    )
    differences = tuple(_difference(connection, table, *row) for row in first.fetchall())
    return Comparison(table.name, in_live, in_rebuilt, differing, differences)


def _difference(
    connection: Connection,
    table: Table,
    live: Mapping[str, Any] | None,
    rebuilt: Mapping[str, Any] | None,
) -> Difference:
    there = rebuilt or live
    assert there is not None  # one of the two has it
    columns = (
        tuple(name for name in table.columns if live[name] != rebuilt[name])
        if live and rebuilt
        else ()
    )
    key = {name: there[name] for name in table.key}
    return Difference(key, columns, live, rebuilt, _place(connection, there))


def _place(connection: Connection, row: Mapping[str, Any]) -> str:
    """From the row itself, else from the live timeline: the copy need not have one."""
    if {"partition", "offset"} <= row.keys():
        return str(Place(ISSUES, row["partition"], row["offset"]))
    found = connection.execute(
        'SELECT partition, "offset" FROM issue_timeline WHERE issue_id = %s'
        ' ORDER BY "offset" DESC LIMIT 1',
        [row.get("issue_id")],
    ).fetchone()
    return str(Place(ISSUES, *found)) if found else ""


def _columns(alias: str, table: Table) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(alias, name) for name in table.columns)
