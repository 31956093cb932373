"""What tables and columns of a circular are called, and how each figure is defined."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Words(NamedTuple):
    """A text in Chinese and in English."""

    zh: str
    en: str


#: Period column -> how many of a kind make it up -> title.
TITLES: Final[Mapping[str, Words]] = {
    "week": Words("每周通报", "Weekly circular"),
    "month": Words("每月通报", "Monthly circular"),
    "quarter": Words("季度通报", "Quarterly circular"),
}
ORIGINS: Final[Mapping[str, Words]] = {
    "live": Words("实时受理", "Live"),
    "imported": Words("历史导入（单列，不计入实时）", "Imported (counted apart)"),
    "simulated": Words("模拟数据（单列，不计入实时）", "Simulated (counted apart)"),
}

TABLES: Final[Mapping[str, Words]] = {
    "total": Words("总体情况", "Overall"),
    "kind_week": Words("各类型按周上报量", "Reports by kind and week"),
    "category": Words("类别与街道", "Categories and streets"),
    "category_street": Words("类别与街道", "Categories and streets"),
    "kind": Words("按类型", "By kind"),
    "street": Words("按街道", "By street"),
    "community": Words("上报最多的社区", "Communities with most reports"),
    "grid": Words("上报最多的网格", "Grids with most reports"),
    "place": Words("按地点", "By place"),
    "department": Words("承办单位排名", "Ranking of departments"),
    "return": Words("退单原因", "Reasons of returns"),
    "before": Words("上期", "The period before"),
}

#: The unit of all counts but dwell.
CASES: Final = Words("件", "issues")
PERCENT: Final = Words("%", "%")
HOURS: Final = Words("小时", "hours")
TIMES: Final = Words("次", "times")

COLUMNS: Final[Mapping[str, Words]] = {
    "reported": Words("上报", "Reported"),
    "dispatched": Words("已派单", "Dispatched"),
    "queued": Words("待人工派单", "At the desk"),
    "accepted": Words("已签收", "Accepted"),
    "responded": Words("已响应", "Responded"),
    "resolved": Words("已办结", "Resolved"),
    "unresolvable": Words("无法解决", "Unresolvable"),
    "closed": Words("已结案", "Closed"),
    "on_the_spot": Words("现场即办", "Solved on the spot"),
    "respond_on_time": Words("按时响应", "Responded on time"),
    "respond_late": Words("超时响应", "Responded late"),
    "respond_open": Words("待响应", "To be responded to"),
    "respond_overdue": Words("逾期未响应", "Response overdue"),
    "resolve_on_time": Words("按时办结", "Resolved on time"),
    "resolve_late": Words("超时办结", "Resolved late"),
    "resolve_open": Words("待办结", "To be resolved"),
    "resolve_overdue": Words("逾期未办结", "Resolution overdue"),
    "overdue": Words("逾期未办", "Overdue"),
    "asked_solved": Words("回访（是否解决）", "Asked whether solved"),
    "solved": Words("诉求人认为已解决", "Solved by their word"),
    "asked_satisfied": Words("回访（是否满意）", "Asked whether satisfied"),
    "satisfied": Words("满意", "Satisfied"),
    "returned": Words("被退单", "Returned"),
    "reworked": Words("重办", "Reworked"),
    "merged": Words("并案", "Merged"),
    "issues": Words("承办件数", "Issues"),
    "hops": Words("接单", "Orders"),
    "accept_on_time": Words("按时签收", "Accepted on time"),
    "accept_late": Words("超时签收", "Accepted late"),
    "accept_open": Words("待签收", "To be accepted"),
    "returns": Words("退单", "Returns"),
    "returns_upheld": Words("退单成立", "Returns upheld"),
    "returns_refused": Words("退单驳回", "Returns refused"),
    "returns_open": Words("退单待裁", "Returns open"),
    "upheld": Words("成立", "Upheld"),
    "refused": Words("驳回", "Refused"),
    "open": Words("待裁", "Open"),
    "hops_after": Words("其后改派", "Turns after"),
    "dwell_ms": Words("停留毫秒", "Dwell, milliseconds"),
    "dwell_hops": Words("已完成接单", "Orders done with"),
    "net_asked_satisfied": Words("净回访（是否满意）", "Asked, net"),
    "net_satisfied": Words("净满意", "Satisfied, net"),
    # made of others
    "rank": Words("名次", "Rank"),
    "accept_rate": Words("按时签收率", "Acceptance on time"),
    "response": Words("按时响应率", "Response rate"),
    "resolution": Words("按时办结率", "Resolution rate"),
    "satisfaction": Words("满意率", "Satisfaction rate"),
    "net_satisfaction": Words("净满意率", "Net satisfaction"),
    "solution": Words("诉求人认定解决率", "Solved by their word"),
    "dwell": Words("平均停留", "Mean dwell"),
    "this": Words("本期", "This period"),
    "last": Words("上期", "Before"),
    "change": Words("增减", "Change"),
    "total": Words("合计", "Total"),
    "unknown": Words("未定", "not known"),
    "nowhere": Words("未定位", "Not located"),
}

#: Footnotes, in the order in which a circular gives them.
DEFINITIONS: Final[tuple[Words, ...]] = (
    Words(
        "统计口径：按上报时间计入本期，其后办理情况计至本版截止时间；逾期以截止时间判定。",
        "An issue counts in the period in which it was reported, with what became of it up to this"
        " edition; overdue is judged by the edition's instant.",
    ),
    Words(
        "按时响应率 = 按时响应 ÷（按时响应 + 超时响应 + 逾期未响应）。按时办结率同此。"
        "挂账时间不计；时限未到的不计入分母。",
        "Response rate = responded on time ÷ (on time + late + overdue); the resolution rate"
        " likewise. Suspended time is left out; what is not due yet is not in the denominator.",
    ),
    Words(
        "按时办结以承办单位申报的办结为准，核查、评价另计；申报后被推翻的，按未办结继续计时。"
        "无法解决（已说明理由）单列，不计入办结率；现场即办、撤回、转办和历史导入的不计入时限。",
        "Resolved means claimed by the department; checks and ratings are facts of their own, and a"
        " claim that was false counts as never made. Unresolvable (with a stated reason) is counted"
        " apart, outside the rate; what was solved on the spot, withdrawn, transferred or"
        " imported has no promise to keep.",
    ),
    Words(
        "满意率 = 满意 ÷ 表态人数：诉求人评价优先，其次回访；“一般”计入表态、不计入满意。"
        "满意不代替解决：诉求人认定解决率另列，“部分解决”不算解决。",
        "Satisfaction rate = satisfied ÷ those who said: their own rating first, else the follow-up"
        " call; “fair” is known but not satisfied. Satisfaction never stands in for solved: that is"
        " a rate of its own, in which “partly” is not solved.",
    ),
    Words(
        "承办单位按接单时间计入本期；每项时限只计一次，归于终止该时限的单位，尚未终止的归现主办。"
        "停留为单位手中的时间，扣除退单待裁时间。",
        "A department's order counts in the period in which it got it. Each promise counts once:"
        " for whoever stopped it, else for the present lead. Dwell is the time with the department,"
        " without that of its returns at the desk.",
    ),
    Words(
        "净满意率不计：无法解决并已说明理由的；按时响应、按时办结而仅对时效不满的。",
        "Net satisfaction leaves out what was declared unresolvable with its reason, and"
        " displeasure about the speed where response and resolution were on time.",
    ),
    Words(
        "排名依次按：按时办结率、按时响应率、净满意率、接单数；接单少于 5 件的不排名。"
        "不同城市口径不同，不可相互比较。",
        "Ranked by resolution rate, then response rate, net satisfaction, orders; not ranked with"
        " fewer than 5 orders. Methods differ between cities: never compare two.",
    ),
)
