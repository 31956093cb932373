"""Questions to issue_timeline."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import sql
from psycopg.rows import class_row

from hutong.readmodels.issue_timeline.tables import ISSUE_TIMELINE
from hutong.store import Connection, read_offsets

_COLUMNS = sql.SQL(", ").join(map(sql.Identifier, ISSUE_TIMELINE.columns))
#: Clocks of honest senders differ; a report may lie on a device for long, but not for a year.
_CLOCK_SLACK = 60_000
_LONG_AGO = 366 * 24 * 3_600_000
_SELECT = sql.SQL("SELECT {} FROM issue_timeline ").format(_COLUMNS)


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One record of an issue.

    ``partition`` and ``offset`` are its place in `issues`, ``source`` that of the input it was
    made from. Times are milliseconds UTC: occurred is the sender's claim, received the append time
    of the input, recorded the append time in `issues`. ``data`` is the event without its head and
    without who reported it.
    """

    partition: int
    offset: int
    issue_id: str
    event_id: str
    name: str
    principal: str
    actor: str
    origin: str
    verdict: str
    reason: str
    detail: str
    occurred_at: int
    received_at: int
    recorded_at: int
    source: str
    causation_id: str | None
    data: Mapping[str, Any]


def clocks_off(entries: Sequence[TimelineEntry]) -> list[bool]:
    """For each record of one issue whether its sender's time cannot be: after the record came,
    over a year before that, or before the issue was there.

    An issue is there from the time that its report claims, or when that came, if earlier. Nothing
    is judged by this: clocks go by the received time.
    """
    reports = [e for e in entries if e.name == "IssueReported" and e.verdict == "applied"]
    began = min((min(e.occurred_at, e.received_at) for e in reports), default=None)
    return [
        not -_LONG_AGO <= e.occurred_at - e.received_at <= _CLOCK_SLACK
        or (began is not None and e.occurred_at < began - _CLOCK_SLACK)
        for e in entries
    ]


def of_issue(connection: Connection, issue_id: str) -> list[TimelineEntry]:
    """All records of an issue in the order of the log, refused and waiting ones included."""
    with connection.cursor(row_factory=class_row(TimelineEntry)) as cursor:
        return cursor.execute(
            _SELECT + sql.SQL('WHERE issue_id = %s ORDER BY partition, "offset"'), [issue_id]
        ).fetchall()


def first_of(connection: Connection, issue_id: str, event_id: str) -> TimelineEntry | None:
    """The record of an issue with that event id; the first, should another have come under it."""
    with connection.cursor(row_factory=class_row(TimelineEntry)) as cursor:
        where = 'WHERE issue_id = %s AND event_id = %s ORDER BY partition, "offset" LIMIT 1'
        return cursor.execute(_SELECT + sql.SQL(where), [issue_id, event_id]).fetchone()


def newest_applied(connection: Connection, issue_id: str) -> str | None:
    """The id of the newest event of an issue that had an effect; None where it has none."""
    row = connection.execute(
        "SELECT event_id FROM issue_timeline WHERE issue_id = %s AND verdict = 'applied'"
        ' ORDER BY partition DESC, "offset" DESC LIMIT 1',
        [issue_id],
    ).fetchone()
    return None if row is None else str(row[0])


#: As the partial index has it: most events name no file.
_NAMES_FILES = sql.SQL("data -> 'media' <> '[]' AND data -> 'media' ?| %s")


def issues_naming(connection: Connection, sha256: str) -> list[str]:
    """The issues of which an event, applied or not, names that file."""
    query = sql.SQL("SELECT DISTINCT issue_id FROM issue_timeline WHERE ") + _NAMES_FILES
    return [row[0] for row in connection.execute(query, [[sha256]])]


def files_named(connection: Connection, files: Sequence[str]) -> set[str]:
    """Those of these files that an event of any issue names."""
    query = (
        sql.SQL("SELECT DISTINCT file FROM issue_timeline, jsonb_array_elements_text(")
        + sql.SQL("data -> 'media') AS file WHERE ")
        + _NAMES_FILES
    )
    wanted = list(files)
    return {row[0] for row in connection.execute(query, [wanted])} & set(wanted)


def reveals_since(connection: Connection, since: int) -> list[TimelineEntry]:
    """Every time that somebody asked for who reported an issue and it got into the log, the latest
    first; refused ones too. ``since``: milliseconds UTC, recorded.
    """
    with connection.cursor(row_factory=class_row(TimelineEntry)) as cursor:
        query = _SELECT + sql.SQL(
            "WHERE name = 'IdentityRevealed' AND recorded_at >= %s"
            ' ORDER BY recorded_at DESC, partition, "offset" DESC'
        )
        return cursor.execute(query, [since]).fetchall()


def last_recorded_at(connection: Connection) -> int | None:
    """The recorded time of the newest record that the rows were made from; None without any."""
    row = connection.execute(
        "SELECT max(last.recorded_at) FROM projection_offset AS o CROSS JOIN LATERAL ("
        " SELECT recorded_at FROM issue_timeline AS t WHERE t.partition = o.partition"
        ' ORDER BY t."offset" DESC LIMIT 1) AS last'
    ).fetchone()
    return None if row is None else row[0]


def verdicts_of(
    connection: Connection, issue_ids: Sequence[str], *, topic: str
) -> dict[tuple[str, str], int]:
    """(verdict, reason) -> how many records of these issues that came by that topic have it."""
    rows = connection.execute(
        "SELECT verdict, reason, count(DISTINCT event_id) FROM issue_timeline"
        " WHERE issue_id = ANY(%s) AND starts_with(source, %s) GROUP BY 1, 2",
        [list(issue_ids), f"{topic}/"],
    )
    return {(verdict, reason): count for verdict, reason, count in rows}


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a follower of the timeline has not seen: entries, and from where to go on next.

    ``more``: there is already more to see behind it.
    """

    entries: list[TimelineEntry]
    ends: dict[int, int]
    more: bool


def stretch(
    connection: Connection,
    positions: Mapping[int, int],
    names: Collection[str],
    *,
    longest: int,
    until: int | None = None,
) -> Stretch:
    """The entries of these names from these offsets on (partition -> offset, absent is 0).

    Of each partition at most ``longest`` records are passed, and none of these names that was
    recorded after ``until``. In the order of each partition, partitions one after the other;
    what waits is left out. To be asked in `one_moment`: then every record below an end is there.
    """
    entries: list[TimelineEntry] = []
    ends: dict[int, int] = {}
    more = False
    for partition, projected in sorted(read_offsets(connection).items()):
        start = positions.get(partition, 0)
        end = min(projected, start + longest)
        if start >= end:
            continue
        found = _between(connection, partition, start, end, names)
        for entry in found:
            if until is not None and entry.recorded_at > until:
                end = entry.offset
                break
            entries.append(entry)
        else:
            more = more or end < projected
        if end > start:
            ends[partition] = end
    return Stretch(entries, ends, more)


def _between(
    connection: Connection, partition: int, start: int, end: int, names: Collection[str]
) -> list[TimelineEntry]:
    where = sql.SQL(
        'WHERE partition = %s AND "offset" >= %s AND "offset" < %s AND name = ANY(%s)'
        " AND verdict <> 'waiting' ORDER BY \"offset\""
    )
    with connection.cursor(row_factory=class_row(TimelineEntry)) as cursor:
        return cursor.execute(_SELECT + where, [partition, start, end, list(names)]).fetchall()
