"""What departments, the desk and channels do to issues: a checked act goes into the log.

The answer says where it lies and what the state, as known now, makes of it. What the state cannot
be asked for (PostgreSQL is down) must be in the request: see docs/http-api.md.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from hutong.city import City
from hutong.events.base import Event
from hutong.events.codec import Codec
from hutong.events.fields import is_uuid
from hutong.events.headers import CE_TYPE, TRACEPARENT, Source, is_traceparent
from hutong.events.ids import derived_id, new_id
from hutong.events.topics import Topic, TopicCatalogue
from hutong.issue.fold import Outcome, Verdict, check
from hutong.issue.record import Record
from hutong.issue.rules import REASONS, VERSION, Rules
from hutong_intake.act_events import Known, Sender, UnsaidError, event_of, pair_of
from hutong_intake.act_models import ActIn, AmendIn, MergeIn, UnmergeIn
from hutong_intake.check import unknown_field
from hutong_intake.effect import Effect
from hutong_intake.idempotency import Memory, OtherBodyError, Sent, digest_of
from hutong_intake.identity import Sealer
from hutong_intake.intake import RETRY_SECONDS, plain_key
from hutong_intake.log import Appended, BusyError, Log, NotConfirmedError, Outgoing
from hutong_intake.messages import faults_of
from hutong_intake.models import Scope, unknown
from hutong_intake.problems import (
    BUSY,
    INVALID_ACT,
    KEY_REUSED,
    NO_EFFECT,
    NOT_CONFIRMED,
    NOT_FOUND,
    NOT_YOURS,
    STATE_UNKNOWN,
    Fault,
    ProblemError,
    invalid,
)
from hutong_intake.status import Look, StatusReader, StatusUnavailableError
from hutong_intake.times import format_time
from hutong_intake.verbs import VERBS, Verb, name_of
from hutong_intake.who_sees import may_act

#: The router hands an order to a department while the read models are still at it, so whoever asks
#: for an issue that is not (yet) his waits this long for the answer that it is not there.
PATIENCE_SECONDS: Final = 2.0
_LOOK_EVERY: Final = 0.1

_LIVE = "live"
#: Kinds of principals that intake speaks for.
_SPEAKERS = ("channel", "dept", "desk")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request to act."""

    principal: str
    issue_id: str
    verb: str
    body: Mapping[str, Any]
    key: str | None = None
    traceparent: str | None = None
    #: Seconds to wait for the verdict itself.
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class Done:
    """The answer to give, and whether an earlier request had written it."""

    body: Mapping[str, Any]
    repeated: bool


