"""What is compared: issues with their words, and those that were looked at before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hutong.city import City
from hutong.issue.state import ENDED, Status
from hutong.store import Connection
from hutong_processes.likeness import Matter

#: More of one duty item nearby are not compared, older or younger, only the nearest in time. A grid
#: has 10 orders a week, so seven grids have 140 of all items in two weeks. Thousands in one place
#: are a flood, and each resembles the last of it; comparing all would take a second.
MOST: Final = 200
#: By itself something happens to live issues only.
LIVE: Final = "live"
#: Nothing can be merged into these any more.
_OVER: Final = ENDED - {Status.MERGED} | {Status.AWAITED}
#: Nor can these be merged into another.
_ANSWERED: Final = ENDED | {
    Status.AWAITED,
    Status.RESOLVED,
    Status.UNRESOLVABLE,
    Status.VERIFIED,
}

_COLUMNS: Final = (
    "c.issue_id, c.status, coalesce(c.item, d.item), c.reported_at, c.area, c.lon, c.lat,"
    " c.address, c.subject, s.state->>'text', s.state->'suspects', s.state->'dismissed'"
)

#: Two walks along one index, away from the report: each ends after its most, whatever is behind.
_WALK: Final = """
    SELECT d.issue_id FROM duplicate_candidate d JOIN issue_current c USING (issue_id)
    WHERE d.item = %(item)s AND d.reported_at BETWEEN {span} AND d.issue_id <> %(issue)s
        AND (%(everywhere)s OR c.area IS NULL OR c.area = ANY(%(near)s))
    ORDER BY d.reported_at {direction} LIMIT %(most)s
"""
_OLDER: Final = _WALK.format(span="%(first)s AND %(at)s", direction="DESC")
_YOUNGER: Final = _WALK.format(span="%(at)s AND %(last)s", direction="ASC")
_AROUND: Final = f"""
    SELECT {_COLUMNS} FROM (({_OLDER}) UNION ({_YOUNGER})) AS found (issue_id)
    JOIN duplicate_candidate d USING (issue_id) JOIN issue_current c USING (issue_id)
    JOIN issue_state s USING (issue_id)
"""


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as it is compared. ``suspects`` are said already, ``dismissed`` never again."""

    matter: Matter
    status: Status
    suspects: frozenset[str]
    dismissed: frozenset[str]

    @property
    def issue_id(self) -> str:
        """Its id."""
        return self.matter.issue_id


def may_be_merged(one: Issue, other: Issue) -> bool:
    """Whether the younger of the two could join the older, and nobody has found otherwise."""
    older, younger = sorted((one, other), key=lambda issue: issue.matter.age)
    return (
        older.status not in _OVER
        and younger.status not in _ANSWERED
        and older.issue_id not in younger.dismissed
    )


def load(
    connection: Connection, issue_ids: Collection[str], guesses: Mapping[str, str]
) -> dict[str, Issue]:
    """The live ones of these by id; ``guesses``: duty items of what nobody has dispatched yet."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM issue_current c JOIN issue_state s USING (issue_id)"
        " LEFT JOIN duplicate_candidate d USING (issue_id)"
        " WHERE c.issue_id = ANY(%s) AND c.origin = %s",
        [list(issue_ids), LIVE],
    )
    return {row[0]: _issue(row, row[2] or guesses.get(row[0], "")) for row in rows}


def around(connection: Connection, issue: Issue, city: City) -> list[Issue]:
    """Those of its duty item that were looked at before, near it and in the pack's window.

    At most `MOST` older and as many younger ones, the nearest in time.
    """
    at, apart = issue.matter.reported_at, city.duplicates.window * 60_000
    area = issue.matter.area
    near = city.near_to(area) if area is not None and area in city.areas else None
    rows = connection.execute(
        _AROUND,
        {
            "item": issue.matter.item,
            "issue": issue.issue_id,
            "at": at,
            "first": at - apart,
            "last": at + apart,
            "everywhere": near is None,
            "near": list(near or ()),
            "most": MOST,
        },
    )
    return [_issue(row, issue.matter.item) for row in rows]


def remember(connection: Connection, issues: Collection[Issue]) -> None:
    """Let later ones be compared with these, in the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO duplicate_candidate VALUES (%s, %s, %s)"
            " ON CONFLICT (issue_id) DO UPDATE SET item = EXCLUDED.item",
            [(issue.issue_id, issue.matter.item, issue.matter.reported_at) for issue in issues],
        )


def _issue(row: Sequence[Any], item: str) -> Issue:
    issue_id, status, _, reported_at, area, lon, lat, address, subject, text, *said = row
    matter = Matter(
        issue_id,
        reported_at,
        item=item,
        area=area,
        lon=lon,
        lat=lat,
        address=address,
        subject=subject,
        text=text or "",
    )
    suspects, dismissed = (frozenset(named or ()) for named in said)
    return Issue(matter, Status(status), suspects, dismissed)
