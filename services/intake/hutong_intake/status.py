"""The port to what has become of a report, and its adapter to the read model."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from hutong.issue.state import IssueState
from hutong.readmodels.identity.queries import SealedIdentity
from hutong.readmodels.identity.queries import of_issue as boxes_of
from hutong.readmodels.issue_current.queries import IssueCurrent, by_id, by_receipt
from hutong.readmodels.issue_timeline.queries import (
    TimelineEntry,
    first_of,
    issues_naming,
    newest_applied,
)
from hutong.readmodels.projection import load_states
from hutong.store import (
    Connection,
    DatabaseDownError,
    MigrationError,
    RebuildNeededError,
    pool,
    snapshot,
)

_T = TypeVar("_T")

#: Less than the 2 s after which the launcher's probe gives up, Kafka's own look included.
_PROBE_SECONDS = 0.4


class StatusUnavailableError(Exception):
    """The read model cannot be asked right now; the message says why, for the log."""


@dataclass(frozen=True, slots=True)
class Look:
    """An issue as of one moment. ``newest``: id of the newest event that was applied; ``entry``:
    the event that was asked for, where the read models have it.
    """

    state: IssueState
    newest: str
    receipt: str
    entry: TimelineEntry | None = None


class StatusReader(Protocol):
    """Finds issues in the read model. Every call may raise StatusUnavailableError."""

    async def by_receipt(self, receipt: str) -> IssueCurrent | None:
        """The issue with that receipt number, or None."""
        ...

    async def by_id(self, issue_id: str) -> IssueCurrent | None:
        """The issue with that id, or None."""
        ...

    async def look(self, issue_id: str, event_id: str = "") -> Look | None:
        """The state of an issue whose report is known, and one of its events; or None."""
        ...

    async def naming(self, sha256: str) -> list[IssueState]:
        """The states of the issues of which an event names that file."""
        ...

    async def identity(self, issue_id: str) -> list[SealedIdentity]:
        """The boxes of an issue, oldest first."""
        ...

    async def is_up(self) -> bool:
        """Whether PostgreSQL answers, found out in half a second at most."""
        ...


class NoStatus:
    """For an intake that was given no database: every question is unavailable."""

    async def by_receipt(self, receipt: str) -> IssueCurrent | None:  # noqa: ARG002
        """See `StatusReader.by_receipt`."""
        raise StatusUnavailableError("HUTONG_DATABASE_URL is not set")

    async def by_id(self, issue_id: str) -> IssueCurrent | None:  # noqa: ARG002
        """See `StatusReader.by_id`."""
        raise StatusUnavailableError("HUTONG_DATABASE_URL is not set")

    async def look(self, issue_id: str, event_id: str = "") -> Look | None:  # noqa: ARG002
        """See `StatusReader.look`."""
        raise StatusUnavailableError("HUTONG_DATABASE_URL is not set")

    async def naming(self, sha256: str) -> list[IssueState]:  # noqa: ARG002
        """See `StatusReader.naming`."""
        raise StatusUnavailableError("HUTONG_DATABASE_URL is not set")

    async def identity(self, issue_id: str) -> list[SealedIdentity]:  # noqa: ARG002
        """See `StatusReader.identity`."""
        raise StatusUnavailableError("HUTONG_DATABASE_URL is not set")

    async def is_up(self) -> bool:
        """See `StatusReader.is_up`."""
        return False


class DatabaseStatus:
    """`StatusReader` on PostgreSQL. Connects when first asked; `close` it at the end."""

    def __init__(self, url: str) -> None:
        self._pool = pool(url, max_size=4)
        self._pool.open()
        self._probe: asyncio.Task[IssueCurrent | None] | None = None

    async def by_receipt(self, receipt: str) -> IssueCurrent | None:
        """See `StatusReader.by_receipt`."""
        return await self._ask(lambda connection: by_receipt(connection, receipt))

    async def by_id(self, issue_id: str) -> IssueCurrent | None:
        """See `StatusReader.by_id`."""
        return await self._ask(lambda connection: by_id(connection, issue_id))

    async def look(self, issue_id: str, event_id: str = "") -> Look | None:
        """See `StatusReader.look`."""
        return await self._ask(lambda connection: _look(connection, issue_id, event_id))

    async def naming(self, sha256: str) -> list[IssueState]:
        """See `StatusReader.naming`."""

        def states(connection: Connection) -> list[IssueState]:
            return list(load_states(connection, issues_naming(connection, sha256)).values())

        return await self._ask(states)

    async def identity(self, issue_id: str) -> list[SealedIdentity]:
        """See `StatusReader.identity`."""
        return await self._ask(lambda connection: boxes_of(connection, issue_id))

    async def is_up(self) -> bool:
        """See `StatusReader.is_up`."""
        # An id that no issue has: the cheapest question that needs the tables too. One at a time:
        # while PostgreSQL hangs, probes must not take up every worker thread.
        if self._probe is None or self._probe.done():
            self._probe = asyncio.create_task(self.by_id(""))
        await asyncio.wait({self._probe}, timeout=_PROBE_SECONDS)
        if not self._probe.done():
            return False
        error = self._probe.exception()
        if error is not None and not isinstance(error, StatusUnavailableError):
            raise error
        return error is None

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    async def _ask(self, question: Callable[[Connection], _T]) -> _T:
        return await asyncio.to_thread(self._answer, question)

    def _answer(self, question: Callable[[Connection], _T]) -> _T:
        try:
            with snapshot(self._pool) as connection:
                return question(connection)
        except (DatabaseDownError, MigrationError, RebuildNeededError) as error:
            raise StatusUnavailableError(str(error)) from error


def _look(connection: Connection, issue_id: str, event_id: str) -> Look | None:
    current = by_id(connection, issue_id)
    state = load_states(connection, [issue_id]).get(issue_id)
    if current is None or state is None:
        return None  # or events came before the report: there is nothing to act on yet
    newest = newest_applied(connection, issue_id)
    entry = first_of(connection, issue_id, event_id) if event_id else None
    return Look(state, newest or issue_id, current.receipt, entry)
