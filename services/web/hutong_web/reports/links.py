"""Which issues stand behind a figure: the address of the board's list that shows them. Pure."""

from collections.abc import Mapping
from typing import Final

from hutong.readmodels.periods import Period
from hutong_web.filters import Filters

#: Column of a circular -> the fact that its issues share; '' asks for nothing more. A rate leads
#: to those that missed it.
FACT_OF: Final[Mapping[str, str]] = {
    "reported": "",
    "dispatched": "dispatched",
    "queued": "queued",
    "resolved": "resolved",
    "unresolvable": "unresolvable",
    "closed": "closed",
    "on_the_spot": "on-the-spot",
    "merged": "merged",
    "returned": "returned",
    "reworked": "reworked",
    "overdue": "overdue",
    "respond_overdue": "respond-overdue",
    "resolve_overdue": "resolve-overdue",
    "response": "respond-missed",
    "resolution": "resolve-missed",
    "satisfaction": "dissatisfied",
    "solution": "unsolved",
}
#: Of what departments got, only what lies with them still has a list: a turn that is over has none.
_OF_TURNS: Final = frozenset({"overdue", "respond_overdue", "resolve_overdue"})
_FILTER_OF: Final[Mapping[str, str]] = {
    "kind": "kind",
    "street": "street",
    "category_street": "category",
    "community": "area",
    "grid": "area",
}
_STREET: Final = "street:"


def issues_of(period: Period, origin: str, table: str, row: str, column: str) -> str:
    """The address of a cell's issues; '' where there is no such list.

    ``row`` is the code of the row, ``column`` the key of the column; in the table of totals the
    measure is the row.
    """
    chosen = {"origin": origin, "period": period.name}
    if table == "total":
        row, column = "", row if column == "this" else ""
    elif table == "department":
        if column not in _OF_TURNS:
            return ""
        chosen = {"origin": origin, "turn": period.name, "department": row}
    elif table == "kind_week":
        if period.column != "week" or not row:
            return ""
        return Filters(origin=origin, period=column, kind=row).address()
    elif row:
        if table not in _FILTER_OF:
            return ""
        chosen[_FILTER_OF[table]] = row
    if column.startswith(_STREET):
        street = column.removeprefix(_STREET)
        if not street:
            return ""
        chosen, column = {**chosen, "street": street}, "reported"
    if column not in FACT_OF:
        return ""
    return Filters(**chosen, fact=FACT_OF[column]).address()
