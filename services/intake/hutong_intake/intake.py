"""The one thing that intake does: a checked report goes into the log, and gets its receipt."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from hutong.events.codec import Codec
from hutong.events.headers import CE_TYPE, TRACEPARENT, is_traceparent
from hutong.events.ids import derived_id, new_id
from hutong.events.lifecycle import IssueReported
from hutong.events.receipt import Receipt
from hutong.events.topics import TopicCatalogue, reports_topic
from hutong_intake.check import check_report, event_of
from hutong_intake.evidence import Evidence
from hutong_intake.idempotency import (
    Memory,
    OtherBodyError,
    OtherChannelError,
    Sent,
    digest_of,
)
from hutong_intake.identity import Sealer
from hutong_intake.in_force import InForce
from hutong_intake.log import Appended, BusyError, Log, NotConfirmedError, Outgoing
from hutong_intake.problems import (
    BUSY,
    KEY_REUSED,
    NOT_CONFIRMED,
    OTHER_CHANNEL,
    Fault,
    ProblemError,
    invalid,
)
from hutong_intake.times import format_time

#: Seconds that a sender should wait: the broker's leader election takes about this long.
RETRY_SECONDS = 5

#: Printable ASCII without quotes; `derived_id` joins by a control character.
_KEY = re.compile(r"[\x21\x23-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class Pending:
    """A report that was handed to the log. ``repeated``: an earlier request had sent it."""

    issue_id: str
    channel: str
    warnings: tuple[Fault, ...]
    future: "asyncio.Future[Appended]"
    retry_by: str
    repeated: bool


class Intake:
    """Takes reports of any channel.

    Args:
        clock: milliseconds UTC.
        alert: called with an issue id that a second channel used.
    """

    def __init__(
        self,
        *,
        log: Log,
        in_force: InForce,
        topics: TopicCatalogue,
        codec: Codec,
        memory: Memory,
        evidence: Evidence,
        clock: Callable[[], int],
        alert: Callable[[str], None],
        sealer: Sealer,
        strict: bool,
    ) -> None:
        self._log = log
        self._in_force = in_force
        self._topics = topics
        self._codec = codec
        self._memory = memory
        self._evidence = evidence
        self._clock = clock
        self._alert = alert
        self._sealer = sealer
        self._strict = strict
        self._zone = ZoneInfo(in_force.first.timezone)

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone, for times in answers."""
        return self._zone

    async def submit(
        self, body: Mapping[str, Any], channel: str, *, key: str | None, traceparent: str | None
    ) -> Pending:
        """Check a report and hand it to the log; ProblemError when it is refused."""
        key = None if key is None else plain_key(key)
        now = self._clock()
        city = self._in_force.city(now)
        checked = check_report(body, city, channel, now=now, strict=self._strict)
        report, warnings = checked.report, checked.warnings
        self._sealer.require(report.reporter)
        await self._evidence.require(report.media or ())
        if key is not None:
            issue_id = derived_id("report", channel, key)
            if report.event_id is not None and report.event_id != issue_id:
                zh = "同时给出了幂等键，编号由它得出，此项未采用。"
                en = "An idempotency key was given too, and decides the id; this one is not used."
                warnings = (*warnings, Fault("event_id", "event_id_not_used", zh, en))
        else:
            issue_id = report.event_id or new_id()
        digest = digest_of(body)
        future = self._known(issue_id, channel, digest)
        repeated = future is not None
        if future is None:
            future = self._send(
                event_of(report, channel, issue_id, self._sealer), channel, traceparent
            )
            self._memory.keep(issue_id, Sent(channel, digest, future))
        retry_by = "key" if key is not None else "event_id" if report.event_id else ""
        return Pending(issue_id, channel, warnings, future, retry_by, repeated)

    async def confirmed(self, pending: Pending) -> tuple[str, dict[str, Any]]:
        """Wait for the broker; return the receipt and the answer to send."""
        try:
            # Shielded: one sender hanging up must not fail the others who wait for the same.
            place = await asyncio.shield(pending.future)
        except NotConfirmedError:
            raise _unconfirmed(pending) from None
        number = self._topics.channels[pending.channel]
        receipt = str(Receipt(number, place.partition, place.offset))
        return receipt, {
            "receipt": receipt,
            "issue_id": pending.issue_id,
            "status": "accepted",
            "received_at": format_time(place.timestamp, self._zone),
            "copies": _copies(self._log.copies(place.topic, place.partition)),
            "warnings": [warning.body() for warning in pending.warnings],
        }

    def _known(
        self, issue_id: str, channel: str, digest: bytes
    ) -> "asyncio.Future[Appended] | None":
        try:
            return self._memory.find(issue_id, channel, digest)
        except OtherBodyError:
            raise ProblemError(
                KEY_REUSED,
                "同一幂等键（或编号）已用于内容不同的上报；未写入任何内容。",
                "The same key or id came with another body before; nothing was written.",
            ) from None
        except OtherChannelError:
            self._alert(issue_id)
            raise ProblemError(
                OTHER_CHANNEL,
                "此编号已被使用，请另行生成；未写入任何内容。",
                "This id is in use; make a new one. Nothing was written.",
                faults=[Fault("event_id", "in_use", "此编号已被使用。", "This id is in use.")],
            ) from None

    def _send(
        self, event: IssueReported, channel: str, traceparent: str | None
    ) -> "asyncio.Future[Appended]":
        headers = [(CE_TYPE, event.avro_name.encode())]
        if traceparent is not None and is_traceparent(traceparent):
            headers.append((TRACEPARENT, traceparent.encode()))
        record = Outgoing(
            topic=reports_topic(channel),
            key=event.head.issue_id.encode(),
            value=self._codec.encode(event),
            headers=tuple(headers),
        )
        try:
            return self._log.append(record)
        except BusyError:
            raise ProblemError(
                BUSY,
                "等待确认的上报过多，请稍后再试；未写入任何内容。",
                "Too many reports wait for confirmation; try later. Nothing was written.",
                headers={"Retry-After": "1"},
            ) from None


