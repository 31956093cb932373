"""Version 1: what an applied event changes of the state, clocks aside."""

from typing import Any

from hutong.issue.pack import Pack
from hutong.issue.parts import (
    Assignment,
    Extension,
    FollowUp,
    Hop,
    Rating,
    Round,
    Supervision,
    Suspension,
)
from hutong.issue.record import Record
from hutong.issue.state import IssueState, Status
from hutong.issue.table import Changes
from hutong.privacy.contact import contact_token

S = Status


def place_of(record: Record) -> Changes:
    """Where it is, from a report or amendment; nothing when it does not say."""
    place = record.body["place"]
    return {} if place is None else {name: said for name, said in place.items() if said is not None}


def reported(_state: IssueState, record: Record, _pack: Pack) -> Changes:
    """The issue begins; what a patrol solved at once begins with its result."""
    body = record.body
    changes: Changes = {
        "channel": body["channel"],
        "origin": record.origin,
        "source": str(record.source),
        "area": body["head"]["area"],
        "intent": body["intent"],
        "reported_at": record.counts_at,
        "subject": body["subject"],
        "contact": body["contact"],
        "text": body["body"],
        "media": tuple(body["media"]),
        **place_of(record),
        "stage": S.REPORTED,
    }
    spot = body["handled_on_the_spot"]
    if spot is not None:
        changes |= {
            "stage": S.RESOLVED,
            "on_the_spot": True,
            "resolved_at": record.counts_at,
            "result": spot["result"],
            "handlers": (body["head"]["actor"],),
        }
    return changes


def queued(state: IssueState, _record: Record, _pack: Pack) -> Changes:
    """Lies with the desk, unless a patrol has solved it already."""
    return {"stage": S.RESOLVED if state.on_the_spot else S.QUEUED}


