"""The rules in force: tables by version, city packs by the time from which they count."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hutong.issue import v1
from hutong.issue.pack import CityPack, Pack
from hutong.issue.record import Record
from hutong.issue.table import Table

#: The version that the router stamps on what it appends now.
VERSION: Final = v1.TABLE.version
#: Every version that is in the log. Released ones are never edited.
TABLES: Final[Mapping[str, Table]] = {table.version: table for table in (v1.TABLE,)}

#: Reason of a verdict -> why, in Chinese and English, over all versions.
REASONS: Final[Mapping[str, tuple[str, str]]] = {
    code: words for table in TABLES.values() for code, words in table.reasons.items()
}


class UnknownRulesError(Exception):
    """A record of rules that this program does not know: it is too old for the log."""


class Rules:
    """What the fold judges by, besides the history itself.

    A record is judged by the table that its header names, and by the pack in force when it was
    received (the earliest known, for what came before any).
    """

    def __init__(self, packs: Sequence[Pack], tables: Mapping[str, Table] = TABLES) -> None:
        if not packs:
            raise ValueError("rules need a city pack")
        self._packs = sorted(packs, key=lambda pack: pack.since)
        self._since = [pack.since for pack in self._packs]
        self._tables = tables

    @classmethod
    def of(cls, city: CityPack) -> "Rules":
        """By one city pack, whatever the time."""
        return cls([Pack.of(city)])

    @classmethod
    def over(cls, packs: Iterable[tuple[int, CityPack]]) -> "Rules":
        """By several, each from an instant (milliseconds UTC) on."""
        return cls([Pack.of(city, since=since) for since, city in packs])

    def pack(self, received_at: int) -> Pack:
        """The pack in force then."""
        return self._packs[max(0, bisect_right(self._since, received_at) - 1)]

    def table(self, record: Record) -> Table:
        """The table that the record is judged by; UnknownRulesError must stop the reader."""
        try:
            return self._tables[record.rules]
        except KeyError:
            raise UnknownRulesError(
                f"{record.source} names life-cycle rules {record.rules}; this program knows "
                f"{', '.join(self._tables)}"
            ) from None

    @property
    def digests(self) -> Mapping[int, str]:
        """Since when -> what names the rules from then on; states made with others are not
        comparable, and need a rebuild."""
        return {pack.since: pack.digest for pack in self._packs}
