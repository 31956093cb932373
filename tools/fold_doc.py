"""Write the tables of docs/fold.md from the code: the text around them is written by hand.

python tools/fold_doc.py            write them
python tools/fold_doc.py --check    exit 1 if they are not current
"""

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, Final

from pages import write_or_check

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from hutong.issue.clocks import Clock  # noqa: E402
from hutong.issue.parts import (  # noqa: E402
    Assignment,
    Extension,
    FollowUp,
    Hop,
    Rating,
    Round,
    Supervision,
    Suspension,
)
from hutong.issue.rules import VERSION  # noqa: E402
from hutong.issue.state import FOLD_VERSION, IssueState  # noqa: E402
from hutong.readmodels import all_models  # noqa: E402
from hutong.readmodels.projection import STATES  # noqa: E402
from hutong.replay.dump import canonical  # noqa: E402
from tests.fixtures import golden  # noqa: E402
from tests.fixtures.lifecycle import fold_all  # noqa: E402

PAGE: Final = ROOT / "docs" / "fold.md"
_PARTS: Final = (
    Clock,
    Hop,
    Round,
    Rating,
    FollowUp,
    Extension,
    Suspension,
    Assignment,
    Supervision,
)
#: A golden history in which records wait for what they answer.
_EXAMPLE: Final = "told backwards"
_BLOCK: Final = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def state_fields() -> Iterator[str]:
    """Every field of a state with its default."""
    yield "| field | left out when it is |"
    yield "|---|---|"
    for each in fields(IssueState):
        if each.default is not MISSING:
            default = _json(each.default)
        elif each.default_factory is not MISSING:
            default = _json(each.default_factory())
        else:
            default = "never"
        yield f"| `{each.name}` | {default} |"


def parts() -> Iterator[str]:
    """Every part of a state: its values in order."""
    yield "| part | values, in this order |"
    yield "|---|---|"
    for part in _PARTS:
        defaults: Mapping[str, Any] = part._field_defaults
        told = [f"{n} = {_json(defaults[n])}" if n in defaults else n for n in part._fields]
        yield f"| {part.__name__} | {', '.join(told)} |"


def tables() -> Iterator[str]:
    """Every file of a dump."""
    yield "| file | made of | kind | key | other columns |"
    yield "|---|---|---|---|---|"
    owners = {table.name: f"`{m.name}` {m.version}" for m in all_models() for table in m.tables}
    for table in (STATES, *(table for model in all_models() for table in model.tables)):
        owner = owners.get(table.name, f"fold {FOLD_VERSION}")
        key, values = (", ".join(f"`{n}`" for n in part) for part in (table.key, table.values))
        yield f"| `{table.name}.ndjson` | {owner} | {table.mode.value} | {key} | {values} |"


def example() -> Iterator[str]:
    """The state that a golden history ends in, as it stands in a dump."""
    rules, histories = golden.read(golden.FOLDER / f"v{VERSION}.ndjson")
    [found] = [each for each in histories if each.name == _EXAMPLE]
    state = fold_all(*found.records, rules=rules)[-1].after
    yield "```json"
    yield canonical(state.to_json())
    yield "```"


BLOCKS: Final[Mapping[str, Callable[[], Iterator[str]]]] = {
    "state": state_fields,
    "parts": parts,
    "files": tables,
    "example": example,
}


def page(text: str) -> str:
    """The page with its tables as the code has them; KeyError for one that nobody makes."""

    def current(found: "re.Match[str]") -> str:
        return f"{found[1]}" + "".join(f"{line}\n" for line in BLOCKS[found[2]]()) + found[3]

    return _BLOCK.sub(current, text)


def _json(value: object) -> str:
    return f"`{json.dumps(value)}`"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page; 0 when nothing is wrong."""
    return write_or_check({PAGE: page(PAGE.read_text("utf-8"))}, __file__, arguments)


if __name__ == "__main__":
    sys.exit(main())
