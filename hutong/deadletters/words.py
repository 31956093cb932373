"""Each reason in words: what was wrong, and what to do about it, in Chinese and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hutong.events.deadletter import Fault


@dataclass(frozen=True, slots=True)
class Words:
    """One thing in both languages."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was wrong with a record, and what to do."""

    what: Words
    todo: Words


_FIX_SENDER: Final = Words(
    "请发送方修正程序后重新发送；原始字节保存在此。",
    "The sender must mend its program and send it again; the original bytes are kept here.",
)
_CHECK_SENDER: Final = Words(
    "请核查该主题的写入方：程序有误，或凭证被他人使用。",
    "Look at who may write to this topic: its program is wrong, or somebody else has its key.",
)
_USE_OURS: Final = Words(
    "请发送方使用 Hutong 的 SDK 或按事件契约编码，不要自行拼接字节。",
    "The sender should use Hutong's SDK, or encode by the contract, not by hand.",
)

EXPLANATIONS: Final[Mapping[Fault, Explanation]] = {
    Fault.NO_VALUE: Explanation(
        Words(
            "记录没有内容（墓碑）。事件主题只追加，不能用它删除任何东西。",
            "The record has no value (a tombstone). These topics only grow: it deletes nothing.",
        ),
        _FIX_SENDER,
    ),
    Fault.TOO_SHORT: Explanation(
        Words("内容太短，放不下任何事件。", "The value is too short to hold an event."),
        _FIX_SENDER,
    ),
    Fault.TOO_LONG: Explanation(
        Words(
            "记录太大：键与内容合计最多 1,000,000 字节。",
            "The record is too large: key and value together are at most 1,000,000 bytes.",
        ),
        Words(
            "请发送方缩短文字或改为引用附件；过大的原件仍在原主题中。",
            "The sender must shorten it; what is too large to copy is still in its own topic.",
        ),
    ),
    Fault.BAD_MAGIC: Explanation(
        Words(
            "内容不是按约定编码的事件：首字节不是 0x00，可能是 JSON 或其他格式。",
            "The value is not framed as an event: it does not begin with 0x00; perhaps it is JSON.",
        ),
        _USE_OURS,
    ),
    Fault.UNKNOWN_SCHEMA: Explanation(
        Words(
            "事件的模式编号不在契约之中：发送方比路由服务新，或编号有误。",
            "The contract has no schema of that id: the sender is newer than the router, or wrong.",
        ),
        Words(
            "若发送方已升级，请先升级路由服务，再请其重新发送；否则请修正发送方。",
            "If the sender was upgraded, upgrade the router and let it send again; else mend it.",
        ),
    ),
    Fault.BAD_BODY: Explanation(
        Words(
            "内容与其模式不符：被截断、损坏，或用了别的模式。",
            "The bytes do not fit their schema: cut off, damaged, or written by another schema.",
        ),
        _USE_OURS,
    ),
    Fault.NOT_CANONICAL: Explanation(
        Words(
            "内容能读出，但不是唯一的写法：末尾有多余字节、数字编码过长或数组分段。",
            "It can be read, but is not in the one form that is allowed: bytes after the end, "
            "numbers with bytes to spare, or an array in pieces.",
        ),
        _USE_OURS,
    ),
    Fault.OUT_OF_LIMITS: Explanation(
        Words(
            "事件完整，但有字段超出允许范围（见详情）。",
            "The event is whole, but fields are outside what is allowed (see the detail).",
        ),
        _FIX_SENDER,
    ),
    Fault.BAD_HEADERS: Explanation(
        Words(
            "消息头有重复的名称，或其名称、值不是 UTF-8。",
            "A header comes twice, or its name or value is no UTF-8.",
        ),
        _FIX_SENDER,
    ),
    Fault.NO_TYPE: Explanation(
        Words(
            "缺少消息头 ce_type（事件的 Avro 全名）。",
            "The header ce_type (the event's Avro full name) is missing.",
        ),
        _USE_OURS,
    ),
    Fault.WRONG_TYPE: Explanation(
        Words(
            "消息头 ce_type 所说的事件，与内容的模式不一致。",
            "The header ce_type names another event than the schema of the value.",
        ),
        _USE_OURS,
    ),
    Fault.NOT_ALLOWED: Explanation(
        Words(
            "这种事件不允许出现在这个主题上。",
            "Events of this type may not be on this topic.",
        ),
        _CHECK_SENDER,
    ),
    Fault.NO_KEY: Explanation(
        Words(
            "记录没有键；键必须是诉求编号（issue_id）。",
            "The record has no key; it must be the issue's id.",
        ),
        _USE_OURS,
    ),
    Fault.WRONG_KEY: Explanation(
        Words(
            "记录的键不是其诉求编号，同一诉求的事件会因此分散到不同分区。",
            "The key is not the issue's id, which would spread an issue over partitions.",
        ),
        _USE_OURS,
    ),
    Fault.WRONG_ID: Explanation(
        Words(
            "上报自成一件诉求：event_id 与 issue_id 必须相同。",
            "A report is an issue of its own: its event_id and issue_id must be the same.",
        ),
        _FIX_SENDER,
    ),
    Fault.WRONG_CHANNEL: Explanation(
        Words(
            "上报自称来自另一渠道，与所在主题不符。",
            "The report says that it came by another channel than its topic's.",
        ),
        _CHECK_SENDER,
    ),
    Fault.NO_CAUSE: Explanation(
        Words(
            "缺少 causation_id：上报以外的事件都须指明它所回应的事件。",
            "No causation_id: every event but a report names the event that it answers.",
        ),
        _FIX_SENDER,
    ),
    Fault.BAD_RECEIVED: Explanation(
        Words(
            "此主题须带消息头 received（毫秒，UTC），且不得晚于入库时间。",
            "This topic needs a header received (milliseconds UTC), not after the append time.",
        ),
        _FIX_SENDER,
    ),
    Fault.BAD_REDRIVE: Explanation(
        Words(
            "主题 redriven 中的记录不是由 `hutong dead-letters redrive` 写入的，或其原主题不存在。",
            "The record of `redriven` was not written by `hutong dead-letters redrive`, or its own "
            "topic is not there.",
        ),
        _CHECK_SENDER,
    ),
    Fault.UNKNOWN_DEPARTMENT: Explanation(
        Words(
            "派单所指的部门不在城市包中；系统从不自动新建主题。",
            "The order names a department that the city pack does not have; no topic is ever "
            "made for it.",
        ),
        Words(
            "请核对城市包中的部门代码。",
            "Compare the department's code with the city pack.",
        ),
    ),
}

_UNKNOWN: Final = Explanation(
    Words(
        "此版本的工具不认识这个原因代码，请看详情。",
        "This version of the tool does not know the reason's code; see the detail.",
    ),
    Words("请用与路由服务同版本的工具查看。", "Use the tool of the version that the router has."),
)


def explain(reason: str) -> Explanation:
    """The words for a reason; general ones for the code of another version."""
    try:
        return EXPLANATIONS[Fault(reason)]
    except ValueError:
        return _UNKNOWN
