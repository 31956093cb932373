"""Notices two routers with different rules: their dispatches go back and forth between packs. Pure.

A promotion changes the pack of each partition once; taking it back changes it once more. What
returns again and again is two routers that do not agree on what is in force.
"""

from collections.abc import Iterable
from typing import Final

from hutong.events.lifecycle import IssueDispatched, IssueQueued
from hutong.issue.record import ROUTER, Record

_BY_PACK: Final = frozenset({IssueDispatched.avro_name, IssueQueued.avro_name})
_LIVE: Final = "live"


class PackWatch:
    """The packs that each partition's live dispatches named, in log order."""

    def __init__(self) -> None:
        self._last: dict[int, str] = {}
        self._seen: dict[int, set[str]] = {}

    def returns(self, records: Iterable[Record]) -> list[Record]:
        """Those whose pack had already been left for another. Imported history may do that."""
        found = []
        for record in records:
            if record.name not in _BY_PACK or record.principal != ROUTER or record.origin != _LIVE:
                continue
            pack, partition = record.body["pack"], record.partition
            seen = self._seen.setdefault(partition, set())
            if pack != self._last.get(partition) and pack in seen:
                found.append(record)
            seen.add(pack)
            self._last[partition] = pack
        return found
