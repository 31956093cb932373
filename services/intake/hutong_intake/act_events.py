"""From an act to the event, or the two events, that it writes. Pure.

What the sender left out comes from the issue as it is known now and from the city pack. So a retry
that must give the same bytes whatever forgot what says all of it: see docs/http-api.md.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from hutong.city import City
from hutong.events.base import Event
from hutong.events.fields import ClockLength, Head
from hutong.events.ids import derived_id
from hutong.events.lifecycle import (
    ExtensionDecided,
    IssueAbsorbed,
    IssueDispatched,
    IssueMerged,
    IssueReclassified,
    IssueUnmerged,
    ReturnDecided,
)
from hutong.issue.state import IssueState
from hutong.keys import DEPARTMENT
from hutong.privacy.seal import Binding
from hutong_intake.act_models import ActIn, MergeIn, UnmergeIn
from hutong_intake.check import place_of
from hutong_intake.identity import Sealer
from hutong_intake.verbs import Verb, name_of

#: What the desk's dispatches name as their model, and how sure they are.
DESK_MODEL: Final = "desk"
CERTAIN: Final = 1000

_HEAD_FIELDS = frozenset({*ActIn.model_fields, "area"})


@dataclass(frozen=True, slots=True)
class Known:
    """An issue as the read models have it. ``newest``: the newest event that was applied."""

    state: IssueState
    newest: str


@dataclass(frozen=True, slots=True)
class Sender:
    """Who acts: his principal, and milliseconds UTC when the request came."""

    principal: str
    now: int


class UnsaidError(Exception):
    """Fields that were left out and that nothing known says."""

    def __init__(self, *fields: str) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def event_of(
    verb: Verb,
    act: ActIn,
    sender: Sender,
    city: City,
    *,
    issue_id: str,
    event_id: str,
    known: Known | None,
    sealer: Sealer,
) -> Event:
    """The event of a verb that touches one issue. UnsaidError names all that is lacking."""
    said = _said(act)
    if "reporter" in said:
        binding = Binding(name_of(verb.event), event_id, issue_id)
        said["reporter"] = sealer.seal(said["reporter"], binding)
    lacking: list[str] = []
    fill = _FILL.get(verb.event)
    if fill is not None:
        said |= fill(said, city, known.state if known else None)
    if "hop" in verb.event.model_fields and "hop" not in said and known is not None:
        said["hop"] = known.state.hop + (verb.event is IssueDispatched)
    answers = act.answers or (cause_of(sender.principal, known) if known else None)
    if answers is None:
        lacking.append("answers")
    lacking += [
        name
        for name, field in verb.event.model_fields.items()
        if name != "head" and field.is_required() and said.get(name) is None
    ]
    if lacking:
        raise UnsaidError(*lacking)
    head = _head(act, sender, issue_id, event_id, answers)
    return verb.event(head=head, **said)


def pair_of(
    act: MergeIn | UnmergeIn, sender: Sender, *, event_id: str, one: Known, other: Known
) -> tuple[Event, Event]:
    """The events of a merge or an unmerge of ``one``, whose event gets that id, with ``other``.

    In the order to write them. A merge goes to the master first: a half of it leaves the child
    where it was. An unmerge goes to the child first: a half of it leaves nobody without an owner.
    """
    ids = {
        one.state.issue_id: event_id,
        other.state.issue_id: derived_id(event_id, "other"),
    }
    master, child = sorted((one, other), key=lambda known: _age(known.state))

    def head(known: Known) -> Head:
        issue_id = known.state.issue_id
        own = act.answers if known is one else None
        return _head(act, sender, issue_id, ids[issue_id], own or known.newest)

    if isinstance(act, UnmergeIn):
        first = child if child.state.master == master.state.issue_id else master
        second = master if first is child else child
        return (
            IssueUnmerged(head=head(first), other_id=second.state.issue_id, ground=act.ground),
            IssueUnmerged(head=head(second), other_id=first.state.issue_id, ground=act.ground),
        )
    absorbed = IssueAbsorbed(
        head=head(master),
        child_id=child.state.issue_id,
        child_reported_at=child.state.reported_at,
        reason=act.reason,
    )
    merged = IssueMerged(
        head=head(child),
        master_id=master.state.issue_id,
        master_reported_at=master.state.reported_at,
        reason=act.reason,
    )
    return absorbed, merged


def cause_of(principal: str, known: Known) -> str:
    """What an act answers where it does not say: a department's the order of the present hop."""
    hops = known.state.hops
    if principal.partition(":")[0] == DEPARTMENT and hops:
        return hops[-1].ordered_by
    return known.newest


def _age(state: IssueState) -> tuple[int, str]:
    return state.reported_at, state.issue_id


def _said(act: ActIn) -> dict[str, Any]:
    """The event's own fields as they were sent; what says nothing is left out."""
    found = {
        name: value
        for name in type(act).model_fields.keys() - _HEAD_FIELDS
        if (value := getattr(act, name)) not in (None, "")
    }
    if "place" in found:
        found["place"] = place_of(found["place"])
    return {name: value for name, value in found.items() if value is not None}


def _head(act: ActIn, sender: Sender, issue_id: str, event_id: str, answers: str | None) -> Head:
    return Head(
        event_id=event_id,
        issue_id=issue_id,
        occurred_at=sender.now if act.occurred_at is None else act.occurred_at,
        actor=act.by or sender.principal,
        area=getattr(act, "area", None) or None,
        causation_id=answers,
    )


def _matter(said: Mapping[str, Any], city: City) -> dict[str, Any]:
    """Category, kind and tier of a duty item, where they were not said."""
    item = next(each for each in city.duty_list if each.code == said["item"])
    category = said.get("category") or item.category
    kind = said.get("kind") or item.kind or city.categories[category].kind
    return {"category": category, "kind": kind, "tier": said.get("tier") or item.tier}


def _dispatch(said: Mapping[str, Any], city: City, state: IssueState | None) -> dict[str, Any]:
    matter = _matter(said, city)
    intent = said.get("intent")
    if intent is None and state is not None:
        channel = city.channels.get(state.channel)
        intent = state.intent or (channel.intent if channel else None)
    return {
        **matter,
        "intent": intent,
        "clocks": tuple(
            ClockLength(clock=clock, minutes=length.minutes, calendar=length.calendar)
            for clock, length in city.promises(matter["tier"], said["item"]).items()
        ),
        "confidence": CERTAIN,
        "pack": city.hash,
        "model": DESK_MODEL,
    }


def _reclassify(said: Mapping[str, Any], city: City, state: IssueState | None) -> dict[str, Any]:
    before = said.get("category_before") or (state.category if state else None)
    return {**_matter(said, city), "category_before": before}


def _return_decision(
    said: Mapping[str, Any], _city: City, _state: IssueState | None
) -> dict[str, Any]:
    return {"accepted": said.get("accepted", said["decision"].startswith("accepted-"))}


def _extension_decision(
    said: Mapping[str, Any], _city: City, state: IssueState | None
) -> dict[str, Any]:
    if "minutes" in said:
        return {}
    if not said["granted"]:
        return {"minutes": 0}
    return {"minutes": state.extension.minutes if state and state.extension else None}


#: Event -> what follows from what was said, the pack and the issue.
_FILL: Final = {
    IssueDispatched: _dispatch,
    IssueReclassified: _reclassify,
    ReturnDecided: _return_decision,
    ExtensionDecided: _extension_decision,
}
