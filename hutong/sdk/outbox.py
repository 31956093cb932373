"""The outbox: a message is kept first and sent after, in order per issue, until the log has it."""

import hashlib
import json
import os
import random
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from hutong.events.faults import FieldFault
from hutong.ops.failpoint import Failpoints
from hutong.sdk.draft import Draft, invalid
from hutong.sdk.errors import Problem
from hutong.sdk.outcome import Later, Message, Outcome, Refused, Taken
from hutong.sdk.receipt import Receipt, State
from hutong.sdk.retry import MOST_ASKED_SECONDS, jittered
from hutong.sdk.store import Row, Store

LEASE_SECONDS: Final = 60.0
"""How long a sender has for what it claimed. Longer than any request takes; when a process was
killed, another one takes its messages over after this time."""

KEEP_DAYS: Final = 7
"""How long receipts of accepted messages can be asked for."""

#: Bytes of bodies claimed at once, beyond the first: intake takes a batch of 4 MiB.
_CLAIM_BYTES: Final = 1_000_000
_MAX_WAIT_MS: Final = int(MOST_ASKED_SECONDS * 1000)
_FORGET_AT_ONCE: Final = 500

#: An earlier message of the same issue that the log does not have yet.
_BEFORE: Final = """
    SELECT earlier.event_id FROM message AS earlier
    WHERE earlier.issue_id = m.issue_id AND earlier.state <> 'accepted' AND earlier.seq < m.seq
"""
#: A deadline further ahead than any that is made means that the clock was set back since. Clocks
#: are set back by a little all the time, which must not end a lease.
_SLACK_MS: Final = 60_000
_DUE: Final = f"NOT (due_at BETWEEN :now + 1 AND :now + :longest + {_SLACK_MS})"
_UNLEASED: Final = f"NOT (lease_until BETWEEN :now + 1 AND :now + :lease + {_SLACK_MS})"

_CLAIM: Final = f"""
UPDATE message SET lease = :token, lease_until = :now + :lease, attempts = attempts + 1
WHERE seq IN (
    SELECT seq FROM message AS m
    WHERE state = 'queued' AND {_DUE} AND {_UNLEASED} AND NOT EXISTS ({_BEFORE})
    ORDER BY seq LIMIT :limit
)
RETURNING seq, event_id, issue_id, verb, body, attempts
"""
_RECEIPT: Final = f"""
SELECT event_id, issue_id, verb, state, answer, attempts, problem,
       CASE WHEN state = 'accepted' THEN NULL ELSE ({_BEFORE} ORDER BY earlier.seq LIMIT 1) END
FROM message AS m
"""
_REQUEUE: Final = "UPDATE message SET state = 'queued', attempts = 0, due_at = 0, problem = NULL"


def wall_ms() -> int:
    """Milliseconds UTC by the device's clock."""
    return time.time_ns() // 1_000_000


