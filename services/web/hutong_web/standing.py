"""Where an issue stands: its clocks, its turns, who has it, what lies over it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hutong.issue.clocks import Clock
from hutong.issue.parts import Hop
from hutong.issue.state import IssueState
from hutong.privacy.mask import mask
from hutong.readmodels.family import Member
from hutong.readmodels.issue_current.queries import IssueCurrent
from hutong_web.board import Chip, chip
from hutong_web.city_names import CityNames
from hutong_web.names import CALENDARS, EVENTS, name_of
from hutong_web.text import plain
from hutong_web.times import CityTime
from hutong_web.work_names import AREA_LEVELS, ENDS_OF_TURN, clock_name
from hutong_web.work_wording import WorkWording

_FULL: Final = 1000


@dataclass(frozen=True, slots=True)
class ClockLine:
    """One clock. ``tone`` is late, near, running, still or done; ``used`` is per mille of its time
    (0 when it does not run); ``notes`` are the marks beside it."""

    code: str
    name: str
    due: str
    due_iso: str
    left: str
    tone: str
    used: int
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One department's turn as lead."""

    number: int
    department: str
    co_owners: str
    since: str
    dwell: str
    end: str
    present: bool
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that lies over the issue: a label and what it says."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Relative:
    """Another issue that it is tied to, and how."""

    how: str
    issue_id: str
    receipt: str
    subject: str
    chip: Chip | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Everything that the state says beyond the head of the page."""

    clocks: tuple[ClockLine, ...]
    past_clocks: tuple[ClockLine, ...]
    turns: tuple[Turn, ...]
    notes: tuple[Note, ...]
    rounds: tuple[Note, ...]
    family: tuple[Relative, ...]


class StandingBuilder:
    """Builds a `Standing` for one reader at one moment."""

    def __init__(self, names: CityNames, clock: CityTime, say: WorkWording, now: int) -> None:
        self._names = names
        self._clock = clock
        self._say = say
        self._now = now

    def build(
        self, state: IssueState, related: Iterable[IssueCurrent], family: Sequence[Member] = ()
    ) -> Standing:
        """From a state, what is known of the issues that it names, and its family, head first."""
        known = {issue.issue_id: issue for issue in related}
        clocks = [self.clock_line(name, clock) for name, clock in state.clocks.items()]
        past = [self.clock_line(name, clock) for name, clock in state.past_clocks]
        return Standing(
            clocks=tuple(sorted(clocks, key=lambda line: line.tone in ("done", "still"))),
            past_clocks=tuple(past),
            turns=tuple(self._turn(hop) for hop in state.hops),
            notes=(*self._head_says(state, family), *self._notes(state)),
            rounds=tuple(self._rounds(state)),
            family=(*self._family(state, known), *self._distant(state, family)),
        )

    def clock_line(self, code: str, clock: Clock) -> ClockLine:
        """One clock as it is drawn."""
        say, long = self._say, self._clock.duration
        end = clock.stopped_at if clock.stopped_at is not None else clock.paused_at
        rest = clock.due_at - (self._now if end is None else end)
        used = 0
        if clock.stopped_at is not None:
            tone = "done" if rest >= 0 else "late"
            left = say.clock_in_time if rest >= 0 else say.clock_was_late.format(time=long(-rest))
        elif clock.paused_at is not None:
            tone, left = "still", say.clock_paused.format(time=long(rest))
        else:
            whole = max(1, clock.due_at - clock.started_at)
            used = min(_FULL, max(0, (self._now - clock.started_at) * _FULL // whole))
            tone = "late" if rest < 0 else "near" if used >= 800 else "running"
            left = (say.clock_late if rest < 0 else say.clock_left).format(time=long(abs(rest)))
        return ClockLine(
            code=code,
            name=clock_name(code, self._names),
            due=self._clock.short(clock.due_at),
            due_iso=self._clock.iso(clock.due_at),
            left=left,
            tone=tone,
            used=used,
            notes=tuple(self._clock_notes(clock)),
        )

    def _clock_notes(self, clock: Clock) -> Iterable[str]:
        say, names = self._say, self._names
        if clock.minutes is not None:
            length = self._clock.duration((clock.minutes + clock.extended) * 60_000)
            calendar = name_of(CALENDARS, clock.calendar, names.language)
            yield say.clock_length.format(length=length, calendar=calendar)
        if clock.stopped_by:
            by = name_of(EVENTS, clock.stopped_by, names.language)
            yield say.clock_stopped_by.format(event=by)
        if clock.provisional:
            yield say.clock_provisional
        if clock.extended:
            yield say.clock_extended.format(time=self._clock.duration(clock.extended * 60_000))
        if clock.excused_ms:
            yield say.clock_excused.format(time=self._clock.duration(clock.excused_ms))
        if clock.reminded:
            yield say.clock_reminded.format(count=clock.reminded)
        if clock.level:
            yield say.clock_escalated.format(level=names.rung(clock.level))

    def _turn(self, hop: Hop) -> Turn:
        say, names = self._say, self._names
        notes = []
        if hop.accepted_at is not None:
            notes.append(say.turn_signed.format(time=self._clock.short(hop.accepted_at)))
        if hop.returns:
            reason = names.reason("return", hop.return_reason)
            notes.append(say.turn_returned.format(count=hop.returns, reason=reason))
        if hop.desk_ms:
            notes.append(say.turn_desk.format(time=self._clock.duration(hop.desk_ms)))
        end = ""
        if hop.ended_at is not None:
            by = name_of(ENDS_OF_TURN, hop.ended_by, names.language)
            end = say.turn_ended.format(time=self._clock.short(hop.ended_at), by=by)
        return Turn(
            number=hop.number,
            department=names.department(hop.lead),
            co_owners=names.joined(names.department(code) for code in hop.co_owners),
            since=self._clock.short(hop.started_at),
            dwell=self._clock.duration(hop.dwell_ms(self._now)),
            end=end,
            present=hop.ended_at is None,
            notes=tuple(notes),
        )

    def _notes(self, state: IssueState) -> Iterable[Note]:
        say, names, at = self._say, self._names, self._clock.short
        if state.next_lead is not None:
            yield Note(say.note_next_lead, names.department(state.next_lead))
        if state.adjudicated:
            yield Note(say.note_adjudicated, say.note_adjudicated_text)
        for department, given in state.assignments.items():
            level = name_of(AREA_LEVELS, given.level, names.language)
            due = "" if given.due is None else say.assigned_due.format(time=at(given.due))
            text = say.assigned.format(
                assignee=_words(given.assignee), level=level, by=names.department(department)
            )
            yield Note(say.note_assignment, text + due)
        if (asked := state.extension) is not None:
            reason = names.reason("extension", asked.reason)
            time = self._clock.duration(asked.minutes * 60_000)
            if asked.granted is None:
                text = say.extension_waits.format(time=time, reason=reason)
            elif asked.granted:
                granted = self._clock.duration(asked.granted_minutes * 60_000)
                text = say.extension_granted.format(time=granted, reason=reason)
            else:
                text = say.extension_refused.format(time=time, reason=reason)
            yield Note(say.note_extension, text)
        if (held := state.suspension) is not None:
            text = say.suspended_text.format(
                reason=names.reason("suspension", held.reason),
                condition=_words(held.condition),
                review=at(held.review_at),
            )
            yield Note(say.note_suspension, text)
        for level, watched in state.supervisions.items():
            name = name_of(AREA_LEVELS, level, names.language)
            what = say.supervised if watched.closed_at is None else say.supervised_over
            text = what.format(level=name, ground=_words(watched.ground), since=at(watched.since))
            yield Note(say.note_supervision, text)
        if state.result is not None:
            group = "unresolvable" if state.unresolvable else "result"
            text = names.reason(group, state.result)
            if state.file_number:
                text = f"{text} · {_words(state.file_number)}"
            yield Note(say.note_result, text)
        if (called := state.follow_up) is not None:
            facts = ("reached", "solved", "satisfied", "cause")
            parts = [say.called_tries.format(count=called.tries)]
            parts += [names.reason(f"follow-up-{fact}", getattr(called, fact)) for fact in facts]
            yield Note(say.note_call, " · ".join(part for part in parts if part))
        if (rated := state.rating) is not None:
            parts = [
                say.rated_stars.format(stars=rated.stars) if rated.stars is not None else "",
                _opinion(rated.resolved, say.rated_solved, say.rated_unsolved),
                _opinion(rated.satisfied, say.rated_satisfied, say.rated_dissatisfied),
            ]
            yield Note(say.note_rating, " · ".join(part for part in parts if part))

    def _rounds(self, state: IssueState) -> Iterable[Note]:
        say, names = self._say, self._names
        for number, ended in enumerate(state.rounds, 1):
            group = "unresolvable" if ended.unresolvable else "result"
            claimed = names.reason(group, ended.result) or "—"
            text = say.round_text.format(
                result=claimed,
                by=name_of(EVENTS, ended.ended_by, names.language),
                time=self._clock.short(ended.ended_at),
            )
            yield Note(say.round_number.format(number=number), text)

    def _family(self, state: IssueState, known: Mapping[str, IssueCurrent]) -> Iterable[Relative]:
        say = self._say
        masters: Sequence[str] = () if state.master is None else (state.master,)
        tied = {*masters, *state.children}
        for how, ids in (
            (say.family_master, masters),
            (say.family_child, state.children),
            (say.family_suspect, [one for one in state.suspects if one not in tied]),
        ):
            for issue_id in ids:
                issue = known.get(issue_id)
                yield Relative(
                    how=how,
                    issue_id=issue_id,
                    receipt=issue.receipt if issue else issue_id[:8],
                    subject=plain(issue.subject) if issue else "",
                    chip=chip(issue.status, self._names) if issue else None,
                )

    def _distant(self, state: IssueState, family: Sequence[Member]) -> Iterable[Relative]:
        """Who belongs to the family by way of others: siblings, grandchildren, the head."""
        say, tied = self._say, {state.issue_id, state.master, *state.children}
        for member in family:
            if member.issue_id not in tied:
                yield Relative(
                    how=say.family_same,
                    issue_id=member.issue_id,
                    receipt=member.receipt,
                    subject=plain(member.subject),
                    chip=chip(member.status, self._names),
                )

    def _head_says(self, state: IssueState, family: Sequence[Member]) -> Iterable[Note]:
        """A child is answered with what became of the head of its family."""
        if not family or family[0].issue_id == state.issue_id or state.master is None:
            return
        say, head = self._say, family[0]
        text = f"{head.receipt} · {chip(head.status, self._names).label}"
        if head.resolved_at is not None:
            group = "unresolvable" if head.unresolvable else "result"
            result = self._names.reason(group, head.result)
            text = f"{text} · {result} · {self._clock.short(head.resolved_at)}"
        yield Note(say.note_head, text)


def _words(text: str) -> str:
    """What a person typed, as it may be shown: the state, unlike the rows, holds it unmasked."""
    return plain(mask(text))


def _opinion(said: bool | None, yes: str, no: str) -> str:
    return "" if said is None else yes if said else no


def relatives_of(state: IssueState) -> tuple[str, ...]:
    """The issues that a state names."""
    masters = () if state.master is None else (state.master,)
    return tuple(dict.fromkeys((*masters, *state.children, *state.suspects)))
