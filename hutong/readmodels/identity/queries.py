"""Questions to identity. What comes back is sealed: `hutong.privacy.seal` opens it."""

from dataclasses import dataclass

from psycopg import sql
from psycopg.rows import class_row

from hutong.readmodels.identity.tables import IDENTITY
from hutong.store import Connection

_COLUMNS = sql.SQL(", ").join(map(sql.Identifier, IDENTITY.columns))


@dataclass(frozen=True, slots=True)
class SealedIdentity:
    """One box: the event that brought it (``name``, ``event_id``), and the key that it needs."""

    event_id: str
    issue_id: str
    nth: int
    name: str
    contact: str | None
    key_id: str
    box: str


def of_issue(connection: Connection, issue_id: str) -> list[SealedIdentity]:
    """All boxes of an issue, oldest first: what a later one says replaces what was said."""
    with connection.cursor(row_factory=class_row(SealedIdentity)) as cursor:
        query = sql.SQL("SELECT {} FROM identity WHERE issue_id = %s ORDER BY nth").format(_COLUMNS)
        return cursor.execute(query, [issue_id]).fetchall()
