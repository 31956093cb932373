"""What may be sent with each act: one class a verb, its fields named as the event's.

What the event needs and a person need not say (the hop, the cause, the clocks of a tier) may be
left out; `act_events` fills it in.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from hutong.city import City
from hutong.events.content import has_content
from hutong.events.fields import LAST_MILLIS, Code, Hop, Line, Millis, Minutes, Stars, Text, Uuid
from hutong_intake.content import holds_identity_number
from hutong_intake.models import (
    AreaCode,
    Contact,
    Media,
    Occurred,
    Part,
    PlaceIn,
    Quiet,
    ReporterIn,
    instant,
    nearest,
    refuse,
    scope_of,
)
from hutong_intake.problems import Fault


def _when(value: object) -> object:
    return instant(value, LAST_MILLIS)


def _says_something(value: str) -> str:
    if not has_content(value):
        raise refuse("no_content", "没有实际内容。", "It says nothing.")
    return value


def _watched(value: str, info: ValidationInfo) -> str:
    if holds_identity_number(value):
        zh = "似含身份证号码；已按原文收下，请勿再填。"
        en = "It seems to hold an identity number; kept as it is, but it does not belong here."
        scope_of(info).warnings.append(Fault(info.field_name or "", "identity_number", zh, en))
    return value


def _each_once(value: tuple[str, ...]) -> tuple[str, ...]:
    if not value:
        raise refuse("empty", "不能为空。", "Must not be empty.")
    return tuple(dict.fromkeys(value))


def _department(value: str, info: ValidationInfo) -> str:
    known = scope_of(info).city.departments
    if value not in known:
        zh, en = nearest(value, known)
        raise refuse("unknown_department", f"没有这个部门{zh}", f"No such department{en}", 422)
    return value


def _item(value: str, info: ValidationInfo) -> str:
    known = [item.code for item in scope_of(info).city.duty_list]
    if value not in known:
        zh, en = nearest(value, known)
        raise refuse(
            "unknown_item", f"清单中没有此事项{zh}", f"No such item in the duty list{en}", 422
        )
    return value


def _category(value: str, info: ValidationInfo) -> str:
    known = scope_of(info).city.categories
    if value not in known:
        zh, en = nearest(value, known)
        raise refuse("unknown_category", f"没有这个分类{zh}", f"No such category{en}", 422)
    return value


def _kind(value: str, info: ValidationInfo) -> str:
    known = scope_of(info).city.kinds
    if value not in known:
        zh, en = nearest(value, known)
        raise refuse("unknown_kind", f"没有这个类型{zh}", f"No such kind{en}", 422)
    return value


def _intent(value: str, info: ValidationInfo) -> str:
    known = scope_of(info).city.intents
    if value not in known:
        zh, en = nearest(value, known)
        raise refuse("unknown_intent", f"没有这个意图{zh}", f"No such intent{en}", 422)
    return value


def _tier(value: str, info: ValidationInfo) -> str:
    known = scope_of(info).city.tiers
    if value not in known:
        zh, en = nearest(value, known)
        raise refuse("unknown_tier", f"没有这个时限档{zh}", f"No such tier{en}", 422)
    return value


class Group:
    """A check that a code is in a group of the pack's reasons."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, value: str, info: ValidationInfo) -> str:
        """The code, or a fault with all that there are."""
        known = scope_of(info).city.reasons.get(self.name, {})
        if value not in known:
            codes = " ".join(known)
            raise refuse("unknown_reason", f"须为其一：{codes}", f"Must be one of: {codes}", 422)
        return value


_TIME_SCHEMA = {
    "type": "string",
    "format": "date-time",
    "examples": ["2026-12-01T18:00:00+08:00"],
}
When = Annotated[Millis, BeforeValidator(_when), WithJsonSchema(_TIME_SCHEMA)]
Words = Annotated[Text, AfterValidator(_watched)]
Said = Annotated[Text, AfterValidator(_says_something), AfterValidator(_watched)]
DepartmentCode = Annotated[Code, AfterValidator(_department)]
ItemCode = Annotated[Code, AfterValidator(_item)]
CategoryCode = Annotated[Code, AfterValidator(_category)]
KindCode = Annotated[Code, AfterValidator(_kind)]
IntentCode = Annotated[Code, AfterValidator(_intent)]
TierCode = Annotated[Code, AfterValidator(_tier)]
_HOP = Field(default=None, description="Hop of the order that it answers; default: the present.")


