"""Record headers: what the router stamps, and how it is read back."""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

#: Avro full name; on every record of every topic, and must agree with the schema id.
CE_TYPE = "ce_type"
#: Append time of the input record in milliseconds UTC, or the sender's where topics.toml says so.
RECEIVED = "received"
#: ``topic/partition/offset`` of the input record.
SOURCE = "source"
#: Who wrote the input record: the writer of its topic in topics.toml.
PRINCIPAL = "principal"
#: Version of the life-cycle rules in force.
RULES = "rules"
#: live, imported or simulated.
ORIGIN = "origin"
#: Place in `redriven` of an input that had become a dead letter and was sent again; else absent.
REDRIVEN = "redriven"
#: When the archive was made that it was restored from, milliseconds UTC; the last header. Its
#: timestamp is then the append time that it had before, though Kafka calls it create time.
RESTORED = "restored"
TRACEPARENT = "traceparent"

_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

_NO_TEXT = re.compile("[\ud800-\udfff]")

#: As Kafka clients take and give them. A name's bytes that are no UTF-8 are surrogates in it, as by
#: ``decode(errors="surrogateescape")``.
RawHeaders = Iterable[tuple[str, bytes | None]]


class Source(NamedTuple):
    """A place in a topic."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"

    @classmethod
    def parse(cls, text: str) -> "Source":
        """The inverse of ``str``; ValueError when it is none."""
        topic, partition, offset = text.rsplit("/", 2)
        return cls(topic, int(partition), int(offset))


def is_traceparent(text: str) -> bool:
    """Whether it is one; W3C Trace Context wants any other dropped without a word."""
    return _TRACEPARENT.fullmatch(text) is not None


def read_headers(raw: RawHeaders | None) -> Mapping[str, str]:
    """Headers by name; ValueError for a name that comes twice, or a name or value that is no UTF-8.

    Names that we do not know are kept: other systems may add theirs.
    """
    found: dict[str, str] = {}
    for name, value in raw or ():
        if not name.isascii() and _NO_TEXT.search(name):
            raise ValueError(f"the name of header {name!r} is not UTF-8")
        if name in found:
            raise ValueError(f"header {name!r} comes twice")
        try:
            found[name] = (value or b"").decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(f"header {name!r} is not UTF-8") from error
    return found


def write_headers(headers: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """Headers as Kafka clients take them, in the mapping's order."""
    return [(name, value.encode("utf-8")) for name, value in headers.items()]
