"""What may be sent and what is answered. Field checks live here, so that one pass finds all faults.

`ReportIn.model_validate(body, context=Scope(...))` raises pydantic's ValidationError with every
fault at once; `messages.faults_of` turns it into two languages. Unknown fields are `unknown`'s.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import inf
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from hutong.city import City
from hutong.events.content import has_content
from hutong.events.fields import Code, Digest, Line, Text, Uuid
from hutong_intake.content import (
    holds_identity_number,
    looks_like_identity_number,
)
from hutong_intake.phone import EXAMPLES, to_e164
from hutong_intake.problems import Fault
from hutong_intake.reading import shown_name
from hutong_intake.times import (
    LATEST_AHEAD,
    SKEW_AHEAD,
    SKEW_BEHIND,
    NoZoneError,
    parse_time,
)

MAX_MEDIA = 20
_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is checked against; ``warnings`` is filled by the checks."""

    city: City
    channel: str
    now: int
    warnings: list[Fault] = field(default_factory=list)


def refuse(code: str, zh: str, en: str, status: int = 400) -> PydanticCustomError:
    """A fault with its texts, to raise from a check."""
    # The texts go in the context: pydantic reads a template's braces.
    return PydanticCustomError("hutong", "see context", {"fault": (code, zh, en, status)})


def scope_of(info: ValidationInfo) -> Scope:
    """What is checked against, in a check."""
    scope: Scope = info.context  # type: ignore[assignment]  # the one way to make these models
    return scope


def instant(value: object, last: float = inf) -> int:
    """Milliseconds UTC of what was sent as a time, at most ``last``; raises what says its fault."""
    if not isinstance(value, str):
        raise refuse("not_a_time", "须为带时区的 RFC 3339 时间文本。", "Must be RFC 3339 text.")
    try:
        millis = parse_time(value)
    except NoZoneError:
        zh, en = "缺少时区，例如 +08:00。", "It has no zone, like +08:00."
        raise refuse("no_zone", zh, en) from None
    except ValueError:
        zh = "不是有效的 RFC 3339 时间，例如 2026-11-22T18:31:44+08:00。"
        en = "Not a real RFC 3339 time, like 2026-11-22T18:31:44+08:00."
        raise refuse("not_a_time", zh, en) from None
    if millis > last:
        raise refuse("not_a_time", "超出可用的时间范围。", "Beyond the last time that there is.")
    return millis


def _occurred(value: object, info: ValidationInfo) -> object:
    millis = instant(value)
    scope = scope_of(info)
    ahead = millis - scope.now
    if ahead > LATEST_AHEAD:
        raise refuse("in_the_future", "晚于现在七天以上。", "More than seven days ahead.")
    if ahead > SKEW_AHEAD or ahead < -SKEW_BEHIND:
        zh = "与收到时间相差过大，请核对设备时钟；时限一律从收到时起算。"
        en = "Far from the time received: check the device's clock. Clocks run from receipt."
        scope.warnings.append(Fault("occurred_at", "clock_skew", zh, en))
    return millis


def nearest(code: str, known: Iterable[str]) -> tuple[str, str]:
    """The end of a sentence about an unknown code: which one it may be, in Chinese and English."""
    close = get_close_matches(code, known, n=1)
    return (f"，是否为 {close[0]}？", f"; did you mean {close[0]}?") if close else ("。", ".")


def _area(value: str, info: ValidationInfo) -> str:
    areas = scope_of(info).city.areas
    if value not in areas:
        zh, en = nearest(value, areas)
        raise refuse("unknown_area", f"没有这个区域代码{zh}", f"No such area code{en}", 422)
    return value


def _intent(value: str, info: ValidationInfo) -> str:
    intents = scope_of(info).city.intents
    if value not in intents:
        codes = " ".join(intents)
        raise refuse("unknown_intent", f"须为其一：{codes}", f"Must be one of: {codes}", 422)
    return value


def _result(value: str, info: ValidationInfo) -> str:
    results = scope_of(info).city.reasons.get("result", {})
    if value not in results:
        codes = " ".join(results)
        raise refuse("unknown_result", f"须为其一：{codes}", f"Must be one of: {codes}", 422)
    return value


def _no_identity_number(value: str) -> str:
    if looks_like_identity_number(value):
        zh = "此处不得填写身份证号码，请删除。"
        raise refuse("identity_number", zh, "No identity number belongs here; leave it out.")
    return value


