"""From a JSON object to the event, or to everything that is wrong with it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from hutong.city import City
from hutong.events.fields import HandledOnTheSpot, Head, Place
from hutong.events.lifecycle import IssueReported
from hutong.privacy.contact import contact_token
from hutong.privacy.seal import Binding
from hutong_intake.identity import Sealer
from hutong_intake.messages import faults_of
from hutong_intake.models import PlaceIn, ReportIn, Scope, unknown
from hutong_intake.problems import Fault, invalid


@dataclass(frozen=True, slots=True)
class Checked:
    """A report that may be sent, and what its sender should know."""

    report: ReportIn
    warnings: tuple[Fault, ...]


def check_report(
    body: Mapping[str, Any], city: City, channel: str, *, now: int, strict: bool
) -> Checked:
    """Check a report of ``channel`` at ``now`` (ms UTC); ProblemError with every fault at once.

    Unknown fields are warned of, so that a newer client works with an older server; ``strict``
    refuses them.
    """
    scope = Scope(city, channel, now)
    strange = [unknown_field(path) for path in sorted(unknown(body))]
    faults = list(strange) if strict else []
    try:
        report = ReportIn.model_validate(body, context=scope)
    except ValidationError as error:
        raise invalid(faults_of(error) + faults) from None
    if faults:
        raise invalid(faults)
    return Checked(report, (*scope.warnings, *strange))


def event_of(report: ReportIn, channel: str, issue_id: str, sealer: Sealer) -> IssueReported:
    """The event. A function of what was sent and the current identity key alone: a retry gives the
    same bytes.

    Hence nothing from the clock, the city pack or the API key may enter it.
    """
    reporter = sealer.seal(report.reporter, Binding("IssueReported", issue_id, issue_id))
    return IssueReported(
        head=Head(
            event_id=issue_id,
            issue_id=issue_id,
            occurred_at=report.occurred_at,
            actor=report.actor or f"channel:{channel}",
            area=report.area or None,
        ),
        channel=channel,
        reference=report.reference or None,
        place=place_of(report.place),
        contact=report.contact or (contact_token(issue_id) if reporter else None),
        intent=report.intent or None,
        media=report.media or (),
        handled_on_the_spot=_handled(report),
        reporter=reporter,
        subject=report.subject or "",
        body=report.body,
    )


def place_of(place: PlaceIn | None) -> Place | None:
    """The place of an event; None where it says nothing."""
    if place is None or (place.lon is None and not place.address):
        return None
    return Place(lon=place.lon, lat=place.lat, address=place.address or None)


def _handled(report: ReportIn) -> HandledOnTheSpot | None:
    handled = report.handled_on_the_spot
    if handled is None:
        return None
    return HandledOnTheSpot(result=handled.result, text=handled.text)


def unknown_field(path: str) -> Fault:
    """The fault, or warning, about a field that there is not."""
    zh, en = "没有这一项，未予采用。", "There is no such field; it is not used."
    return Fault(path, "unknown_field", zh, en)
