"""Names of what the core speaks in codes: statuses, events, verdicts, reasons, principals.

What belongs to the city (departments, categories, areas, channels, reasons) has its names in the
city pack.
"""

from collections.abc import Mapping
from typing import Final

from hutong.city import City
from hutong.issue.rules import REASONS
from hutong_web.language import Language, Name, name_in

STATUSES: Final[Mapping[str, Name]] = {
    "awaited": Name("待补报", "Report missing"),
    "reported": Name("已上报", "Reported"),
    "queued": Name("待派", "At the desk"),
    "dispatched": Name("已派单", "Dispatched"),
    "accepted": Name("已签收", "Accepted"),
    "responded": Name("已响应", "Responded"),
    "returned": Name("退单待裁", "Returned"),
    "disputed": Name("责任待裁", "Disputed"),
    "suspended": Name("挂账", "Suspended"),
    "resolved": Name("已办结", "Resolved"),
    "unresolvable": Name("无法解决", "Unresolvable"),
    "verified": Name("已核查", "Verified"),
    "closed": Name("已结案", "Closed"),
    "merged": Name("已并案", "Merged"),
    "withdrawn": Name("已撤回", "Withdrawn"),
    "transferred": Name("已转专线", "Transferred"),
}

#: How far along an issue is, in five steps (dispatched, accepted, responded, resolved, closed).
STAGES: Final[Mapping[str, int]] = {
    "awaited": 0,
    "reported": 0,
    "queued": 0,
    "returned": 0,
    "disputed": 0,
    "suspended": 2,
    "dispatched": 1,
    "accepted": 2,
    "responded": 3,
    "resolved": 4,
    "unresolvable": 4,
    "verified": 4,
    "closed": 5,
    "merged": 5,
    "withdrawn": 5,
    "transferred": 5,
}

#: How a status looks: at the desk, on its way, answered, ended.
TONES: Final[Mapping[str, str]] = {
    "awaited": "desk",
    "reported": "way",
    "queued": "desk",
    "returned": "desk",
    "disputed": "desk",
    "suspended": "way",
    "dispatched": "way",
    "accepted": "way",
    "responded": "way",
    "resolved": "answered",
    "unresolvable": "answered",
    "verified": "answered",
    "closed": "ended",
    "merged": "ended",
    "withdrawn": "ended",
    "transferred": "ended",
}

EVENTS: Final[Mapping[str, Name]] = {
    "ClockDue": Name("时限到期", "Time limit reached"),
    "DueRevised": Name("时限调整", "Time limit revised"),
    "DuplicateDismissed": Name("排除重复", "Found not to be a duplicate"),
    "DuplicateSuspected": Name("疑似重复", "Possible duplicate"),
    "DutyAdjudicated": Name("责任裁定", "Duty ruled"),
    "ExtensionDecided": Name("延期审批", "Extension decided"),
    "ExtensionRequested": Name("申请延期", "Extension requested"),
    "FollowUpCalled": Name("回访", "Follow-up call"),
    "IdentityRevealed": Name("查看诉求人身份", "Identity revealed"),
    "IssueAbsorbed": Name("并入他案", "Another issue joined"),
    "IssueAccepted": Name("签收", "Accepted"),
    "IssueAmended": Name("信息更正", "Amended"),
    "IssueAssigned": Name("交办", "Assigned"),
    "IssueClosed": Name("结案", "Closed"),
    "IssueDeclaredUnresolvable": Name("申明无法解决", "Declared unresolvable"),
    "IssueDispatched": Name("派单", "Dispatched"),
    "IssueEscalated": Name("升级", "Escalated"),
    "IssueMerged": Name("并案", "Merged"),
    "IssueQueued": Name("转人工派单", "Left to the desk"),
    "IssueRated": Name("诉求人评价", "Rated"),
    "IssueReclassified": Name("改类", "Reclassified"),
    "IssueReopened": Name("重办", "Reopened"),
    "IssueReported": Name("上报", "Reported"),
    "IssueResolved": Name("办结", "Resolved"),
    "IssueResponded": Name("首次响应", "First response"),
    "IssueResumed": Name("恢复办理", "Resumed"),
    "IssueReturned": Name("退单", "Returned"),
    "IssueSuspended": Name("挂账", "Suspended"),
    "IssueTransferred": Name("转专线", "Transferred"),
    "IssueUnmerged": Name("解除并案", "Unmerged"),
    "IssueWithdrawn": Name("撤回", "Withdrawn"),
    "ProgressNoted": Name("办理进展", "Progress"),
    "ReminderSent": Name("催办", "Reminder"),
    "ReturnDecided": Name("退单裁定", "Return decided"),
    "SiteCheckFailed": Name("核查未通过", "Site check failed"),
    "SiteCheckPassed": Name("核查通过", "Site check passed"),
    "SupervisionClosed": Name("督办办结", "Supervision closed"),
    "SupervisionOpened": Name("督办", "Supervision opened"),
}

