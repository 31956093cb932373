"""Questions to issue_current."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from psycopg import sql
from psycopg.rows import class_row

from hutong.events.receipt import Receipt
from hutong.readmodels.issue_current.conditions import FACTS
from hutong.readmodels.issue_current.tables import ISSUE_CURRENT
from hutong.store import Connection

_COLUMNS = sql.SQL(", ").join(map(sql.Identifier, ISSUE_CURRENT.columns))
_SELECT = sql.SQL("SELECT {} FROM issue_current ").format(_COLUMNS)


@dataclass(frozen=True, slots=True)
class IssueCurrent:
    """One issue as it is now. Times are milliseconds UTC; ``street`` is '' when unknown.

    ``…_due_at`` of a clock that runs (or was late when it was paused): before an instant, it is
    late at that instant. ``…_late`` of a clock that was stopped; None while it runs, or where there
    is nothing to count (see `hutong.readmodels.outcomes`). ``solved`` and ``satisfied`` by the
    reporter's word, None when unknown. ``rework``: how many results did not last. ``turn_at``: when
    the present lead got it.
    """

    issue_id: str
    receipt: str
    channel: str
    origin: str
    status: str
    area: str | None
    street: str
    category: str | None
    item: str | None
    kind: str | None
    intent: str | None
    tier: str | None
    lead: str | None
    co_owners: list[str]
    hop: int
    subject: str
    lon: float | None
    lat: float | None
    address: str | None
    reported_at: int
    dispatched_at: int | None
    accepted_at: int | None
    responded_at: int | None
    resolved_at: int | None
    unresolvable: bool
    closed_at: int | None
    applied: int
    on_the_spot: bool
    result: str | None
    verified_at: int | None
    returns: int
    rework: int
    master: str | None
    children: int
    dispatch_due_at: int | None
    accept_due_at: int | None
    respond_due_at: int | None
    resolve_due_at: int | None
    accept_late: bool | None
    respond_late: bool | None
    resolve_late: bool | None
    solved: bool | None
    satisfied: bool | None
    turn_at: int | None


def by_id(connection: Connection, issue_id: str) -> IssueCurrent | None:
    """The issue with that id, or None."""
    with connection.cursor(row_factory=class_row(IssueCurrent)) as cursor:
        return cursor.execute(_SELECT + sql.SQL("WHERE issue_id = %s"), [issue_id]).fetchone()


def by_ids(connection: Connection, issue_ids: Collection[str]) -> list[IssueCurrent]:
    """Those of these issues that are here, the oldest first."""
    if not issue_ids:
        return []
    with connection.cursor(row_factory=class_row(IssueCurrent)) as cursor:
        return cursor.execute(
            _SELECT + sql.SQL("WHERE issue_id = ANY(%s) ORDER BY reported_at, issue_id"),
            [list(issue_ids)],
        ).fetchall()


def by_receipt(connection: Connection, text: str) -> IssueCurrent | None:
    """The issue with that receipt number as typed, or None; BadReceiptError when it is none."""
    number = str(Receipt.parse(text))
    with connection.cursor(row_factory=class_row(IssueCurrent)) as cursor:
        return cursor.execute(_SELECT + sql.SQL("WHERE receipt = %s"), [number]).fetchone()


def latest(
    connection: Connection,
    *,
    limit: int,
    status: str | None = None,
    department: str | None = None,
    category: str | None = None,
    origin: str | None = None,
) -> list[IssueCurrent]:
    """The newest issues by report time, at most ``limit``; only those that fit what is given.

    ``category`` takes in what lies below it: ``utilities`` finds ``utilities.water`` too.
    """
    statuses = () if status is None else (status,)
    return page(
        connection,
        limit=limit,
        statuses=statuses,
        department=department,
        category=category,
        origin=origin,
    )


def counts_by_status(connection: Connection) -> dict[str, int]:
    """Status -> how many issues stand there; a status without issues is absent."""
    return dict(
        connection.execute("SELECT status, count(*) FROM issue_current GROUP BY 1 ORDER BY 1")
    )


def count_routed(connection: Connection, issue_ids: Sequence[str]) -> int:
    """How many of these issues are here and were dispatched or queued by now."""
    row = connection.execute(
        "SELECT count(*) FROM issue_current WHERE issue_id = ANY(%s) AND status <> 'reported'",
        [list(issue_ids)],
    ).fetchone()
    return int(row[0]) if row else 0


def count_by_origin(connection: Connection) -> dict[str, int]:
    """Origin (live, imported, simulated) -> how many issues."""
    return dict(connection.execute("SELECT origin, count(*) FROM issue_current GROUP BY 1"))


def count_by_category_and_lead(
    connection: Connection, issue_ids: Sequence[str]
) -> list[tuple[str | None, str | None, int]]:
    """Category, leading department and how many of these issues; None while at the desk."""
    return connection.execute(
        "SELECT category, lead, count(*) FROM issue_current WHERE issue_id = ANY(%s)"
        " GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2",
        [list(issue_ids)],
    ).fetchall()


def page(
    connection: Connection,
    *,
    limit: int,
    statuses: Collection[str] = (),
    dispatched: bool = False,
    department: str | None = None,
    category: str | None = None,
    street: str | None = None,
    origin: str | None = None,
    kind: str | None = None,
    areas: Collection[str] = (),
    span: tuple[int, int] | None = None,
    turns: tuple[int, int] | None = None,
    fact: str | None = None,
    at: int = 0,
    before: tuple[int, str] | None = None,
) -> list[IssueCurrent]:
    """As `latest`, for a list that is leafed through.

    ``statuses``: any of them (empty: all); ``dispatched``: only what was dispatched at least once;
    ``areas``: any of them; ``span``: reported from the first to before the second instant;
    ``turns``: got by its present lead then; ``fact``: a name of `conditions.FACTS`, by the instant
    ``at``; ``before``: only what comes after this (reported_at, issue_id) in the order of the list.
    """
    one = next(iter(statuses)) if len(statuses) == 1 else None
    given = {
        "status": one,
        "lead": department,
        "origin": origin,
        "street": street,
        "kind": kind,
    }
    conditions: list[sql.Composable] = [
        sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(value))
        for column, value in given.items()
        if value is not None
    ]
    if len(statuses) > 1:
        conditions.append(sql.SQL("status = ANY ({})").format(sql.Literal(sorted(statuses))))
    if dispatched:
        conditions.append(sql.SQL("dispatched_at IS NOT NULL"))
    if category is not None:
        conditions.append(
            sql.SQL("(category = {0} OR starts_with(category, {1}))").format(
                sql.Literal(category), sql.Literal(category + ".")
            )
        )
    if areas:
        conditions.append(sql.SQL("area = ANY ({})").format(sql.Literal(sorted(areas))))
    for column, between in (("reported_at", span), ("turn_at", turns)):
        if between is not None:
            conditions.append(
                sql.SQL("{0} >= {1} AND {0} < {2}").format(
                    sql.Identifier(column), *map(sql.Literal, between)
                )
            )
    if fact is not None:
        conditions.append(sql.SQL(FACTS[fact]).format(at=sql.Literal(at)))
    if before is not None:
        conditions.append(
            sql.SQL("(reported_at, issue_id) < ({}, {})").format(*map(sql.Literal, before))
        )
    where = sql.SQL("WHERE ") + sql.SQL(" AND ").join(conditions) if conditions else sql.SQL("")
    order = sql.SQL(" ORDER BY reported_at DESC, issue_id DESC LIMIT {}").format(limit)
    with connection.cursor(row_factory=class_row(IssueCurrent)) as cursor:
        return cursor.execute(_SELECT + where + order).fetchall()


def of_department(
    connection: Connection, department: str, statuses: Collection[str], *, limit: int
) -> list[IssueCurrent]:
    """What a department leads or helps with in these statuses, what it must answer first first."""
    columns = sql.SQL(", ").join(sql.Identifier("i", column) for column in ISSUE_CURRENT.columns)
    query = sql.SQL(
        "SELECT {} FROM issue_current AS i LEFT JOIN ("
        "  SELECT issue_id, min(due_at) AS due_at FROM clock_due"
        "  WHERE runs AND department = %(department)s GROUP BY issue_id"
        " ) AS next USING (issue_id)"
        " WHERE i.status = ANY(%(statuses)s)"
        " AND (i.lead = %(department)s OR i.co_owners @> ARRAY[%(department)s::text])"
        " ORDER BY next.due_at NULLS LAST, i.reported_at, i.issue_id LIMIT %(limit)s"
    ).format(columns)
    given = {"department": department, "statuses": sorted(statuses), "limit": limit}
    with connection.cursor(row_factory=class_row(IssueCurrent)) as cursor:
        return cursor.execute(query, given).fetchall()


def closed_last(connection: Connection, department: str, *, limit: int) -> list[IssueCurrent]:
    """What a department led that was closed, the last reported first."""
    return page(connection, limit=limit, statuses=("closed",), department=department)


def in_area(
    connection: Connection, areas: Collection[str], statuses: Collection[str], *, limit: int
) -> list[IssueCurrent]:
    """Issues in any of these areas and statuses, the oldest first."""
    with connection.cursor(row_factory=class_row(IssueCurrent)) as cursor:
        return cursor.execute(
            _SELECT
            + sql.SQL(
                "WHERE status = ANY(%s) AND area = ANY(%s) ORDER BY reported_at, issue_id LIMIT %s"
            ),
            [sorted(statuses), sorted(areas), limit],
        ).fetchall()


@dataclass(frozen=True, slots=True)
class Overdue:
    """Issues of one street, category, kind and lead whose clocks are past due at an instant.

    ``issues`` of which at least one of the promises to respond and to resolve is.
    """

    origin: str
    street: str
    category: str
    kind: str
    lead: str
    issues: int
    respond: int
    resolve: int


def overdue(connection: Connection, span: tuple[int, int], at: int) -> list[Overdue]:
    """What was reported within a span (start, end) and is not answered though it was due by ``at``.

    '' where category, kind or lead are unknown.
    """
    with connection.cursor(row_factory=class_row(Overdue)) as cursor:
        return cursor.execute(
            "SELECT origin, street, coalesce(category, '') AS category,"
            " coalesce(kind, '') AS kind, coalesce(lead, '') AS lead, count(*) AS issues,"
            " count(*) FILTER (WHERE respond_due_at < %(at)s) AS respond,"
            " count(*) FILTER (WHERE resolve_due_at < %(at)s) AS resolve FROM issue_current"
            " WHERE reported_at >= %(start)s AND reported_at < %(end)s"
            " AND (respond_due_at < %(at)s OR resolve_due_at < %(at)s)"
            " GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5",
            {"start": span[0], "end": span[1], "at": at},
        ).fetchall()


@dataclass(frozen=True, slots=True)
class OverdueTurns:
    """Issues of one lead that are overdue at an instant, as `Overdue`."""

    origin: str
    lead: str
    issues: int
    respond: int
    resolve: int


def overdue_turns(
    connection: Connection, span: tuple[int, int], at: int, *, department: str | None = None
) -> list[OverdueTurns]:
    """As `overdue`, of the turns of departments that began within a span, by department."""
    with connection.cursor(row_factory=class_row(OverdueTurns)) as cursor:
        return cursor.execute(
            "SELECT origin, lead, count(*) AS issues,"
            " count(*) FILTER (WHERE respond_due_at < %(at)s) AS respond,"
            " count(*) FILTER (WHERE resolve_due_at < %(at)s) AS resolve FROM issue_current"
            " WHERE turn_at >= %(start)s AND turn_at < %(end)s AND lead IS NOT NULL"
            " AND (%(department)s::text IS NULL OR lead = %(department)s)"
            " AND (respond_due_at < %(at)s OR resolve_due_at < %(at)s)"
            " GROUP BY 1, 2 ORDER BY 1, 2",
            {"start": span[0], "end": span[1], "at": at, "department": department},
        ).fetchall()
