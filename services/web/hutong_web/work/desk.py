"""The desk: one list of everything that waits for a decision there. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup

from hutong.readmodels.duplicates.queries import Pair
from hutong.readmodels.queue.queries import Cursor, KindCount, QueueEntry
from hutong_web.board import AsOf, Option, as_of
from hutong_web.city_names import CityNames
from hutong_web.data import SUSPECTS, DeskData
from hutong_web.language import Name, name_in
from hutong_web.names import ORIGINS, QUEUE_REASONS, name_of
from hutong_web.text import visible
from hutong_web.times import CityTime
from hutong_web.wording import Wording
from hutong_web.work.lines import WorkLine, subject_of, time_left
from hutong_web.work_wording import WorkWording

#: Lines of one page.
LINES: Final = 50

#: Kind of decision -> its name, and the act that makes it.
KINDS: Final[Mapping[str, tuple[Name, str]]] = {
    "queued": (Name("待派", "To dispatch"), "dispatch"),
    "return": (Name("退单", "Returns"), "decide-return"),
    "dispute": (Name("争议", "Disputes"), "adjudicate"),
    "extension": (Name("延期", "Extensions"), "decide-extension"),
    "review": (Name("挂账复核", "Reviews"), "resume"),
    "follow-up": (Name("回访", "Calls"), "call"),
    "close": (Name("待结案", "To close"), "close"),
}
#: Reason group of what is asked, by kind.
_REASONS: Final[Mapping[str, str]] = {
    "return": "return",
    "dispute": "return",
    "extension": "extension",
    "review": "suspension",
    "close": "result",
}


#: Two instants, an issue and a kind, as `DeskView.more` has them.
_CURSOR: Final = re.compile(r"([0-9]{1,19})_([0-9]{1,19})_([0-9a-f-]{36})_([a-z-]{1,16})")


class BadDeskError(ValueError):
    """The address asks for a list that there is not."""


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """What of the queue is looked at; '' means all."""

    kind: str = ""
    street: str = ""
    origin: str = ""
    after: Cursor | None = None

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> "DeskFilter":
        """From a query string; BadDeskError."""
        kind, origin = query.get("kind", ""), query.get("origin", "")
        if kind and kind not in (*KINDS, SUSPECTS):
            raise BadDeskError("kind")
        if origin and origin not in ORIGINS:
            raise BadDeskError("origin")
        return cls(kind, query.get("street", "")[:64], origin, _cursor(query.get("after", "")))

    def address(self, **changes: str) -> str:
        """The desk with this filter, some of it changed, from the top of the list."""
        chosen = {"kind": self.kind, "street": self.street, "origin": self.origin, **changes}
        query = urlencode({name: value for name, value in chosen.items() if value})
        return f"/desk?{query}" if query else "/desk"


def _cursor(text: str) -> Cursor | None:
    if not text:
        return None
    found = _CURSOR.fullmatch(text)
    if found is None:
        raise BadDeskError("after")
    return Cursor(int(found[1]), int(found[2]), found[3], found[4])


@dataclass(frozen=True, slots=True)
class Tab:
    """One kind with how many wait, ``late`` of them overdue; ``or_more``: at least so many."""

    name: str
    address: str
    count: int
    late: int
    chosen: bool
    or_more: bool = False


@dataclass(frozen=True, slots=True)
class PairLine:
    """Two issues that may be one matter: what speaks for it, and where to decide."""

    address: str
    receipt: str
    subject: Markup
    text: Markup
    other_text: Markup
    other_address: str
    other_receipt: str
    other_subject: Markup
    says: tuple[str, ...]
    merge: str
    dismiss: str
    origin: str
    origin_name: str


@dataclass(frozen=True, slots=True)
class DeskView:
    """Everything that the desk's template needs."""

    as_of: AsOf
    tabs: tuple[Tab, ...]
    lines: tuple[WorkLine, ...]
    pairs: tuple[PairLine, ...]
    shows_pairs: bool
    streets: tuple[Option, ...]
    origins: tuple[Option, ...]
    hidden: tuple[tuple[str, str], ...]
    ahead: str
    more: str


def build_desk(
    data: DeskData,
    asked: DeskFilter,
    *,
    names: CityNames,
    clock: CityTime,
    words: Wording,
    say: WorkWording,
    now: int,
) -> DeskView:
    """The list of one moment."""
    language = names.language
    ahead = sum(count.ahead for kind, count in data.counts.items() if asked.kind in ("", kind))
    more = ""
    if data.has_more and data.rows:
        more = asked.address(after="_".join(map(str, data.rows[-1].cursor)))
    return DeskView(
        as_of=as_of(data.position, names, clock, words),
        tabs=_tabs(data, asked, names, say),
        lines=tuple(_line(row, names, clock, words, say, now) for row in data.rows),
        pairs=tuple(_pair(pair, data.texts, names, clock, words, say) for pair in data.pairs),
        shows_pairs=asked.kind == SUSPECTS,
        streets=(
            Option("", words.any_street, not asked.street),
            *(
                Option(area.code, names.area(area.code), area.code == asked.street)
                for area in names.city.areas.values()
                if area.level == "street"
            ),
        ),
        origins=(
            Option("", words.origin_all, not asked.origin),
            *(
                Option(code, name_of(ORIGINS, code, language), code == asked.origin)
                for code in ORIGINS
            ),
        ),
        hidden=(("kind", asked.kind),) if asked.kind else (),
        ahead=say.desk_ahead.format(count=ahead) if ahead else "",
        more=more,
    )


