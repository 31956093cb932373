"""The forms that a page shows: exactly the acts that are open to whoever looks at it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from hutong.issue.allowed import may_now
from hutong.issue.rules import Rules
from hutong_web.acts.choices import Options, Setting, groups_of, likely_leads
from hutong_web.acts.table import ASSIGNEE, VERBS, Input, Kind, Verb
from hutong_web.language import name_in
from hutong_web.names import ACTS, FIELDS, name_of
from hutong_web.work_names import FORM_FIELDS
from hutong_web.work_wording import WorkWording

#: A review is looked for so many days ahead, at five in the afternoon.
_REVIEW_DAYS: Final = 7
_EVENING: Final = 17

#: A form's own number: sent twice, it is one act.
ONCE: Final = "once"

Values = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class FormField:
    """One field as it is drawn. ``values`` are what stands in it; ``blank`` what an empty choice
    says ('' where one must choose); ``fault`` what was wrong with it."""

    name: str
    html_id: str
    kind: str
    label: str
    required: bool
    values: tuple[str, ...]
    groups: tuple[Options, ...]
    blank: str
    hint: str
    fault: str


@dataclass(frozen=True, slots=True)
class Form:
    """One act that is open now."""

    verb: str
    title: str
    first: bool
    open: bool
    fields: tuple[FormField, ...]
    fault: str
    #: The form's own number; it stays when the form comes back, so that sending again is safe.
    once: str


@dataclass(frozen=True, slots=True)
class Posted:
    """A form that came back: which, with what, and what was wrong."""

    verb: str
    values: Values
    faults: Mapping[str, str]
    message: str


def open_verbs(setting: Setting, rules: Rules) -> list[Verb]:
    """The acts that nothing known speaks against, those that the issue waits for first."""
    found = [
        verb
        for verb in VERBS
        if _is_open(verb, setting, rules)
        and all(_can_be_said(field, setting) for field in verb.inputs)
    ]
    return sorted(found, key=lambda verb: not verb.waits(setting.state))


def _is_open(verb: Verb, setting: Setting, rules: Rules) -> bool:
    principal = principal_for(verb, setting)
    return principal is not None and any(
        may_now(setting.state, event, principal, rules, setting.now)
        for event in (verb.event, verb.or_event)
        if event
    )


def principal_for(verb: Verb, setting: Setting) -> str | None:
    """In whose name the reader does it; None where it is not his to do."""
    acting = setting.acting
    kind, _, channel = acting.principal.partition(":")
    if (channel if kind == "channel" else kind) in verb.roles:
        return acting.principal
    if acting.is_grid and acting.by and ASSIGNEE in verb.roles:
        for department, given in setting.state.assignments.items():
            if given.assignee == acting.by:
                return f"dept:{department}"
    return None


def _can_be_said(field: Input, setting: Setting) -> bool:
    """A choice that must be made needs something to choose from."""
    if field.kind is not Kind.CHOICE or not field.required:
        return True
    return any(group.options for group in groups_of(field.choices, setting))


def build_forms(
    setting: Setting, rules: Rules, posted: Posted | None = None, *, quiet: bool = False
) -> tuple[Form, ...]:
    """A form an act; the one that came back stands open with what was typed.

    ``quiet``: none stands open by itself, while it is not known yet what the last act did.
    """
    made = []
    for number, verb in enumerate(open_verbs(setting, rules)):
        back = posted if posted is not None and posted.verb == verb.name else None
        waits = verb.waits(setting.state)
        values = back.values if back else likely_values(verb, setting)
        faults = back.faults if back else {}
        made.append(
            Form(
                verb=verb.name,
                title=name_of(ACTS, verb.event, setting.names.language),
                first=waits,
                open=back is not None or (posted is None and number == 0 and waits and not quiet),
                fields=tuple(
                    _field(verb, field, values.get(field.name, ()), faults, setting)
                    for field in verb.inputs
                ),
                fault=back.message if back else "",
                once=next(iter(values.get(ONCE, ())), ""),
            )
        )
    return tuple(made)


def _field(
    verb: Verb,
    field: Input,
    values: Sequence[str],
    faults: Mapping[str, str],
    setting: Setting,
) -> FormField:
    choices = "flag" if field.kind is Kind.FLAG else field.choices
    language = setting.names.language
    label = FORM_FIELDS.get(f"{verb.name}.{field.name}") or FORM_FIELDS.get(field.name)
    return FormField(
        name=field.name,
        html_id=f"{verb.name}-{field.name}",
        kind=field.kind.value,
        label=name_in(label, language) if label else name_of(FIELDS, field.name, language),
        required=field.required,
        values=tuple(values),
        groups=groups_of(choices, setting) if choices else (),
        blank=_blank(field, setting.say),
        hint=_hint(verb, field, setting),
        fault=faults.get(field.name, ""),
    )


def _blank(field: Input, say: WorkWording) -> str:
    if field.choices == "lead":
        return say.by_duty_list
    if field.choices == "ruling-lead":
        return say.by_ruling
    if field.choices == "tier":
        return say.by_item
    return say.please_choose if field.required else say.not_said


def _hint(verb: Verb, field: Input, setting: Setting) -> str:
    if field.choices == "ruling":
        ruling = setting.city.ruling_for(setting.state.category or "")
        if ruling is not None:
            chinese = setting.names.language.value == "zh"
            question = ruling.question_zh if chinese else ruling.question_en
            lead = setting.names.owner(ruling.lead) if ruling.lead else ""
            words = setting.say.ruling_hint if lead else setting.say.ruling_hint_open
            return words.format(code=ruling.code, question=question, lead=lead, basis=ruling.basis)
    if field.kind is Kind.PHOTOS:
        return setting.say.photos_hint
    if field.kind is Kind.SEVERAL and verb.name == "dispatch":
        return setting.say.co_owners_hint
    if field.kind is Kind.ISSUE:
        return setting.say.issue_hint
    if verb.name == "reveal" and field.name == "purpose":
        return setting.say.reveal_hint
    if verb.name == "amend":
        return setting.say.unchanged_hint
    return ""


def likely_values(verb: Verb, setting: Setting) -> Values:
    """What stands in a fresh form: what follows from the state, or is likely."""
    state, found = setting.state, {}
    leads = likely_leads(setting)
    by_name: Mapping[str, str | None] = {
        "hop": str(state.hop),
        "handler": setting.acting.by,
        "checker": setting.acting.by,
        "review_at": _evening_in(setting, _REVIEW_DAYS),
    }
    found = {name: [value] for name, value in by_name.items() if value}
    match verb.name:
        case "dispatch":
            candidates = [one.get("item") for one in setting.candidates]
            item = next((code for code in (state.item, *candidates) if code), None)
            found |= _said(item=item, lead=state.next_lead)
        case "reclassify":
            found |= _said(item=state.item)
        case "decide-return":
            ruling = setting.city.ruling_for(state.category or "")
            found |= _said(
                decision="accepted-reassigned" if leads else None,
                rule=ruling.code if ruling else None,
                next_owner=leads[0] if leads else None,
            )
        case "adjudicate":
            ruling = setting.city.ruling_for(state.category or "")
            found |= _said(ground=ruling.code if ruling else None)
            if ruling is None or not ruling.lead:
                found |= _said(lead=leads[0] if leads else None)
        case "decide-extension":
            asked = state.extension
            found |= _said(
                granted="yes", level="desk", minutes=str(asked.minutes) if asked else None
            )
        case "assign":
            clock = state.clocks.get("resolve")
            due = (
                clock.due_at if clock and clock.is_running and clock.due_at > setting.now else None
            )
            found |= _said(level="grid", due=None if due is None else local_time(due, setting))
        case "return":
            found |= _said(proposed=leads[0] if leads and leads[0] != state.lead else None)
        case "merge":
            found |= _said(other_id=next(iter(state.suspects), None), reason="same-incident")
        case "call":
            found |= _said(reached="reached")
        case "respond":
            found |= _said(means="call")
        case "reveal":
            found |= _said(purpose="call-back", fields="phone")
        case "dismiss-duplicate" if len(state.suspects) == 1:
            found |= _said(other_id=state.suspects[0])
    names = {field.name for field in verb.inputs}
    return {name: value for name, value in found.items() if name in names}


def _said(**values: str | None) -> dict[str, list[str]]:
    return {name: [value] for name, value in values.items() if value}


def _evening_in(setting: Setting, days: int) -> str:
    zone = ZoneInfo(setting.city.timezone)
    today = datetime.fromtimestamp(setting.now / 1000, zone)
    evening = (today + timedelta(days=days)).replace(hour=_EVENING, minute=0)
    return f"{evening:%Y-%m-%dT%H:%M}"


def local_time(millis: int, setting: Setting) -> str:
    """An instant as a time field wants it: the city's wall clock."""
    at = datetime.fromtimestamp(millis / 1000, ZoneInfo(setting.city.timezone))
    return f"{at:%Y-%m-%dT%H:%M}"
