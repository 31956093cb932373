"""What goes wrong with an act, as problems."""

from hutong_intake.intake import RETRY_SECONDS
from hutong_intake.problems import (
    INVALID_ACT,
    KEY_REUSED,
    NO_EFFECT,
    NOT_CONFIRMED,
    NOT_FOUND,
    NOT_YOURS,
    STATE_UNKNOWN,
    Fault,
    Kind,
    ProblemError,
    invalid,
)


def no_such_verb(names: str) -> ProblemError:
    """There are others."""
    zh, en = f"没有这个操作；可用：{names}", f"There is no such act; there are: {names}"
    return ProblemError(NOT_FOUND, zh, en)


def not_your_verb(principal: str, name: str, name_zh: str, names: str) -> ProblemError:
    """It is for others."""
    return ProblemError(
        NOT_YOURS,
        f"{principal} 不能{name_zh}；可用：{names}",
        f"{name} is not for {principal}; it has: {names}",
    )


def no_effect(reason: str, zh: str, en: str, kind: Kind = NO_EFFECT) -> ProblemError:
    """An act that is written only where it would hold: a merge of two, a look at who reported."""
    return ProblemError(
        kind,
        f"{zh}；未写入任何内容。",
        f"{en}; nothing was written.",
        more={"reason": reason},
    )


def not_there() -> ProblemError:
    """The same for an issue that is not, and for one that is none of the asker's business."""
    return ProblemError(
        NOT_FOUND,
        "没有这件诉求，或与贵单位无关；刚刚派出的，请稍后再试。",
        "There is no such issue, or it is none of yours. If it has just been given to you, "
        "try again.",
    )


def key_reused() -> ProblemError:
    """The key stands for something else."""
    return ProblemError(
        KEY_REUSED,
        "同一幂等键已用于此诉求上内容不同的操作；未写入任何内容。",
        "The same key came with another body for this act before; nothing was written.",
    )


def invalid_act(faults: list[Fault]) -> ProblemError:
    """An act with these faults."""
    return invalid(faults, INVALID_ACT)


def state_unknown(faults: list[Fault]) -> ProblemError:
    """The issue cannot be looked up; with faults: what the request would have to say."""
    zh, en = "暂时无法查询诉求的现状", "The issue cannot be looked up right now"
    if faults:
        zh += "；补齐 errors 所列各项即可写入"
        en += "; it is taken if the request says what is in `errors`"
    return ProblemError(
        STATE_UNKNOWN,
        f"{zh}。未写入任何内容。",
        f"{en}. Nothing was written.",
        faults=faults,
        headers={"Retry-After": str(RETRY_SECONDS)},
    )


def unconfirmed(issue_id: str, event_id: str, *, has_key: bool) -> ProblemError:
    """The broker did not confirm in time."""
    if has_key:
        zh, en = "用同一幂等键重发是安全的。", "Sending again with the same key is safe."
    else:
        zh = "重发之前，请先查询此处 event_id 的处理结果。"
        en = "Before sending again, ask what became of this event_id."
    return ProblemError(
        NOT_CONFIRMED,
        f"消息系统未及时确认，是否写入尚不确定。{zh}",
        f"The broker did not confirm in time: the outcome is unknown. {en}",
        headers={"Retry-After": str(RETRY_SECONDS)},
        more={"event_id": event_id, "issue_id": issue_id, "outcome": "unknown"},
    )
