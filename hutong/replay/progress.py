"""How far a replay is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: Nothing yet, then as many eighths of a partition as are done.
_BLOCKS: Final = "·▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Progress:
    """Partition -> next offset: where this run began, where it is, where it is to end.

    Offsets without a record are counted as records: nobody knows of them before they are read.
    ``seconds`` since this run began.
    """

    start: Mapping[int, int]
    position: Mapping[int, int]
    ends: Mapping[int, int]
    seconds: float

    @property
    def done(self) -> int:
        """Records that are folded, those of an earlier run included."""
        return sum(self.position.values())

    @property
    def rate(self) -> float:
        """Records a second of this run; 0 before anything is known."""
        here = self.done - sum(self.start.values())
        return here / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At that rate; None while it is 0."""
        left = sum(self.ends.values()) - self.done
        return left / self.rate if self.rate else None

    def line(self, width: int | None = None) -> str:
        """On one line: the whole, rate, time left, and each partition in percent, or in eighths as
        the height of a block where that would be wider."""
        total = sum(self.ends.values())
        left = "" if self.seconds_left is None else f", {_span(self.seconds_left)} left"
        parts = " ".join(
            f"{p}:{_percent(self.position.get(p, 0), end)}" for p, end in sorted(self.ends.items())
        )
        whole = (
            f"{self.done:,} of {total:,} records ({_percent(self.done, total)}), "
            f"{self.rate:,.0f}/s{left}; "
        )
        told = f"{whole}partitions {parts}"
        if width is None or len(told) <= width:
            return told
        eighths = (
            8 * self.position.get(p, 0) // end if end else 8 for p, end in sorted(self.ends.items())
        )
        return whole + "".join(_BLOCKS[number] for number in eighths)


def _percent(part: int, whole: int) -> str:
    return f"{100 * part // whole if whole else 100}%"


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
