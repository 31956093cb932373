"""How far a replay is, and what is shown of it."""

from __future__ import annotations

import io

from hutong.cli.replay_progress import Shown
from hutong.replay.progress import Progress

HALF = Progress(start={0: 100}, position={0: 400, 1: 100}, ends={0: 500, 1: 500, 2: 0}, seconds=10)


def test_the_rate_is_that_of_this_run_and_the_rest_follows_from_it() -> None:
    assert HALF.done == 500
    assert HALF.rate == 40
    assert HALF.seconds_left == 12.5
    assert HALF.line() == (
        "500 of 1,000 records (50%), 40/s, 12 s left; partitions 0:80% 1:20% 2:100%"
    )


def test_nothing_is_foretold_before_anything_is_known() -> None:
    begun = Progress(start={0: 7}, position={0: 7}, ends={0: 9}, seconds=0)
    assert (begun.rate, begun.seconds_left) == (0, None)
    assert begun.line() == "7 of 9 records (77%), 0/s; partitions 0:77%"


def test_where_the_line_is_too_narrow_partitions_are_blocks() -> None:
    many = Progress(
        start={}, position={p: p * 10 for p in range(12)}, ends=dict.fromkeys(range(12), 110),
        seconds=1,
    )  # fmt: skip
    assert many.line(79) == "660 of 1,320 records (50%), 660/s, 1 s left; ··▁▂▂▃▄▅▅▆▇█"
    assert many.line(200) == many.line()
    assert HALF.line(len(HALF.line())) == HALF.line()


def test_long_waits_are_told_in_minutes_and_hours() -> None:
    def told(left: int) -> str:
        progress = Progress(start={}, position={0: 1}, ends={0: 1 + left}, seconds=1)
        return progress.line().split(", ")[-1].split(" left")[0]

    assert told(119) == "119 s"
    assert told(600) == "10 min"
    assert told(9_000) == "2 h 30 min"


class Screen(io.StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def test_a_log_gets_a_line_every_few_seconds() -> None:
    now = [0.0]
    log = Screen(terminal=False)
    shown = Shown(log, lambda: now[0])
    for second in range(12):
        now[0] = second
        shown.watch(HALF)
    shown.say("done")
    assert log.getvalue() == f"{HALF.line()}\n" * 2 + "done\n"
    assert shown.last is HALF


def test_a_terminal_gets_one_line_that_changes_and_words_that_stay() -> None:
    now = [0.0]
    screen = Screen(terminal=True)
    shown = Shown(screen, lambda: now[0])
    shown.watch(HALF)
    shown.watch(HALF)
    now[0] = 0.6
    shown.watch(HALF)
    shown.say("done")
    shown.end()
    [begin, first, second] = screen.getvalue().split("\r\x1b[2K")
    assert begin == ""
    assert HALF.line().startswith(first)
    assert second == f"{first}\ndone\n"
