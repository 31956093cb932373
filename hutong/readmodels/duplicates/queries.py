"""Questions to duplicate_pair and duplicate_merge."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from psycopg.rows import class_row

from hutong.privacy.mask import mask
from hutong.store import Connection

#: What became of a suspicion.
OPEN: Final = "open"
MERGED: Final = "merged"
UNMERGED: Final = "unmerged"
#: A person found them to be two matters.
DISMISSED: Final = "dismissed"
#: One of the two was answered, closed or withdrawn before anybody decided.
OVERTAKEN: Final = "overtaken"


@dataclass(frozen=True, slots=True)
class Pair:
    """An issue that may be the same matter as another, and what became of it.

    ``metres`` is -1 when unknown; ``minutes`` lie between the reports; ``text_score`` is 0 to 100.
    ``half``: merged, but only one of the two has it in its history so far.
    """

    issue_id: str
    other_id: str
    metres: int
    minutes: int
    text_score: int
    suspected_at: int
    event_id: str
    origin: str
    fate: str
    half: bool
    receipt: str | None
    subject: str | None
    status: str | None
    other_receipt: str | None
    other_subject: str | None
    other_status: str | None


_SELECT: Final = """
    SELECT p.issue_id, p.other_id, p.metres, p.minutes, p.text_score, p.suspected_at, p.event_id,
        p.origin, f.fate,
        f.fate = 'merged' AND (ours.merged IS NOT TRUE OR theirs.merged IS NOT TRUE) AS half,
        a.receipt, a.subject, a.status,
        b.receipt AS other_receipt, b.subject AS other_subject, b.status AS other_status
    FROM duplicate_pair AS p
    LEFT JOIN issue_current AS a ON a.issue_id = p.issue_id
    LEFT JOIN issue_current AS b ON b.issue_id = p.other_id
    LEFT JOIN duplicate_merge AS ours
        ON ours.issue_id = p.issue_id AND ours.other_id = p.other_id
    LEFT JOIN duplicate_merge AS theirs
        ON theirs.issue_id = p.other_id AND theirs.other_id = p.issue_id
    CROSS JOIN LATERAL (SELECT CASE
        WHEN ours.merged OR theirs.merged THEN 'merged'
        WHEN 'neither' IN (ours.role, theirs.role) THEN 'dismissed'
        WHEN ours.merged IS FALSE OR theirs.merged IS FALSE THEN 'unmerged'
        WHEN a.status = ANY (%(over)s) OR b.status = ANY (%(gone)s) THEN 'overtaken'
        ELSE 'open' END AS fate) AS f
"""
#: An answered issue is merged no more; into an answered one another may still be, until it is gone.
_GONE: Final = ("closed", "withdrawn", "transferred", "merged")
_OVER: Final = ("resolved", "unresolvable", "verified", *_GONE)


def pairs(
    connection: Connection,
    *,
    limit: int,
    fate: str | None = None,
    issue_id: str | None = None,
    origin: str | None = None,
) -> list[Pair]:
    """Suspected pairs, the likest first; only those with that fate, or with that issue in them."""
    with connection.cursor(row_factory=class_row(Pair)) as cursor:
        return cursor.execute(
            _SELECT.encode() + b" WHERE (%(fate)s::text IS NULL OR f.fate = %(fate)s)"
            b" AND (%(issue)s::text IS NULL OR %(issue)s IN (p.issue_id, p.other_id))"
            b" AND (%(origin)s::text IS NULL OR p.origin = %(origin)s)"
            b" ORDER BY p.text_score DESC, p.metres, p.suspected_at DESC, p.issue_id, p.other_id"
            b" LIMIT %(limit)s",
            {
                "fate": fate,
                "issue": issue_id,
                "origin": origin,
                "limit": limit,
                "over": list(_OVER),
                "gone": list(_GONE),
            },
        ).fetchall()


def texts(connection: Connection, issue_ids: Collection[str]) -> dict[str, str]:
    """What these issues say, to be read side by side, with numbers masked."""
    rows = connection.execute(
        "SELECT issue_id, coalesce(state->>'text', '') FROM issue_state WHERE issue_id = ANY(%s)",
        [list(issue_ids)],
    )
    return {issue_id: mask(text) for issue_id, text in rows}


@dataclass(frozen=True, slots=True)
class Child:
    """An issue under its master. ``half``: only one of the two has the merge in its history."""

    master_id: str
    issue_id: str
    receipt: str | None
    subject: str | None
    reported_at: int | None
    merged_at: int
    by: str
    half: bool


def children(connection: Connection, master_id: str) -> list[Child]:
    """The issues that were merged into this one, by report time."""
    with connection.cursor(row_factory=class_row(Child)) as cursor:
        return cursor.execute(
            "SELECT %(master)s AS master_id, m.child AS issue_id, i.receipt, i.subject,"
            " i.reported_at, min(m.at) AS merged_at, min(m.by) AS by, count(*) < 2 AS half FROM ("
            "  SELECT other_id AS child, at, by FROM duplicate_merge"
            "   WHERE issue_id = %(master)s AND role = 'master' AND merged"
            "  UNION ALL SELECT issue_id, at, by FROM duplicate_merge"
            "   WHERE other_id = %(master)s AND role = 'child' AND merged) AS m"
            " LEFT JOIN issue_current AS i ON i.issue_id = m.child"
            " GROUP BY m.child, i.receipt, i.subject, i.reported_at"
            " ORDER BY i.reported_at, m.child",
            {"master": master_id},
        ).fetchall()