def _phone(value: str) -> str:
    if not value:
        return value
    number = to_e164(value)
    if number is None:
        zh, en = f"不是电话号码，例如 {EXAMPLES}。", f"Not a phone number, like {EXAMPLES}."
        raise refuse("not_a_phone", zh, en)
    return number


def _contact(value: str) -> str:
    if not value:
        return value
    if to_e164(value) is not None:
        zh = "联系代码不能是电话号码；电话请填 reporter.phone，不会发给承办单位。"
        en = "A contact is a token, no phone number: that goes to reporter.phone, kept from others."
        raise refuse("phone_in_contact", zh, en)
    if not _TOKEN.fullmatch(value):
        zh, en = "须为64位以内的字母、数字和 . _ : -", "At most 64 letters, digits and . _ : -"
        raise refuse("not_a_token", zh, en)
    return value


def _body(value: str, info: ValidationInfo) -> str:
    if not has_content(value):
        raise refuse("no_content", "没有实际内容。", "It says nothing.")
    if holds_identity_number(value):
        zh = "正文似含身份证号码；已按原文收下，请提醒填报人不必提供。"
        en = "The text seems to hold an identity number; kept as it is, but not needed."
        scope_of(info).warnings.append(Fault("body", "identity_number", zh, en))
    return value


def _on_the_spot(value: object, info: ValidationInfo) -> object:
    if value is not None and scope_of(info).channel != "grid":
        zh, en = "只有网格员巡查可以当场处置。", "Only the grid channel handles on the spot."
        raise refuse("not_for_this_channel", zh, en)
    return value


class Part(BaseModel):
    """Base of all that may be sent: strict, and without what is unknown (`unknown` names it)."""

    model_config = ConfigDict(frozen=True, strict=True, extra="ignore")


Occurred = Annotated[
    int,
    BeforeValidator(_occurred),
    WithJsonSchema(
        {
            "type": "string",
            "format": "date-time",
            "description": "When it was, by the sender's clock; with a zone.",
            "examples": ["2026-11-22T18:31:44+08:00"],
        }
    ),
]
Contact = Annotated[Line, AfterValidator(_contact)]
AreaCode = Annotated[Code, AfterValidator(_area)]
Media = Annotated[tuple[Digest, ...], Field(strict=False, max_length=MAX_MEDIA)]
_Degrees = Annotated[float, Field(ge=-180, le=180)]
Quiet = Annotated[Line, AfterValidator(_no_identity_number)]


class PlaceIn(Part):
    """Where it is. A point needs lon, lat and datum together; words alone are fine."""

    lon: _Degrees | None = Field(default=None, description="Degrees east.", examples=[116.0262])
    # Up to 180 too: what is beyond 90 was swapped, and the check below says so.
    lat: _Degrees | None = Field(default=None, description="Degrees north.", examples=[36.4268])
    datum: str | None = Field(
        default=None,
        description="Must be WGS84: GCJ-02 and BD-09 lie hundreds of metres off.",
        examples=["WGS84"],
    )
    address: Line | None = Field(default=None, examples=["槐荫路与井巷交叉口东侧"])

    @model_validator(mode="after")
    def _point(self, info: ValidationInfo) -> Self:
        lon, lat, city = self.lon, self.lat, scope_of(info).city
        if lon is None and lat is None:
            return self
        if lon is None or lat is None:
            raise refuse("half_a_point", "经度、纬度须同时给出。", "lon and lat go together.")
        if self.datum is None:
            zh = "缺少 datum；只收 WGS84 坐标。"
            raise refuse("no_datum", zh, "datum is missing; only WGS84 is taken.")
        if self.datum != "WGS84":
            zh = "datum 须为 WGS84；GCJ-02、BD-09 坐标请先换算。"
            en = "datum must be WGS84; convert GCJ-02 and BD-09 first."
            raise refuse("other_datum", zh, en)
        if lon == 0 and lat == 0:
            raise refuse("no_fix", "0,0 表示没有定位。", "0,0 means that there was no fix.")
        if not city.inside(lon, lat):
            if city.inside(lat, lon):
                raise refuse("swapped", "经度与纬度写反了。", "lon and lat are swapped.")
            raise refuse("outside_the_city", "不在本市范围内。", "Outside the city.")
        return self


class ReporterIn(Part):
    """Who reports. Goes neither to departments nor into read models."""

    name: Quiet | None = Field(default=None, examples=["陈安"])
    phone: Annotated[Quiet, AfterValidator(_phone)] | None = Field(
        default=None, description="Kept as E.164.", examples=["13000000000"]
    )
    home: Quiet | None = Field(default=None, examples=["槐荫里小区3栋2单元501"])


