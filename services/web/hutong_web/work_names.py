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
