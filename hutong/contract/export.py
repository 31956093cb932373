"""Writes the contract into a folder, for those who read and write it in another language."""

import json
import shutil
from collections.abc import Iterator
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final

from hutong.contract.asyncapi import document
from hutong.contract.dictionary import dictionary
from hutong.events.schemas import load_schemas

_LEFT_OUT: Final = frozenset({"__init__.py", "py.typed", "__pycache__"})
_README: Final = """\
# Hutong: the contract

| file | what it is |
|---|---|
| `<context>/<Event>/<n>.avsc` | the Avro schemas; the truth |
| `examples/` | one made-up example of each |
| `ids.lock` | schema ids, as they are on the wire |
| `topics.toml` | every topic, who writes it, who reads it |
| `asyncapi.json` | the same as an AsyncAPI 3 document |
| `openapi.json` | the HTTP interface (where hutong[intake] is installed) |
| `dictionary.md` | 数据字典：每个事件、字段的中英文含义 |

**A schema registry** is not needed. Where the city runs one, it has these schemas under these ids;
subjects are the Avro full names (RecordNameStrategy). A deserializer needs no more than the id in
the frame.

**Versions.** Until the first tagged release schemas may change. After it a file is never edited: a
change is a new version, readable both ways (FULL_TRANSITIVE), and old versions stay readable for
ever, since they are in the log. A version that is no longer to be written is announced in
CHANGELOG.md at least one minor release before the router refuses it from senders.
"""


class ExportError(Exception):
    """The folder cannot be written to; the message says why and what to do."""


def export(folder: Path, openapi: dict[str, Any] | None) -> list[str]:
    """Write everything into a folder that is empty or not there; the names of what was written.

    ``openapi`` is intake's document; None leaves it out.
    """
    if folder.exists() and any(folder.iterdir()):
        raise ExportError(f"{folder} is not empty: name a folder that is, or is not there")
    folder.mkdir(parents=True, exist_ok=True)
    with as_file(files("hutong_schemas")) as source:
        for path in sorted(source.iterdir()):
            if path.name in _LEFT_OUT:
                continue
            copy: Any = shutil.copytree if path.is_dir() else shutil.copyfile
            copy(path, folder / path.name)
    for name, text in _made(openapi):
        (folder / name).write_text(text, "utf-8")
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def _made(openapi: dict[str, Any] | None) -> Iterator[tuple[str, str]]:
    schemas = load_schemas()
    yield "README.md", _README
    yield "dictionary.md", dictionary(schemas)
    yield "asyncapi.json", _json(document(schemas, version("hutong")))
    if openapi is not None:
        yield "openapi.json", _json(openapi)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
