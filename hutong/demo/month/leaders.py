"""Leaders watch what went up to them, and then it goes faster."""

from typing import Final

from hutong.demo.month.departments import solves
from hutong.demo.month.stage import Case, Stage
from hutong.events.lifecycle import SupervisionClosed, SupervisionOpened

_DAY: Final = 86_400_000
_LEVEL: Final = "district"
_LEADER: Final = "desk:leader"


def escalated(stage: Stage, case: Case) -> None:
    """What has reached the district and is still not solved may be supervised."""
    clock = case.state.clocks.get("resolve")
    if clock is None or clock.level != _LEVEL or _LEVEL in case.state.supervisions:
        return
    if case.chance.happens(stage.behaviour.leader["supervises"]):
        middle = stage.behaviour.leader["supervise"]
        stage.later(case, case.chance.around(middle), _opens, roster="day", hop=False)


def _opens(stage: Stage, case: Case) -> None:
    if case.state.resolved_at is not None or _LEVEL in case.state.supervisions:
        return
    opened = stage.tell(
        case,
        _LEADER,
        SupervisionOpened,
        level=_LEVEL,
        ground=stage.words(case, "supervise", "open"),
        due_at=stage.now + 2 * _DAY,
    )
    if opened:
        stage.later(case, case.chance.around(stage.behaviour.leader["presses"]), solves)


def content(stage: Stage, case: Case) -> None:
    """A result ends the supervision."""
    if any(found.closed_at is None for found in case.state.supervisions.values()):
        stage.later(case, case.chance.around(240), _closes, roster="day", hop=False)


def _closes(stage: Stage, case: Case) -> None:
    if case.state.resolved_at is None:
        return
    ground = stage.words(case, "supervise", "close")
    stage.tell(case, _LEADER, SupervisionClosed, level=_LEVEL, ground=ground)
