"""What may be said of an issue after its report: verbs, as HTTP and the SDK have them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hutong.events import lifecycle
from hutong.events.base import Event

REPORT: Final = "report"
"""The verb of the report itself, where reports and acts stand side by side."""

ACTS: Final[Mapping[str, type[Event]]] = MappingProxyType(
    {
        # of departments
        "accept": lifecycle.IssueAccepted,
        "assign": lifecycle.IssueAssigned,
        "return": lifecycle.IssueReturned,
        "respond": lifecycle.IssueResponded,
        "note": lifecycle.ProgressNoted,
        "request-extension": lifecycle.ExtensionRequested,
        "resolve": lifecycle.IssueResolved,
        "declare-unresolvable": lifecycle.IssueDeclaredUnresolvable,
        # of the desk
        "dispatch": lifecycle.IssueDispatched,
        "reclassify": lifecycle.IssueReclassified,
        "decide-return": lifecycle.ReturnDecided,
        "adjudicate": lifecycle.DutyAdjudicated,
        "decide-extension": lifecycle.ExtensionDecided,
        "suspend": lifecycle.IssueSuspended,
        "resume": lifecycle.IssueResumed,
        "close": lifecycle.IssueClosed,
        "reopen": lifecycle.IssueReopened,
        "call": lifecycle.FollowUpCalled,
        "supervise": lifecycle.SupervisionOpened,
        "end-supervision": lifecycle.SupervisionClosed,
        "merge": lifecycle.IssueMerged,
        "unmerge": lifecycle.IssueUnmerged,
        "dismiss-duplicate": lifecycle.DuplicateDismissed,
        "transfer": lifecycle.IssueTransferred,
        # of channels
        "withdraw": lifecycle.IssueWithdrawn,
        "amend": lifecycle.IssueAmended,
        "rate": lifecycle.IssueRated,
        "check-passed": lifecycle.SiteCheckPassed,
        "check-failed": lifecycle.SiteCheckFailed,
    }
)
"""Verb -> the event that it writes. Who may use which is the topic catalogue's to say."""

TIMES: Final = frozenset({"due", "due_at", "review_at", "master_reported_at"})
"""Fields of these events that are instants: RFC 3339 text in JSON, milliseconds in Avro."""

FILLED_IN: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "accept": frozenset({"hop"}),
        "return": frozenset({"hop"}),
        "resolve": frozenset({"hop"}),
        "declare-unresolvable": frozenset({"hop"}),
        "dispatch": frozenset({"category", "kind", "intent", "tier", "hop"}),
        "reclassify": frozenset({"category", "category_before", "kind", "tier"}),
        "decide-return": frozenset({"accepted"}),
        "decide-extension": frozenset({"minutes"}),
    }
)
"""Required fields that intake fills in where they are left out: from the issue and the pack."""

NOT_ASKED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "dispatch": frozenset({"clocks", "confidence", "evidence", "pack", "model"}),
        "merge": frozenset({"master_id", "master_reported_at"}),
    }
)
"""Fields that only intake knows. Of a merge it is told ``other_id``, and finds out who is older."""

SAID: Final[Mapping[str, str]] = MappingProxyType(
    {
        REPORT: "body",
        "note": "text",
        "declare-unresolvable": "explanation",
        "reclassify": "ground",
        "adjudicate": "ground",
        "suspend": "condition",
        "resume": "ground",
        "supervise": "ground",
        "end-supervision": "ground",
        "unmerge": "ground",
        "dismiss-duplicate": "ground",
        "amend": "body",
    }
)
"""The field of free text that must say something where it is there (`hutong.events.content`)."""

OTHER_ID: Final = "other_id"
"""The other of two issues, in a merge or an unmerge."""
