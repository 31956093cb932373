"""What a form offers to choose from: all of it comes from the city pack and the state. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from hutong.city import City
from hutong.issue.calendar import WORKING
from hutong.issue.state import IssueState
from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong.readmodels.issue_timeline.queries import TimelineEntry
from hutong_web.acts.acting import Acting
from hutong_web.city_names import CityNames
from hutong_web.language import name_in
from hutong_web.names import GROUNDS, MEANS, NO, YES, name_of
from hutong_web.text import plain
from hutong_web.work_names import AREA_LEVELS, CONTACT_MEANS, REVEALED
from hutong_web.work_wording import WorkWording


class Option(NamedTuple):
    """A choice: the code that is sent, and what a person reads."""

    value: str
    label: str


class Options(NamedTuple):
    """Choices under a heading ('' for none)."""

    heading: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What forms are made from: an issue at a moment, and who looks at it."""

    state: IssueState
    entries: Sequence[TimelineEntry]
    related: Sequence[IssueCurrent]
    names: CityNames
    say: WorkWording
    acting: Acting
    now: int

    @property
    def city(self) -> City:
        """The pack."""
        return self.names.city

    def last(self, *events: str) -> Mapping[str, Any]:
        """What the last of these events that took effect said; empty where there was none."""
        for entry in reversed(self.entries):
            if entry.name in events and entry.verdict == "applied":
                return entry.data
        return {}

    @property
    def candidates(self) -> Sequence[Mapping[str, Any]]:
        """What the router thought of, the likeliest first."""
        return list(self.last("IssueQueued").get("candidates", ()))


#: Minutes of a working day, as the rules of extensions count it.
_WORKING_DAY: Final = 420
_DAY: Final = 1440
_DAYS: Final = (1, 2, 3, 5, 7, 10, 14)
_LEVELS: Final[Mapping[str, tuple[str, ...]]] = {
    "assign": ("grid", "community", "street", "department"),
    "extension": ("desk", "district", "leader"),
    "supervision": ("street", "district", "city"),
}


def groups_of(choices: str, setting: Setting) -> tuple[Options, ...]:
    """The choices under that name; KeyError for a name that there is not."""
    kind, _, rest = choices.partition(":")
    return tuple(
        Options(heading, tuple(options)) for heading, options in _MAKERS[kind](setting, rest)
    )


_Found = Iterable[tuple[str, Iterable[Option]]]


def _reasons(setting: Setting, group: str) -> _Found:
    names = setting.names
    star = setting.say.needs_evidence
    found = setting.city.reasons.get(group, {})
    yield (
        "",
        [
            Option(code, names.reason(group, code) + (star if reason.evidence_required else ""))
            for code, reason in found.items()
        ],
    )


def _departments(setting: Setting, _rest: str) -> _Found:
    names = setting.names
    if likely := likely_leads(setting):
        yield setting.say.likely, [Option(code, names.department(code)) for code in likely]
    yield (
        setting.say.all_departments if likely else "",
        [Option(code, names.department(code)) for code in setting.city.departments],
    )


def likely_leads(setting: Setting) -> list[str]:
    """Departments that speak for themselves: decided on, proposed, thought of."""
    proposed = setting.last("IssueReturned").get("proposed")
    thought = [one.get("department") for one in setting.candidates]
    found = dict.fromkeys((setting.state.next_lead, proposed, *thought))
    return [code for code in found if code in setting.city.departments and code is not None]


def _items(setting: Setting, _rest: str) -> _Found:
    names = setting.names
    items = {item.code: item for item in setting.city.duty_list}
    likely = dict.fromkeys((setting.state.item, *(one.get("item") for one in setting.candidates)))
    first = [Option(code, names.item(code)) for code in likely if code in items and code]
    if first:
        yield setting.say.likely, first
    by_category: dict[str, list[Option]] = {}
    for item in items.values():
        top = item.category.partition(".")[0]
        by_category.setdefault(top, []).append(Option(item.code, names.item(item.code)))
    for top in setting.city.categories:
        if top in by_category:
            yield names.category(top), by_category[top]


