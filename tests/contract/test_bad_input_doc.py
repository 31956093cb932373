"""docs/bad-input.md says what the tests say, and every row that is promised has one."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest

from tests.fixtures.tools import load_tool

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return load_tool("bad_input_doc")


def test_every_row_that_is_promised_has_a_test_that_says_what_the_user_gets(
    tool: ModuleType,
) -> None:
    assert tool.faults(tool.collect(ROOT / "tests")) == []


def test_the_page_is_current(tool: ModuleType) -> None:
    current = tool.page(tool.collect(ROOT / "tests"))
    assert (ROOT / "docs" / "bad-input.md").read_text("utf-8") == current, (
        "run python tools/bad_input_doc.py"
    )


def test_reads_input_outcome_and_reason_of_a_docstring(tool: ModuleType) -> None:
    text = "A body\n    cut in half.\n\n    Gets: 400.\n    More.\n    Why: it must.\n\n    Else."
    assert tool.read_docstring(text) == ("A body cut in half.", "400. More.", "it must.")
    assert tool.read_docstring("Gets: 400.") == ("", "400.", "")
    assert tool.read_docstring("") == ("", "", "")


def test_finds_tests_in_classes_and_takes_names_where_there_are_no_words(tool: ModuleType) -> None:
    source = (
        "class T:\n    async def test_row_07_a_slow_client(self): ...\n    def test_row(s): ...\n"
    )
    [found] = tool.tests_in(source, "test_x.py")
    assert (found.row, found.bad_input, found.gets) == (7, "", "")
    assert "| 7 | A slow client. |  |\n" in tool.page([found])
    assert "row 7: no test says `Gets:`" in tool.faults([found])
    assert "row 8 has no test" in tool.faults([found])


def test_gives_each_outcome_of_a_row_a_line(tool: ModuleType) -> None:
    source = (
        "def test_row_50_a():\n    '''One.\n\n    Gets: no.\n\n    Why: so.\n    '''\n"
        "def test_row_50_b():\n    '''Two.'''\n"
        "def test_row_50_c():\n    pass\n"
        "def test_row_50_d():\n    '''Three.\n\n    Gets: yes.\n    '''\n"
    )
    page = tool.page(tool.tests_in(source, "x"))
    assert "| 50 | One.<br>Two. | No.<br>*So.* |\n|  | Three. | Yes. |\n" in page


def test_a_bar_would_break_the_table(tool: ModuleType) -> None:
    with pytest.raises(tool.DocstringError, match="test_row_01_x"):
        list(tool.tests_in("def test_row_01_x():\n    '''a|b.'''\n", "x"))
