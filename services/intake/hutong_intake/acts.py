"""What departments, the desk and channels do to issues: a checked act goes into the log.

The answer says where it lies and what the state, as known now, makes of it. What the state cannot
be asked for (PostgreSQL is down) must be in the request: see docs/http-api.md.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from hutong.events.base import Event
from hutong.events.fields import is_uuid
from hutong.events.headers import Source
from hutong.events.ids import derived_id, new_id
from hutong.events.lifecycle import IdentityRevealed
from hutong.events.topics import Topic, TopicCatalogue
from hutong.issue.fold import Outcome, Verdict
from hutong.issue.rules import REASONS
from hutong_intake.act_events import Known, Sender, UnsaidError, event_of, pair_of
from hutong_intake.act_models import ActIn, AmendIn, MergeIn, UnmergeIn
from hutong_intake.act_problems import (
    invalid_act,
    key_reused,
    no_effect,
    no_such_verb,
    not_there,
    not_your_verb,
    state_unknown,
)
from hutong_intake.act_writer import ActWriter
from hutong_intake.check import unknown_field
from hutong_intake.effect import NOWHERE, Effect, foretold
from hutong_intake.evidence import Evidence
from hutong_intake.idempotency import digest_of
from hutong_intake.identity import Sealer
from hutong_intake.in_force import InForce
from hutong_intake.intake import plain_key
from hutong_intake.log import Appended
from hutong_intake.messages import faults_of
from hutong_intake.models import Scope, unknown
from hutong_intake.problems import INVALID_ACT, NO_EFFECT, NOT_YOURS, Fault, ProblemError
from hutong_intake.status import Look, StatusReader, StatusUnavailableError
from hutong_intake.times import format_time
from hutong_intake.verbs import VERBS, Verb, name_of
from hutong_intake.who_sees import may_act

#: The router hands an order to a department while the read models are still at it, so whoever asks
#: for an issue that is not (yet) his waits this long for the answer that it is not there.
PATIENCE_SECONDS: Final = 2.0
_LOOK_EVERY: Final = 0.1

_NOT_THE_LEAD = "not-the-lead"
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
        writer: ActWriter,
        in_force: InForce,
        topics: Mapping[str, Topic],
        status: StatusReader,
        evidence: Evidence,
        clock: Callable[[], int],
        sealer: Sealer,
        strict: bool,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._writer = writer
        self._in_force = in_force
        self._topics = topics
        self._status = status
        self._evidence = evidence
        self._clock = clock
        self._sealer = sealer
        self._strict = strict
        self._patience = patience
        self._zone = ZoneInfo(in_force.first.timezone)

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
        await self._evidence.require(getattr(act, "media", None) or ())
        event_id = self._event_id(asked)
        sender = Sender(asked.principal, now)
        look = await self._look(asked, verb, event_id)
        if look is not None and look.entry is not None:
            return self._written_before(asked, verb, look, warnings)
        if isinstance(act, MergeIn | UnmergeIn):
            return await self._act_on_two(asked, verb, act, sender, event_id, look, warnings)
        event = self._event(verb, act, sender, asked, event_id, look)
        if isinstance(event, IdentityRevealed):
            return await self._reveal(verb, event, asked, look, warnings)
        place, repeated = await self._write(event, asked)
        effect = await self._effect(event, place, asked, look)
        return Done(self._answer(event, verb, place, effect, warnings), repeated)

    # -- before it is written ----------------------------------------------------------------

    def _verb(self, asked: Asked) -> Verb:
        verb = VERBS.get(asked.verb)
        if verb is None:
            raise no_such_verb(" ".join(VERBS))
        if verb not in (own := self.verbs_of(asked.principal)):
            names = " ".join(each.name for each in own)
            raise not_your_verb(asked.principal, verb.name, verb.zh, names)
        return verb

    def _check(
        self, verb: Verb, body: Mapping[str, Any], now: int
    ) -> tuple[ActIn, tuple[Fault, ...]]:
        scope = Scope(self._in_force.city(now), "", now)
        strange = [unknown_field(path) for path in sorted(unknown(body, verb.model))]
        faults = list(strange) if self._strict else []
        try:
            act = verb.model.model_validate(body, context=scope)
        except ValidationError as error:
            raise invalid_act(faults_of(error) + faults) from None
        if faults:
            raise invalid_act(faults)
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
                self._in_force.city(self._clock()),
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
            raise invalid_act(faults)
        raise state_unknown(faults)

    # -- writing -----------------------------------------------------------------------------

    async def _write(self, event: Event, asked: Asked) -> tuple[Appended, bool]:
        return await self._writer.write(
            event,
            asked.principal,
            digest_of(asked.body),
            traceparent=asked.traceparent,
            has_key=asked.key is not None,
        )

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
            raise state_unknown([])
        if act.other_id == asked.issue_id:
            zh, en = "须为另一件诉求。", "Must be another issue."
            raise invalid_act([Fault("other_id", "same_issue", zh, en)])
        try:
            other = await self.find(act.other_id, "", lambda _: True)
        except StatusUnavailableError:
            raise state_unknown([]) from None
        except ProblemError:
            zh, en = "没有这件诉求。", "There is no such issue."
            raise invalid_act([Fault("other_id", "unknown_issue", zh, en, 422)]) from None
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
                raise no_effect(verdict.reason, *REASONS[verdict.reason])
        places, repeated = {}, False
        for event in pair:
            places[event.head.event_id], repeated = await self._write(event, asked)
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

    async def _reveal(
        self,
        verb: Verb,
        event: IdentityRevealed,
        asked: Asked,
        look: Look | None,
        warnings: tuple[Fault, ...],
    ) -> Done:
        """Tell who reported, once the log says that it was told.

        A repeat is told nothing: each look is an event of its own.
        """
        if look is None:
            raise state_unknown([])
        verdict = self._foretold(event, None, asked, look)
        if verdict.outcome is Outcome.REFUSED:
            kind = NOT_YOURS if verdict.reason == _NOT_THE_LEAD else NO_EFFECT
            raise no_effect(verdict.reason, *REASONS[verdict.reason], kind)
        try:
            boxes = await self._status.identity(asked.issue_id)
        except StatusUnavailableError:
            raise state_unknown([]) from None
        if not boxes:
            zh, en = "诉求人没有留下姓名、电话或住址", "nobody said who reported it"
            raise no_effect("no-identity", zh, en)
        who = asdict(self._sealer.open(boxes))
        place, repeated = await self._write(event, asked)
        effect = await self._effect(event, place, asked, look)
        answer = self._answer(event, verb, place, effect, warnings)
        told = not repeated and effect.verdict == Outcome.APPLIED.value
        answer["revealed"] = {name: who[name] for name in event.fields} if told else None
        return Done(answer, repeated)

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
        source = NOWHERE if place is None else Source(place.topic, place.partition, place.offset)
        return foretold(event, look.state, self._in_force.rules, asked.principal, source, at)

    def _written_before(
        self, asked: Asked, verb: Verb, look: Look, warnings: tuple[Fault, ...]
    ) -> Done:
        """A repeat of what the read models have already: the log is the longest memory."""
        entry = look.entry
        assert entry is not None
        if entry.principal != asked.principal:
            raise key_reused()
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


def _place(place: Appended) -> str:
    return f"{place.topic}/{place.partition}/{place.offset}"
