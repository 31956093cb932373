"""What is to be sent: one report or act, checked before it is kept. Pure.

A draft is kept and sent as the JSON of the HTTP interface, so that what a person sees and mends in
the outbox is what docs/http-api.md describes; `event_of` makes the event of it for those who write
to Kafka themselves.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Unpack

from pydantic import ValidationError

from hutong.events.acts import ACTS, FILLED_IN, NOT_ASKED, OTHER_ID, REPORT, SAID, TIMES
from hutong.events.base import Event
from hutong.events.content import has_content
from hutong.events.faults import FieldFault, field_faults
from hutong.events.fields import Place, Reporter, Value
from hutong.events.ids import made_at, new_id
from hutong.events.lifecycle import IssueReported
from hutong.sdk.errors import InvalidError, Problem
from hutong.sdk.options import ActOptions

DATUM: Final = "WGS84"

#: Made once: `json.dumps` makes one a call for anything but its own defaults.
_JSON: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)

_REPORTER: Final = "reporter"
_NO_ACTOR: Final = "-"
_NO_CHANNEL: Final = "any"
_HEAD_OF_REPORT: Final = ("event_id", "occurred_at", "actor", "area")
_HEAD_OF_ACT: Final = ("event_id", "occurred_at", "by", "answers", "area")


@dataclass(frozen=True, slots=True)
class Draft:
    """One report or act. ``body`` is the JSON of the HTTP interface; its text is not shown."""

    event_id: str
    issue_id: str
    verb: str
    body: str = field(repr=False)


def report_draft(
    *, event_id: str | None, occurred_at: datetime | None, fields: Mapping[str, Any]
) -> Draft:
    """A report; InvalidError with every fault. ``fields`` are those of the HTTP interface."""
    event_id = event_id or new_id()
    body = {"event_id": event_id, "occurred_at": _time_text(event_id, occurred_at)}
    body |= {name: _plain(value) for name, value in fields.items() if value is not None}
    draft = Draft(event_id, event_id, REPORT, _to_json(body))
    _check(REPORT, _body_of_report(body, channel=_NO_CHANNEL))
    return draft


def act_draft(
    verb: str, issue_id: str, fields: Mapping[str, Any], **options: Unpack[ActOptions]
) -> Draft:
    """An act on an issue; InvalidError with every fault."""
    if verb not in ACTS:
        raise _no_such_verb()
    event_id = options.get("event_id") or new_id()
    when = _time_text(event_id, options.get("occurred_at"))
    body: dict[str, Any] = {"event_id": event_id, "occurred_at": when}
    if (by := options.get("by")) is not None:
        body["by"] = by
    if (answers := options.get("answers")) is not None:
        body["answers"] = answers
    body |= {name: _plain(value) for name, value in fields.items() if value is not None}
    draft = Draft(event_id, issue_id, verb, _to_json(body))
    _check(verb, _body_of_act(issue_id, body, by or _NO_ACTOR))
    return draft


def known_to_intake(verb: str) -> frozenset[str]:
    """Fields of the verb's event that need not be said over HTTP."""
    return FILLED_IN.get(verb, frozenset()) | NOT_ASKED.get(verb, frozenset())


def draft_of(event_id: str, issue_id: str, verb: str, body: Mapping[str, Any]) -> Draft:
    """A draft from its JSON, as a person has mended it; InvalidError with every fault."""
    if verb != REPORT and verb not in ACTS:
        raise _no_such_verb()
    if body.get("event_id") != event_id:
        zh, en = "编号不能更改。", "The id cannot be changed."
        raise invalid([FieldFault("event_id", "not_its_id", zh, en)])
    if verb == REPORT:
        _check(verb, _body_of_report(body, channel=_NO_CHANNEL))
    else:
        _check(verb, _body_of_act(issue_id, body, body.get("by") or _NO_ACTOR))
    return Draft(event_id, issue_id, verb, _to_json(body))


def event_of(draft: Draft, principal: str) -> Event:
    """The event that a draft of this principal (``channel:hotline``, ``dept:water``, ``desk``) is.

    InvalidError where it is none.
    """
    body = json.loads(draft.body)
    if draft.verb == REPORT:
        channel = principal.removeprefix("channel:")
        plain = _body_of_report(body, channel)
        plain["head"]["actor"] = body.get("actor") or principal
        return _made(IssueReported, plain)
    return _made(ACTS[draft.verb], _body_of_act(draft.issue_id, body, body.get("by") or principal))


def invalid(faults: list[FieldFault]) -> InvalidError:
    """The error for these faults of a call."""
    return InvalidError(
        Problem(
            "invalid",
            f"共有{len(faults)}处问题；没有保存，也没有发送。",
            f"{len(faults)} {'fault' if len(faults) == 1 else 'faults'}; nothing was kept or sent.",
            faults=tuple(faults),
        )
    )


def _no_such_verb() -> InvalidError:
    return invalid([FieldFault("verb", "unknown_verb", "没有这个动作。", "No such verb.")])


