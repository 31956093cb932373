"""Two copies of a table, row by row."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from hutong.readmodels import Table
from hutong.store import Connection

#: Enough to see what kind of difference it is.
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Difference:
    """A row as it is live and as it came out of the log; None where there is none."""

    live: Mapping[str, Any] | None
    rebuilt: Mapping[str, Any] | None


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
    differences = tuple(Difference(*row) for row in first)
    return Comparison(table.name, in_live, in_rebuilt, differing, differences)


def _columns(alias: str, table: Table) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(alias, name) for name in table.columns)
