"""Questions to queue: what the desk has to decide, in the order in which it should."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from psycopg import sql
from psycopg.rows import class_row

from hutong.store import Connection

#: Stands for "no limit" in the order of the list.
_NEVER: Final = 2**63 - 1

#: Kind of decision -> the events that put it before the desk.
_ASKED_BY: Final[Mapping[str, Sequence[str]]] = {
    "queued": ("IssueQueued", "ReturnDecided", "DutyAdjudicated", "SiteCheckFailed"),
    "return": ("IssueReturned",),
    "dispute": ("IssueReturned",),
    "extension": ("ExtensionRequested",),
    "review": ("IssueSuspended",),
    "follow-up": ("IssueResolved", "IssueDeclaredUnresolvable", "IssueReported"),
    "close": ("IssueResolved", "IssueDeclaredUnresolvable", "SiteCheckPassed", "IssueReported"),
}


class Cursor(NamedTuple):
    """A place in the list to go on from: the last row that was shown."""

    due_at: int
    since: int
    issue_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One decision that the desk owes, with the issue and what asked for it.

    ``since`` may lie ahead, ``due_at`` is None where there is no limit (milliseconds UTC);
    ``department`` is the one in question (for a queued issue the one that must get it, if that was
    ruled). ``asked_by``, ``asked`` and ``data``: id, name and body of the event that put it here,
    which the desk's act answers. ``candidates``: of a queued issue, as the router named them.
    """

    issue_id: str
    kind: str
    since: int
    due_at: int | None
    department: str | None
    reason: str | None
    street: str
    category: str | None
    tier: str | None
    origin: str
    receipt: str
    channel: str
    status: str
    area: str | None
    subject: str
    reported_at: int
    hop: int
    asked_by: str | None
    asked: str | None
    data: Mapping[str, Any] | None
    candidates: Sequence[Mapping[str, Any]] | None

    @property
    def proposed(self) -> str | None:
        """The department that a return proposes."""
        return self.data.get("proposed") if self.data is not None else None

    @property
    def cursor(self) -> Cursor:
        """Where the list goes on after this row."""
        due_at = _NEVER if self.due_at is None else self.due_at
        return Cursor(due_at, self.since, self.issue_id, self.kind)


def page(
    connection: Connection,
    *,
    limit: int,
    kinds: Collection[str] = (),
    department: str | None = None,
    street: str | None = None,
    category: str | None = None,
    tier: str | None = None,
    origin: str | None = None,
    issue_id: str | None = None,
    since_before: int | None = None,
    due_before: int | None = None,
    after: Cursor | None = None,
) -> list[QueueEntry]:
    """At most ``limit`` decisions, the first due first and those without a limit last.

    Only what fits all that is given: ``kinds`` any of them (empty: all); ``since_before`` what is
    owed by then; ``due_before`` what is overdue then; ``after`` the rest of a list.
    """
    given = {
        "department": department,
        "street": street,
        "category": category,
        "tier": tier,
        "origin": origin,
        "issue_id": issue_id,
    }
    conditions: list[sql.Composable] = [
        sql.SQL("q.{} = {}").format(sql.Identifier(column), sql.Literal(value))
        for column, value in given.items()
        if value is not None
    ]
    if len(kinds) == 1:  # so that an index has the order of the list
        conditions.append(sql.SQL("q.kind = {}").format(sql.Literal(*kinds)))
    elif kinds:
        conditions.append(sql.SQL("q.kind = ANY ({})").format(sql.Literal(sorted(kinds))))
    if since_before is not None:
        conditions.append(sql.SQL("q.since <= {}").format(sql.Literal(since_before)))
    if due_before is not None:
        conditions.append(sql.SQL("q.due_at < {}").format(sql.Literal(due_before)))
    if after is not None:
        conditions.append(
            sql.SQL("({}, q.since, q.issue_id, q.kind) > ({}, {}, {}, {})").format(
                _DUE, *map(sql.Literal, after)
            )
        )
    where = sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("true")
    with connection.cursor(row_factory=class_row(QueueEntry)) as cursor:
        query = _SELECT.format(asked=_ASKED, due=_DUE, where=where, limit=sql.Literal(limit))
        return cursor.execute(query).fetchall()


@dataclass(frozen=True, slots=True)
class KindCount:
    """Decisions of one kind: owed by now, overdue of these, and owed from some later time on."""

    kind: str
    waiting: int
    overdue: int
    ahead: int


def counts(
    connection: Connection,
    now: int,
    *,
    origin: str | None = None,
    street: str | None = None,
    department: str | None = None,
) -> dict[str, KindCount]:
    """Kind -> how many, at an instant; a kind of which there is none is absent."""
    with connection.cursor(row_factory=class_row(KindCount)) as cursor:
        rows = cursor.execute(
            "SELECT kind, count(*) FILTER (WHERE since <= %(now)s) AS waiting,"
            " count(*) FILTER (WHERE since <= %(now)s AND due_at < %(now)s) AS overdue,"
            " count(*) FILTER (WHERE since > %(now)s) AS ahead FROM queue"
            " WHERE (%(origin)s::text IS NULL OR origin = %(origin)s)"
            " AND (%(street)s::text IS NULL OR street = %(street)s)"
            " AND (%(department)s::text IS NULL OR department = %(department)s)"
            " GROUP BY kind",
            {"now": now, "origin": origin, "street": street, "department": department},
        ).fetchall()
    return {row.kind: row for row in rows}


_DUE: Final = sql.SQL("coalesce(q.due_at, 9223372036854775807)")
_ASKED: Final = sql.SQL(", ").join(
    sql.SQL("({}, {}::text[])").format(sql.Literal(kind), sql.Literal(list(names)))
    for kind, names in _ASKED_BY.items()
)
_SELECT: Final = sql.SQL(
    "SELECT q.issue_id, q.kind, q.since, q.due_at, q.department, q.reason, q.street, q.category,"
    " q.tier, q.origin, i.receipt, i.channel, i.status, i.area, i.subject, i.reported_at, i.hop,"
    " asked.event_id AS asked_by, asked.name AS asked, asked.data,"
    " queued.data -> 'candidates' AS candidates"
    " FROM queue AS q JOIN issue_current AS i ON i.issue_id = q.issue_id"
    " JOIN (VALUES {asked}) AS askers (kind, names) ON askers.kind = q.kind"
    " LEFT JOIN LATERAL (SELECT event_id, name, data FROM issue_timeline AS t"
    "  WHERE t.issue_id = q.issue_id AND t.verdict = 'applied' AND t.name = ANY (askers.names)"
    '  ORDER BY t."offset" DESC LIMIT 1) AS asked ON true'
    " LEFT JOIN LATERAL (SELECT data FROM issue_timeline AS t"
    "  WHERE q.kind = 'queued' AND t.issue_id = q.issue_id AND t.verdict = 'applied'"
    "  AND t.name = 'IssueQueued' ORDER BY t.\"offset\" DESC LIMIT 1) AS queued ON true"
    " WHERE {where} ORDER BY {due}, q.since, q.issue_id, q.kind LIMIT {limit}"
)