class ActIn(Part):
    """What every act may have. null and an absent field are the same."""

    answers: Uuid | None = Field(
        default=None, description="Event that it answers; default: what it naturally answers now."
    )
    occurred_at: Occurred | None = Field(default=None, description="Default: now.")
    by: Annotated[Quiet, Field(max_length=64)] | None = Field(
        default=None, description="Who at the sender's did it, e.g. a clerk's or worker's code."
    )


class AcceptIn(ActIn):
    """The department signs for it."""

    hop: Hop | None = _HOP
    handler: Line | None = None


class AssignIn(ActIn):
    """Given to a unit or worker below the department."""

    assignee: Annotated[Line, Field(min_length=1)] = Field(examples=["gw-0103"])
    level: Literal["department", "street", "community", "grid"]
    due: When | None = None
    text: Words | None = None


class ReturnIn(ActIn):
    """It is not the department's matter."""

    hop: Hop | None = _HOP
    reason: Annotated[Code, AfterValidator(Group("return"))]
    proposed: DepartmentCode | None = None
    media: Media | None = None
    text: Words | None = None


class RespondIn(ActIn):
    """The reporter got an answer."""

    means: Literal["call", "message", "visit", "letter"]
    text: Words | None = None


class NoteIn(ActIn):
    """Something was done or learnt."""

    media: Media | None = None
    text: Said


class RequestExtensionIn(ActIn):
    """The department asks for more time."""

    reason: Annotated[Code, AfterValidator(Group("extension"))]
    minutes: Annotated[Minutes, Field(ge=1)] = Field(description="Of the clock's own calendar.")
    media: Media | None = None
    text: Words | None = None


class ResolveIn(ActIn):
    """The department claims that it is solved."""

    hop: Hop | None = _HOP
    result: Annotated[Code, AfterValidator(Group("result"))]
    media: Media | None = None
    file_number: Line | None = Field(default=None, description="Of a case of enforcement.")
    text: Words | None = None


class DeclareUnresolvableIn(ActIn):
    """It cannot be solved, and the reporter was told why."""

    hop: Hop | None = _HOP
    reason: Annotated[Code, AfterValidator(Group("unresolvable"))]
    media: Media | None = None
    explanation: Said


class DispatchIn(ActIn):
    """Given to a department; what is left out follows from the duty item and the issue."""

    item: ItemCode
    lead: DepartmentCode
    co_owners: Annotated[tuple[DepartmentCode, ...], Field(strict=False, max_length=20)] | None = (
        None
    )
    category: CategoryCode | None = None
    kind: KindCode | None = None
    intent: IntentCode | None = None
    tier: TierCode | None = None
    hop: Hop | None = Field(default=None, description="Default: the next.")


class ReclassifyIn(ActIn):
    """It is about something else; what is left out follows from the duty item."""

    item: ItemCode
    category: CategoryCode | None = None
    category_before: CategoryCode | None = None
    kind: KindCode | None = None
    tier: TierCode | None = None
    ground: Said


class DecideReturnIn(ActIn):
    """A return is accepted or refused."""

    decision: Annotated[Code, AfterValidator(Group("return-decision"))]
    accepted: bool | None = Field(default=None, description="Default: as the decision's code says.")
    rule: Code = Field(examples=["D06"])
    next_owner: DepartmentCode | None = None
    text: Words | None = None


class AdjudicateIn(ActIn):
    """A dispute over who leads is ruled."""

    lead: DepartmentCode
    co_owners: Annotated[tuple[DepartmentCode, ...], Field(strict=False, max_length=20)] | None = (
        None
    )
    ground: Said
    text: Words | None = None


class DecideExtensionIn(ActIn):
    """More time is granted or refused."""

    granted: bool
    level: Literal["desk", "district", "leader"]
    minutes: Minutes | None = Field(
        default=None, description="Default: what was asked for; 0 when refused."
    )
    text: Words | None = None


