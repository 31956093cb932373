"""Puts the events of acts into the log, each once as far as this process remembers."""

import asyncio
from collections.abc import Mapping

from hutong.events.base import Event
from hutong.events.codec import Codec
from hutong.events.headers import CE_TYPE, TRACEPARENT, is_traceparent
from hutong.events.topics import Topic
from hutong_intake.act_problems import key_reused, unconfirmed
from hutong_intake.idempotency import Memory, OtherBodyError, Sent
from hutong_intake.log import Appended, BusyError, Log, NotConfirmedError, Outgoing
from hutong_intake.problems import BUSY, ProblemError


class ActWriter:
    """Args: topics: by principal: the one topic that each may write."""

    def __init__(self, log: Log, topics: Mapping[str, Topic], codec: Codec, memory: Memory) -> None:
        self._log = log
        self._topics = topics
        self._codec = codec
        self._memory = memory

    async def write(
        self,
        event: Event,
        principal: str,
        digest: bytes,
        *,
        traceparent: str | None,
        has_key: bool,
    ) -> tuple[Appended, bool]:
        """Where the event lies once all in-sync copies have it, and whether an earlier request had
        sent it. ``digest`` is of the request's body. ProblemError: 422 for an id that came with
        another body, 503 for a log that is full or does not confirm.
        """
        event_id = event.head.event_id
        try:
            future = self._memory.find(event_id, principal, digest)
        except OtherBodyError:
            raise key_reused() from None
        repeated = future is not None
        if future is None:
            # Nothing is awaited between looking and keeping, so two requests cannot both send.
            future = self._append(event, principal, traceparent)
            self._memory.keep(event_id, Sent(principal, digest, future))
        try:
            return await asyncio.shield(future), repeated
        except NotConfirmedError:
            raise unconfirmed(event.head.issue_id, event_id, has_key=has_key) from None

    def _append(
        self, event: Event, principal: str, traceparent: str | None
    ) -> "asyncio.Future[Appended]":
        headers = [(CE_TYPE, event.avro_name.encode())]
        if traceparent is not None and is_traceparent(traceparent):
            headers.append((TRACEPARENT, traceparent.encode()))
        record = Outgoing(
            topic=self._topics[principal].name,
            key=event.head.issue_id.encode(),
            value=self._codec.encode(event),
            headers=tuple(headers),
        )
        try:
            return self._log.append(record)
        except BusyError:
            raise ProblemError(
                BUSY,
                "等待确认的记录过多，请稍后再试；未写入任何内容。",
                "Too many records wait for confirmation; try later. Nothing was written.",
                headers={"Retry-After": "1"},
            ) from None
