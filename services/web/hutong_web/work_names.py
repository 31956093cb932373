"""Names of what the pages of work speak in codes: clocks, levels, how a turn ended."""

from collections.abc import Mapping
from typing import Final

from hutong_web.city_names import CityNames
from hutong_web.language import Name
from hutong_web.names import CLOCKS, name_of

AREA_LEVELS: Final[Mapping[str, Name]] = {
    "department": Name("科室", "unit"),
    "district": Name("区", "district"),
    "street": Name("街道", "street"),
    "community": Name("社区", "community"),
    "grid": Name("网格", "grid"),
    "building": Name("楼栋", "building"),
    "desk": Name("指挥中心", "desk"),
    "leader": Name("分管领导", "leader"),
}

ENDS_OF_TURN: Final[Mapping[str, Name]] = {
    "reassigned": Name("改派", "reassigned"),
    "returned": Name("退单", "returned"),
    "ruled": Name("裁定", "ruled"),
    "reworked": Name("重办", "reworked"),
    "merged": Name("并案", "merged"),
}

_MORE_CLOCKS: Final[Mapping[str, Name]] = {
    **CLOCKS,
    "statutory": Name("法定期限", "statutory"),
    "follow-up": Name("回访", "follow-up"),
    "review": Name("挂账复核", "review"),
    "assignment": Name("交办", "assignment"),
    "supervision": Name("督办", "supervision"),
}


def clock_name(code: str, names: CityNames) -> str:
    """A clock; `assignment:<department>` and `supervision:<level>` with whose it is."""
    kind, _, whose = code.partition(":")
    name = name_of(_MORE_CLOCKS, kind, names.language)
    if not whose:
        return name
    owner = (
        names.department(whose)
        if kind == "assignment"
        else name_of(AREA_LEVELS, whose, names.language)
    )
    return f"{name} · {owner}"


#: How a reporter may have been answered, of those that intake takes.
CONTACT_MEANS: Final = ("call", "visit", "message", "letter")

#: Words for fields of forms that differ from those of the timeline; `<verb>.<field>` comes first.
FORM_FIELDS: Final[Mapping[str, Name]] = {
    "media": Name("照片", "Photos"),
    "checker": Name("核查人", "Checked by"),
    "due": Name("期限", "By"),
    "co_owners": Name("协办", "Co-owners"),
    "other_id": Name("另一诉求", "Other issue"),
    "address": Name("地址", "Address"),
    "explanation": Name("向诉求人的解释", "Explanation given"),
    "minutes": Name("延长", "Longer by"),
    "adjudicate.ground": Name("依据规则", "Ruling"),
    "decide-return.rule": Name("依据规则", "Ruling"),
    "adjudicate.lead": Name("主办", "Lead"),
    "close.ground": Name("结案依据", "Ground"),
    "granted": Name("审批", "Decision"),
    "item": Name("权责事项", "Duty item"),
}

#: What may be revealed of who reported.
REVEALED: Final[Mapping[str, Name]] = {
    "name": Name("姓名", "Name"),
    "phone": Name("电话", "Telephone"),
    "home": Name("住址", "Home"),
}
