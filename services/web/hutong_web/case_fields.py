"""Which fields of which event the timeline shows: a list of what may be seen, not of what may not.

Personal identity has no row here, so a field that a later event version adds stays unseen until
somebody decides about it.
"""

from collections.abc import Mapping
from typing import Final

#: Field -> how it is shown: a code of the pack (by its table), a time, yes or no, or a text.
SHOWN: Final[Mapping[str, Mapping[str, str]]] = {
    "ClockDue": {"clock": "clock", "due_at": "time"},
    "DueRevised": {"clock": "clock", "due_at": "time", "ground": "ground"},
    "DuplicateDismissed": {"ground": "text"},
    "DuplicateSuspected": {},
    "DutyAdjudicated": {
        "lead": "department",
        "co_owners": "departments",
        "ground": "ruling",
        "text": "text",
    },
    "ExtensionDecided": {"granted": "flag", "level": "level", "minutes": "number", "text": "text"},
    "ExtensionRequested": {"reason": "reason:extension", "minutes": "number", "text": "text"},
    "FollowUpCalled": {
        "reached": "reason:follow-up-reached",
        "contacted": "flag",
        "solved": "reason:follow-up-solved",
        "satisfied": "reason:follow-up-satisfied",
        "cause": "reason:follow-up-cause",
        "text": "text",
    },
    "IdentityRevealed": {"purpose": "reason:reveal-purpose", "fields": "identity"},
    "IssueAbsorbed": {"reason": "reason:merge"},
    "IssueAccepted": {"handler": "text"},
    "IssueAmended": {"subject": "text", "body": "text"},
    "IssueAssigned": {"assignee": "text", "level": "level", "text": "text"},
    "IssueClosed": {"ground": "ground", "text": "text"},
    "IssueDeclaredUnresolvable": {"reason": "reason:unresolvable", "explanation": "text"},
    "IssueDispatched": {
        "lead": "department",
        "co_owners": "departments",
        "category": "category",
        "item": "item",
        "tier": "tier",
    },
    "IssueEscalated": {"clock": "clock", "level": "rung", "text": "text"},
    "IssueMerged": {"reason": "reason:merge"},
    "IssueQueued": {"reason": "queue", "text": "text"},
    "IssueRated": {"resolved": "flag", "satisfied": "flag", "stars": "number", "text": "text"},
    "IssueReclassified": {
        "category": "category",
        "item": "item",
        "tier": "tier",
        "ground": "text",
    },
    "IssueReopened": {"reason": "reason:reopen", "text": "text"},
    "IssueReported": {"reference": "text"},
    "IssueResolved": {"result": "reason:result", "file_number": "text", "text": "text"},
    "IssueResponded": {"means": "means", "text": "text"},
    "IssueResumed": {"ground": "text"},
    "IssueReturned": {"reason": "reason:return", "proposed": "department", "text": "text"},
    "IssueSuspended": {
        "reason": "reason:suspension",
        "condition": "text",
        "review_at": "time",
        "text": "text",
    },
    "IssueTransferred": {"reason": "reason:transfer", "target": "text", "text": "text"},
    "IssueUnmerged": {"ground": "text"},
    "IssueWithdrawn": {"reason": "reason:withdraw", "text": "text"},
    "ProgressNoted": {"text": "text"},
    "ReminderSent": {"clock": "clock", "due_at": "time", "department": "department"},
    "ReturnDecided": {
        "decision": "reason:return-decision",
        "accepted": "flag",
        "rule": "ruling",
        "next_owner": "department",
        "text": "text",
    },
    "SiteCheckFailed": {"text": "text"},
    "SiteCheckPassed": {"text": "text"},
    "SupervisionClosed": {"level": "level", "ground": "text"},
    "SupervisionOpened": {"level": "level", "ground": "text", "due_at": "time"},
}