#: What the button of an act says, by its event. Chinese has one word for the act and for the event.
ACTS: Final[Mapping[str, Name]] = {
    event: Name(EVENTS[event].zh, en)
    for event, en in (
        ("DuplicateDismissed", "Not a duplicate"),
        ("DutyAdjudicated", "Rule on duty"),
        ("ExtensionDecided", "Decide the extension"),
        ("ExtensionRequested", "Ask for an extension"),
        ("FollowUpCalled", "Note a follow-up call"),
        ("IdentityRevealed", "Reveal the identity"),
        ("IssueAccepted", "Accept"),
        ("IssueAmended", "Amend"),
        ("IssueAssigned", "Assign"),
        ("IssueClosed", "Close"),
        ("IssueDeclaredUnresolvable", "Declare unresolvable"),
        ("IssueDispatched", "Dispatch"),
        ("IssueMerged", "Merge"),
        ("IssueRated", "Rate"),
        ("IssueReclassified", "Reclassify"),
        ("IssueReopened", "Reopen"),
        ("IssueResolved", "Resolve"),
        ("IssueResponded", "Respond"),
        ("IssueResumed", "Resume"),
        ("IssueReturned", "Return"),
        ("IssueSuspended", "Suspend"),
        ("IssueTransferred", "Transfer"),
        ("IssueUnmerged", "Unmerge"),
        ("IssueWithdrawn", "Withdraw"),
        ("ProgressNoted", "Note progress"),
        ("ReturnDecided", "Decide the return"),
        ("SiteCheckFailed", "Check failed"),
        ("SiteCheckPassed", "Check passed"),
        ("SupervisionClosed", "End supervision"),
        ("SupervisionOpened", "Supervise"),
    )
}

OUTCOMES: Final[Mapping[str, Name]] = {
    "applied": Name("生效", "applied"),
    "refused": Name("不予采纳", "refused"),
    "waiting": Name("等待前序", "waiting"),
}

#: Why the fold refused a record or lets it wait, over all versions of the rules.
VERDICT_REASONS: Final[Mapping[str, Name]] = {
    code: Name(zh, en) for code, (zh, en) in REASONS.items()
}

#: On what an issue was closed, or a due time revised.
GROUNDS: Final[Mapping[str, Name]] = {
    "verified": Name("现场核查通过", "site check passed"),
    "rated": Name("诉求人确认已解决", "the reporter says it is solved"),
    "unresolvable": Name("无法解决，已说明理由", "unresolvable, with the reason given"),
    "policy": Name("按规定结案", "by policy"),
    "at-desk": Name("指挥中心直接答复", "answered at the desk"),
    "calendar-announced": Name("日历已公布", "the calendar was announced"),
    "outage-excused": Name("系统故障免责", "our own outage is excused"),
}

MEANS: Final[Mapping[str, Name]] = {
    "call": Name("电话", "telephone"),
    "message": Name("短信或应用内", "message"),
    "phone": Name("电话", "phone"),
    "visit": Name("上门", "visit"),
    "sms": Name("短信", "text message"),
    "app": Name("应用内回复", "in the app"),
    "letter": Name("书面", "letter"),
}

#: Why the classifier left a report to the desk, and the router's own reasons.
QUEUE_REASONS: Final[Mapping[str, Name]] = {
    "no-match": Name("清单中没有相符的事项", "nothing on the duty list matches"),
    "weak": Name("依据太弱", "too little evidence"),
    "close-candidates": Name("候选事项难分高下", "candidates too close to call"),
    "area-unknown": Name("未定位，无法确定街道", "place unknown, so no street office"),
    "outside": Name("位置在辖区之外", "the place lies outside the city"),
    "classifier-failed": Name("分类程序出错", "the classifier failed"),
}

ORIGINS: Final[Mapping[str, Name]] = {
    "live": Name("实时", "live"),
    "imported": Name("导入", "imported"),
    "simulated": Name("模拟", "simulated"),
}

