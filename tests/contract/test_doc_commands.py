"""Every `hutong …` that a page tells people to type is there, with its options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from hutong.cli.main import build_app

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    page
    for top in (".", "docs", "docs/decisions", "bench", "schemas", "hutong/*", "services/*")
    for page in ROOT.glob(f"{top}/*.md")
)

#: In backticks, or a line by itself, with settings before it and a comment after it.
_INLINE = re.compile(r"`(?:\.venv/bin/)?(hutong [^`]+)`")
_LINE = re.compile(r"^ *(?:\$ |[A-Z_]+=\S+ )*(?:\.venv/bin/)?(hutong [a-z][^#\n]*)", re.MULTILINE)
_OPTION = re.compile(r"(?<![\w-])--?[a-z][\w-]*")


def commands_in(text: str) -> Iterator[str]:
    for found in (*_INLINE.findall(text), *_LINE.findall(text)):
        yield from re.split(r"; | \| (?=hutong )", found)


def fault_of(command: str, app: Any) -> str:
    """What is wrong with it; "" when nothing is."""
    words = command.split()[1:]
    while hasattr(app, "commands") and words and not words[0].startswith("-"):
        name = words.pop(0)
        if name in ("…", "|"):  # hutong replay …, hutong up | down
            return ""
        if name not in app.commands:
            return f"there is no {name}"
        app = app.commands[name]
    known = {"--help"}.union(*(option.opts + option.secondary_opts for option in app.params))
    strange = set(_OPTION.findall(" ".join(words))) - known
    return f"it has no {', '.join(sorted(strange))}" if strange else ""


@pytest.fixture(scope="module")
def app() -> Any:
    return typer.main.get_command(build_app())


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_what_a_page_says_to_type_is_there(page: Path, app: Any) -> None:
    faults = [
        f"{command}: {fault}"
        for command in commands_in(page.read_text("utf-8"))
        if (fault := fault_of(command, app))
    ]
    assert faults == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("`hutong key create --principal dept:water`", "it has no --principal"),
        ("    A_B=c .venv/bin/hutong city fly  # high", "there is no fly"),
    ],
)
def test_a_mistake_would_be_noticed(text: str, fault: str, app: Any) -> None:
    assert [fault_of(command, app) for command in commands_in(text)] == [fault]


def test_pages_are_full_of_commands() -> None:
    assert sum(len(list(commands_in(page.read_text("utf-8")))) for page in PAGES) > 50
