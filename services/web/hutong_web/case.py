"""The page of one issue: what its template shows, made from rows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong.readmodels.issue_timeline.queries import TimelineEntry
from hutong_web.board import AsOf, Chip, as_of, chip
from hutong_web.case_fields import SHOWN
from hutong_web.city_names import CityNames
from hutong_web.data import CaseData
from hutong_web.language import name_in
from hutong_web.names import (
    CALENDARS,
    CLOCKS,
    EVENTS,
    FIELDS,
    GROUNDS,
    MEANS,
    NO,
    ORIGINS,
    OUTCOMES,
    QUEUE_REASONS,
    VERDICT_REASONS,
    YES,
    name_of,
    principal_name,
)
from hutong_web.standing import Standing, StandingBuilder
from hutong_web.text import highlight, plain, visible
from hutong_web.times import CityTime
from hutong_web.wording import Wording
from hutong_web.work_names import AREA_LEVELS, REVEALED, clock_name
from hutong_web.work_wording import WorkWording

_APPLIED: Final = "applied"
_MINUTE: Final = 60_000


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the head."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Word:
    """A keyword that spoke for the item."""

    keyword: Markup
    where: str


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """An item that the classifier thought of; `width` is per mille of the best score."""

    item: str
    category: str
    department: str
    score: int
    width: int


@dataclass(frozen=True, slots=True)
class Why:
    """Why the issue lies where it lies: the last dispatch, or the reason for none."""

    summary: str
    by_desk: bool
    confidence: int | None
    reason: str
    item: str
    words: tuple[Word, ...]
    candidates: tuple[CandidateLine, ...]
    clocks: tuple[Fact, ...]
    pack: str
    model: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an event, as shown."""

    label: str
    value: Markup


@dataclass(frozen=True, slots=True)
class Instant:
    """One of the three times: its word, the time, and how long after the one before."""

    label: str
    meaning: str
    iso: str
    day: str
    clock: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One record in the history."""

    event_id: str
    name: str
    outcome: str
    outcome_name: str
    reason: str
    detail: str
    principal: str
    actor: str
    origin: str
    origin_name: str
    day: str
    clock: str
    iso: str
    since: str
    times: tuple[Instant, ...]
    fields: tuple[Field, ...]
    photos: tuple[str, ...]
    place: str
    source: str
    answers: str


@dataclass(frozen=True, slots=True)
class Case:
    """Everything the case's template needs."""

    as_of: AsOf
    issue_id: str
    title: str
    receipt: str
    chip: Chip
    origin: str
    origin_notice: str
    subject: Markup
    category_path: tuple[str, ...]
    facts: tuple[Fact, ...]
    body: Markup | None
    corrected: bool
    has_hidden: bool
    marked: bool
    why: Why | None
    standing: Standing | None
    entries: tuple[Entry, ...]
    shows_photos: bool


def build_case(
    data: CaseData,
    *,
    names: CityNames,
    clock: CityTime,
    words: Wording,
    say: WorkWording,
    now: int,
    shows_photos: bool = False,
) -> Case:
    """The page of one issue as it is at ``now``. ``shows_photos``: the reader may see them."""
    issue, entries = data.issue, data.entries
    effective = [entry for entry in entries if entry.verdict == _APPLIED]
    subject, body, corrected = _text(issue, effective)
    why = _why(effective, names, words)
    keywords = _keywords(effective)
    marked_subject = highlight(subject, keywords)
    marked_body = None if body is None else highlight(body, keywords)
    receipt = issue.receipt if issue else ""
    issue_id = issue.issue_id if issue else entries[0].issue_id
    origin = issue.origin if issue else entries[0].origin
    return Case(
        as_of=as_of(data.position, names, clock, words),
        issue_id=issue_id,
        title=plain(subject) or words.no_subject,
        receipt=receipt,
        chip=chip(issue.status if issue else "awaited", names),
        origin=origin,
        origin_notice={
            "simulated": words.origin_case_simulated,
            "imported": words.origin_case_imported,
        }.get(origin, ""),
        subject=marked_subject if plain(subject) else Markup(words.no_subject),
        category_path=names.category_path(issue.category if issue else None),
        facts=_facts(issue, names, clock, words),
        body=marked_body,
        corrected=corrected,
        has_hidden="hidden-char" in f"{marked_subject}{marked_body}",
        marked="<mark>" in f"{marked_subject}{marked_body}",
        why=why,
        standing=None
        if data.state is None
        else StandingBuilder(names, clock, say, now).build(data.state, data.related, data.family),
        entries=_entries(entries, names, clock, words),
        shows_photos=shows_photos,
    )