class HandledIn(Part):
    """A patrol solved it at once."""

    result: Annotated[Code, AfterValidator(_result)] = Field(examples=["fixed"])
    text: Text = Field(examples=["已当场清理"])


class ReportIn(Part):
    """One report. null and an absent field are the same; so is "" in a field that may be absent."""

    occurred_at: Occurred
    body: Annotated[Text, AfterValidator(_body)] = Field(
        description="What is the matter, at most 10,000 characters, never cut.",
        examples=["槐荫路自来水管爆裂，路面积水约十厘米，附近三栋楼停水，请尽快抢修。"],
    )
    subject: Line | None = Field(default=None, examples=["槐荫路自来水管爆裂"])
    area: AreaCode | None = Field(
        default=None, description="A code of the city's area tree.", examples=["east"]
    )
    place: PlaceIn | None = None
    intent: Annotated[Code, AfterValidator(_intent)] | None = Field(
        default=None, description="What the reporter wants, if known.", examples=["help"]
    )
    contact: Contact | None = Field(
        default=None,
        description="A token by which the channel can reach the reporter. No phone number.",
        examples=["c-7Q2M9X"],
    )
    reporter: ReporterIn | None = None
    actor: Annotated[Quiet, Field(max_length=64)] | None = Field(
        default=None,
        description="Who took it in, e.g. a clerk's or grid worker's code.",
        examples=["hotline-clerk:0217"],
    )
    reference: Line | None = Field(
        default=None, description="The channel's own number for it.", examples=["2026-1122-0042"]
    )
    media: Media | None = Field(
        default=None, description="SHA-256 of each photo, as `POST /v1/media` answered it."
    )
    handled_on_the_spot: Annotated[HandledIn | None, BeforeValidator(_on_the_spot)] = Field(
        default=None, description="Only from the grid channel."
    )
    event_id: Uuid | None = Field(
        default=None,
        description="Made once on the device (UUIDv7 is best): sending it again is safe.",
    )


_PARTS: Mapping[str, type[BaseModel]] = {
    "place": PlaceIn,
    "reporter": ReporterIn,
    "handled_on_the_spot": HandledIn,
}


def unknown(body: Mapping[str, Any], model: type[BaseModel] = ReportIn) -> Iterator[str]:
    """The paths of fields that no version of ours has; names that are no names are not repeated."""
    yield from _unknown(body, model, "")
    for name, part in _PARTS.items():
        if name in model.model_fields and isinstance(inner := body.get(name), dict):
            yield from _unknown(inner, part, f"{name}.")


def _unknown(body: Mapping[str, Any], model: type[BaseModel], path: str) -> Iterator[str]:
    for name in body.keys() - model.model_fields.keys():
        yield path + shown_name(name)


class Note(BaseModel):
    """A fault or warning, field by field."""

    field: str = Field(examples=["occurred_at"])
    code: str = Field(examples=["clock_skew"])
    message_zh: str
    message_en: str


class Copies(BaseModel):
    """How many machines have the report."""

    count: int = Field(examples=[3])
    text_zh: str
    text_en: str


class Accepted(BaseModel):
    """The report is in the log, on all in-sync copies."""

    receipt: str = Field(examples=["02-07-00128431-5"])
    issue_id: str
    status: str = Field(examples=["accepted"])
    received_at: str = Field(description="The broker's append time.")
    copies: Copies
    warnings: list[Note]


class Status(BaseModel):
    """What has become of a report."""

    receipt: str = Field(examples=["02-07-00128431-5"])
    issue_id: str
    status: str = Field(
        description="accepted: in the log, not yet routed; else as the life of an issue has it.",
        examples=["dispatched"],
    )
    category: str | None = None
    department: str | None = None
    reported_at: str | None = None
    dispatched_at: str | None = None
    accepted_at: str | None = None
    responded_at: str | None = None
    resolved_at: str | None = None
    closed_at: str | None = None


class Problem(BaseModel):
    """RFC 9457, in both languages."""

    type: str = Field(examples=["urn:hutong:problem:invalid-report"])
    status: int = Field(examples=[400])
    title: str
    title_zh: str
    title_en: str
    detail: str
    detail_zh: str
    detail_en: str
    instance: str | None = None
    request_id: str | None = None
    errors: list[Note] | None = None
