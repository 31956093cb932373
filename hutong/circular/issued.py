"""Editions that were issued: kept as they were, under a number, never changed.

They are the one thing in the database that is not made from the log: issuing is an act of a person
outside of any issue. A rebuild leaves them alone; what they say can be made again from the log by
their position, pack and instant, and held against their digest.
"""

import hashlib
from dataclasses import dataclass

from psycopg.rows import class_row

from hutong.circular.edition import Edition
from hutong.readmodels.periods import Period
from hutong.store import Connection


class DamagedEditionError(Exception):
    """A stored edition is not what was issued: its digest differs."""


class NothingNewError(Exception):
    """The last edition of the period says the same: there is nothing to correct."""


@dataclass(frozen=True, slots=True)
class Issued:
    """One issued edition. ``issued_at`` is milliseconds UTC, ``issued_by`` a person's name."""

    period: str
    number: int
    issued_at: int
    issued_by: str
    digest: str
    content: str

    @property
    def edition(self) -> Edition:
        """The edition itself; DamagedEditionError when somebody changed it."""
        if hashlib.sha256(self.content.encode()).hexdigest() != self.digest:
            raise DamagedEditionError(f"edition {self.number} of {self.period} was changed")
        return Edition.from_text(self.content)


def issue_alone(connection: Connection) -> None:
    """Let nobody else issue until the end of the caller's transaction.

    Where it sees one moment, that begins with what it reads first: read before, and an edition that
    somebody else issues meanwhile is not seen, and its number taken twice.
    """
    connection.execute("LOCK TABLE circular_edition IN SHARE ROW EXCLUSIVE MODE")


def issue_edition(connection: Connection, edition: Edition, *, by: str, at: int) -> Issued:
    """Keep an edition under the next number of its period, in the caller's transaction.

    Raises NothingNewError when the last one has the same figures. In a transaction that sees one
    moment, `issue_alone` must come before anything is read.
    """
    issue_alone(connection)
    before = issued_editions(connection, edition.period)
    if before and before[-1].edition.figures == edition.figures:
        raise NothingNewError(f"edition {before[-1].number} of {edition.period.name} says the same")
    number = before[-1].number + 1 if before else 1
    made = Issued(edition.period.name, number, at, by, edition.digest, edition.to_text())
    connection.execute(
        "INSERT INTO circular_edition (period, number, issued_at, issued_by, digest, content)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [made.period, made.number, made.issued_at, made.issued_by, made.digest, made.content],
    )
    return made


def issued_editions(connection: Connection, period: Period | None = None) -> list[Issued]:
    """Issued editions, of one period or of all, by period and number."""
    with connection.cursor(row_factory=class_row(Issued)) as cursor:
        return cursor.execute(
            "SELECT period, number, issued_at, issued_by, digest, content FROM circular_edition"
            " WHERE %(period)s::text IS NULL OR period = %(period)s ORDER BY period, number",
            {"period": None if period is None else period.name},
        ).fetchall()
