"""Write docs/bad-input.md from the tests: row, input, what the user gets.

    python tools/bad_input_doc.py            write it
    python tools/bad_input_doc.py --check    say what is missing or not current, exit 1 if any is

A row is a number of one kind of bad input; its tests are functions ``test_row_NN_words`` in any
file of tests/. What they say in their docstrings is the page:

    The input, in words.                     first paragraph; the function's name where none has any
    Gets: what the user gets.                on at least one test of the row
    Why: why this of two possible outcomes.  where there was a choice

The tests are parsed, not imported.
"""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from pages import write_or_check

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "bad-input.md"

#: First and last row of each part, and its title.
PARTS = (
    (1, 45, "HTTP: what is sent to intake"),
    (46, 80, "Topics: what is written to Kafka"),
    (81, 93, "Replay and audit"),
    (94, 103, "Configuration and city packs"),
)
#: Rows that have no test on purpose, and why.
LEFT_OUT = {
    37: "There is no sign-in by JWT yet.",
    70: "Struck: nobody writes a sequence number, the fold derives the order.",
    80: "There is no CSV or XLSX export yet.",
    90: "There are no signed checkpoints of the log yet: they come with the audit work.",
    91: "Nobody can be erased from the log yet: that comes with the audit work.",
}
#: Rows that must have a test.
REQUIRED = tuple(
    row for first, last, _ in PARTS for row in range(first, last + 1) if row not in LEFT_OUT
)

_NAME = re.compile(r"test_row_(\d{1,3})_(\w+)").fullmatch
_LABEL = re.compile(r"(Gets|Why):\s*").match
_HEAD = """\
# Bad input, and what it gets

<!-- Written by tools/bad_input_doc.py from the docstrings of tests/: edit those. -->

Each row is held by the tests named `test_row_<number>_…`. *Dead letter* means: kept with its
original bytes in the topic `dead-letters`, never in `issues`; `hutong dead-letters list` explains
each one.
*Refused* means: kept in the log, shown in the history, without effect.
"""


class DocstringError(Exception):
    """A test's docstring cannot be put into a table; the message names the test."""


@dataclass(frozen=True, slots=True)
class RowTest:
    """One test of a row, as its docstring tells it; ``words`` are those of its name."""

    row: int
    place: str
    words: str
    bad_input: str
    gets: str
    why: str


def tests_in(source: str, place: str) -> Iterator[RowTest]:
    """The tests of rows in a file's source, in the file's order."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if (match := _NAME(node.name)) is None:
            continue
        bad_input, gets, why = read_docstring(ast.get_docstring(node) or "")
        words = match[2].replace("_", " ")
        found = RowTest(int(match[1]), f"{place}::{node.name}", words, bad_input, gets, why)
        if "|" in found.bad_input + gets + why:
            raise DocstringError(f"{found.place}: a | in the docstring would break the table")
        yield found


def read_docstring(text: str) -> tuple[str, str, str]:
    """Input, ``Gets:`` and ``Why:`` of a docstring; empty where they are not."""
    bad_input, found = "", {"Gets": "", "Why": ""}
    for number, paragraph in enumerate(_paragraphs(text)):
        label = _LABEL(paragraph)
        if label is not None:
            found[label[1]] = paragraph[label.end() :]
        elif number == 0:
            bad_input = paragraph
    return bad_input, found["Gets"], found["Why"]


def _paragraphs(text: str) -> Iterator[str]:
    """Each on one line. A label begins a paragraph also without an empty line before it."""
    lines: list[str] = []
    for line in [*text.splitlines(), ""]:
        if lines and (not line.strip() or _LABEL(line.strip())):
            yield " ".join(lines)
            lines = []
        if line.strip():
            lines.append(line.strip())


def collect(root: Path) -> list[RowTest]:
    """All tests of rows below a folder, those of single parts first."""
    return [
        test
        for file in sorted(root.rglob("test_*.py"), key=lambda f: ("unit" not in f.parts, f))
        for test in tests_in(file.read_text("utf-8"), file.relative_to(root).as_posix())
    ]


def page(tests: Iterable[RowTest]) -> str:
    """The whole page."""
    by_row: dict[int, list[RowTest]] = {}
    for test in tests:
        by_row.setdefault(test.row, []).append(test)
    parts = [_HEAD]
    for first, last, title in PARTS:
        parts.append(f"\n## {title}\n\n| row | input | what the user gets |\n|---|---|---|\n")
        left: dict[str, list[int]] = {}
        for row in range(first, last + 1):
            if row in by_row:
                parts += _lines(row, by_row[row])
            elif row in LEFT_OUT:
                left.setdefault(LEFT_OUT[row], []).append(row)
        parts += [f"\nNot held here: {_rows(rows)}. {reason}\n" for reason, rows in left.items()]
    return "".join(parts)


def _rows(rows: list[int]) -> str:
    if len(rows) > 2 and rows[-1] - rows[0] == len(rows) - 1:
        return f"rows {rows[0]} to {rows[-1]}"
    return ("row " if len(rows) == 1 else "rows ") + ", ".join(map(str, rows))


def _lines(row: int, tests: list[RowTest]) -> Iterator[str]:
    """One line for each outcome; tests that name none belong to the first."""
    groups: dict[str, list[RowTest]] = {test.gets: [] for test in tests if test.gets} or {"": []}
    first = next(iter(groups))
    named = any(test.bad_input for test in tests)
    for test in tests:
        groups[test.gets or first].append(test)
    for number, (gets, group) in enumerate(groups.items()):
        told = [t.bad_input or ("" if named else f"{t.words}.") for t in group]
        inputs = dict.fromkeys(_begun(text) for text in told if text)
        why = dict.fromkeys(f"*{_begun(test.why)}*" for test in group if test.why)
        outcome = "<br>".join([_begun(gets), *why])
        yield f"| {'' if number else row} | {'<br>'.join(inputs)} | {outcome} |\n"


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]


def faults(tests: Iterable[RowTest]) -> list[str]:
    """What the rows that are required still lack."""
    found: dict[int, bool] = {}
    for test in tests:
        found[test.row] = found.get(test.row, False) or bool(test.gets)
    missing = [f"row {row} has no test" for row in REQUIRED if row not in found]
    mute = [f"row {row}: no test says `Gets:`" for row, told in sorted(found.items()) if not told]
    return missing + mute


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page, and say what is wrong with the tests; 0 when nothing is."""
    tests = collect(ROOT / "tests")
    wrong = faults(tests)
    for line in wrong:
        print(line, file=sys.stderr)
    return write_or_check({PAGE: page(tests)}, __file__, arguments) or int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
