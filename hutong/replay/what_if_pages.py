"""What another pack would have made of history, as CSV and as one page of HTML. Pure.

The page is Chinese first and holds all that it needs: no script, no font, nothing is fetched. Texts
of citizens stand in it masked and escaped.
"""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from html import escape
from typing import Final
from zoneinfo import ZoneInfo

from hutong.circular.export import harmless
from hutong.circular.words import ORIGINS
from hutong.city import City
from hutong.replay.what_if import CLOCKS, Difference, Verdict, WhatIf

SHOWN: Final = 500
"""Issues on the page: it stays readable, and below a megabyte. The CSV holds all of them."""
_BOM: Final = "\ufeff"
_HOUR: Final = 3_600_000
_DESK: Final = ("受理台人工分派", "the desk decides")
_NOBODY: Final = ("无", "nobody")
_CLOCKS: Final = {
    "accept": ("签收", "accept"),
    "respond": ("首次响应", "respond"),
    "resolve": ("办结", "resolve"),
}
_COLUMNS: Final = (
    "issue_id", "origin", "reported_at", "subject",
    "lead", "lead_then", "tier", "tier_then", "item", "item_then",
    "lead_in_the_end", "then_agrees", "returned", "reclassified", "hours_saved_at_most",
    "late", "late_then",
)  # fmt: skip
_STYLE: Final = """
body{font:16px/1.5 "Noto Sans SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif;
max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1d2733;background:#fff}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}small,.en{color:#5a6775}
small{overflow-wrap:anywhere}
table{border-collapse:collapse;width:100%;font-size:.9rem}
th,td{border-bottom:1px solid #d8dee6;padding:.35rem .5rem;text-align:left;vertical-align:top}
th{background:#f3f6f9}.n{text-align:right;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}
.wide td:nth-child(6){white-space:nowrap}
"""