class Acts:
    """Takes acts of every principal.

    Args:
        topics: by principal: the one topic that each may write.
        clock: milliseconds UTC.
    """

    def __init__(
        self,
        *,
        log: Log,
        city: City,
        topics: Mapping[str, Topic],
        codec: Codec,
        memory: Memory,
        status: StatusReader,
        clock: Callable[[], int],
        sealer: Sealer,
        strict: bool,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._log = log
        self._city = city
        self._topics = topics
        self._codec = codec
        self._memory = memory
        self._status = status
        self._clock = clock
        self._sealer = sealer
        self._strict = strict
        self._patience = patience
        self._rules = Rules.of(city)
        self._zone = ZoneInfo(city.timezone)

    @property
    def rules(self) -> Rules:
        """What verdicts are foretold by."""
        return self._rules

    def verbs_of(self, principal: str) -> list[Verb]:
        """The verbs that a principal may write at all."""
        topic = self._topics[principal]
        return [verb for verb in VERBS.values() if verb.may_be_on(topic)]

    async def find(self, issue_id: str, event_id: str, is_theirs: Callable[[Look], bool]) -> Look:
        """The issue, once it is the asker's; ProblemError 404 where it is not, or not in time.

        Raises StatusUnavailableError.
        """
        until = asyncio.get_running_loop().time() + self._patience
        while True:
            look = await self._status.look(issue_id, event_id) if is_uuid(issue_id) else None
            if look is not None and is_theirs(look):
                return look
            if asyncio.get_running_loop().time() >= until:
                raise not_there()
            await asyncio.sleep(_LOOK_EVERY)

    async def act(self, asked: Asked) -> Done:
        """Write an act, and say what becomes of it. ProblemError when nothing was written, or
        (503 ``not-confirmed``) when it is not known whether it was.
        """
        verb = self._verb(asked)
        now = self._clock()
        act, warnings = self._check(verb, asked.body, now)
        event_id = self._event_id(asked)
        digest = digest_of(asked.body)
        sender = Sender(asked.principal, now)
        look = await self._look(asked, verb, event_id)
        if look is not None and look.entry is not None:
            return self._written_before(asked, verb, look, warnings)
        if isinstance(act, MergeIn | UnmergeIn):
            return await self._act_on_two(asked, verb, act, sender, event_id, look, warnings)
        event = self._event(verb, act, sender, asked, event_id, look)
        future, repeated = self._send(event, asked, digest)
        place = await self._confirmed(future, asked, event_id)
        effect = await self._effect(event, place, asked, look)
        return Done(self._answer(event, verb, place, effect, warnings), repeated)

    # -- before it is written ----------------------------------------------------------------

    def _verb(self, asked: Asked) -> Verb:
        verb = VERBS.get(asked.verb)
        if verb is None:
            names = " ".join(VERBS)
            raise ProblemError(
                NOT_FOUND,
                f"没有这个操作；可用：{names}",
                f"There is no such act; there are: {names}",
            )
        if verb not in (own := self.verbs_of(asked.principal)):
            names = " ".join(each.name for each in own)
            raise ProblemError(
                NOT_YOURS,
                f"{asked.principal} 不能{verb.zh}；可用：{names}",
                f"{verb.name} is not for {asked.principal}; it has: {names}",
            )
        return verb

    def _check(
        self, verb: Verb, body: Mapping[str, Any], now: int
    ) -> tuple[ActIn, tuple[Fault, ...]]:
        scope = Scope(self._city, "", now)
        strange = [unknown_field(path) for path in sorted(unknown(body, verb.model))]
        faults = list(strange) if self._strict else []
        try:
            act = verb.model.model_validate(body, context=scope)
        except ValidationError as error:
            raise _invalid(faults_of(error) + faults) from None
        if faults:
            raise _invalid(faults)
        if isinstance(act, AmendIn):
            self._sealer.require(act.reporter, INVALID_ACT)
        return act, (*scope.warnings, *strange)

    def _event_id(self, asked: Asked) -> str:
        if asked.key is None:
            return new_id()
        return derived_id("act", asked.principal, asked.issue_id, asked.verb, plain_key(asked.key))

    async def _look(self, asked: Asked, verb: Verb, event_id: str) -> Look | None:
        """The issue; None when it cannot be asked for."""
        known = event_id if asked.key is not None else ""
        try:
            return await self.find(
                asked.issue_id,
                known,
                lambda look: may_act(asked.principal, look.state, verb),
            )
        except StatusUnavailableError:
            if not is_uuid(asked.issue_id):
                raise not_there() from None
            return None

    def _event(
        self,
        verb: Verb,
        act: ActIn,
        sender: Sender,
        asked: Asked,
        event_id: str,
        look: Look | None,
    ) -> Event:
        known = None if look is None else Known(look.state, look.newest)
        lacking = []
        if known is None and asked.key is not None and act.occurred_at is None:
            # A retry must give the same bytes, and nothing remembers for it.
            lacking.append("occurred_at")
        try:
            event = event_of(
                verb,
                act,
                sender,
                self._city,
                issue_id=asked.issue_id,
                event_id=event_id,
                known=known,
                sealer=self._sealer,
            )
        except UnsaidError as error:
            lacking += error.fields
        if not lacking:
            return event
        faults = [Fault(field, "missing", "缺少此项。", "It is missing.") for field in lacking]
        if known is not None:
            raise _invalid(faults)
        raise _state_unknown(faults)

    # -- writing -----------------------------------------------------------------------------

    def _send(
        self, event: Event, asked: Asked, digest: bytes
    ) -> tuple["asyncio.Future[Appended]", bool]:
        """Append, unless the same was lately; no other coroutine runs in between."""
        event_id = event.head.event_id
        try:
            known = self._memory.find(event_id, asked.principal, digest)
        except OtherBodyError:
            raise _key_reused() from None
        if known is not None:
            return known, True
        headers = [(CE_TYPE, event.avro_name.encode())]
        if asked.traceparent is not None and is_traceparent(asked.traceparent):
            headers.append((TRACEPARENT, asked.traceparent.encode()))
        record = Outgoing(
            topic=self._topics[asked.principal].name,
            key=event.head.issue_id.encode(),
            value=self._codec.encode(event),
            headers=tuple(headers),
        )
        try:
            future = self._log.append(record)
        except BusyError:
            raise ProblemError(
                BUSY,
                "等待确认的记录过多，请稍后再试；未写入任何内容。",
                "Too many records wait for confirmation; try later. Nothing was written.",
                headers={"Retry-After": "1"},
            ) from None
        self._memory.keep(event_id, Sent(asked.principal, digest, future))
        return future, False

    async def _confirmed(
        self, future: "asyncio.Future[Appended]", asked: Asked, event_id: str
    ) -> Appended:
        try:
            return await asyncio.shield(future)
        except NotConfirmedError:
            raise _unconfirmed(asked, event_id) from None

    async def _act_on_two(
        self,
        asked: Asked,
        verb: Verb,
        act: MergeIn | UnmergeIn,
        sender: Sender,
        event_id: str,
        look: Look | None,
        warnings: tuple[Fault, ...],
    ) -> Done:
        """A merge or an unmerge: one event on each issue, written only where both would hold.

        Nothing would ever mend a merge of which only one half can hold. Of a merge whose second
        half was not confirmed, `processes` writes the other.
        """
        if look is None:
            raise _state_unknown([])
        if act.other_id == asked.issue_id:
            zh, en = "须为另一件诉求。", "Must be another issue."
            raise _invalid([Fault("other_id", "same_issue", zh, en)])
        try:
            other = await self.find(act.other_id, "", lambda _: True)
        except StatusUnavailableError:
            raise _state_unknown([]) from None
        except ProblemError:
            zh, en = "没有这件诉求。", "There is no such issue."
            raise _invalid([Fault("other_id", "unknown_issue", zh, en, 422)]) from None
        looks = {asked.issue_id: look, act.other_id: other}
        pair = pair_of(
            act,
            sender,
            event_id=event_id,
            one=Known(look.state, look.newest),
            other=Known(other.state, other.newest),
        )
        verdicts = [
            self._foretold(event, None, asked, looks[event.head.issue_id]) for event in pair
        ]
        for verdict in verdicts:
            if verdict.outcome is Outcome.REFUSED:
                zh, en = REASONS[verdict.reason]
                raise ProblemError(
                    NO_EFFECT,
                    f"{zh}；未写入任何内容。",
                    f"{en}; nothing was written.",
                    more={"reason": verdict.reason},
                )
        places, repeated = {}, False
        for event in pair:
            future, repeated = self._send(event, asked, digest_of(asked.body))
            places[event.head.event_id] = await self._confirmed(future, asked, event_id)
        own = next(event for event in pair if event.head.event_id == event_id)
        theirs = next(event for event in pair if event is not own)
        place = places[event_id]
        effect = await self._effect(own, place, asked, look)
        answer = self._answer(own, verb, place, effect, warnings)
        also = {
            "event_id": theirs.head.event_id,
            "issue_id": theirs.head.issue_id,
            "event": name_of(type(theirs)),
            "place": _place(places[theirs.head.event_id]),
        }
        return Done({**answer, "also": [also]}, repeated)

    # -- after it was written ----------------------------------------------------------------

    async def _effect(
        self, event: Event, place: Appended, asked: Asked, look: Look | None
    ) -> Effect:
        """What became of it, waited for as long as was asked; else what the state foretells."""
        until = asyncio.get_running_loop().time() + asked.wait
        try:
            while look is not None and asyncio.get_running_loop().time() < until:
                found = await self._status.look(event.head.issue_id, event.head.event_id)
                if found is not None and found.entry is not None:
                    return Effect(found.entry.verdict, found.entry.reason, judged=True)
                look = found or look
                await asyncio.sleep(_LOOK_EVERY)
        except StatusUnavailableError:
            look = None
        if look is None:
            return Effect("unknown")
        verdict = self._foretold(event, place, asked, look)
        return Effect(verdict.outcome.value, verdict.reason)

    def _foretold(self, event: Event, place: Appended | None, asked: Asked, look: Look) -> Verdict:
        at = self._clock() if place is None else place.timestamp
        record = Record(
            name=name_of(type(event)),
            body=event.to_body(),
            received_at=at,
            recorded_at=at,
            principal=asked.principal,
            origin=_LIVE,
            rules=VERSION,
            source=Source("", 0, 0)
            if place is None
            else Source(place.topic, place.partition, place.offset),
            partition=0,
            offset=0,
        )
        return check(look.state, record, self._rules)

    def _written_before(
        self, asked: Asked, verb: Verb, look: Look, warnings: tuple[Fault, ...]
    ) -> Done:
        """A repeat of what the read models have already: the log is the longest memory."""
        entry = look.entry
        assert entry is not None
        if entry.principal != asked.principal:
            raise _key_reused()
        effect = Effect(entry.verdict, entry.reason, judged=True)
        return Done(
            {
                "event_id": entry.event_id,
                "issue_id": entry.issue_id,
                "verb": verb.name,
                "event": entry.name,
                "place": entry.source,
                "received_at": format_time(entry.received_at, self._zone),
                "effect": effect.body(),
                "warnings": [warning.body() for warning in warnings],
            },
            True,
        )

    def _answer(
        self,
        event: Event,
        verb: Verb,
        place: Appended,
        effect: Effect,
        warnings: tuple[Fault, ...],
    ) -> dict[str, Any]:
        return {
            "event_id": event.head.event_id,
            "issue_id": event.head.issue_id,
            "verb": verb.name,
            "event": name_of(type(event)),
            "place": _place(place),
            "received_at": format_time(place.timestamp, self._zone),
            "effect": effect.body(),
            "warnings": [warning.body() for warning in warnings],
        }


def topics_by_principal(topics: TopicCatalogue) -> dict[str, Topic]:
    """The topic that each principal writes through intake: channels, departments, the desk."""
    return {
        topic.writer: topic
        for topic in topics
        if topic.received == "append" and topic.writer.partition(":")[0] in _SPEAKERS
    }


def not_there() -> ProblemError:
    """The same for an issue that is not, and for one that is none of the asker's business."""
    return ProblemError(
        NOT_FOUND,
        "没有这件诉求，或与贵单位无关；刚刚派出的，请稍后再试。",
        "There is no such issue, or it is none of yours. If it has just been given to you, "
        "try again.",
    )


def _place(place: Appended) -> str:
    return f"{place.topic}/{place.partition}/{place.offset}"


def _key_reused() -> ProblemError:
    return ProblemError(
        KEY_REUSED,
        "同一幂等键已用于此诉求上内容不同的操作；未写入任何内容。",
        "The same key came with another body for this act before; nothing was written.",
    )


def _invalid(faults: list[Fault]) -> ProblemError:
    return invalid(faults, INVALID_ACT)


def _state_unknown(faults: list[Fault]) -> ProblemError:
    zh, en = "暂时无法查询诉求的现状", "The issue cannot be looked up right now"
    if faults:
        zh += "；补齐 errors 所列各项即可写入"
        en += "; it is taken if the request says what is in `errors`"
    return ProblemError(
        STATE_UNKNOWN,
        f"{zh}。未写入任何内容。",
        f"{en}. Nothing was written.",
        faults=faults,
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def _unconfirmed(asked: Asked, event_id: str) -> ProblemError:
    if asked.key is not None:
        zh, en = "用同一幂等键重发是安全的。", "Sending again with the same key is safe."
    else:
        zh = "重发之前，请先查询此处 event_id 的处理结果。"
        en = "Before sending again, ask what became of this event_id."
    return ProblemError(
        NOT_CONFIRMED,
        f"消息系统未及时确认，是否写入尚不确定。{zh}",
        f"The broker did not confirm in time: the outcome is unknown. {en}",
        headers={"Retry-After": str(RETRY_SECONDS)},
        more={"event_id": event_id, "issue_id": asked.issue_id, "outcome": "unknown"},
    )
