"""From a posted form to what intake is sent: codes, instants and numbers instead of texts. Pure."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from hutong.city import STREET, owners_of
from hutong.events.fields import is_uuid
from hutong_web.acts.choices import Setting
from hutong_web.acts.forms import Values
from hutong_web.acts.table import Input, Kind, Verb

#: Finds the issue behind a receipt number as typed; None where there is none.
FindIssue = Callable[[str], str | None]


class BodyFaultsError(Exception):
    """What was typed cannot be sent: field -> why, in the reader's language."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(", ".join(faults))
        self.faults = dict(faults)


def body_of(verb: Verb, values: Values, setting: Setting, find: FindIssue) -> dict[str, Any]:
    """The JSON body of an act. BodyFaultsError names what is missing or cannot be read.

    What was not said is left out. Where a lead is left to the duty list or to the ruling that is
    cited, it is filled in from the city pack.
    """
    body: dict[str, Any] = {}
    faults: dict[str, str] = {}
    for field in verb.inputs:
        given = [value.strip() for value in values.get(field.name, ()) if value.strip()]
        if not given:
            if field.required:
                faults[field.name] = setting.say.field_missing
            continue
        try:
            body[field.name] = _value(field, given, setting, find)
        except ValueError:
            faults[field.name] = _why(field, setting)
    _fill_in(verb, body, faults, setting)
    if faults:
        raise BodyFaultsError(faults)
    if setting.acting.by:
        body["by"] = setting.acting.by
    return body


def _value(field: Input, given: list[str], setting: Setting, find: FindIssue) -> Any:
    """ValueError where it cannot be read."""
    first = given[0]
    match field.kind:
        case Kind.SEVERAL | Kind.PHOTOS:
            return list(dict.fromkeys(given))
        case Kind.TIME:
            zone = ZoneInfo(setting.city.timezone)
            return datetime.fromisoformat(first).replace(tzinfo=zone).isoformat()
        case Kind.FLAG:
            return first == "yes"
        case Kind.KNOWN:
            return int(first)
        case Kind.ISSUE:
            found = first if is_uuid(first) else find(first)
            if found is None:
                raise ValueError(first)
            return found
    if field.choices in ("minutes", "stars"):
        return int(first)
    return first == "yes" if field.choices == "granted" else first


def _why(field: Input, setting: Setting) -> str:
    say = setting.say
    if field.kind is Kind.TIME:
        return say.not_a_time
    return say.no_such_issue if field.kind is Kind.ISSUE else say.not_readable


def _fill_in(verb: Verb, body: dict[str, Any], faults: dict[str, str], setting: Setting) -> None:
    say, city = setting.say, setting.city
    match verb.name:
        case "reveal" if not setting.acting.by:
            faults["purpose"] = say.name_needed
        case "dispatch" if "lead" not in body and "item" in body:
            item = next((one for one in city.duty_list if one.code == body["item"]), None)
            lead, others = owners_of(city, item, setting.state.area) if item else (STREET, ())
            if lead == STREET:
                faults["lead"] = say.no_street_office
            else:
                body["lead"] = lead
                body.setdefault("co_owners", list(others))
        case "adjudicate" if "lead" not in body and "ground" in body:
            ruling = city.rulings.get(body["ground"])
            lead = ruling.lead if ruling else ""
            if lead == STREET:
                lead = city.street_office(setting.state.area or "") or ""
            if lead:
                body["lead"] = lead
            else:
                faults["lead"] = say.ruling_has_no_lead
        case "decide-extension" if body.get("granted") is False:
            body.pop("minutes", None)
        case "transfer" if "reason" in body:
            body["target"] = body["reason"].removeprefix("to-")
        case "amend":
            if "address" in body:
                body["place"] = {"address": body.pop("address")}
            if not body:
                faults["subject"] = say.nothing_changed
    if "lead" in body and body["lead"] in body.get("co_owners", ()):
        body["co_owners"] = [code for code in body["co_owners"] if code != body["lead"]]
