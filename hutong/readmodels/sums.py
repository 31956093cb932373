"""Sum tables asked by period: rows added up over whatever is not asked for."""

from collections.abc import Sequence
from typing import TypeVar

from psycopg import sql
from psycopg.rows import class_row

from hutong.readmodels.base import Table
from hutong.readmodels.periods import Period
from hutong.store import Connection

_Row = TypeVar("_Row")


def sums_over(
    connection: Connection,
    table: Table,
    row: type[_Row],
    period: Period,
    *,
    by: Sequence[str],
    **given: str | None,
) -> list[_Row]:
    """Rows of a period, added up per combination of the key columns ``by``, and in their order.

    ``row`` has a field for each of them and for each value column; ``given`` are key columns that
    must have that value, None any.
    """
    columns = [sql.Identifier(name) for name in by]
    values = [
        sql.SQL("sum({0})::bigint AS {0}").format(sql.Identifier(name)) for name in table.values
    ]
    conditions = [
        sql.SQL("{} = ANY ({})").format(
            sql.Identifier(period.column), sql.Literal(list(period.values))
        ),
        *(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value))
            for name, value in given.items()
            if value is not None
        ),
    ]
    query = sql.SQL("SELECT {} FROM {} WHERE {} GROUP BY {by} ORDER BY {by}").format(
        sql.SQL(", ").join([*columns, *values]),
        sql.Identifier(table.name),
        sql.SQL(" AND ").join(conditions),
        by=sql.SQL(", ").join(columns),
    )
    with connection.cursor(row_factory=class_row(row)) as cursor:
        return cursor.execute(query).fetchall()
