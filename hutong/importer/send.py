"""Sends messages of another system to the import topic."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from hutong.events.codec import default_codec
from hutong.events.fields import SUBJECT_LIMIT, TEXT_LIMIT, Head, Place
from hutong.events.headers import CE_TYPE, RECEIVED
from hutong.events.ids import derived_id
from hutong.events.lifecycle import IssueReported
from hutong.events.topics import reports_topic
from hutong.importer.messages import BadRow, ImportedMessage
from hutong.kafka.access import Brokers
from hutong.kafka.send import OutRecord, send_confirmed

CHANNEL = "import"


@dataclass(slots=True)
class ImportReport:
    """What became of a file."""

    #: issue_id of every report sent, in the file's order.
    issue_ids: list[str] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)


def to_event(message: ImportedMessage) -> IssueReported:
    """The report that a message is.

    Its id follows from the message's number and time, so that the same file imported again, under
    whatever name, gives the same issues, and two systems that count from 1 do not collide.
    """
    issue_id = derived_id(CHANNEL, message.message_id, str(message.submitted_at))
    place = None
    if message.lon is not None and message.lat is not None:
        place = Place(lon=message.lon, lat=message.lat)
    return IssueReported(
        head=Head(
            event_id=issue_id,
            issue_id=issue_id,
            occurred_at=message.submitted_at,
            actor="importer",
            area=message.area,
        ),
        channel=CHANNEL,
        reference=message.message_id,
        place=place,
        subject=message.subject,
        body=message.body,
    )


def import_messages(
    bootstrap: Brokers, messages: Iterable[ImportedMessage | BadRow]
) -> ImportReport:
    """Send every readable message and wait until the broker has confirmed each.

    Bad rows are reported and take none of their neighbours along. Raises NotConfirmedError when
    the broker refused or did not answer for any record.
    """
    report = ImportReport()
    send_confirmed(bootstrap, _records(messages, report))
    return report


def _records(
    messages: Iterable[ImportedMessage | BadRow], report: ImportReport
) -> Iterator[OutRecord]:
    codec, topic = default_codec(), reports_topic(CHANNEL)
    for message in messages:
        row = _too_long(message) if isinstance(message, ImportedMessage) else message
        if isinstance(row, BadRow):
            report.bad.append(row)
            continue
        event = to_event(row)
        report.issue_ids.append(event.head.issue_id)
        headers = {CE_TYPE: event.avro_name, RECEIVED: str(row.submitted_at)}
        yield OutRecord(topic, event.head.issue_id.encode(), codec.encode(event), headers)


def _too_long(message: ImportedMessage) -> ImportedMessage | BadRow:
    for name, text, limit in (
        ("subject", message.subject, SUBJECT_LIMIT),
        ("body", message.body, TEXT_LIMIT),
    ):
        if len(text) > limit:
            return BadRow(message.line, f"{name} has {len(text)} characters, at most {limit}")
    return message
