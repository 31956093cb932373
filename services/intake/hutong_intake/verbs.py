"""The one table of what may be done to an issue over HTTP: verb, event, fields, words.

Who may use a verb follows from `topics.toml`: whoever may write the verb's event on a topic of his
own. Whether it has an effect is the life cycle's to judge.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hutong.events import lifecycle as events
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


_TABLE: Final = (
    # The department.
    Verb("accept", events.IssueAccepted, models.AcceptIn, "签收", "Accept"),
    Verb("assign", events.IssueAssigned, models.AssignIn, "指派", "Assign"),
    Verb("return", events.IssueReturned, models.ReturnIn, "退单", "Return"),
    Verb("respond", events.IssueResponded, models.RespondIn, "首次响应", "Respond"),
    Verb("note", events.ProgressNoted, models.NoteIn, "记录进展", "Note progress"),
    Verb(
        "request-extension",
        events.ExtensionRequested,
        models.RequestExtensionIn,
        "申请延期",
        "Ask for more time",
    ),
    Verb("resolve", events.IssueResolved, models.ResolveIn, "办结", "Resolve"),
    Verb(
        "declare-unresolvable",
        events.IssueDeclaredUnresolvable,
        models.DeclareUnresolvableIn,
        "申报无法解决",
        "Declare unresolvable",
    ),
    # The desk.
    Verb("dispatch", events.IssueDispatched, models.DispatchIn, "派单", "Dispatch"),
    Verb("reclassify", events.IssueReclassified, models.ReclassifyIn, "改分类", "Reclassify"),
    Verb(
        "decide-return", events.ReturnDecided, models.DecideReturnIn, "审定退单", "Decide a return"
    ),
    Verb("adjudicate", events.DutyAdjudicated, models.AdjudicateIn, "裁定职责", "Rule who leads"),
    Verb(
        "decide-extension",
        events.ExtensionDecided,
        models.DecideExtensionIn,
        "审批延期",
        "Decide on more time",
    ),
    Verb("suspend", events.IssueSuspended, models.SuspendIn, "挂账", "Suspend"),
    Verb("resume", events.IssueResumed, models.ResumeIn, "恢复办理", "Resume"),
    Verb("close", events.IssueClosed, models.CloseIn, "结案", "Close"),
    Verb("reopen", events.IssueReopened, models.ReopenIn, "重办", "Reopen"),
    Verb("call", events.FollowUpCalled, models.CallIn, "回访", "Follow up by telephone"),
    Verb("supervise", events.SupervisionOpened, models.SuperviseIn, "督办", "Supervise"),
    Verb(
        "end-supervision",
        events.SupervisionClosed,
        models.EndSupervisionIn,
        "解除督办",
        "End supervision",
    ),
    Verb("merge", events.IssueMerged, models.MergeIn, "并案", "Merge", events.IssueAbsorbed),
    Verb(
        "unmerge",
        events.IssueUnmerged,
        models.UnmergeIn,
        "解除并案",
        "Unmerge",
        events.IssueUnmerged,
    ),
    Verb(
        "dismiss-duplicate",
        events.DuplicateDismissed,
        models.DismissDuplicateIn,
        "排除重复",
        "Dismiss a suspected duplicate",
    ),
    Verb("transfer", events.IssueTransferred, models.TransferIn, "转办", "Transfer"),
    # Whoever reported it, and the desk in his name.
    Verb("withdraw", events.IssueWithdrawn, models.WithdrawIn, "撤回", "Withdraw"),
    Verb("amend", events.IssueAmended, models.AmendIn, "更正", "Amend"),
    Verb("rate", events.IssueRated, models.RateIn, "评价", "Rate"),
    Verb("check-passed", events.SiteCheckPassed, models.CheckIn, "核查通过", "Check passed"),
    Verb("check-failed", events.SiteCheckFailed, models.CheckIn, "核查未通过", "Check failed"),
)


def name_of(event: type[Event]) -> str:
    """As in the history: ``IssueAccepted``."""
    return event.avro_name.rpartition(".")[2]


VERBS: Final[Mapping[str, Verb]] = {verb.name: verb for verb in _TABLE}
"""By name, in the order in which people are shown them."""
