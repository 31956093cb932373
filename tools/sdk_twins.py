"""Write what the SDK's two clients have in common from one source.

    python tools/sdk_twins.py            write it
    python tools/sdk_twins.py --check    exit 1 if it is not current

`hutong/sdk/async_acts.py` and `replies.py` are made from the events that verbs write
(`hutong.events.acts`) and what their schemas say of each field; `client.py` and `acts.py` are
`async_client.py` and `async_acts.py` with the words below put in place of others, and nothing else.
"""

import argparse
import re
import subprocess
import sys
import textwrap
import types
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hutong.events.acts import ACTS, FILLED_IN, NOT_ASKED, OTHER_ID, TIMES
from hutong.events.base import Event
from hutong.events.fields import Reporter, Sealed
from hutong.events.schemas import load_schemas
from hutong.events.topics import load_topics

ROOT = Path(__file__).parents[1]
SDK = ROOT / "hutong" / "sdk"
TWINS = {"async_client.py": "client.py", "async_acts.py": "acts.py"}

#: Async -> sync, tried in this order at each place.
WORDS: Mapping[str, str] = {
    r"async def ": "def ",
    r"await in_thread\(": "directly(",
    r"await ": "",
    r"\bin_thread\b": "directly",
    r"__aenter__": "__enter__",
    r"__aexit__": "__exit__",
    r"import Api, AsyncApi, HttpTransport": "import Api, HttpTransport",
    r"\bAsyncApi\b": "Api",
    r"\bAsyncClient\b": "Client",
    r"\bAsyncActs\b": "Acts",
    r"\basync_acts\b": "acts",
    r", async\. `client\.py` is made of it\.": ".",
}
NAMES: Mapping[str, str] = {"return": "return_", "close": "close_issue"}
_MADE = "# Made by tools/sdk_twins.py: edit that, or what it is made from.\n"
_HEAD = '''\
"""Every act on an issue as a typed method."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hutong.events.fields import {fields}
from hutong.sdk.receipt import Receipt


class AsyncActs(ABC):
    """Methods named after the verbs of `hutong.events.acts`.

    Each keeps the act in the outbox and returns its receipt, like `report_issue`. Those who write
    to Kafka themselves must say with ``answers`` which event of the issue theirs answers; intake
    knows it where it is left out. ``by`` is who at the sender does it; ``occurred_at`` is now
    where it is left out; ``event_id`` is made where it is left out.
    """

    @abstractmethod
    async def act(
        self,
        verb: str,
        issue_id: str,
        fields: dict[str, Any],
        *,
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """Any act by its verb."""
'''
_REPLIES_HEAD = '''\
"""What a department may say to an order, as typed methods."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Any


class Replies(ABC):
    """Methods named after the verbs of departments; each returns the id of what was said.

    ``by`` is who at the department says it; ``occurred_at`` is now where it is left out.
    """

    @abstractmethod
    def say(
        self,
        verb: str,
        fields: dict[str, Any],
        *,
        occurred_at: datetime | None = None,
        by: str | None = None,
    ) -> str:
        """Say something by its verb; InvalidError with every fault."""
'''
_REPLY_COMMON = """\
        occurred_at: datetime | None = None,
        by: str | None = None,
    ) -> str:
"""
_COMMON = """\
        occurred_at: datetime | None = None,
        by: str | None = None,
        answers: str | None = None,
        event_id: str | None = None,
    ) -> Receipt:
"""


def async_acts() -> str:
    """The text of async_acts.py."""
    parts: set[str] = set()
    methods = "".join(_method(verb, event, parts) for verb, event in ACTS.items())
    return _MADE + _HEAD.format(fields=", ".join(sorted(parts))) + methods


def replies() -> str:
    """The text of replies.py."""
    topic = load_topics(("any",))["handling-any"]
    own = {verb: event for verb, event in ACTS.items() if event.avro_name in topic.events}
    methods = "".join(_method(verb, event, set(), reply=True) for verb, event in own.items())
    return _MADE + _REPLIES_HEAD + methods


def sync_of(text: str) -> str:
    """The sync twin of an async text."""
    for old, new in WORDS.items():
        text = re.sub(old, new, text)
    return text if text.startswith(_MADE) else _MADE + text


def texts() -> dict[Path, str]:
    """Every file that is made, formatted."""
    acts = _formatted(async_acts())
    found = {SDK / "async_acts.py": acts, SDK / "replies.py": _formatted(replies())}
    for source, twin in TWINS.items():
        text = acts if source == "async_acts.py" else (SDK / source).read_text("utf-8")
        found[SDK / twin] = _formatted(sync_of(text))
    return found


