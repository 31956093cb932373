"""The duty list of a city pack as plain JSON, so that a program in another language can classify.

The same words, weights, needs, owners, grids and gate as `hutong.classify.Classifier` has.
"""

import json
from pathlib import Path
from typing import Any

from hutong.city import City, owners_of
from hutong.classify.fold import Folder
from hutong.classify.words import WordBook
from hutong.events.schemas import load_schemas

_BMP = 0xFFFF
_SCHEMAS = (
    "hutong.issue.IssueReported",
    "hutong.issue.IssueDispatched",
    "hutong.issue.IssueQueued",
    "hutong.orders.OrderIssued",
)


def write_rules(city: City, path: Path) -> None:
    """Write all that a peer needs to route reports like us."""
    path.write_text(json.dumps(rules(city), ensure_ascii=False), encoding="utf-8")


def rules(city: City) -> dict[str, Any]:
    """Items and words by number; ``owners``: area -> item -> lead, then co-owners."""
    items = tuple(sorted(city.duty_list, key=lambda item: item.code))
    folder = Folder()
    book = WordBook(city, items, folder)
    schemas = load_schemas()
    latest = {name: schemas.latest(name) for name in _SCHEMAS}
    return {
        "pack": city.hash,
        "min_score": city.gate.min_score,
        "min_margin": city.gate.min_margin,
        "intents": list(city.intents),
        "channels": {code: channel.intent for code, channel in city.channels.items()},
        "schemas": {name: {"id": each.id, "schema": each.raw} for name, each in latest.items()},
        # By UTF-16 unit, as Java counts characters.
        "folded": {chr(c): to or "" for c, to in folder.table.items() if c <= _BMP},
        "items": [
            {
                "code": item.code,
                "category": item.category,
                "top": item.category.partition(".")[0],
                "kind": item.kind or city.categories[item.category].kind,
                "tier": item.tier,
                "needs": bool(item.needs),
            }
            for item in items
        ],
        "words": [
            {
                "text": word.text,
                "keyword_of": word.keyword_of,
                "not_word_of": word.not_word_of,
                "needed_by": word.needed_by,
                "urgent_for": word.urgent_for,
                "cue_of": word.cue_of,
            }
            for word in book.words
        ],
        "owners": {
            area or "": [_owners(city, item, area) for item in items]
            for area in (None, *city.areas)
        },
        "grids": [
            {"code": area.code, "rings": area.polygon}
            for area in sorted(city.areas.values(), key=lambda area: area.code)
            if area.level == "grid" and area.polygon
        ],
        "clocks": {
            f"{tier} {item.code}": [
                {"clock": clock, "minutes": length.minutes, "calendar": length.calendar}
                for clock, length in city.promises(tier, item.code).items()
            ]
            for item in items
            for tier in {item.tier, "urgent"}
        },
    }


def _owners(city: City, item: Any, area: str | None) -> list[str]:
    lead, co_owners = owners_of(city, item, area)
    return [lead, *co_owners]
