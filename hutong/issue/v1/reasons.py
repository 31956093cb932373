"""Why version 1 refuses: code -> Chinese, English. Codes are for ever, words may be bettered."""

from collections.abc import Mapping
from typing import Final

REASONS: Final[Mapping[str, tuple[str, str]]] = {
    # Of the fold itself.
    "already-reported": ("该诉求此前已上报", "the issue had been reported before"),
    "altered-repeat": (
        "编号与先前事件相同而内容不同",
        "another event came before under the same id",
    ),
    "answers-a-repeat": (
        "路由结果出自重复上报",
        "the router made it of a repeat of the report",
    ),
    "cause-not-seen": ("所应答的事件尚未入库", "the event it answers is not recorded yet"),
    "too-many-waiting": (
        "等待所应答事件的记录过多",
        "too many records wait already for events that never came",
    ),
    "no-rule": ("现行规则下此类事件不产生效力", "these rules give it no effect"),
    "not-now": ("当前状态不允许", "not allowed in the status at that time"),
    # Who, and on which order.
    "not-the-lead": ("提交方不是主办单位", "the sender does not lead the issue"),
    "not-the-channel": (
        "提交渠道不是该诉求的上报渠道",
        "the sender's channel is not the one that reported it",
    ),
    "not-an-owner": (
        "提交方不是主办或协办单位",
        "the sender is neither lead nor co-owner of the issue",
    ),
    "wrong-hop": ("派单次序不符，工单已改派", "it answers another dispatch than the present one"),
    "not-as-ruled": (
        "与裁定的承办单位不一致",
        "the desk decided on another department",
    ),
    "accepted-before": ("本次派单已签收", "this order was accepted before"),
    # Codes and evidence.
    "unknown-reason": ("理由代码不在城市规则包中", "the city pack has no such reason"),
    "no-evidence": ("该理由须附证据", "this reason needs evidence"),
    # Dispatch.
    "bad-clock": ("时限长度或日历无效", "a clock's length or calendar makes no sense"),
    # Returns.
    "return-too-late": ("已超过退单时限", "the time for returning it is over"),
    "ruled-already": ("责任已裁定，不得再退", "who leads was ruled: it cannot be returned again"),
    "decision-unclear": ("裁定代码与结论不一致", "the decision's code and its outcome disagree"),
    "no-next-owner": ("未指明下一承办单位", "the next department is not named"),
    # Extensions.
    "extended-before": ("只能延期一次", "it was extended once already"),
    "already-asked": ("已有延期申请待批", "an extension is asked for already"),
    "asked-too-late": ("时限已过，不得申请延期", "the clock had run out before more was asked for"),
    "nothing-asked": ("没有待批的延期申请", "no extension was asked for"),
    "extension-too-long": ("延期超出该级权限", "more than that level may grant"),
    # Suspension.
    "no-condition": ("挂账须写明条件", "a suspension needs a condition"),
    "review-not-ahead": ("复核日期须在其后", "the review date must lie ahead"),
    # Results.
    "no-file-number": ("立案查处须附文号", "an enforced result needs a file number"),
    "no-explanation": ("须向诉求人说明理由", "the reporter must have been told why"),
    "checker-is-handler": ("核查人不得是经办人", "who handled it cannot check it"),
    "ground-not-met": ("结案依据不成立", "the ground for closing does not hold"),
    "rated-before": ("本轮已评价", "this result was rated before"),
    # Who reported.
    "ended-long-ago": ("诉求终结已久，不再提供诉求人身份", "the issue ended too long ago"),
    # Clocks.
    "unknown-clock": ("没有该时钟", "the issue has no such clock"),
    "answered-in-time": ("已在时限内办理", "the clock was answered in time"),
    "clock-stands": ("时钟已停或暂停", "the clock was stopped or stands still"),
    "due-moved": ("到期时间已变更", "the due time is another one by now"),
    "not-due-yet": ("尚未到期", "the clock is not due yet"),
    "not-higher": ("未向上一级升级", "not a higher rung than before"),
    "unknown-ground": ("调整依据无效", "no ground on which a due time is revised"),
    "due-is-final": ("该时限不是暂定", "the due time is not provisional"),
    "excused-before": ("该时段此前已免责", "that time was excused before"),
    "due-not-later": ("免责只能推后时限", "an excuse can only move the due time later"),
    "not-working-time": ("落在非工作时间", "that moment is not working time"),
    # Supervision.
    "supervised-already": ("该级已在督办", "that level supervises it already"),
    "not-supervised": ("该级未在督办", "that level does not supervise it"),
    # Merging.
    "not-the-older": ("只能并入更早的诉求", "issues are merged into the older of the two"),
    "absorbed-before": ("该诉求此前已并入", "that issue was absorbed before"),
    "not-suspected": ("该件未被列为疑似重复", "that issue is not suspected to be the same"),
    "not-merged": ("两件诉求并未合并", "the two are not merged"),
}
