"""The one table of what may be done to an issue over HTTP: verb, event, fields, words.

Who may use a verb follows from `topics.toml`: whoever may write the verb's event on a topic of his
own. Whether it has an effect is the life cycle's to judge.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hutong.events import lifecycle
from hutong.events.acts import ACTS
from hutong.events.base import Event
from hutong.events.topics import Topic
from hutong_intake import act_models as models


@dataclass(frozen=True, slots=True)
class Verb:
    """One act: the event that it writes, what may be sent with it, its words.

    ``other``: the event that goes to the other of two issues; of a pair, which issue gets which
    depends on their age.
    """

    name: str
    event: type[Event]
    model: type[models.ActIn]
    zh: str
    en: str
    other: type[Event] | None = None

    @property
    def events(self) -> tuple[type[Event], ...]:
        """All that it writes."""
        return (self.event,) if self.other is None else (self.event, self.other)

    def may_be_on(self, topic: Topic) -> bool:
        """Whether the topic's writer may use it."""
        return {event.avro_name for event in self.events} <= topic.events


def _verb(
    name: str, model: type[models.ActIn], zh: str, en: str, other: type[Event] | None = None
) -> Verb:
    return Verb(name, ACTS[name], model, zh, en, other)


_TABLE: Final = (
    # The department.
    _verb("accept", models.AcceptIn, "签收", "Accept"),
    _verb("assign", models.AssignIn, "指派", "Assign"),
    _verb("return", models.ReturnIn, "退单", "Return"),
    _verb("respond", models.RespondIn, "首次响应", "Respond"),
    _verb("note", models.NoteIn, "记录进展", "Note progress"),
    _verb("request-extension", models.RequestExtensionIn, "申请延期", "Ask for more time"),
    _verb("resolve", models.ResolveIn, "办结", "Resolve"),
    _verb(
        "declare-unresolvable", models.DeclareUnresolvableIn, "申报无法解决", "Declare unresolvable"
    ),
    # The desk.
    _verb("dispatch", models.DispatchIn, "派单", "Dispatch"),
    _verb("reclassify", models.ReclassifyIn, "改分类", "Reclassify"),
    _verb("decide-return", models.DecideReturnIn, "审定退单", "Decide a return"),
    _verb("adjudicate", models.AdjudicateIn, "裁定职责", "Rule who leads"),
    _verb("decide-extension", models.DecideExtensionIn, "审批延期", "Decide on more time"),
    _verb("suspend", models.SuspendIn, "挂账", "Suspend"),
    _verb("resume", models.ResumeIn, "恢复办理", "Resume"),
    _verb("close", models.CloseIn, "结案", "Close"),
    _verb("reopen", models.ReopenIn, "重办", "Reopen"),
    _verb("call", models.CallIn, "回访", "Follow up by telephone"),
    _verb("supervise", models.SuperviseIn, "督办", "Supervise"),
    _verb("end-supervision", models.EndSupervisionIn, "解除督办", "End supervision"),
    _verb("merge", models.MergeIn, "并案", "Merge", lifecycle.IssueAbsorbed),
    _verb("unmerge", models.UnmergeIn, "解除并案", "Unmerge", lifecycle.IssueUnmerged),
    _verb(
        "dismiss-duplicate",
        models.DismissDuplicateIn,
        "排除重复",
        "Dismiss a suspected duplicate",
    ),
    _verb("transfer", models.TransferIn, "转办", "Transfer"),
    # Whoever reported it, and the desk in his name.
    _verb("withdraw", models.WithdrawIn, "撤回", "Withdraw"),
    _verb("amend", models.AmendIn, "更正", "Amend"),
    _verb("rate", models.RateIn, "评价", "Rate"),
    _verb("check-passed", models.CheckIn, "核查通过", "Check passed"),
    _verb("check-failed", models.CheckIn, "核查未通过", "Check failed"),
    # Whoever handles it. Not for apps' outboxes: the answer is for the eyes of whoever asks now.
    Verb(
        "reveal", lifecycle.IdentityRevealed, models.RevealIn, "查看诉求人身份", "See who reported"
    ),
)


def name_of(event: type[Event]) -> str:
    """As in the history: ``IssueAccepted``."""
    return event.avro_name.rpartition(".")[2]


VERBS: Final[Mapping[str, Verb]] = {verb.name: verb for verb in _TABLE}
"""By name, in the order in which people are shown them."""