#: What figures of a circular count, by the names of `issue_current.conditions.FACTS`.
FACTS: Final[Mapping[str, Name]] = {
    "dispatched": Name("已派单", "dispatched"),
    "queued": Name("待人工派单", "at the desk"),
    "resolved": Name("已办结", "resolved"),
    "unresolvable": Name("无法解决", "unresolvable"),
    "closed": Name("已结案", "closed"),
    "on-the-spot": Name("现场即办", "solved on the spot"),
    "merged": Name("已并案", "merged"),
    "returned": Name("被退过单", "returned"),
    "reworked": Name("重办过", "reworked"),
    "overdue": Name("逾期未办", "overdue"),
    "respond-overdue": Name("逾期未响应", "response overdue"),
    "resolve-overdue": Name("逾期未办结", "resolution overdue"),
    "respond-missed": Name("未按时响应（含逾期）", "not responded to on time"),
    "resolve-missed": Name("未按时办结（含逾期）", "not resolved on time"),
    "dissatisfied": Name("诉求人不满意", "the reporter is not satisfied"),
    "unsolved": Name("诉求人认为未解决", "not solved by the reporter's word"),
}

CLOCKS: Final[Mapping[str, Name]] = {
    "dispatch": Name("派单", "dispatch"),
    "accept": Name("签收", "accept"),
    "respond": Name("响应", "respond"),
    "resolve": Name("办结", "resolve"),
}

CALENDARS: Final[Mapping[str, Name]] = {
    "natural": Name("自然时间", "natural time"),
    "working": Name("工作时间", "working time"),
}

_PRINCIPALS: Final[Mapping[str, Name]] = {
    "router": Name("派单程序", "Router"),
    "desk": Name("指挥中心", "Desk"),
    "clock": Name("时限程序", "Clocks"),
    "processes": Name("流程程序", "Processes"),
    "importer": Name("历史导入", "Importer"),
    "simulator": Name("模拟器", "Simulator"),
}

#: The words for fields of events, in the order in which they are shown.
FIELDS: Final[Mapping[str, Name]] = {
    "purpose": Name("用途", "Purpose"),
    "fields": Name("查看内容", "Seen"),
    "lead": Name("主办", "Lead"),
    "co_owners": Name("协办", "Co-owners"),
    "category": Name("类别", "Category"),
    "item": Name("事项", "Item"),
    "tier": Name("时限等级", "Tier"),
    "department": Name("单位", "Department"),
    "proposed": Name("建议改派", "Proposed"),
    "next_owner": Name("改派", "Next owner"),
    "assignee": Name("交办给", "Assigned to"),
    "handler": Name("签收人", "Signed by"),
    "level": Name("层级", "Level"),
    "reason": Name("原因", "Reason"),
    "result": Name("结果", "Result"),
    "decision": Name("裁定", "Decision"),
    "rule": Name("条款", "Rule"),
    "means": Name("方式", "Means"),
    "clock": Name("时限", "Clock"),
    "due_at": Name("到期", "Due"),
    "review_at": Name("复核", "Review"),
    "minutes": Name("时长（分）", "Minutes"),
    "granted": Name("是否准予", "Granted"),
    "accepted": Name("是否同意", "Agreed"),
    "reached": Name("接通情况", "Reached"),
    "contacted": Name("承办单位是否联系", "Contacted"),
    "solved": Name("是否解决", "Solved"),
    "resolved": Name("是否解决", "Resolved"),
    "satisfied": Name("是否满意", "Satisfied"),
    "cause": Name("不满原因", "Cause"),
    "stars": Name("星级", "Stars"),
    "file_number": Name("文号", "File number"),
    "reference": Name("原单号", "Reference"),
    "target": Name("转往", "To"),
    "condition": Name("恢复条件", "Condition"),
    "subject": Name("标题", "Subject"),
    "ground": Name("依据", "Ground"),
    "body": Name("正文", "Text"),
    "explanation": Name("解释", "Explanation"),
    "text": Name("说明", "Note"),
}

YES: Final = Name("是", "yes")
NO: Final = Name("否", "no")


def name_of(table: Mapping[str, Name], code: str, language: Language) -> str:
    """The name of a code; the code itself where a newer core knows one that we do not."""
    name = table.get(code)
    return name_in(name, language) if name is not None else code


def principal_name(principal: str, city: City, language: Language) -> str:
    """Who wrote an event: `dept:water`, `channel:app`, `desk`, `router`, in words."""
    kind, _, code = principal.partition(":")
    if kind == "dept" and code in city.departments:
        return name_in(city.departments[code], language)
    if kind == "channel" and code in city.channels:
        return name_in(city.channels[code], language)
    return name_of(_PRINCIPALS, principal, language)
