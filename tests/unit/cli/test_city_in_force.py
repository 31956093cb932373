"""`hutong city show --in-force` in a terminal of 80 columns."""

from __future__ import annotations

import io

from rich.console import Console

from hutong.cli.city_promote import _table
from hutong.promotions.timeline import Promotion, Timeline

MINUTE = 60_000
START = 1_800_000_000_000
"""2027-01-15 16:00 in Shanghai."""


def promotion(offset: int, actor: str) -> Promotion:
    pack = f"sha256:{offset:064x}"
    at = START + offset * MINUTE
    return Promotion(offset, str(offset), pack, "Huaili District, Hening", actor, at, at, b"")


def test_nothing_is_cut() -> None:
    timeline = Timeline(0)
    actor = "administrator:top-of-the-duty-room-of-the-district"
    first, second = promotion(0, "administrator:wang"), promotion(1, actor)
    timeline.add(first)
    timeline.add(second)
    out = io.StringIO()
    Console(file=out, width=80).print(_table(timeline, second, "Asia/Shanghai"))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert "…" not in out.getvalue()
    for promoted in (first, second):
        assert any(f"{promoted.pack[:19]}  2027-01-15 16:0{promoted.offset}" in li for li in lines)
    # The folded actor, its pieces put together again.
    at = lines[0].index("promoted by")
    assert actor in "".join(line[at:].strip() for line in lines[1:])
