"""The sentences of the report pages, in both languages."""

from dataclasses import dataclass
from typing import Final

from hutong_web.language import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportWords:
    """What the report pages say; one instance a language."""

    circular: str
    departments: str
    scorecard: str
    scorecard_of: str
    workers: str
    returns: str
    period: str
    before: str
    after: str
    week: str
    month: str
    quarter: str
    edition: str
    issued: str
    draft: str
    draft_hint: str
    now: str
    download_csv: str
    download_xlsx: str
    corrections: str
    corrections_none: str
    corrections_of: str
    was: str
    definitions: str
    source: str
    parts: str
    rate_change: str
    rate_change_none: str
    points: str
    nothing: str
    nothing_circular: str
    no_edition: str
    no_edition_body: str
    bad_period: str
    bad_period_body: str
    links_now: str
    rank_hint: str
    orders_hint: str
    to_inbox: str
    to_circular: str
    all_weeks: str
    worker: str
    days: str
    areas: str
    reported: str
    on_the_spot: str
    assigned: str
    on_time: str
    late: str
    open: str
    checks: str
    checks_failed: str
    reworked: str
    workers_hint: str
    reason: str
    department: str
    returned: str
    upheld: str
    refused: str
    waiting: str
    turns_after: str
    returns_hint: str
    by_reason: str
    by_department: str
    none_yet: str
    per_return: str


ZH: Final = ReportWords(
    circular="通报",
    departments="承办单位",
    scorecard="承办考核",
    scorecard_of="{department} 承办考核",
    workers="网格员与承办班组",
    returns="退单",
    period="时段",
    before="← {period}",
    after="{period} →",
    week="周",
    month="月",
    quarter="季",
    edition="第 {number} 版",
    issued="{by} 于 {at} 签发",
    draft="未签发",
    draft_hint=(
        "未签发的通报随日志变动；签发（hutong circular issue）后留存不改，再有出入以更正列出。"
    ),
    now="当前",
    download_csv="下载 CSV",
    download_xlsx="下载 Excel",
    corrections="更正",
    corrections_none="与前一版相同。",
    corrections_of="对第 {number} 版的更正，共 {count} 项",
    was="原为",
    definitions="口径说明",
    source="数据来源",
    parts="{part} 件 ÷ {whole} 件",
    rate_change="较上期 {points} 个百分点",
    rate_change_none="上期无数",
    points="{sign}{points}",
    nothing="本时段没有记录。",
    nothing_circular="{period} 没有上报。",
    no_edition="没有这一版",
    no_edition_body="{period} 没有签发过第 {number} 版。",
    bad_period="时段有误",
    bad_period_body="时段写作 2026-W47（周）、2026-11（月）或 2026-Q4（季）。",
    links_now="点数字看对应诉求；点比率看未达标的。列表为当前情况，可能比本版新。",
    rank_hint="依次按办结率、响应率、净满意率、接单数排名；接单少于 {fewest} 件不排名。",
    orders_hint="按接单时间计入时段，其后的办理结果一并计入。",
    to_inbox="进入该单位工作台",
    to_circular="看通报",
    all_weeks="近 {count} 期",
    worker="人员或班组",
    days="出勤天数",
    areas="覆盖地点",
    reported="上报",
    on_the_spot="现场即办",
    assigned="交办",
    on_time="按时",
    late="超时",
    open="在办",
    checks="核查",
    checks_failed="其中未通过",
    reworked="经办被重办",
    workers_hint="上报、交办、核查按当日计；“未通过”指核查发现未解决，不是核查做得差。",
    reason="原因",
    department="承办单位",
    returned="退单",
    upheld="成立",
    refused="驳回",
    waiting="待裁",
    turns_after="其后改派",
    returns_hint="按退单时间计入时段。成立：裁定改由他人承办；其后改派：成立后又换了几次承办单位。",
    by_reason="按原因",
    by_department="按单位",
    none_yet="尚无",
    per_return="次",
)
EN: Final = ReportWords(
    circular="Circular",
    departments="Departments",
    scorecard="Scorecard",
    scorecard_of="Scorecard of {department}",
    workers="Grid workers and teams",
    returns="Returns",
    period="Period",
    before="← {period}",
    after="{period} →",
    week="Week",
    month="Month",
    quarter="Quarter",
    edition="Edition {number}",
    issued="issued by {by} on {at}",
    draft="Not issued",
    draft_hint=(
        "A circular that was not issued changes as the log goes on. One that was issued (hutong"
        " circular issue) stays as it is; a later one lists what it corrects."
    ),
    now="As of now",
    download_csv="Download CSV",
    download_xlsx="Download Excel",
    corrections="Corrections",
    corrections_none="The same as the edition before.",
    corrections_of="Corrections of edition {number}: {count}",
    was="was",
    definitions="Definitions",
    source="Made from",
    parts="{part} ÷ {whole} issues",
    rate_change="{points} points against the period before",
    rate_change_none="nothing in the period before",
    points="{sign}{points}",
    nothing="Nothing in this period.",
    nothing_circular="Nothing was reported in {period}.",
    no_edition="No such edition",
    no_edition_body="No edition {number} of {period} was issued.",
    bad_period="That is no period",
    bad_period_body="A period is a week (2026-W47), a month (2026-11) or a quarter (2026-Q4).",
    links_now=(
        "A number leads to its issues, a rate to those that missed it. The list is of now, and may"
        " be newer than this edition."
    ),
    rank_hint=(
        "Ranked by resolution rate, then response rate, net satisfaction, orders; not ranked with"
        " fewer than {fewest} orders."
    ),
    orders_hint="An order counts in the period in which it came, with all that came of it.",
    to_inbox="To its desk",
    to_circular="To the circular",
    all_weeks="Last {count} periods",
    worker="Worker or team",
    days="Days",
    areas="Places",
    reported="Reports",
    on_the_spot="On the spot",
    assigned="Assigned",
    on_time="On time",
    late="Late",
    open="Open",
    checks="Checks",
    checks_failed="of which failed",
    reworked="Reworked",
    workers_hint=(
        "Reports, assignments and checks by day. A failed check means that the matter was found not"
        " solved, not that the check was bad."
    ),
    reason="Reason",
    department="Department",
    returned="Returns",
    upheld="Upheld",
    refused="Refused",
    waiting="Open",
    turns_after="Turns after",
    returns_hint=(
        "By when it was returned. Upheld: another department got it; turns after: how often it"
        " changed hands after an upheld return."
    ),
    by_reason="By reason",
    by_department="By department",
    none_yet="none yet",
    per_return="times",
)


def report_words(language: Language) -> ReportWords:
    """The texts of a language."""
    return ZH if language is Language.ZH else EN