def _method(verb: str, event: type[Event], parts: set[str], *, reply: bool = False) -> str:
    name = NAMES.get(verb, verb.replace("-", "_"))
    docs = {f["name"]: f["doc"] for f in load_schemas().latest(event.avro_name).raw["fields"]}
    about = "" if reply else "        issue_id: str,\n"
    asynchronously = "" if reply else "async "
    lines = [f"\n    {asynchronously}def {name}(\n        self,\n{about}        *,\n"]
    skipped = {"head", *NOT_ASKED.get(verb, ()), *(("hop",) if reply else ())}
    fields = [field for field in event.model_fields if field not in skipped]
    if verb == "merge":
        fields.insert(0, OTHER_ID)
        docs[OTHER_ID] = "The other of the two; the older becomes the master."
    if verb == "amend":
        fields.insert(0, "area")
        docs["area"] = "A code of the city's area tree."
    for field in fields:
        kind, default = _parameter(verb, event, field, parts)
        lines.append(f"        {field}: {kind}{default},\n")
    lines.append(_REPLY_COMMON if reply else _COMMON)
    doc = (event.__doc__ or "").strip().splitlines()[0]
    lines.append(f'        """{doc}\n\n        Writes `{event.__name__}`.\n\n        Args:\n')
    if not reply:
        lines.append("            issue_id: the issue.\n")
    for field in fields:
        said = docs[field].replace(", milliseconds UTC", "") if field in TIMES else docs[field]
        lines += _wrapped(f"{field}: {said}")
    lines.append('        """\n')
    pairs = "".join(f'            "{field}": {field},\n' for field in fields)
    lines.append(f"        fields: dict[str, Any] = {{\n{pairs}        }}\n")
    if reply:
        lines.append(f'        return self.say("{verb}", fields, occurred_at=occurred_at, by=by)\n')
        return "".join(lines)
    lines.append(
        f'        return await self.act("{verb}", issue_id, fields, occurred_at=occurred_at, '
        "by=by, answers=answers, event_id=event_id)\n"
    )
    return "".join(lines)


def _parameter(verb: str, event: type[Event], field: str, parts: set[str]) -> tuple[str, str]:
    """Type and default of a parameter, as they are written."""
    info = event.model_fields.get(field)
    if info is None:
        return ("str", "") if field == OTHER_ID else ("str | None", " = None")
    kind = _type_of(field, info.annotation, parts)
    if field in FILLED_IN.get(verb, ()):
        return f"{kind} | None", " = None"
    return kind, "" if info.is_required() else f" = {_default(info.default)}"


def _wrapped(text: str) -> Iterator[str]:
    plain = " ".join(text.replace("\\", "").split())
    indent = " " * 12
    wrapped = textwrap.wrap(
        plain, 100, initial_indent=indent, subsequent_indent=indent + "    ", break_on_hyphens=False
    )
    yield from (f"{line}\n" for line in wrapped)


def _type_of(field: str, annotation: Any, parts: set[str]) -> str:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _type_of(field, typing.get_args(annotation)[0], parts)
    if origin in (typing.Union, types.UnionType):
        kinds = [a for a in typing.get_args(annotation) if a is not type(None)]
        return f"{_type_of(field, kinds[0], parts)} | None"
    if origin is tuple:
        return f"Sequence[{_type_of(field, typing.get_args(annotation)[0], parts)}]"
    if annotation is int and field in TIMES:
        return "datetime"
    annotation = Reporter if annotation is Sealed else annotation  # intake seals it
    if annotation.__module__ == "hutong.events.fields":
        parts.add(annotation.__name__)
    return str(annotation.__name__)


def _default(value: object) -> str:
    return '""' if value == "" else repr(value)


def _formatted(text: str) -> str:
    command = [sys.executable, "-m", "ruff"]
    named = ["--quiet", "--stdin-filename", str(SDK / "x.py"), "-"]
    for what in (["check", "--fix-only", "--select", "I,F401"], ["format"]):
        done = subprocess.run(
            [*command, *what, *named], input=text, capture_output=True, text=True, check=True
        )
        text = done.stdout
    return text


def main(arguments: list[str] | None = None) -> int:
    """Write or check the files; 0 when nothing is wrong."""
    parser = argparse.ArgumentParser(description="Write the SDK's twins.")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if not current")
    check = parser.parse_args(arguments).check
    stale = [f for f, text in texts().items() if not f.exists() or f.read_text("utf-8") != text]
    if check and stale:
        names = ", ".join(str(file.relative_to(ROOT)) for file in stale)
        print(f"{names} not current: run python tools/sdk_twins.py", file=sys.stderr)
        return 1
    for file, text in texts().items() if not check else ():
        file.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
