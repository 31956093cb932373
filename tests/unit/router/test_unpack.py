"""Records whose header names are no text, unpacked from real batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch
from hutong_router import unpack
from hutong_router.unpack import Batches, Records, take_any_header_name

from tests.fixtures.raw_names import RawHeaders, batch

PLAIN: RawHeaders = ((b"ce_type", b"x"), ("街".encode(), None))
BAD: RawHeaders = ((b"ce_type", b"x"), (b"caf\xe9", b"\xff"), (b"\xff\xfe", None))
BAD_NAMES = ("ce_type", "caf\udce9", "\udcff\udcfe")
GZIP = 1


def records(fetched: bytes, start: int = 0) -> Records:
    return Records(TopicPartition("desk", 2), Batches(fetched), None, start, None, None, True, 0)


def told(found: Sequence[Any]) -> list[tuple[int, bytes, tuple[str, ...]]]:
    return [(each.offset, each.key, tuple(name for name, _ in each.headers)) for each in found]


def plain(*offsets: int) -> list[tuple[int, bytes, tuple[str, ...]]]:
    return [(offset, str(offset).encode(), ("ce_type", "街")) for offset in offsets]


def bad(offset: int) -> tuple[int, bytes, tuple[str, ...]]:
    return offset, str(offset).encode(), BAD_NAMES


@pytest.mark.parametrize("codec", [0, GZIP])
def test_a_bad_name_is_read_with_surrogates_and_its_neighbours_are_read_once(codec: int) -> None:
    fetched = (
        batch(10, [PLAIN, PLAIN], codec=codec)
        + batch(12, [PLAIN, BAD, PLAIN, BAD], codec=codec)
        + batch(16, [BAD], codec=codec)
        + batch(17, [PLAIN], codec=codec)
    )
    found = list(records(fetched, 10))
    expected = [*plain(10, 11, 12), bad(13), *plain(14), bad(15), bad(16), *plain(17)]
    assert told(found) == expected
    assert found[3].headers == tuple(zip(BAD_NAMES, (b"x", b"\xff", None), strict=True))
    assert [name.encode("utf-8", "surrogateescape") for name in BAD_NAMES] == [n for n, _ in BAD]


def test_reading_goes_on_in_the_middle_of_a_batch() -> None:
    """Given an offset after the bad record of one batch, with the next batch bad as well."""
    fetched = batch(5, [BAD, PLAIN]) + batch(7, [BAD])
    assert told(list(records(fetched, 6))) == [*plain(6), bad(7)]
    assert told(list(records(fetched, 7))) == [bad(7)]


def test_a_lenient_record_is_the_same_as_a_fast_one_but_for_the_names() -> None:
    [fast] = records(batch(3, [PLAIN]), 3)
    [_, lenient] = records(batch(2, [BAD, PLAIN]), 2)
    assert lenient == fast


def test_only_a_batch_with_a_bad_name_is_read_by_the_slow_parser(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slow: list[bytes] = []

    class Counted(unpack._LenientBatch):
        def __init__(self, raw: bytes) -> None:
            slow.append(bytes(raw))
            super().__init__(raw)

    monkeypatch.setattr(unpack, "_LenientBatch", Counted)
    before, with_bad, after = batch(0, [PLAIN]), batch(1, [PLAIN, BAD]), batch(3, [PLAIN])
    assert len(list(records(before + with_bad + after))) == 4
    assert slow == [with_bad]
    batches = Batches(before)
    assert (batches.has_next(), batches.size_in_bytes()) == (True, len(before))
    assert type(batches.next_batch()) is DefaultRecordBatch
    assert not batches.has_next()


def test_a_batch_that_is_broken_stops_and_says_where() -> None:
    """Given a wrong checksum, or lengths beyond the end behind a bad name, none is made up."""
    good = batch(4, [PLAIN, BAD])
    with pytest.raises(CorruptRecordException, match="CRC") as raised:
        list(records(batch(3, [PLAIN]) + good[:-1] + b"\x00\x01", 3))
    assert raised.value.__notes__ == ["while unpacking records from desk/2/4 on"]
    cut = Records(TopicPartition("desk", 2), Batches(_cut(good)), None, 4, None, None, False, 0)
    with pytest.raises(CorruptRecordException):
        list(cut)


def _cut(whole: bytes) -> bytes:
    length = int.from_bytes(whole[8:12], "big") - 2
    return whole[:8] + length.to_bytes(4, "big") + whole[12:-2]


def test_a_deserializer_that_fails_is_not_tried_for_ever() -> None:
    def fail(_raw: bytes) -> str:
        return b"\xff".decode()

    place = TopicPartition("desk", 2)
    with pytest.raises(ValueError, match="read leniently cannot"):
        list(Records(place, Batches(batch(0, [PLAIN])), None, 0, fail, None, True, 0))


def test_the_fetcher_makes_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MemoryRecords", "PartitionRecords"):
        monkeypatch.setattr(fetcher, name, getattr(fetcher, name))
    take_any_header_name()
    take_any_header_name()
    assert (fetcher.MemoryRecords, fetcher.PartitionRecords) == (Batches, Records)
