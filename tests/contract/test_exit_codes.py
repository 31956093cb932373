"""One table of exit codes: docs/exit-codes.md, and no command or service ends with another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from hutong import settings
from hutong.cli.ending import MEANINGS
from tests.fixtures.tools import load_tool

ROOT = Path(__file__).parents[2]
NAMES = {name: value for name, value in vars(settings).items() if name.startswith("EXIT_")}
#: What ends a process or a command, and where in its arguments the code stands.
ENDINGS = {"Exit": 0, "SystemExit": 0, "exit": 0, "_exit": 0, "give_up": 1}
FILES = sorted(
    file
    for folder in ("hutong/cli", *(f"services/{each}" for each in
                                  ("intake", "router", "projections", "processes", "web")))
    for file in (ROOT / folder).rglob("*.py")
)  # fmt: skip


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return load_tool("exit_codes_doc")


def test_the_page_is_current(tool: ModuleType) -> None:
    current = (ROOT / "docs" / "exit-codes.md").read_text("utf-8")
    assert current == tool.page(), "run python tools/exit_codes_doc.py"
    assert "`hutong replay verify` | Exit code 0: equal." in current


def test_every_code_has_a_name_and_a_meaning_and_no_two_are_the_same() -> None:
    assert sorted(NAMES.values()) == sorted(MEANINGS)
    assert len(set(NAMES.values())) == len(NAMES)


def test_nothing_ends_with_a_bare_number() -> None:
    bare = [f"{file.relative_to(ROOT)}:{line}" for file in FILES for line in bare_codes(file)]
    assert len(FILES) > 50
    assert bare == [], "use a name of hutong.settings.EXIT_…"


def bare_codes(file: Path) -> Iterator[int]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        place = ENDINGS.get(name)
        if place is None:
            continue
        code = node.args[place] if len(node.args) > place else None
        code = next((word.value for word in node.keywords if word.arg == "code"), code)
        if code is not None and any(
            isinstance(part, ast.Constant) and isinstance(part.value, int)
            for part in ast.walk(code)
        ):
            yield node.lineno


def test_what_a_docstring_says_of_exit_codes_is_found(tool: ModuleType) -> None:
    text = "Check it.\n\nIt is slow. It looks; exit code 1\nwhen not.\n\nMore."
    assert tool.told(text) == "It looks; exit code 1 when not."
    assert tool.told("Check it.") == ""
