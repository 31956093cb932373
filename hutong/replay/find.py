"""The records of one issue in the log."""

from collections.abc import Iterator, Mapping

from hutong.events.fields import is_uuid
from hutong.events.headers import SOURCE
from hutong.events.headers import Source as Place
from hutong.events.partition import partition_of
from hutong.events.receipt import BadReceiptError, Receipt
from hutong.events.topics import load_topics, reports_topic
from hutong.issue.record import Record
from hutong.replay.source import Source, Wanted

_BATCH = 5_000


class NoSuchReceiptError(Exception):
    """It is neither an issue id nor a receipt number; the message says why."""


def find_records(source: Source, which: str, ends: Mapping[int, int]) -> list[Record]:
    """All records of the issue with that id or receipt number that lie before the ends of all
    partitions, in the log's order; [] for none.

    An id names its partition, so that one alone is read. Where the report of a receipt number is
    found only by reading, all are, up to the report.
    """
    wanted = which.strip().lower()
    if not is_uuid(wanted):
        found = _issue_of(source, ends, _place_of(wanted))
        if found is None:
            return []
        wanted = found
        source.restart()
    key = wanted.encode()
    partition = partition_of(key, len(ends))
    own = {partition: ends[partition]}
    source.require(own)
    return list(_read(source, own, lambda kept: kept.key == key))


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
    header = (SOURCE, place.encode())  # of the report and of the router's answer to it
    for record in _read(source, ends, lambda kept: header in kept.headers):
        if record.name == "IssueReported":
            return record.issue_id
    return None


def _read(source: Source, ends: Mapping[int, int], wanted: Wanted) -> Iterator[Record]:
    for batch in source.read_to(ends, _BATCH, wanted):
        yield from batch
