"""One generated report, and the form in which the intake takes it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class GeneratedReport:
    """A made-up report, with what a real one never tells: what it is truly about.

    `item`, `matter` and `vague` are ground truth and are never sent.
    """

    number: int
    """Counts from 1 in time order."""
    channel: str
    occurred_at: int
    """ms UTC."""
    area: str | None
    """Grid code, if the sender or the clerk knew it."""
    lon: float | None
    lat: float | None
    """WGS84 degrees inside the grid; both or neither."""
    address: str | None
    subject: str
    body: str
    intent: str | None
    contact: str | None
    """Opaque name of the sender: the same one for all reports of a person, worker or device."""
    reporter: str | None
    phone: str | None
    """Begins with 154, a mobile prefix that is not in use."""
    handled_on_the_spot: str | None
    """What the patrol did, where it solved the matter at once."""
    item: str
    """Code of the duty item it was written from."""
    matter: int
    """The same for all reports about one matter: the number of the first of them."""
    vague: bool
    """Says too little for anyone to be sure what it is about."""


def as_json(report: GeneratedReport, zone: tzinfo = UTC) -> dict[str, Any]:
    """The body of POST /v1/reports for this report; the truth about it stays behind."""
    body: dict[str, Any] = {
        "occurred_at": as_time(report.occurred_at, zone),
        "subject": report.subject,
        "body": report.body,
    }
    if report.area is not None:
        body["area"] = report.area
    place: dict[str, Any] = {}
    if report.lon is not None and report.lat is not None:
        place |= {"lon": report.lon, "lat": report.lat, "datum": "WGS84"}
    if report.address is not None:
        place["address"] = report.address
    if place:
        body["place"] = place
    if report.phone is not None:
        body["reporter"] = {"name": report.reporter, "phone": report.phone}
    if report.intent is not None:
        body["intent"] = report.intent
    if report.handled_on_the_spot is not None:
        body["handled_on_the_spot"] = {"result": "fixed", "text": report.handled_on_the_spot}
    return body


def as_time(millis: int, zone: tzinfo) -> str:
    """ms UTC as RFC 3339 with the offset of `zone`."""
    moment = _EPOCH + timedelta(milliseconds=millis)
    return moment.astimezone(zone).isoformat(timespec="milliseconds")
