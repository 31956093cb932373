"""The records of one issue in the log."""

from collections.abc import Iterator, Mapping

from hutong.events.fields import is_uuid
from hutong.events.headers import Source as Place
from hutong.events.partition import partition_of
from hutong.events.receipt import BadReceiptError, Receipt
from hutong.events.topics import load_topics, reports_topic
from hutong.issue.record import Record
from hutong.replay.source import Source

_BATCH = 5_000


class NoSuchReceiptError(Exception):
    """It is neither an issue id nor a receipt number; the message says why."""


def find_records(source: Source, which: str) -> list[Record]:
    """All records of the issue with that id or receipt number, in the log's order; [] for none.

    An id names its partition, so that one alone is read. Where the report of a receipt number is
    found only by reading, all are, up to the report.
    """
    wanted = which.strip().lower()
    ends = source.ends()
    if not is_uuid(wanted):
        found = _issue_of(source, ends, _place_of(wanted))
        if found is None:
            return []
        wanted = found
        source.restart()
    partition = partition_of(wanted.encode(), len(ends))
    own = {partition: ends[partition]}
    source.require(own)
    return [record for record in _read(source, own) if record.issue_id == wanted]


def _place_of(which: str) -> str:
    try:
        receipt = Receipt.parse(which)
    except BadReceiptError as error:
        raise NoSuchReceiptError(f"{which}: {error}. An issue id is a UUID.") from error
    channel = load_topics(()).channel_of(receipt.channel)
    if channel is None:
        raise NoSuchReceiptError(f"{which}: there is no channel {receipt.channel:02}")
    return str(Place(reports_topic(channel), receipt.partition, receipt.offset))


def _issue_of(source: Source, ends: Mapping[int, int], place: str) -> str | None:
    source.require(ends)
    for record in _read(source, ends):
        if record.name == "IssueReported" and str(record.source) == place:
            return record.issue_id
    return None


def _read(source: Source, ends: Mapping[int, int]) -> Iterator[Record]:
    for batch in source.read_to(ends, _BATCH):
        yield from batch
