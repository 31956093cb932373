"""Which acts the pages offer: the event that each writes, who does it, what it asks for.

What an act may say is intake's to judge (`POST /v1/issues/{id}/actions/{verb}`), what it comes to
the life cycle's. This table only says how a person is asked.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hutong.issue.state import IssueState, Status


class Kind(StrEnum):
    """How a field is asked for."""

    CHOICE = "choice"
    #: Several departments.
    SEVERAL = "several"
    LINE = "line"
    TEXT = "text"
    #: An instant, typed in the city's zone.
    TIME = "time"
    #: Yes, no or not said.
    FLAG = "flag"
    PHOTOS = "photos"
    #: Another issue, by receipt number or id.
    ISSUE = "issue"
    #: A number that the page knows and the act repeats.
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form. ``choices`` names what `choices.groups_of` offers."""

    name: str
    kind: Kind
    choices: str = ""
    required: bool = False


@dataclass(frozen=True, slots=True)
class Verb:
    """One act. ``roles``: kinds of principals (desk, dept, grid), or the assignee: whoever a
    department gave the issue to, who acts in its name. ``waits``: whether the issue waits for just
    this, so that its form stands open and first. ``or_event``: what it writes on this issue where
    the other of two issues is the younger."""

    name: str
    event: str
    roles: frozenset[str]
    inputs: tuple[Input, ...]
    waits: Callable[[IssueState], bool] = lambda _state: False
    or_event: str = ""


#: The role of whoever below a department has the issue.
ASSIGNEE: Final = "assignee"

_DESK: Final = frozenset({"desk"})
_DEPT: Final = frozenset({"dept"})
_CHECKERS: Final = frozenset({"grid", "desk"})

_TEXT: Final = Input("text", Kind.TEXT)
_PHOTOS: Final = Input("media", Kind.PHOTOS)
_HOP: Final = Input("hop", Kind.KNOWN)
_GROUND: Final = Input("ground", Kind.TEXT, required=True)


def _reason(group: str, name: str = "reason", *, required: bool = True) -> Input:
    return Input(name, Kind.CHOICE, f"reason:{group}", required)


def _at(*statuses: Status) -> Callable[[IssueState], bool]:
    return lambda state: state.status in statuses


def _extension_waits(state: IssueState) -> bool:
    return state.extension is not None and state.extension.granted is None


def _call_waits(state: IssueState) -> bool:
    clock = state.clocks.get("follow-up")
    return clock is not None and clock.stopped_at is None


_CHECK: Final = (Input("checker", Kind.LINE, required=True), _PHOTOS, _TEXT)