class SuspendIn(ActIn):
    """On hold until somebody looks again."""

    reason: Annotated[Code, AfterValidator(Group("suspension"))]
    condition: Said
    review_at: When
    text: Words | None = None


class ResumeIn(ActIn):
    """The hold ends."""

    ground: Said


class CloseIn(ActIn):
    """Off everybody's table."""

    ground: Literal["verified", "rated", "unresolvable", "policy", "at-desk"]
    text: Words | None = None


class ReopenIn(ActIn):
    """The work begins again."""

    reason: Annotated[Code, AfterValidator(Group("reopen"))]
    text: Words | None = None


class CallIn(ActIn):
    """The desk called the reporter: five separate facts."""

    reached: Annotated[Code, AfterValidator(Group("follow-up-reached"))]
    contacted: bool | None = None
    solved: Annotated[Code, AfterValidator(Group("follow-up-solved"))] | None = None
    satisfied: Annotated[Code, AfterValidator(Group("follow-up-satisfied"))] | None = None
    cause: Annotated[Code, AfterValidator(Group("follow-up-cause"))] | None = None
    text: Words | None = None


class SuperviseIn(ActIn):
    """A leader watches it."""

    level: Literal["community", "street", "district", "city"]
    ground: Said
    due_at: When | None = None


class EndSupervisionIn(ActIn):
    """That leader is content."""

    level: Literal["community", "street", "district", "city"]
    ground: Said


class MergeIn(ActIn):
    """Two issues are one matter. The older of the two goes on, whichever the address names."""

    other_id: Uuid
    reason: Annotated[Code, AfterValidator(Group("merge"))]


class UnmergeIn(ActIn):
    """They are two matters after all."""

    other_id: Uuid
    ground: Said


class DismissDuplicateIn(ActIn):
    """A suspected pair is two matters."""

    other_id: Uuid
    ground: Said


class TransferIn(ActIn):
    """Handed to an emergency line or another authority."""

    reason: Annotated[Code, AfterValidator(Group("transfer"))]
    target: Code = Field(examples=["119"])
    reference: Line | None = None
    text: Words | None = None


class WithdrawIn(ActIn):
    """The reporter withdraws it, or it was a mistake."""

    reason: Annotated[Code, AfterValidator(Group("withdraw"))]
    text: Words | None = None


class AmendIn(ActIn):
    """Facts of the report are corrected; what is left out stays as it was."""

    area: AreaCode | None = None
    place: PlaceIn | None = None
    contact: Contact | None = None
    reporter: ReporterIn | None = None
    subject: Line | None = None
    body: Said | None = None


class RateIn(ActIn):
    """What the reporter thinks of the result."""

    resolved: bool | None = None
    satisfied: bool | None = None
    stars: Stars | None = None
    text: Words | None = None


class CheckIn(ActIn):
    """What somebody other than the handler found on site."""

    checker: Annotated[Line, Field(min_length=1)] = Field(examples=["gw-0207"])
    media: Media | None = None
    place: PlaceIn | None = None
    text: Words | None = None


class RevealIn(ActIn):
    """Whoever asks wants to know who reported it, and says what for and who he is."""

    by: Annotated[Quiet, Field(min_length=1, max_length=64)] = Field(
        description="Who will see it: a person, not a system.", examples=["clerk:0217"]
    )
    purpose: Annotated[Code, AfterValidator(Group("reveal-purpose"))] = Field(
        examples=["call-back"]
    )
    fields: Annotated[
        tuple[Literal["name", "phone", "home"], ...],
        Field(strict=False),
        AfterValidator(_each_once),
    ] = Field(examples=[["phone"]])


def choices_of(city: City, check: Any) -> list[tuple[str, str, str]] | None:
    """Code, Chinese and English of what a check lets through; None where it is no short list."""
    if isinstance(check, Group):
        reasons = city.reasons.get(check.name, {})
        return [(reason.code, reason.zh, reason.en) for reason in reasons.values()]
    named: Any = {
        _department: city.departments.values(),
        _kind: city.kinds.values(),
        _intent: city.intents.values(),
        _tier: city.tiers.values(),
    }.get(check)
    return None if named is None else [(each.code, each.zh, each.en) for each in named]