def to_csv(found: WhatIf, city: City) -> bytes:
    """A line for each issue that would differ: UTF-8 with a byte-order mark, CRLF."""
    buffer = io.StringIO()
    buffer.write(_BOM)
    writer = csv.writer(buffer, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(_COLUMNS)
    moment = _moments(city)
    for each in found.differences:
        cells = (
            each.issue_id,
            each.origin,
            moment(each.reported_at),
            each.subject,
            _code(each.was),
            _code(each.would),
            each.was.tier or "",
            each.would.tier or "",
            each.was.item or "",
            each.would.item or "",
            each.final or "",
            "" if each.agrees is None else "yes" if each.agrees else "no",
            each.returned,
            "yes" if each.reclassified else "no",
            round(each.saved_ms / _HOUR, 1),
            " ".join(each.late),
            " ".join(each.late_then),
        )
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return buffer.getvalue().encode()


def to_html(found: WhatIf, city: City) -> bytes:
    """The whole comparison as one page."""
    return "".join(_page(found, city)).encode()


def summary(found: WhatIf) -> list[tuple[str, str, str]]:
    """(Chinese, English, figure) of the comparison as a whole."""
    corrected = [each for each in found.moved if each.corrected]
    return [
        ("回放的上报", "reports compared", f"{found.reports}"),
        ("将改派他处", "would go elsewhere", f"{len(found.moved)}"),
        ("　其中曾被退单或改类", "  of them returned or reclassified", f"{len(corrected)}"),
        (
            "　　其中新规则一次派对",
            "    of these, right at once",
            f"{sum(each.agrees is True for each in corrected)}",
        ),
        (
            "　其中实际无异议",
            "  of them that nobody objected to",
            f"{len(found.moved) - len(corrected)}",
        ),
        ("将改变时限等级", "would change tier", f"{sum(e.other_tier for e in found.differences)}"),
        ("首派即终派（实际）", "first lead was the last, as it was", _share(found.right, found)),
        ("首派即终派（新规则）", "the same by the pack", _share(found.right_then, found)),
        *(
            (
                f"{_CLOCKS[name][0]}超时：实际 → 新规则",
                f"late to {_CLOCKS[name][1]}: as it was, by the pack",
                "{} → {}".format(*found.late[name]),
            )
            for name in CLOCKS
        ),
        ("新规则会驳回的已生效操作", "acts that the pack would refuse", f"{found.refused}"),
        ("最多节省小时（上限）", "hours saved at most", f"{found.saved_ms / _HOUR:.1f}"),
    ]


def department(city: City, code: str | None, language: int, *, queued: bool = True) -> str:
    """The name of a department in the pack, its code where the pack has none."""
    if code is None:
        return (_DESK if queued else _NOBODY)[language]
    known = city.departments.get(code)
    return code if known is None else (known.zh, known.en)[language]


def offsets(found: WhatIf) -> str:
    """As far as the log was read, ``issues 0:120 1:98``."""
    return " ".join(("issues", *(f"{p}:{after}" for p, after in sorted(found.offsets.items()))))


def _share(right: int, found: WhatIf) -> str:
    return f"{right} ({right * 1000 // found.reports / 10:.1f}%)"


def _code(verdict: Verdict) -> str:
    return verdict.lead or ("desk" if verdict.queued else "")


def _moments(city: City) -> Callable[[int], str]:
    zone = ZoneInfo(city.timezone)

    def moment(millis: int) -> str:
        return f"{datetime.fromtimestamp(millis / 1000, UTC).astimezone(zone):%Y-%m-%d %H:%M}"

    return moment


def _page(found: WhatIf, city: City) -> Iterator[str]:
    moment = _moments(city)
    yield '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>规则回放对比</title><style>{_STYLE}</style></head><body>"
    yield '<h1>规则回放对比 <span class="en" lang="en">What if</span></h1>'
    yield f"<p>{escape(city.name_zh)} · {moment(found.start)} – {moment(found.end)}<br>"
    yield f"<small>规则包 pack {escape(found.pack)}<br>"
    yield f"日志读至 log read up to {offsets(found)}</small></p>"
    yield "<table><tbody>"
    for zh, en, figure in summary(found):
        yield f'<tr><td>{zh}<br><small lang="en">{en}</small></td><td class="n">{figure}</td></tr>'
    yield "</tbody></table>"
    yield "<p>节省小时是上限：假定新规则首派的部门当时立即接手；其他人会怎样做，历史不能回答。"
    yield "时限按真实操作时间重算。<br>"
    yield '<small lang="en">Hours are an upper bound: they count until the department that the '
    yield "pack names really got it. Clocks are judged with the real acts at their real times."
    yield "</small></p>"
    yield '<h2>派往何处 <span class="en" lang="en">Where to</span></h2>'
    yield '<div class="wide"><table><thead>'
    yield _head(
        "实际 as it was", "新规则 by the pack", "件数 issues", "曾退单/改类 corrected", figures=2
    )
    for lead, then, count, wrong in found.flows:
        yield f"<tr><td>{_both(city, lead)}</td><td>{_both(city, then)}</td>"
        yield f'<td class="n">{count}</td><td class="n">{wrong}</td></tr>'
    yield "</tbody></table></div>"
    corrected = [each for each in found.differences if each.corrected]
    others = [each for each in found.differences if not each.corrected]
    yield from _list("曾被退单或改类的工单", "Returned or reclassified", corrected, city, moment)
    yield from _list("其余有差异的工单", "The others that differ", others, city, moment)
    yield "</body></html>\n"


def _list(
    zh: str, en: str, differences: list[Difference], city: City, moment: Callable[[int], str]
) -> Iterator[str]:
    yield f'<h2>{zh} <span class="en" lang="en">{en}</span> ({len(differences)})</h2>'
    if len(differences) > SHOWN:
        yield f"<p>前 {SHOWN} 件；全部见 CSV。"
        yield f"<small>The first {SHOWN}; the CSV has all.</small></p>"
    yield '<div class="wide"><table><thead>'
    yield _head(
        "上报 reported",
        "事项 subject",
        "实际 as it was",
        "新规则 by the pack",
        "最终 in the end",
        "等级 tier",
        "超时 late",
        "≤ 小时 hours",
        figures=1,
    )
    for each in differences[:SHOWN]:
        late = f"{_clocks(each.late)} → {_clocks(each.late_then)}"
        origin = "" if each.origin == "live" else f"<br><small>{ORIGINS[each.origin].zh}</small>"
        yield f"<tr><td>{moment(each.reported_at)}{origin}</td>"
        yield f"<td>{escape(each.subject)}<br><small>{escape(each.issue_id)}</small></td>"
        yield f"<td>{_both(city, each.was.lead)}</td><td>{_both(city, each.would.lead)}</td>"
        yield f"<td>{_both(city, each.final, queued=False)}</td>"
        tiers = dict.fromkeys(_tier(city, code) for code in (each.was.tier, each.would.tier))
        yield f"<td>{' → '.join(tiers)}</td>"
        yield f"<td>{late if each.late != each.late_then else '–'}</td>"
        yield f'<td class="n">{each.saved_ms / _HOUR:.1f}</td></tr>'
    yield "</tbody></table></div>"


def _head(*names: str, figures: int) -> str:
    """The last columns, so many, are figures."""
    words = "".join(f"<th>{name}</th>" for name in names[:-figures])
    numbers = "".join(f'<th class="n">{name}</th>' for name in names[-figures:])
    return f"<tr>{words}{numbers}</tr></thead><tbody>"


def _tier(city: City, code: str | None) -> str:
    """Its name in the pack, its code where the pack has none."""
    known = None if code is None else city.tiers.get(code)
    return escape(known.zh if known else code or "–")


def _both(city: City, code: str | None, *, queued: bool = True) -> str:
    zh, en = (department(city, code, language, queued=queued) for language in (0, 1))
    return f'{escape(zh)}<br><small lang="en">{escape(en)}</small>'


def _clocks(names: tuple[str, ...]) -> str:
    return "、".join(_CLOCKS[name][0] for name in names) or "无"
