"""What the pages are made from, and where they get it. No page knows of PostgreSQL."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from hutong.issue.state import IssueState
from hutong.readmodels.assignment.queries import GivenTo
from hutong.readmodels.department_load.queries import DepartmentLoad
from hutong.readmodels.duplicates.queries import Pair
from hutong.readmodels.family import Member
from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong.readmodels.issue_timeline.queries import TimelineEntry
from hutong.readmodels.queue.queries import Cursor, KindCount, QueueEntry
from hutong.readmodels.status_count.queries import StatusCount
from hutong_web.filters import Filters, Scope

#: The kind of what the desk decides about two issues at once; such pairs are no rows of the queue.
SUSPECTS: Final = "suspects"


class UnavailableError(Exception):
    """The read models cannot be reached at the moment."""


class NotMigratedError(Exception):
    """The database is there, but its tables are not those of this program; the message says why."""


@dataclass(frozen=True, slots=True)
class Position:
    """How far the read models have got: next offset by partition, and the newest record's time."""

    offsets: Mapping[int, int]
    recorded_at: int | None

    @property
    def records(self) -> int:
        """Records of `issues` that the figures are made from."""
        return sum(self.offsets.values())

    @property
    def mark(self) -> str:
        """Equal marks mean equal figures."""
        return ".".join(f"{p}-{self.offsets[p]}" for p in sorted(self.offsets))


@dataclass(frozen=True, slots=True)
class BoardData:
    """Everything the board shows, read in one transaction."""

    position: Position
    counts: Sequence[StatusCount]
    #: ISO week -> first-level category ('' while unclassified) -> reports.
    weekly: Mapping[str, Mapping[str, int]]
    loads: Sequence[DepartmentLoad]
    issues: Sequence[IssueCurrent]
    has_older: bool


@dataclass(frozen=True, slots=True)
class CaseData:
    """Everything the case page shows, read in one transaction."""

    position: Position
    issue: IssueCurrent | None
    entries: Sequence[TimelineEntry]
    #: What the fold knows; None while the report itself is missing.
    state: IssueState | None = None
    #: The issues that the state names.
    related: Sequence[IssueCurrent] = ()
    #: All that were merged with it, the head first; itself alone where none was.
    family: Sequence[Member] = ()


@dataclass(frozen=True, slots=True)
class DeskData:
    """What waits for the desk, read in one transaction."""

    position: Position
    counts: Mapping[str, KindCount]
    rows: Sequence[QueueEntry]
    has_more: bool
    #: Pairs that may be one matter and that nobody has decided on, the likest first.
    pairs: Sequence[Pair] = ()
    has_more_pairs: bool = False
    #: What the issues of these pairs say, where the pairs themselves were asked for.
    texts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InboxData:
    """What a department has, what is due first first, with the states of what is open."""

    position: Position
    open: Sequence[IssueCurrent]
    closed: Sequence[IssueCurrent]
    states: Mapping[str, IssueState]
    #: Issue -> who below the department has it.
    given: Mapping[str, str]
    has_more: bool


@dataclass(frozen=True, slots=True)
class GridData:
    """What a grid worker has to do, and what waits to be checked in the grid."""

    position: Position
    given: Sequence[GivenTo]
    to_check: Sequence[IssueCurrent]
    states: Mapping[str, IssueState]


class Source(Protocol):
    """Where the pages get their rows; `UnavailableError` from each when it cannot be reached."""

    def position(self) -> Position:
        """How far the read models have got."""

    def board(self, filters: Filters, scope: Scope, weeks: Sequence[str], limit: int) -> BoardData:
        """The figures of these weeks, and the latest issues that the filters let through.

        ``scope``: what the filters mean now.
        """

    def case(self, issue_id: str) -> CaseData | None:
        """One issue with its history; None when nothing is known of it."""

    def desk(
        self,
        kind: str,
        *,
        now: int,
        street: str = "",
        origin: str = "",
        after: Cursor | None = None,
        limit: int,
    ) -> DeskData:
        """What waits for the desk at ``now``, the most urgent first; ``kind`` '' means all.

        ``SUSPECTS`` is a kind, too: no rows of the queue, but pairs with their texts.
        """

    def inbox(self, department: str, limit: int) -> InboxData:
        """What a department leads and helps with."""

    def grid(self, worker: str, areas: Collection[str], limit: int) -> GridData:
        """What somebody was given, and what was claimed in these areas."""

    def find(self, receipt: str) -> str | None:
        """The issue_id behind a canonical receipt number."""

    def check(self) -> None:
        """Raise unless pages can be answered: UnavailableError or NotMigratedError."""