def _text(
    issue: IssueCurrent | None, entries: Sequence[TimelineEntry]
) -> tuple[str, str | None, bool]:
    """Subject and body as they stand, and whether they were corrected since."""
    subject, body, corrected = "", None, False
    for entry in entries:
        if entry.name == "IssueReported":
            subject, body = str(entry.data.get("subject") or ""), entry.data.get("body")
        elif entry.name == "IssueAmended":
            for value in (entry.data.get("subject"), entry.data.get("body")):
                corrected = corrected or value is not None
            subject = entry.data.get("subject") or subject
            body = entry.data.get("body") or body
    if not subject and issue is not None:
        subject = issue.subject
    return subject, body, corrected


def _facts(
    issue: IssueCurrent | None, names: CityNames, clock: CityTime, words: Wording
) -> tuple[Fact, ...]:
    if issue is None:
        return ()
    joint = "、" if names.language == "zh" else ", "
    co_owners = joint.join(names.department(code) for code in issue.co_owners)
    rows = (
        (words.lead, names.department(issue.lead) or words.not_yet),
        (words.co_owners, co_owners or (words.no_co_owners if issue.lead else words.not_yet)),
        (words.tier, names.tier(issue.tier) or words.not_yet),
        (words.kind, names.kind(issue.kind) or words.not_yet),
        (words.intent, names.intent(issue.intent) or words.not_yet),
        (words.channel, names.channel(issue.channel)),
        (words.area, " › ".join(names.area_path(issue.area)) or words.area_unknown),
        (words.address, plain(issue.address or "")),
        (words.reported_at, clock.full(issue.reported_at)),
        (words.hop, words.hop_value.format(hop=issue.hop) if issue.hop else ""),
        (words.issue_number, issue.issue_id),
    )
    return tuple(Fact(label, value) for label, value in rows if value)


def _last_decision(entries: Sequence[TimelineEntry]) -> TimelineEntry | None:
    named = [e for e in entries if e.name in ("IssueDispatched", "IssueQueued")]
    return named[-1] if named else None


def _keywords(entries: Sequence[TimelineEntry]) -> tuple[str, ...]:
    decision = _last_decision(entries)
    evidence = decision.data.get("evidence", ()) if decision else ()
    return tuple(str(one["keyword"]) for one in evidence)


def _why(entries: Sequence[TimelineEntry], names: CityNames, words: Wording) -> Why | None:
    decision = _last_decision(entries)
    if decision is None:
        return None
    data = decision.data
    by_desk = decision.principal != "router"
    queued = decision.name == "IssueQueued"
    summary = words.why_queued if queued else words.why_desk if by_desk else words.why_auto
    candidates = data.get("candidates", ())
    best = max((one["score"] for one in candidates), default=0)
    fields = {"subject": words.field_subject, "body": words.field_body}
    return Why(
        summary=summary,
        by_desk=by_desk,
        confidence=None if by_desk else data.get("confidence"),
        reason=name_of(QUEUE_REASONS, data["reason"], names.language) if queued else "",
        item=names.item(data.get("item")),
        words=tuple(
            Word(
                visible(one["keyword"]),
                words.evidence_value.format(
                    field=fields.get(one["field"], one["field"]), weight=one["weight"]
                ),
            )
            for one in data.get("evidence", ())
        ),
        candidates=tuple(
            CandidateLine(
                names.item(one["item"]),
                " › ".join(names.category_path(one["category"])),
                names.department(one["department"]),
                one["score"],
                max(0, one["score"]) * 1000 // best if best > 0 else 0,
            )
            for one in candidates
        ),
        clocks=tuple(
            Fact(
                name_of(CLOCKS, one["clock"], names.language),
                words.clock_value.format(
                    length=CityTime(names.city.timezone, names.language).duration(
                        one["minutes"] * _MINUTE
                    ),
                    calendar=name_of(CALENDARS, one["calendar"], names.language),
                ),
            )
            for one in data.get("clocks", ())
        ),
        pack=data.get("pack", ""),
        model=data.get("model", ""),
    )