def plain_key(key: str) -> str:
    """An Idempotency-Key as sent: bare, or quoted as the IETF draft has it."""
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.fullmatch(key):
        zh = "须为1至200个可见的 ASCII 字符，不含引号与空格。"
        en = "Must be 1 to 200 visible ASCII characters, no quotes or spaces."
        raise invalid([Fault("Idempotency-Key", "not_a_key", zh, en)])
    return key


def _unconfirmed(pending: Pending) -> ProblemError:
    if pending.retry_by == "key":
        zh, en = "用同一幂等键重发是安全的。", "Sending again with the same key is safe."
    elif pending.retry_by == "event_id":
        zh, en = "用同一 event_id 重发是安全的。", "Sending again with the same event_id is safe."
    else:
        zh = "重发时请加上 event_id（值为此处的 issue_id），以免重复。"
        en = "Send again with event_id set to this issue_id, so that it cannot count twice."
    return ProblemError(
        NOT_CONFIRMED,
        f"消息系统未及时确认，是否写入尚不确定。{zh}",
        f"The broker did not confirm in time: the outcome is unknown. {en}",
        headers={"Retry-After": str(RETRY_SECONDS)},
        more={"issue_id": pending.issue_id, "outcome": "unknown"},
    )


def _copies(count: int) -> dict[str, Any]:
    if count == 1:
        zh, en = "目前只有一份，没有副本。", "There is one copy and no other."
    elif count == 0:
        zh, en = "所有同步副本均已确认。", "All in-sync copies have confirmed."
    else:
        zh, en = f"{count}份同步副本均已确认。", f"All {count} in-sync copies have confirmed."
    return {"count": count, "text_zh": zh, "text_en": en}