VERBS: Final = (
    # -- the department
    Verb(
        "accept",
        "IssueAccepted",
        _DEPT,
        (_HOP, Input("handler", Kind.LINE)),
        _at(Status.DISPATCHED),
    ),
    Verb(
        "respond",
        "IssueResponded",
        _DEPT,
        (Input("means", Kind.CHOICE, "means", required=True), _TEXT),
        _at(Status.ACCEPTED),
    ),
    Verb(
        "resolve",
        "IssueResolved",
        _DEPT,
        (_HOP, _reason("result", "result"), Input("file_number", Kind.LINE), _PHOTOS, _TEXT),
        _at(Status.RESPONDED),
    ),
    Verb(
        "assign",
        "IssueAssigned",
        _DEPT,
        (
            Input("assignee", Kind.LINE, required=True),
            Input("level", Kind.CHOICE, "level:assign", required=True),
            Input("due", Kind.TIME),
            _TEXT,
        ),
    ),
    Verb(
        "note",
        "ProgressNoted",
        _DEPT | {ASSIGNEE},
        (Input("text", Kind.TEXT, required=True), _PHOTOS),
    ),
    Verb(
        "request-extension",
        "ExtensionRequested",
        _DEPT,
        (
            _reason("extension"),
            Input("minutes", Kind.CHOICE, "minutes", required=True),
            _PHOTOS,
            _TEXT,
        ),
    ),
    Verb(
        "return",
        "IssueReturned",
        _DEPT,
        (_HOP, _reason("return"), Input("proposed", Kind.CHOICE, "department"), _PHOTOS, _TEXT),
    ),
    Verb(
        "declare-unresolvable",
        "IssueDeclaredUnresolvable",
        _DEPT,
        (
            _HOP,
            _reason("unresolvable"),
            Input("explanation", Kind.TEXT, required=True),
            _PHOTOS,
        ),
    ),
    # -- the desk
    Verb(
        "dispatch",
        "IssueDispatched",
        _DESK,
        (
            Input("item", Kind.CHOICE, "item", required=True),
            Input("lead", Kind.CHOICE, "lead"),
            Input("co_owners", Kind.SEVERAL, "department"),
            Input("tier", Kind.CHOICE, "tier"),
        ),
        _at(Status.QUEUED, Status.REPORTED),
    ),
    Verb(
        "decide-return",
        "ReturnDecided",
        _DESK,
        (
            _reason("return-decision", "decision"),
            Input("rule", Kind.CHOICE, "ruling", required=True),
            Input("next_owner", Kind.CHOICE, "department"),
            _TEXT,
        ),
        _at(Status.RETURNED),
    ),
    Verb(
        "adjudicate",
        "DutyAdjudicated",
        _DESK,
        (
            Input("ground", Kind.CHOICE, "ruling", required=True),
            Input("lead", Kind.CHOICE, "ruling-lead"),
            Input("co_owners", Kind.SEVERAL, "department"),
            _TEXT,
        ),
        _at(Status.DISPUTED),
    ),
    Verb(
        "decide-extension",
        "ExtensionDecided",
        _DESK,
        (
            Input("granted", Kind.CHOICE, "granted", required=True),
            Input("level", Kind.CHOICE, "level:extension", required=True),
            Input("minutes", Kind.CHOICE, "minutes"),
            _TEXT,
        ),
        _extension_waits,
    ),
    Verb("resume", "IssueResumed", _DESK, (_GROUND,), _at(Status.SUSPENDED)),
    Verb(
        "call",
        "FollowUpCalled",
        _DESK,
        (
            _reason("follow-up-reached", "reached"),
            Input("contacted", Kind.FLAG),
            _reason("follow-up-solved", "solved", required=False),
            _reason("follow-up-satisfied", "satisfied", required=False),
            _reason("follow-up-cause", "cause", required=False),
            _TEXT,
        ),
        _call_waits,
    ),
    Verb("check-passed", "SiteCheckPassed", _CHECKERS, _CHECK),
    Verb("check-failed", "SiteCheckFailed", _CHECKERS, _CHECK),
    Verb(
        "close",
        "IssueClosed",
        _DESK,
        (Input("ground", Kind.CHOICE, "ground", required=True), _TEXT),
        _at(Status.RESOLVED, Status.UNRESOLVABLE, Status.VERIFIED),
    ),
    Verb("reopen", "IssueReopened", _DESK, (_reason("reopen"), _TEXT)),
    Verb(
        "suspend",
        "IssueSuspended",
        _DESK,
        (
            _reason("suspension"),
            Input("condition", Kind.TEXT, required=True),
            Input("review_at", Kind.TIME, required=True),
            _TEXT,
        ),
    ),
    Verb(
        "reclassify",
        "IssueReclassified",
        _DESK,
        (
            Input("item", Kind.CHOICE, "item", required=True),
            Input("tier", Kind.CHOICE, "tier"),
            _GROUND,
        ),
    ),
    Verb(
        "supervise",
        "SupervisionOpened",
        _DESK,
        (
            Input("level", Kind.CHOICE, "level:supervision", required=True),
            _GROUND,
            Input("due_at", Kind.TIME),
        ),
    ),
    Verb(
        "end-supervision",
        "SupervisionClosed",
        _DESK,
        (Input("level", Kind.CHOICE, "level:supervised", required=True), _GROUND),
    ),
    Verb(
        "merge",
        "IssueMerged",
        _DESK,
        (Input("other_id", Kind.ISSUE, "suspects", required=True), _reason("merge")),
        or_event="IssueAbsorbed",
    ),
    Verb(
        "dismiss-duplicate",
        "DuplicateDismissed",
        _DESK,
        (Input("other_id", Kind.CHOICE, "suspects", required=True), _GROUND),
    ),
    Verb(
        "unmerge",
        "IssueUnmerged",
        _DESK,
        (Input("other_id", Kind.CHOICE, "merged", required=True), _GROUND),
    ),
    Verb(
        "amend",
        "IssueAmended",
        _DESK,
        (Input("subject", Kind.LINE), Input("body", Kind.TEXT), Input("address", Kind.LINE)),
    ),
    Verb(
        "rate",
        "IssueRated",
        _DESK,
        (
            Input("resolved", Kind.FLAG),
            Input("satisfied", Kind.FLAG),
            Input("stars", Kind.CHOICE, "stars"),
            _TEXT,
        ),
    ),
    Verb(
        "transfer",
        "IssueTransferred",
        _DESK,
        (_reason("transfer"), Input("reference", Kind.LINE), _TEXT),
    ),
    Verb(
        "reveal",
        "IdentityRevealed",
        _DESK | _DEPT,
        (
            _reason("reveal-purpose", "purpose"),
            Input("fields", Kind.SEVERAL, "identity", required=True),
        ),
    ),
    Verb("withdraw", "IssueWithdrawn", _DESK, (_reason("withdraw"), _TEXT)),
)

BY_NAME: Final[Mapping[str, Verb]] = {verb.name: verb for verb in VERBS}
