"""The family of a merged issue: all that are one matter, with the result that they share.

From the states, since a merge is a fact of two of them. A child has no result of its own; what it
is answered with is that of the head of its family.
"""

from dataclasses import dataclass

from psycopg.rows import class_row

from hutong.store import Connection


@dataclass(frozen=True, slots=True)
class Member:
    """One issue of a family. ``depth`` counts merges up to the head, which has 0 and no master.

    Times are milliseconds UTC; they and ``result`` are the issue's own.
    """

    issue_id: str
    master: str | None
    depth: int
    receipt: str
    channel: str
    status: str
    subject: str
    lead: str | None
    reported_at: int
    resolved_at: int | None
    unresolvable: bool
    result: str | None
    closed_at: int | None


_FAMILY = """
WITH RECURSIVE up AS (
    SELECT issue_id, state->>'master' AS master FROM issue_state WHERE issue_id = %s
    UNION
    SELECT s.issue_id, s.state->>'master' FROM issue_state s JOIN up ON s.issue_id = up.master
), down AS (
    SELECT issue_id, master, 0 AS depth FROM up WHERE master IS NULL
    UNION
    SELECT child.issue_id, down.issue_id, down.depth + 1
    FROM down
    JOIN issue_state s ON s.issue_id = down.issue_id
    CROSS JOIN jsonb_array_elements_text(coalesce(s.state->'children', '[]')) AS named (child)
    JOIN issue_state child ON child.issue_id = named.child
        AND child.state->>'master' = down.issue_id
)
SELECT c.issue_id, down.master, down.depth, c.receipt, c.channel, c.status, c.subject, c.lead,
    c.reported_at, c.resolved_at, c.unresolvable, s.state->>'result' AS result, c.closed_at
FROM down JOIN issue_current c USING (issue_id) JOIN issue_state s USING (issue_id)
ORDER BY down.depth, c.reported_at, c.issue_id
"""


def family(connection: Connection, issue_id: str) -> list[Member]:
    """All of its family, the head first, then by depth and age; itself alone where it has none.

    Empty when the issue is not known. A link that only one of two issues knows does not count: it
    is finished or undone within a minute.
    """
    with connection.cursor(row_factory=class_row(Member)) as cursor:
        return cursor.execute(_FAMILY, [issue_id]).fetchall()