class Outbox:
    """The messages of one file. Any number of threads and processes may use one file.

    Args:
        store: the file, or its path.
        clock: milliseconds UTC; may jump, see `hutong.sdk.retry`.
    """

    def __init__(
        self,
        store: Store | Path | str,
        *,
        clock: Callable[[], int] = wall_ms,
        lease_seconds: float = LEASE_SECONDS,
        random_: random.Random | None = None,
    ) -> None:
        self.store = store if isinstance(store, Store) else Store(store)
        self._clock = clock
        self._lease_ms = int(lease_seconds * 1000)
        self._random = random_ or random.Random()
        #: Of this object: a claim is settled only by who made it.
        self._token = secrets.token_hex(8)
        self._failpoints = Failpoints.of(os.environ)

    def __repr__(self) -> str:
        return f"Outbox({str(self.store.path)!r})"

    # For callers:

    def put(self, draft: Draft) -> Receipt:
        """Keep a message; when this returns, it is on disk.

        The same draft again changes nothing and gives its present receipt; InvalidError when its
        id was used for something else. DiskFullError: nothing was kept.
        """
        digest = hashlib.sha256(draft.body.encode()).digest()
        self._failpoints.reach("keeping")
        self.store.check_room()
        kept = self.store.change(
            "INSERT INTO message (event_id, issue_id, verb, body, digest, made_at)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (event_id) DO NOTHING",
            (draft.event_id, draft.issue_id, draft.verb, draft.body, digest, self._clock()),
        )
        self._failpoints.reach("kept")
        if kept:
            return Receipt(draft.event_id, draft.issue_id, draft.verb, State.QUEUED)
        [[known, verb]] = self.store.execute(
            "SELECT digest, verb FROM message WHERE event_id = ?", (draft.event_id,)
        )
        if (known, verb) != (digest, draft.verb):
            zh, en = "此编号已用于别的内容。", "This id was used for something else."
            raise invalid([FieldFault("event_id", "in_use", zh, en)])
        found = self.receipt(draft.event_id)
        assert found is not None
        return found

    def receipt(self, event_id: str) -> Receipt | None:
        """What has become of a message; None when this outbox does not know it (any more)."""
        rows = self.store.execute(f"{_RECEIPT} WHERE event_id = ?", (event_id,))
        return _receipt(rows[0]) if rows else None

    def receipts(self, *states: State, limit: int = 1_000) -> list[Receipt]:
        """Receipts in the order of their messages; of these states, or all."""
        marks = ", ".join("?" * len(states))
        where = f"WHERE state IN ({marks})" if states else ""
        rows = self.store.execute(f"{_RECEIPT} {where} ORDER BY seq LIMIT ?", (*states, limit))
        return [_receipt(row) for row in rows]

    def waiting(self) -> int:
        """How many messages are neither in the log nor dead, nor held by one that is dead."""
        [[count]] = self.store.execute(
            "SELECT count(*) FROM message AS m WHERE state = 'queued' AND NOT EXISTS"
            f" ({_BEFORE} AND earlier.state = 'dead')"
        )
        return int(count)

    def counts(self) -> tuple[int, int]:
        """How many are queued, and how many dead."""
        [[queued, dead]] = self.store.execute(
            "SELECT count(*) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE"
            " state = 'dead') FROM message WHERE state <> 'accepted'"
        )
        return int(queued), int(dead)

    # For a sender:

    def claim(self, limit: int) -> list[Message]:
        """Up to so many messages that may be sent now, oldest first, for this object alone.

        At most one of an issue. Settle each, or they come back when the lease is over.
        DiskFullError where that could not be written down.
        """
        self.store.check_room()
        with self.store.transaction():
            # Read once it is our turn: by an older time another's fresh lease would look strange.
            now = self._clock()
            return [Message(*row) for row in self._claim(now, limit)]

    def _claim(self, now: int, limit: int) -> list[Row]:
        values = {
            "now": now,
            "longest": _MAX_WAIT_MS,
            "lease": self._lease_ms,
            "token": self._token,
            "limit": limit,
        }
        rows = sorted(self.store.execute(_CLAIM, values))
        size, fit = 0, len(rows)
        for number, row in enumerate(rows):
            size += len(row[4])
            if number and size > _CLAIM_BYTES:
                fit = number
                break
        for row in rows[fit:]:
            self.store.change(
                "UPDATE message SET lease = NULL, lease_until = 0, attempts = attempts - 1"
                " WHERE seq = ?",
                (row[0],),
            )
        return rows[:fit]

    def settle(self, outcomes: Iterable[tuple[Message, Outcome]]) -> None:
        """Keep what became of claimed messages, all at once."""
        with self.store.transaction():
            now = self._clock()
            for message, outcome in outcomes:
                self._settle(message, outcome, now)

    def _settle(self, message: Message, outcome: Outcome, now: int) -> None:
        if isinstance(outcome, Taken):
            # Whoever says so: what the log has, it has. What was said in it is not needed any more.
            self.store.change(
                "UPDATE message SET state = 'accepted', answer = ?, body = NULL, problem = NULL,"
                " lease = NULL, lease_until = 0, settled_at = ? WHERE seq = ?",
                (json.dumps(outcome.answer, ensure_ascii=False), now, message.seq),
            )
            return
        due = now
        if isinstance(outcome, Later):
            wait = jittered(message.attempts, self._random)
            if outcome.after is not None:
                wait = max(wait, min(outcome.after, MOST_ASKED_SECONDS))
            due += int(wait * 1000)
        # Not if the lease was over and another sender has claimed or settled it since.
        self.store.change(
            "UPDATE message SET state = ?, due_at = ?, problem = ?, lease = NULL, lease_until = 0,"
            " settled_at = ? WHERE seq = ? AND lease = ? AND state = 'queued'",
            (
                State.DEAD if isinstance(outcome, Refused) else State.QUEUED,
                due,
                json.dumps(outcome.problem.to_plain(), ensure_ascii=False),
                now,
                message.seq,
                self._token,
            ),
        )

    def release(self, messages: Iterable[Message]) -> None:
        """Give claimed messages back unsent."""
        with self.store.transaction():
            for message in messages:
                self.store.change(
                    "UPDATE message SET lease = NULL, lease_until = 0 WHERE seq = ? AND lease = ?",
                    (message.seq, self._token),
                )

    def hurry(self) -> None:
        """Let what waits for a connection wait no longer. A Retry-After is heeded all the same."""
        self.store.change(
            "UPDATE message SET due_at = 0 WHERE state = 'queued'"
            " AND json_extract(problem, '$.code') = 'no-connection'"
        )

    def next_due(self) -> float | None:
        """Seconds until a message may be sent that waits for its time; None when none does."""
        now = self._clock()
        [[due]] = self.store.execute(
            "SELECT min(max(due_at, lease_until)) FROM message WHERE state = 'queued'"
        )
        if due is None:
            return None
        ahead = int(due) - now
        return max(0.0, ahead / 1000) if ahead <= _MAX_WAIT_MS + _SLACK_MS else 0.0

    def forget(self, keep_days: int = KEEP_DAYS) -> int:
        """Drop receipts of accepted messages that are older; a few hundred at a time."""
        until = self._clock() - keep_days * 86_400_000
        return self.store.change(
            "DELETE FROM message WHERE seq IN (SELECT seq FROM message WHERE state = 'accepted'"
            " AND settled_at < ? LIMIT ?)",
            (until, _FORGET_AT_ONCE),
        )

    # For a person who looks after it:

    def draft(self, event_id: str) -> Draft | None:
        """A message that is not in the log yet; None when there is none of that id."""
        rows = self.store.execute(
            "SELECT event_id, issue_id, verb, body FROM message"
            " WHERE event_id = ? AND state <> 'accepted'",
            (event_id,),
        )
        return Draft(*rows[0]) if rows else None

    def requeue(self, event_id: str, mended: Draft | None = None) -> bool:
        """Send a dead message again, as it is or as mended; whether there was one."""
        if mended is None:
            sql = f"{_REQUEUE} WHERE event_id = ? AND state = 'dead'"
            changed = self.store.change(sql, (event_id,))
        else:
            digest = hashlib.sha256(mended.body.encode()).digest()
            changed = self.store.change(
                f"{_REQUEUE}, body = ?, digest = ? WHERE event_id = ? AND state = 'dead'",
                (mended.body, digest, event_id),
            )
        return changed > 0

    def discard(self, event_id: str) -> bool:
        """Give a dead message up for good; whether there was one. What it held back goes on."""
        sql = "DELETE FROM message WHERE event_id = ? AND state = 'dead'"
        return self.store.change(sql, (event_id,)) > 0

    def export(self) -> Iterator[str]:
        """What is not in the log yet, a JSON line each, in order: to carry to another device."""
        rows = self.store.execute(
            "SELECT event_id, issue_id, verb, body FROM message WHERE state <> 'accepted'"
            " ORDER BY seq"
        )
        for event_id, issue_id, verb, body in rows:
            line = {"event_id": event_id, "issue_id": issue_id, "verb": verb}
            yield json.dumps({**line, "body": json.loads(body)}, ensure_ascii=False)


def _receipt(row: Row) -> Receipt:
    event_id, issue_id, verb, state, answer, attempts, problem, held_by = row
    said: dict[str, Any] = json.loads(answer) if answer else {}
    return Receipt(
        event_id=event_id,
        issue_id=issue_id,
        verb=verb,
        state=State(state),
        number=said.get("receipt"),
        received_at=said.get("received_at"),
        place=said.get("place"),
        attempts=attempts,
        problem=Problem.of_plain(json.loads(problem)) if problem else None,
        held_by=held_by,
        answer=said,
    )