def _rulings(setting: Setting, _rest: str) -> _Found:
    names = setting.names
    likely = setting.city.ruling_for(setting.state.category or "")
    if likely is not None:
        yield setting.say.likely, [Option(likely.code, names.ruling(likely.code))]
    yield (
        setting.say.all_rulings if likely else "",
        [Option(code, names.ruling(code)) for code in setting.city.rulings],
    )


def _named(table: str) -> Any:
    def made(setting: Setting, _rest: str) -> _Found:
        names = setting.names
        yield (
            "",
            [
                Option(code, name_in(thing, names.language))
                for code, thing in getattr(setting.city, table).items()
            ],
        )

    return made


def _minutes(setting: Setting, _rest: str) -> _Found:
    clock = setting.state.clocks.get("resolve")
    working = clock is not None and clock.calendar == WORKING
    day, words = (
        (_WORKING_DAY, setting.say.working_days) if working else (_DAY, setting.say.natural_days)
    )
    asked = setting.state.extension
    found = {days * day: words.format(days=days) for days in _DAYS}
    if asked is not None and asked.minutes not in found:
        days = f"{asked.minutes / day:.1f}".removesuffix(".0")
        found[asked.minutes] = words.format(days=days)
    yield "", [Option(str(minutes), found[minutes]) for minutes in sorted(found)]


def _levels(setting: Setting, which: str) -> _Found:
    language = setting.names.language
    if which == "supervised":
        codes: Iterable[str] = [
            level for level, found in setting.state.supervisions.items() if found.closed_at is None
        ]
    else:
        codes = _LEVELS[which]
    yield "", [Option(code, name_of(AREA_LEVELS, code, language)) for code in codes]


def _grounds(setting: Setting, _rest: str) -> _Found:
    state = setting.state
    holds = {
        "verified": state.verified_at is not None,
        "rated": state.rating is not None and state.rating.resolved is True,
        "unresolvable": state.unresolvable,
        "policy": state.resolved_at is not None,
        "at-desk": state.resolved_at is None,
    }
    language = setting.names.language
    yield "", [Option(code, name_of(GROUNDS, code, language)) for code, it in holds.items() if it]


def _means(setting: Setting, _rest: str) -> _Found:
    language = setting.names.language
    yield "", [Option(code, name_of(MEANS, code, language)) for code in CONTACT_MEANS]


def _granted(setting: Setting, _rest: str) -> _Found:
    say = setting.say
    yield "", [Option("yes", say.grant), Option("no", say.refuse)]


def _flags(setting: Setting, _rest: str) -> _Found:
    language = setting.names.language
    yield "", [Option("yes", name_in(YES, language)), Option("no", name_in(NO, language))]


def _stars(_setting: Setting, _rest: str) -> _Found:
    yield "", [Option(str(n), "★" * n) for n in range(5, 0, -1)]


def _identity(setting: Setting, _rest: str) -> _Found:
    language = setting.names.language
    yield "", [Option(part, name_in(name, language)) for part, name in REVEALED.items()]


def _others(setting: Setting, which: str) -> _Found:
    state = setting.state
    ids = (
        [one for one in state.suspects if one not in state.children]
        if which == "suspects"
        else [one for one in (state.master, *state.children) if one is not None]
    )
    known = {issue.issue_id: issue for issue in setting.related}
    yield "", [Option(one, _label(one, known.get(one))) for one in ids]


def _label(issue_id: str, issue: IssueCurrent | None) -> str:
    return issue_id if issue is None else f"{issue.receipt} {plain(issue.subject)[:40]}"


_MAKERS: Final[Mapping[str, Any]] = {
    "reason": _reasons,
    "department": _departments,
    "lead": _departments,
    "ruling-lead": _departments,
    "item": _items,
    "ruling": _rulings,
    "tier": _named("tiers"),
    "minutes": _minutes,
    "level": _levels,
    "ground": _grounds,
    "means": _means,
    "granted": _granted,
    "flag": _flags,
    "stars": _stars,
    "identity": _identity,
    "suspects": lambda setting, _rest: _others(setting, "suspects"),
    "merged": lambda setting, _rest: _others(setting, "merged"),
}