def _entries(
    entries: Sequence[TimelineEntry], names: CityNames, clock: CityTime, words: Wording
) -> tuple[Entry, ...]:
    shown: list[Entry] = []
    by_id = {entry.event_id: entry for entry in entries}
    day, before = "", None
    for entry in entries:
        at = _counts_at(entry)
        this_day = clock.day(at)
        cause = by_id.get(entry.causation_id or "")
        shown.append(
            Entry(
                event_id=entry.event_id,
                name=name_of(EVENTS, entry.name, names.language),
                outcome=entry.verdict,
                outcome_name=name_of(OUTCOMES, entry.verdict, names.language),
                reason=name_of(VERDICT_REASONS, entry.reason, names.language),
                detail=plain(entry.detail),
                principal=principal_name(entry.principal, names.city, names.language),
                actor=_actor(entry),
                origin=entry.origin,
                origin_name=name_of(ORIGINS, entry.origin, names.language),
                day=this_day if this_day != day else "",
                clock=clock.clock(at),
                iso=clock.iso(at),
                since=""
                if before is None
                else words.since_previous.format(duration=clock.duration(at - before)),
                times=_times(entry, clock, words),
                fields=_fields(entry, names, clock),
                photos=tuple(map(str, entry.data.get("media") or ())),
                place=f"issues/{entry.partition}/{entry.offset}",
                source=entry.source,
                answers=name_of(EVENTS, cause.name, names.language) if cause else "",
            )
        )
        day, before = this_day, at
    return tuple(shown)


def _counts_at(entry: TimelineEntry) -> int:
    """The time that clocks go by, as `hutong.issue.record.Record.counts_at` has it."""
    if entry.principal == "router" and entry.origin == "live":
        return entry.recorded_at
    return entry.received_at


def _times(entry: TimelineEntry, clock: CityTime, words: Wording) -> tuple[Instant, ...]:
    rows = (
        (words.legend_occurred, words.legend_occurred_text, entry.occurred_at, None),
        (
            words.legend_received,
            words.legend_received_text,
            entry.received_at,
            entry.occurred_at,
        ),
        (
            words.legend_recorded,
            words.legend_recorded_text,
            entry.recorded_at,
            entry.received_at,
        ),
    )
    return tuple(
        Instant(
            label,
            meaning,
            clock.iso(at),
            clock.day(at),
            clock.clock(at),
            "" if previous is None else _signed(clock, at - previous),
        )
        for label, meaning, at, previous in rows
    )


def _signed(clock: CityTime, millis: int) -> str:
    text = clock.duration(millis)
    return text if millis < 0 else f"+{text}"


def _actor(entry: TimelineEntry) -> str:
    """Who did it, for staff only: what a citizen's channel puts there may name the citizen."""
    kind = entry.principal.partition(":")[0]
    return plain(entry.actor) if kind in ("dept", "desk") else ""


def _fields(entry: TimelineEntry, names: CityNames, clock: CityTime) -> tuple[Field, ...]:
    shown = SHOWN.get(entry.name, {})
    ordered = sorted(shown, key=list(FIELDS).index)
    found = ((name, _value(shown[name], entry.data.get(name), names, clock)) for name in ordered)
    language = names.language
    return tuple(Field(name_of(FIELDS, name, language), value) for name, value in found if value)


def _value(how: str, value: Any, names: CityNames, clock: CityTime) -> Markup:
    """One field in words; empty where there is nothing to show."""
    if value is None or value == "" or value == []:
        return Markup("")
    how, _, group = how.partition(":")
    if how == "flag":
        return visible(name_in(YES if value else NO, names.language))
    if how == "time":
        return visible(clock.full(int(value)))
    joint = "、" if names.language == "zh" else ", "
    if how == "identity":
        return visible(joint.join(name_of(REVEALED, part, names.language) for part in value))
    if how == "departments":
        return visible(joint.join(names.department(code) for code in value))
    if how == "category":
        return visible(" › ".join(names.category_path(value)))
    if how == "reason":
        return visible(names.reason(group, value))
    tables: Mapping[str, str] = {
        "department": names.department(str(value)),
        "item": names.item(str(value)),
        "tier": names.tier(str(value)),
        "clock": clock_name(str(value), names),
        "level": name_of(AREA_LEVELS, str(value), names.language),
        "rung": names.rung(str(value)),
        "ruling": names.ruling(str(value)),
        "ground": name_of(GROUNDS, str(value), names.language),
        "means": name_of(MEANS, str(value), names.language),
        "queue": name_of(QUEUE_REASONS, str(value), names.language),
    }
    return visible(tables.get(how, str(value)))
