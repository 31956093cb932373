"""Fetched bytes to records, also where the name of a header is no text.

A header's name is bytes of the sender's choice. aiokafka decodes it strictly and fails, long before
the router could refuse the record: one record would hold its partition for ever. Here a batch that
fails so is read again by aiokafka's parser in Python, which leaves such bytes in the name as
surrogates (`hutong.events.headers.read_headers` refuses them). All other batches go through
aiokafka's fast parser as before.

What is subclassed is private to aiokafka: tests/contract/test_faust_pin.py pins it.
"""

from typing import Any, SupportsIndex

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy


class _Bytes(bytearray):
    """A batch's bytes, whose parts decode to surrogates where they are no UTF-8."""

    def __getitem__(self, where: SupportsIndex | slice) -> Any:
        part = super().__getitem__(where)
        if not isinstance(where, slice):
            return part
        if where.stop > len(self):  # the fast parser refuses this as well
            raise IndexError(f"{where.stop} is past the end, {len(self)}")
        return _Bytes(part)

    def decode(self, encoding: str = "utf-8", _errors: str = "strict") -> str:
        return super().decode(encoding, "surrogateescape")


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # not followed by mypy
    _buffer: bytearray

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        self._buffer = _Bytes(self._buffer)


class Batches(_MemoryRecordsPy):  # type: ignore[misc]  # not followed by mypy
    """The batches of a fetch; the one given last can be had again, to be read leniently."""

    def __init__(self, fetched: bytes) -> None:
        self._last: memoryview | None = None
        self._repeat = False
        super().__init__(fetched)

    def has_next(self) -> bool:
        """Whether `next_batch` gives one."""
        return self._repeat or self._next_slice is not None

    def next_batch(self) -> Any:
        """The next batch, not parsed yet."""
        if self._repeat:
            last, self._last, self._repeat = self._last, None, False
            return _LenientBatch(last)
        self._last = self._next_slice
        return super().next_batch()

    def repeat(self) -> None:
        """Give the last batch again, once; ValueError when it was given leniently."""
        if self._last is None:
            raise ValueError("a batch that was read leniently cannot be read")
        self._repeat = True


class Records(fetcher.PartitionRecords):  # type: ignore[misc]  # not followed by mypy
    """The records of a fetch, one after the other, none of them lost or twice."""

    _records_iterator: Any

    def __next__(self) -> Any:
        try:
            return next(self._records_iterator)
        except StopIteration:
            self._records_iterator = None
            raise
        except UnicodeDecodeError:
            # The new iterator skips what was given before: next_fetch_offset is past it.
            self._records.repeat()
            self._records_iterator = self._unpack_records()
            return next(self)
        except Exception as error:
            place = f"{self._tp.topic}/{self._tp.partition}/{self.next_fetch_offset}"
            error.add_note(f"while unpacking records from {place} on")
            raise


def take_any_header_name() -> None:
    """Have the aiokafka consumers of this process, of which the router has one, unpack like this.

    aiokafka makes these two itself, in the middle of its fetcher: there is nowhere to hand them in.
    """
    fetcher.MemoryRecords = Batches
    fetcher.PartitionRecords = Records
