"""An issue as its departments, its channel and the desk may see it. Pure but for the clock.

No free text, no address and nothing of the reporter: who needs them has the order or the pages.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator
from pydantic.fields import FieldInfo

from hutong.city import City
from hutong.issue.clocks import Clock
from hutong.issue.state import IssueState
from hutong.keys import CHANNEL
from hutong.privacy.mask import mask
from hutong_intake.act_events import Known, cause_of
from hutong_intake.act_models import ActIn, choices_of
from hutong_intake.allowed import allowed_now
from hutong_intake.in_force import InForce
from hutong_intake.status import Look
from hutong_intake.times import format_time
from hutong_intake.verbs import Verb, name_of

_TIMES = (
    "reported_at",
    "dispatched_at",
    "accepted_at",
    "responded_at",
    "resolved_at",
    "verified_at",
    "closed_at",
)


class IssueView:
    """Makes answers. Args: clock: milliseconds UTC."""

    def __init__(self, in_force: InForce, clock: Callable[[], int]) -> None:
        self._in_force = in_force
        self._clock = clock
        self._zone = ZoneInfo(in_force.first.timezone)
        self._verbs: dict[tuple[str, str], dict[str, Any]] = {}

    def time(self, millis: int | None) -> str | None:
        """RFC 3339 in the city's zone."""
        return None if millis is None else format_time(millis, self._zone)

    def of(self, look: Look, principal: str, verbs: Iterable[Verb]) -> dict[str, Any]:
        """The issue for somebody who may see it; ``verbs`` are those that he has at all."""
        state, now = look.state, self._clock()
        hop = state.hops[-1] if state.hops else None
        answer: dict[str, Any] = {
            "issue_id": state.issue_id,
            "receipt": look.receipt,
            "channel": state.channel,
            "origin": state.origin,
            "status": state.status.value,
            "category": state.category,
            "item": state.item,
            "kind": state.kind,
            "intent": state.intent,
            "tier": state.tier,
            "area": state.area,
            "lead": state.lead,
            "co_owners": list(state.co_owners),
            "hop": state.hop,
            "result": state.result,
            "unresolvable": state.unresolvable,
            "rework": state.rework,
            **{name: self.time(getattr(state, name)) for name in _TIMES},
            "clocks": [self._clock_of(name, c, now) for name, c in sorted(state.clocks.items())],
            "return": None,
            "extension": self._extension(state),
            "suspension": self._suspension(state),
            "master": state.master,
            "as_of": self.time(now),
            "answers": cause_of(principal, Known(state, look.newest)),
            "verbs": [
                self._described(verb, self._in_force.city(now))
                for verb in allowed_now(verbs, state, principal, self._in_force.rules, now)
            ],
        }
        if hop is not None and hop.returned_at is not None:
            at = self.time(hop.returned_at)
            answer["return"] = {"reason": hop.return_reason, "returned_at": at, "by": hop.lead}
        if principal.partition(":")[0] != CHANNEL:
            answer |= self._inside(state)
        return answer

    def _inside(self, state: IssueState) -> dict[str, Any]:
        """What is no business of the channel's."""
        return {
            "next_lead": state.next_lead,
            "adjudicated": state.adjudicated,
            "assignments": [
                {
                    "department": department,
                    "assignee": mask(each.assignee),
                    "level": each.level,
                    "since": self.time(each.since),
                    "due": self.time(each.due),
                }
                for department, each in sorted(state.assignments.items())
            ],
            "supervisions": [
                {
                    "level": level,
                    "since": self.time(each.since),
                    "closed_at": self.time(each.closed_at),
                }
                for level, each in sorted(state.supervisions.items())
            ],
            "children": list(state.children),
            "suspects": list(state.suspects),
        }

    def _clock_of(self, name: str, clock: Clock, now: int) -> dict[str, Any]:
        return {
            "clock": name,
            "started_at": self.time(clock.started_at),
            "due_at": self.time(clock.due_at),
            "stopped_at": self.time(clock.stopped_at),
            "running": clock.is_running,
            "paused": clock.paused_at is not None and clock.stopped_at is None,
            "late": clock.is_late(now),
            "provisional": clock.provisional,
            "calendar": clock.calendar,
        }

    def _extension(self, state: IssueState) -> dict[str, Any] | None:
        asked = state.extension
        return asked and {
            "reason": asked.reason,
            "minutes": asked.minutes,
            "asked_at": self.time(asked.asked_at),
            "granted": asked.granted,
            "granted_minutes": asked.granted_minutes,
            "level": asked.level or None,
            "decided_at": self.time(asked.decided_at),
        }

    def _suspension(self, state: IssueState) -> dict[str, Any] | None:
        held = state.suspension
        return held and {
            "reason": held.reason,
            "since": self.time(held.since),
            "review_at": self.time(held.review_at),
        }

    def _described(self, verb: Verb, city: City) -> dict[str, Any]:
        """Made once each: it depends on nothing but the pack."""
        key = (city.hash, verb.name)
        if key not in self._verbs:
            self._verbs[key] = self._verb(verb, city)
        return self._verbs[key]

    def _verb(self, verb: Verb, city: City) -> dict[str, Any]:
        schema = verb.model.model_json_schema()
        return {
            "verb": verb.name,
            "event": name_of(verb.event),
            "zh": verb.zh,
            "en": verb.en,
            "fields": [
                self._field(city, name, field, _whole(schema["properties"][name], schema))
                for name, field in verb.model.model_fields.items()
                if name not in ActIn.model_fields
            ],
        }

    def _field(self, city: City, name: str, field: FieldInfo, schema: Any) -> dict[str, Any]:
        found = [choices_of(city, check) for check in _checks(field)]
        choices = next((each for each in found if each is not None), None)
        return {
            "name": name,
            "required": field.is_required(),
            "schema": schema,
            "choices": choices and [{"code": code, "zh": zh, "en": en} for code, zh, en in choices],
        }


def _whole(part: Any, schema: Any) -> Any:
    """A part of a JSON Schema that points nowhere: what it names is written out."""
    if isinstance(part, list):
        return [_whole(each, schema) for each in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _whole(schema["$defs"][part["$ref"].rpartition("/")[2]], schema)
    return {name: _whole(value, schema) for name, value in part.items()}


def _checks(field: FieldInfo) -> Iterator[Any]:
    """The functions that check a field's codes, also those inside ``… | None`` and tuples."""
    yield from _functions(field.metadata)
    yield from _inner(field.annotation)


def _inner(annotation: Any) -> Iterator[Any]:
    yield from _functions(getattr(annotation, "__metadata__", ()))
    for argument in get_args(annotation):
        yield from _inner(argument)


def _functions(metadata: Iterable[Any]) -> Iterator[Any]:
    return (each.func for each in metadata if isinstance(each, AfterValidator))