def _body_of_report(body: Mapping[str, Any], channel: str) -> dict[str, Any]:
    own = {name: value for name, value in body.items() if name not in _HEAD_OF_REPORT}
    if isinstance(place := own.get("place"), dict):
        own["place"] = {name: value for name, value in place.items() if name != "datum"}
    head = _head(body, body["event_id"], body.get("actor") or _NO_ACTOR)
    return {"subject": "", **own, "channel": channel, "head": {**head, "area": body.get("area")}}


def _body_of_act(issue_id: str, body: Mapping[str, Any], actor: str) -> dict[str, Any]:
    own = {
        name: _millis(value) if name in TIMES else value
        for name, value in body.items()
        if name not in _HEAD_OF_ACT
    }
    if "master_id" not in own and OTHER_ID in own and "ground" not in own:
        del own[OTHER_ID]  # of a merge: who is the master is for intake to find out
    if isinstance(place := own.get("place"), dict):
        own["place"] = {name: value for name, value in place.items() if name != "datum"}
    head = _head(body, issue_id, actor)
    more = {"causation_id": body.get("answers"), "area": body.get("area")}
    return {**own, "head": {**head, **more}}


def _head(body: Mapping[str, Any], issue_id: str, actor: str) -> dict[str, Any]:
    return {
        "event_id": body["event_id"],
        "issue_id": issue_id,
        "occurred_at": _millis(body.get("occurred_at")),
        "actor": actor,
    }


def _check(verb: str, plain: Mapping[str, Any]) -> None:
    """InvalidError with every fault that shows without knowing the city and the issue."""
    kind = IssueReported if verb == REPORT else ACTS[verb]
    who = plain.get(_REPORTER)
    faults = [] if who is None else _reporter_faults(who)
    said = SAID.get(verb, "")
    if isinstance(text := plain.get(said), str) and not has_content(text):
        faults.append(FieldFault(said, "no_content", "没有实际内容。", "It says nothing."))
    try:
        kind.check({name: value for name, value in plain.items() if name != _REPORTER})
    except ValidationError as error:
        may_lack = known_to_intake(verb)
        faults += [
            _named(fault)
            for fault in field_faults(error)
            if not (fault.code == "missing" and fault.field in may_lack)
        ]
    if faults:
        raise invalid(faults)


def _reporter_faults(who: Any) -> list[FieldFault]:
    """Of the plain form, which the event itself never has."""
    try:
        Reporter.model_validate(who)
    except ValidationError as error:
        found = field_faults(error)
        return [f._replace(field=f"{_REPORTER}.{f.field}".rstrip(".")) for f in found]
    return []


def _made(kind: type[Event], plain: Mapping[str, Any]) -> Event:
    if plain.get(_REPORTER) is not None:
        zh = "直接写入 Kafka 时不能带姓名、电话与住址；请经 intake 上报，或去掉。"
        en = "Intake alone can seal an identity: report through it, or leave this out."
        raise invalid([FieldFault(_REPORTER, "identity_not_taken", zh, en)])
    try:
        return kind.model_validate(plain)
    except ValidationError as error:
        raise invalid([_named(fault) for fault in field_faults(error)]) from None


def _named(fault: FieldFault) -> FieldFault:
    """The fault under the name that the caller knows the field by."""
    name = fault.field.removeprefix("head.")
    return fault._replace(field={"causation_id": "answers"}.get(name, name))


def _millis(value: object) -> object:
    """Milliseconds UTC of RFC 3339 text; what is none is left for the check to refuse."""
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return value
    return value if moment.tzinfo is None else round(moment.timestamp() * 1000)


def _time_text(event_id: str, given: datetime | None) -> str:
    """When it happened: as given, else the time in its id, so that the same id says the same."""
    if given is None:
        millis = made_at(event_id)
        return _text_of(
            datetime.now(UTC) if millis is None else datetime.fromtimestamp(millis / 1000, UTC)
        )
    if given.tzinfo is None:
        zh, en = "缺少时区。", "It has no zone: use an aware datetime."
        raise invalid([FieldFault("occurred_at", "no_zone", zh, en)])
    return _text_of(given)


def _text_of(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _plain(value: Any) -> Any:
    """A value of a call as JSON has it."""
    if isinstance(value, str):
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            zh, en = "时间缺少时区。", "A time has no zone: use an aware datetime."
            raise invalid([FieldFault("", "no_zone", zh, en)])
        return _text_of(value)
    if isinstance(value, Place) and value.lon is not None:
        return {**value.model_dump(exclude_none=True), "datum": DATUM}
    if isinstance(value, Value):
        return value.model_dump(exclude_none=True)
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _to_json(body: Mapping[str, Any]) -> str:
    try:
        return _JSON.encode(body)
    except (TypeError, ValueError) as error:
        zh, en = "有无法写成 JSON 的值。", f"It cannot be JSON: {type(error).__name__}."
        raise invalid([FieldFault("", "not_json", zh, en)]) from None
