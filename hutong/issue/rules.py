"""The transition table: which event may come in which status, and where it leads.

Version 1. Released rules are never edited: a change is a new version beside this one, chosen by the
`rules` header of each record, so that a bug fix does not rewrite history.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hutong.issue.record import Record
from hutong.issue.state import ENDED, IssueState, Status

VERSION = "1"

S = Status
_OPEN = frozenset(Status) - ENDED - {Status.AWAITED}
_HANDLED = frozenset({S.DISPATCHED, S.ACCEPTED, S.RESPONDED})
_ANSWERED = frozenset({S.RESOLVED, S.UNRESOLVABLE, S.VERIFIED, S.CLOSED})

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: allowed in these statuses; leads to ``to`` (None = stays); sets ``values``.

    ``of_lead`` says that only the department that leads at present may do it, on the order of the
    present hop.
    """

    allowed: frozenset[Status]
    to: Status | None = None
    of_lead: bool = False
    values: Callable[[IssueState, Record], Values] | None = None


def _dispatched(state: IssueState, record: Record) -> Values:
    body = record.body
    names = ("hop", "item", "category", "kind", "intent", "tier", "lead")
    first = record.counts_at if state.dispatched_at is None else state.dispatched_at
    return {
        **{name: body[name] for name in names},
        "co_owners": tuple(body["co_owners"]),
        # The router finds the grid of a report that only gave a point.
        "area": state.area or body["head"]["area"],
        "dispatched_at": first,
        "accepted_at": None,
    }


def _reclassified(_state: IssueState, record: Record) -> Values:
    return {name: record.body[name] for name in ("item", "category", "kind", "tier")}


def _amended(state: IssueState, record: Record) -> Values:
    body = record.body
    values: Values = {"area": body["head"]["area"] or state.area}
    if body["subject"] is not None:
        values["subject"] = body["subject"]
    return {**values, **place_of(record)}


def place_of(record: Record) -> Values:
    """Where it is, from a report or amendment; nothing when it does not say."""
    place = record.body["place"]
    return {} if place is None else {name: said for name, said in place.items() if said is not None}


def _accepted(_state: IssueState, record: Record) -> Values:
    return {"accepted_at": record.counts_at}


def _responded(state: IssueState, record: Record) -> Values:
    first = record.counts_at if state.responded_at is None else state.responded_at
    return {"responded_at": first}


def _resolved(_state: IssueState, record: Record) -> Values:
    return {"resolved_at": record.counts_at, "unresolvable": False}


def _unresolvable(_state: IssueState, record: Record) -> Values:
    return {"resolved_at": record.counts_at, "unresolvable": True}


def _closed(_state: IssueState, record: Record) -> Values:
    return {"closed_at": record.counts_at}


def _again(_state: IssueState, _record: Record) -> Values:
    return {"resolved_at": None, "unresolvable": False, "closed_at": None}


TABLE: Mapping[str, Rule] = {
    "IssueQueued": Rule(frozenset({S.REPORTED}), S.QUEUED),
    "IssueDispatched": Rule(
        frozenset({S.REPORTED, S.QUEUED, S.RETURNED, *_HANDLED}), S.DISPATCHED, values=_dispatched
    ),
    "IssueReclassified": Rule(_OPEN, values=_reclassified),
    "IssueAmended": Rule(_OPEN, values=_amended),
    "IssueAccepted": Rule(frozenset({S.DISPATCHED}), S.ACCEPTED, of_lead=True, values=_accepted),
    "IssueAssigned": Rule(_HANDLED),
    "IssueReturned": Rule(_HANDLED, S.RETURNED, of_lead=True),
    "IssueResponded": Rule(_HANDLED, S.RESPONDED, of_lead=True, values=_responded),
    "ProgressNoted": Rule(_OPEN),
    "IssueResolved": Rule(
        frozenset({S.ACCEPTED, S.RESPONDED}), S.RESOLVED, of_lead=True, values=_resolved
    ),
    "IssueDeclaredUnresolvable": Rule(
        frozenset({S.ACCEPTED, S.RESPONDED}), S.UNRESOLVABLE, of_lead=True, values=_unresolvable
    ),
    "SiteCheckPassed": Rule(frozenset({S.RESOLVED}), S.VERIFIED),
    "SiteCheckFailed": Rule(frozenset({S.RESOLVED}), S.ACCEPTED, values=_again),
    "IssueClosed": Rule(
        frozenset({S.RESOLVED, S.UNRESOLVABLE, S.VERIFIED}), S.CLOSED, values=_closed
    ),
    "IssueReopened": Rule(_ANSWERED, S.ACCEPTED, values=_again),
    "IssueRated": Rule(_ANSWERED),
    "FollowUpCalled": Rule(_ANSWERED),
    "IssueWithdrawn": Rule(_OPEN, S.WITHDRAWN),
    "IssueTransferred": Rule(_OPEN, S.TRANSFERRED),
}
