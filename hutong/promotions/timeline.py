"""Which promotion is in force at an instant. Pure.

A promotion takes effect at the later of the time that it declares and its append time plus the
lead. Whoever has read `city` up to less than the lead ago therefore knows every promotion that can
be in force for a record that is received now: the answer for an instant never changes, whoever asks
and however often.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field


class NoPackError(Exception):
    """No pack was ever promoted, or none of those can be used."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """One event of `city`. Times are milliseconds UTC; ``effective_at`` is what it declares."""

    offset: int
    event_id: str
    pack: str
    name: str
    actor: str
    appended_at: int
    effective_at: int
    archive: bytes = field(repr=False)

    def in_force_from(self, lead_ms: int) -> int:
        """When it takes effect."""
        return max(self.effective_at, self.appended_at + lead_ms)


class Timeline:
    """Promotions in the order in which they take effect."""

    def __init__(self, lead_ms: int) -> None:
        self._lead_ms = lead_ms
        self._appended: tuple[Promotion, ...] = ()
        self._in_effect: tuple[tuple[int, int, Promotion], ...] = ()

    def __iter__(self) -> Iterator[Promotion]:
        """All, in the order in which they were appended."""
        return iter(self._appended)

    def __len__(self) -> int:
        return len(self._appended)

    def add(self, promotion: Promotion) -> None:
        """One more, appended after all before."""
        appended = (*self._appended, promotion)
        self._in_effect = tuple(
            sorted(
                ((p.in_force_from(self._lead_ms), p.offset, p) for p in appended),
                key=lambda entry: entry[:2],
            )
        )
        self._appended = appended

    def candidates(self, instant: int) -> Iterator[Promotion]:
        """The promotion in force at the instant, then those to fall back on when it is no pack.

        The one that took effect last comes first; of two at the same time, the one appended later.
        Before any took effect, and for history before any, it is the first that was appended: it
        alone can never be preceded by one that is appended later.
        """
        for since, _, promotion in reversed(self._in_effect):
            if since <= instant:
                yield promotion
        for since, _, promotion in sorted(self._in_effect, key=lambda entry: entry[1]):
            if since > instant:
                yield promotion

    def ahead(self, instant: int) -> Iterator[Promotion]:
        """Those that take effect after the instant, the next one first."""
        return (p for since, _, p in self._in_effect if since > instant)

    def since(self, promotion: Promotion) -> int:
        """When it takes effect."""
        return promotion.in_force_from(self._lead_ms)