def dispatched(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """A new hop begins and the last one ends; of what is solved already only the kind is noted."""
    body = record.body
    matter = {name: body[name] for name in ("item", "category", "kind", "intent", "tier")}
    # The router finds the grid of a report that only gave a point.
    matter["area"] = state.area or body["head"]["area"]
    if state.stage is S.RESOLVED:
        return {**matter, "stage": S.RESOLVED}
    co_owners = tuple(body["co_owners"])
    at = record.counts_at
    hop = Hop(body["hop"], body["lead"], co_owners, record.event_id, at, at)
    return {
        **matter,
        "stage": S.DISPATCHED,
        "hop": body["hop"],
        "lead": body["lead"],
        "co_owners": co_owners,
        "hops": (*ended_hops(state, at, "reassigned"), hop),
        "dispatched_at": at if state.dispatched_at is None else state.dispatched_at,
        "accepted_at": None,
        "next_lead": None,
        "assignments": {},
    }


def ended_hops(state: IssueState, at: int, by: str) -> tuple[Hop, ...]:
    """The hops, with the present one ended."""
    if not state.hops or state.hops[-1].ended_at is not None:
        return state.hops
    return (*state.hops[:-1], state.hops[-1]._replace(ended_at=at, ended_by=by))


def reclassified(_state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Another category; the promise that was given stays."""
    return {name: record.body[name] for name in ("item", "category", "kind", "tier")}


def amended(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """What it says anew; a null field stays as it was."""
    body = record.body
    contact = body["contact"]
    if contact is None and state.contact is None and body["reporter"] is not None:
        contact = contact_token(state.issue_id)  # now there is somebody to call back
    said = {"subject": body["subject"], "text": body["body"], "contact": contact}
    return {
        "area": body["head"]["area"] or state.area,
        **{name: value for name, value in said.items() if value is not None},
        **place_of(record),
    }


def revealed(state: IssueState, _record: Record, _pack: Pack) -> Changes:
    """Somebody was told who reported it."""
    return {"reveals": state.reveals + 1}


def ended(_state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Nobody here has anything left to do."""
    return {"ended_at": record.counts_at}


def accepted(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Signed for; an answer that was given before stays the further step."""
    at = record.counts_at
    handler = record.body["handler"]
    return {
        "stage": state.stage if state.stage is S.RESPONDED else S.ACCEPTED,
        "accepted_at": at,
        "hops": (*state.hops[:-1], state.hops[-1]._replace(accepted_at=at)),
        **_handled_by(state, handler),
    }


def _handled_by(state: IssueState, *names: str | None) -> Changes:
    new = [name for name in names if name and name not in state.handlers]
    return {"handlers": (*state.handlers, *new)} if new else {}


def assigned(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Somebody below the department has it now."""
    body = record.body
    assignment = Assignment(body["assignee"], body["level"], record.counts_at, body["due"])
    return {
        "assignments": {**state.assignments, record.department or "": assignment},
        **_handled_by(state, body["assignee"]),
    }


def returned(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Lies with the desk; the second time from the same department it is a dispute."""
    again = state.lead is not None and state.returns_of(state.lead) > 0
    hop = state.hops[-1]
    hop = hop._replace(
        returns=hop.returns + 1,
        returned_at=record.counts_at,
        return_reason=record.body["reason"],
        returned_from=state.stage.value,
    )
    return {"stage": S.DISPUTED if again else S.RETURNED, "hops": (*state.hops[:-1], hop)}


def return_decided(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Accepted: nobody leads until the desk dispatches. Refused: back with the same owner."""
    if record.body["accepted"]:
        return _taken_away(state, "returned", record.body["next_owner"])
    hop = state.hops[-1]
    assert hop.returned_at is not None
    assert hop.returned_from is not None
    desk_ms = hop.desk_ms + max(0, record.counts_at - hop.returned_at)
    back = hop._replace(returned_at=None, returned_from=None, desk_ms=desk_ms)
    return {"stage": Status(hop.returned_from), "hops": (*state.hops[:-1], back)}


def adjudicated(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Ruled for good: a dispatch to that department carries it out."""
    return {**_taken_away(state, "ruled", record.body["lead"]), "adjudicated": True}


def _taken_away(state: IssueState, by: str, next_lead: str | None) -> Changes:
    since = state.hops[-1].returned_at
    assert since is not None
    return {
        "stage": S.QUEUED,
        "lead": None,
        "co_owners": (),
        "accepted_at": None,
        "next_lead": next_lead,
        "hops": ended_hops(state, since, by),
        "assignments": {},
    }


def responded(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """The first answer counts, whichever is recorded first."""
    at = record.counts_at
    first = at if state.responded_at is None else min(at, state.responded_at)
    return {"stage": S.RESPONDED, "responded_at": first}


def extension_asked(_state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Waits for a decision."""
    return {"extension": Extension(record.body["reason"], record.body["minutes"], record.counts_at)}


def extension_decided(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Granted or not."""
    assert state.extension is not None
    granted = record.body["granted"]
    return {
        "extension": state.extension._replace(
            granted=granted,
            granted_minutes=record.body["minutes"] if granted else 0,
            level=record.body["level"],
            decided_at=record.counts_at,
        )
    }


def suspended(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """On hold; a second time only moves the review."""
    body = record.body
    since = record.counts_at if state.suspension is None else state.suspension.since
    return {"suspension": Suspension(body["reason"], body["condition"], since, body["review_at"])}


def resumed(_state: IssueState, _record: Record, _pack: Pack) -> Changes:
    """What it was before the suspension."""
    return {"suspension": None}


def resolved(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """A claim. The end of the law's case adds its result and changes nothing else."""
    body = record.body
    if state.resolved_at is not None:
        return {"stage": state.stage, "result": body["result"]}
    return {
        "stage": S.RESOLVED,
        "resolved_at": record.counts_at,
        "unresolvable": False,
        "result": body["result"],
        "file_number": body["file_number"],
        **_handled_by(state, body["head"]["actor"]),
    }


def unresolvable(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """It cannot be solved, and the reporter was told: counted apart."""
    return {
        "stage": S.UNRESOLVABLE,
        "resolved_at": record.counts_at,
        "unresolvable": True,
        "result": record.body["reason"],
        **_handled_by(state, record.body["head"]["actor"]),
    }


def verified(_state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Found solved."""
    return {"verified_at": record.counts_at}


def reworked(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """The result did not last: it becomes a round of its own, and the work begins again.

    The same lead has it in a new hop, because departments drop orders of a hop that they know.
    """
    at = record.counts_at
    ended = Round(
        state.resolved_at,
        state.unresolvable,
        state.result,
        state.verified_at,
        state.closed_at,
        state.follow_up,
        state.rating,
        at,
        record.name,
    )
    changes: Changes = {"stage": S.QUEUED}
    if state.lead is not None:
        hop = Hop(state.hop + 1, state.lead, state.co_owners, record.event_id, at, at, at)
        hops = (*ended_hops(state, at, "reworked"), hop)
        changes = {"stage": S.ACCEPTED, "hop": hop.number, "hops": hops}
    return {
        **changes,
        "rounds": (*state.rounds, ended),
        "resolved_at": None,
        "unresolvable": False,
        "result": None,
        "file_number": None,
        "verified_at": None,
        "closed_at": None,
        "follow_up": None,
        "rating": None,
    }


def closed(_state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Off the desk's table."""
    return {"closed_at": record.counts_at}


def called(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """What the last call that reached somebody said; how many calls there were."""
    body, last = record.body, state.follow_up
    facts = ("reached", "contacted", "solved", "satisfied", "cause")
    call = FollowUp(1, record.counts_at, *(body[name] for name in facts))
    if last is not None:
        kept = last if last.reached == "reached" != call.reached else call
        call = kept._replace(tries=last.tries + 1)
    return {"follow_up": call}


def rated(_state: IssueState, record: Record, _pack: Pack) -> Changes:
    """What the reporter thinks of it."""
    body = record.body
    return {"rating": Rating(record.counts_at, body["resolved"], body["satisfied"], body["stars"])}


def reminded(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Counted on the clock."""
    clock = state.clocks[record.body["clock"]]
    return _on_clock(state, record, reminded=clock.reminded + 1)


def noticed(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """A notice; whether it was late is judged by what stops the clock, never by this."""
    return _on_clock(state, record, noticed=record.body["due_at"])


def escalated(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """One rung up."""
    return _on_clock(state, record, level=record.body["level"])


def _on_clock(state: IssueState, record: Record, **changes: Any) -> Changes:
    name = record.body["clock"]
    return {"clocks": {**state.clocks, name: state.clocks[name]._replace(**changes)}}


def supervised(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """A leader watches it."""
    opened = Supervision(record.body["ground"], record.counts_at)
    return {"supervisions": {**state.supervisions, record.body["level"]: opened}}


def unsupervised(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """That leader is content."""
    level = record.body["level"]
    closed = state.supervisions[level]._replace(closed_at=record.counts_at)
    return {"supervisions": {**state.supervisions, level: closed}}


def suspected(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Remembered once each; what a person has dismissed is not suspected again."""
    found = [suspect["issue_id"] for suspect in record.body["suspects"]]
    new = [other for other in found if other not in state.dismissed]
    return {"suspects": tuple(dict.fromkeys((*state.suspects, *new)))}


def dismissed(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Not the same matter."""
    other = record.body["other_id"]
    return {
        "suspects": tuple(suspect for suspect in state.suspects if suspect != other),
        "dismissed": (*state.dismissed, other),
    }


def merged(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Follows its master; whoever had it puts it down."""
    return {
        "master": record.body["master_id"],
        "hops": ended_hops(state, record.counts_at, "merged"),
    }


def absorbed(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """One more child."""
    return {"children": (*state.children, record.body["child_id"])}


def unmerged(state: IssueState, record: Record, _pack: Pack) -> Changes:
    """Stands on its own again. Who led it leads it in a new hop, where the last one ended."""
    other = record.body["other_id"]
    if other != state.master:
        return {"children": tuple(child for child in state.children if child != other)}
    changes: Changes = {"master": None}
    if state.lead is not None and state.hops[-1].ended_by == "merged":
        last, at = state.hops[-1], record.counts_at
        again = last._replace(
            number=state.hop + 1,
            ordered_by=record.event_id,
            started_at=at,
            returns=0,
            # A return that the desk had before it is still to be decided.
            returned_at=None if last.returned_at is None else at,
            desk_ms=0,
            ended_at=None,
            ended_by="",
        )
        changes |= {"hop": again.number, "hops": (*state.hops, again)}
    return changes
