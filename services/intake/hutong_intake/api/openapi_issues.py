"""What the OpenAPI document says of issues: acts, state, verdicts."""

from typing import Any, Final

from pydantic import BaseModel, Field

from hutong.events.lifecycle import IdentityRevealed
from hutong_intake.api.openapi import KEY_HEADER, REF, problems
from hutong_intake.models import Note
from hutong_intake.verbs import Verb, name_of


class EffectOut(BaseModel):
    """What the life cycle makes of an act."""

    verdict: str = Field(
        description="applied, refused, waiting (for the event that it answers), unknown (the state "
        "cannot be asked for) or pending.",
        examples=["applied"],
    )
    reason: str | None = Field(description="A code of docs/life-cycle.md.", examples=["wrong-hop"])
    zh: str
    en: str
    judged: bool = Field(description="False: foretold from the state as known now.")


class WrittenOut(BaseModel):
    """An event on the other issue of a merge."""

    event_id: str
    issue_id: str
    event: str
    place: str


class ActedOut(BaseModel):
    """The act is in the log, on all in-sync copies; what becomes of it is in `effect`."""

    event_id: str
    issue_id: str
    verb: str = Field(examples=["accept"])
    event: str = Field(examples=["IssueAccepted"])
    place: str = Field(
        description="Topic, partition and offset.", examples=["handling-water-co/0/123"]
    )
    received_at: str = Field(description="The broker's append time.")
    effect: EffectOut
    warnings: list[Note]
    also: list[WrittenOut] | None = Field(default=None, description="Of a merge or an unmerge.")


class RevealedOut(ActedOut):
    """Who reported, as far as it was asked for and said. This is answered once: to whoever asks
    again with the same key it is null.
    """

    revealed: dict[str, str | None] | None = Field(
        default=None, examples=[{"phone": "+8613000000000"}]
    )


class ClockOut(BaseModel):
    """One clock of an issue."""

    clock: str = Field(examples=["resolve"])
    started_at: str
    due_at: str
    stopped_at: str | None
    running: bool
    paused: bool
    late: bool
    provisional: bool = Field(description="The calendar on the way is not announced yet.")
    calendar: str


class ChoiceOut(BaseModel):
    """A code that may be sent."""

    code: str
    zh: str
    en: str


class FieldOut(BaseModel):
    """A field of a verb."""

    name: str
    required: bool
    schema_: dict[str, Any] = Field(alias="schema", description="JSON Schema of its value.")
    choices: list[ChoiceOut] | None = Field(description="Where the city has a short list of codes.")


class VerbOut(BaseModel):
    """An act that nothing known speaks against now."""

    verb: str
    event: str
    zh: str
    en: str
    fields: list[FieldOut]


class IssueOut(BaseModel):
    """An issue as its channel, its departments and the desk may see it; no free text in it."""

    issue_id: str
    receipt: str
    channel: str
    origin: str
    status: str = Field(examples=["dispatched"])
    category: str | None
    item: str | None
    kind: str | None
    intent: str | None
    tier: str | None
    area: str | None
    lead: str | None
    co_owners: list[str]
    hop: int
    result: str | None
    unresolvable: bool
    rework: int = Field(description="How often a result did not last.")
    reported_at: str
    dispatched_at: str | None
    accepted_at: str | None
    responded_at: str | None
    resolved_at: str | None
    verified_at: str | None
    closed_at: str | None
    clocks: list[ClockOut]
    return_: dict[str, Any] | None = Field(
        alias="return", description="That the desk has before it."
    )
    extension: dict[str, Any] | None = Field(description="`granted` is null while not decided.")
    suspension: dict[str, Any] | None
    master: str | None = Field(description="The issue that it was merged into.")
    as_of: str
    answers: str = Field(description="The event that an act of the caller's answers by default.")
    verbs: list[VerbOut]
    next_lead: str | None = Field(default=None, description="This and below: not for channels.")
    adjudicated: bool | None = None
    assignments: list[dict[str, Any]] | None = None
    supervisions: list[dict[str, Any]] | None = None
    children: list[str] | None = None
    suspects: list[str] | None = None


class VerdictOut(BaseModel):
    """What became of an event; all but its id and the effect is there once it was judged."""

    event_id: str
    issue_id: str
    event: str | None
    effect: EffectOut
    principal: str | None = None
    place: str | None = None
    occurred_at: str | None = None
    received_at: str | None = None
    recorded_at: str | None = None


_PREFER: Final = {
    "name": "Prefer",
    "in": "header",
    "required": False,
    "description": "`wait=5`: wait up to so many seconds (at most 10) for the verdict itself.",
    "schema": {"type": "string"},
    "example": "wait=5",
}
_ACT_PROBLEMS: Final = (400, 401, 403, 404, 406, 408, 409, 413, 415, 422, 429, 503)


def act_doc(verb: Verb) -> dict[str, Any]:
    """Of one verb's operation."""
    return {
        "summary": f"{verb.zh} · {verb.en}",
        "description": f"Writes {' and '.join(f'`{name_of(e)}`' for e in verb.events)}. "
        "Answers 202 only after every in-sync copy of the log has it. A refused act is in the log "
        "too: `effect` says why.",
        "status_code": 202,
        "response_model": None,
        "responses": {
            202: {
                "model": RevealedOut if verb.event is IdentityRevealed else ActedOut,
                "description": "In the log.",
            },
            **problems(*_ACT_PROBLEMS),
        },
        "openapi_extra": {
            "parameters": [KEY_HEADER, _PREFER],
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {"schema": {"$ref": REF.format(model=verb.model.__name__)}}
                },
            },
        },
        "tags": ["acts"],
    }


UNKNOWN_VERB_DOC: Final[dict[str, Any]] = {"include_in_schema": False}
ISSUE_DOC: Final[dict[str, Any]] = {
    "summary": "Ask where an issue stands",
    "description": "For the desk, the channel that reported it, and departments that have or had "
    "it; for all others it is not there. `verbs` are the acts that nothing known speaks against "
    "now, with their fields.",
    "response_model": None,
    "responses": {
        200: {"model": IssueOut, "description": "Where it stands."},
        **problems(400, 401, 403, 404, 406, 429, 503),
    },
    "tags": ["issues"],
}
EVENT_DOC: Final[dict[str, Any]] = {
    "summary": "Ask what became of an act",
    "description": "`pending` means that it is not judged yet, or that there is no such event.",
    "response_model": None,
    "responses": {
        200: {"model": VerdictOut, "description": "The verdict."},
        **problems(400, 401, 403, 404, 406, 429, 503),
    },
    "tags": ["issues"],
}