def _tabs(data: DeskData, asked: DeskFilter, names: CityNames, say: WorkWording) -> tuple[Tab, ...]:
    counts = data.counts
    every = Tab(
        say.desk_all,
        asked.address(kind=""),
        sum(count.waiting for count in counts.values()),
        sum(count.overdue for count in counts.values()),
        not asked.kind,
    )
    none = KindCount("", 0, 0, 0)
    return (
        every,
        *(
            Tab(
                name_in(name, names.language),
                asked.address(kind=kind),
                counts.get(kind, none).waiting,
                counts.get(kind, none).overdue,
                asked.kind == kind,
            )
            for kind, (name, _) in KINDS.items()
        ),
        Tab(
            say.tab_suspects,
            asked.address(kind=SUSPECTS),
            len(data.pairs),
            0,
            asked.kind == SUSPECTS,
            data.has_more_pairs,
        ),
    )


def _pair(
    pair: Pair,
    texts: Mapping[str, str],
    names: CityNames,
    clock: CityTime,
    words: Wording,
    say: WorkWording,
) -> PairLine:
    says = [say.pair_text.format(score=pair.text_score)]
    if pair.metres >= 0:
        says.append(say.pair_metres.format(metres=pair.metres))
    says.append(say.pair_minutes.format(time=clock.duration(pair.minutes * 60_000)))
    address = f"/issues/{pair.issue_id}"
    return PairLine(
        address=address,
        receipt=pair.receipt or pair.issue_id[:8],
        subject=subject_of(pair.subject or "", words.no_subject),
        text=visible(texts.get(pair.issue_id, "")),
        other_text=visible(texts.get(pair.other_id, "")),
        other_address=f"/issues/{pair.other_id}",
        other_receipt=pair.other_receipt or pair.other_id[:8],
        other_subject=subject_of(pair.other_subject or "", words.no_subject),
        says=tuple(says),
        merge=f"{address}/acts/merge#act-merge",
        dismiss=f"{address}/acts/dismiss-duplicate#act-dismiss-duplicate",
        origin=pair.origin,
        origin_name=name_of(ORIGINS, pair.origin, names.language),
    )


def _line(
    row: QueueEntry,
    names: CityNames,
    clock: CityTime,
    words: Wording,
    say: WorkWording,
    now: int,
) -> WorkLine:
    name, verb = KINDS[row.kind]
    return WorkLine(
        issue_id=row.issue_id,
        address=f"/issues/{row.issue_id}/acts/{verb}#act-{verb}",
        receipt=row.receipt,
        subject=subject_of(row.subject, words.no_subject),
        category=" › ".join(names.category_path(row.category)) or words.category_none,
        street=names.area(row.street) or words.no_street,
        asks=name_in(name, names.language),
        says=tuple(_says(row, names, clock, say)),
        since=clock.short(row.since),
        since_iso=clock.iso(row.since),
        left=time_left(row.due_at, now, clock, say),
        chip=None,
        origin=row.origin,
        origin_name=name_of(ORIGINS, row.origin, names.language),
    )


def _says(row: QueueEntry, names: CityNames, clock: CityTime, say: WorkWording) -> Iterable[str]:
    """What must be known to decide: who asks, why, for what."""
    data = row.data or {}
    if row.kind == "queued":
        if row.department:
            yield say.desk_ruled.format(department=names.department(row.department))
        elif row.candidates:
            best = row.candidates[0]
            yield say.desk_candidate.format(
                item=names.item(best.get("item")), department=names.department(best["department"])
            )
        if row.asked == "IssueQueued":
            yield name_of(QUEUE_REASONS, str(data.get("reason", "")), names.language)
        return
    if row.department:
        yield names.department(row.department)
    if row.reason and row.kind in _REASONS:
        group = "unresolvable" if row.status == "unresolvable" else _REASONS[row.kind]
        yield names.reason(group, row.reason)
    if row.proposed:
        yield say.desk_proposed.format(department=names.department(row.proposed))
    if row.kind == "extension" and data.get("minutes"):
        yield say.desk_minutes.format(time=clock.duration(int(data["minutes"]) * 60_000))
