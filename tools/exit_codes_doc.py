"""Write docs/exit-codes.md: what every exit code means, and what commands say of theirs.

    python tools/exit_codes_doc.py            write it
    python tools/exit_codes_doc.py --check    exit 1 if it is not current

The meanings are `hutong.cli.ending.MEANINGS`; what a command says more is the paragraph of its
docstring that speaks of exit codes, which its --help shows too.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from pages import write_or_check

from hutong.cli.ending import MEANINGS
from hutong.cli.main import build_app

PAGE = Path(__file__).resolve().parents[1] / "docs" / "exit-codes.md"
_HEAD = """\
# Exit codes

<!-- Written by tools/exit_codes_doc.py from hutong/cli: edit that. -->

Of every `hutong` command and every service. One that a signal killed ends as its system has it.

| code | meaning |
|---|---|
"""


def commands(app: typer.Typer, before: str = "hutong") -> Iterator[tuple[str, str]]:
    """Every command's whole name, with its docstring."""
    for command in app.registered_commands:
        callback = command.callback
        assert callback is not None
        name = command.name or callback.__name__.replace("_", "-")
        yield f"{before} {name}", inspect.getdoc(callback) or ""
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from commands(group.typer_instance, f"{before} {group.name}")


def told(docstring: str) -> str:
    """What a docstring says of exit codes, on one line; '' when it says nothing."""
    for paragraph in re.split(r"\n\s*\n", docstring):
        line = " ".join(paragraph.split())
        if (found := re.search(r"(?:^|(?<=\. ))[^.]*[Ee]xit code.*", line)) is not None:
            return found[0].strip()
    return ""


def page() -> str:
    """The whole page."""
    lines = [f"| {code} | {meaning} |\n" for code, meaning in sorted(MEANINGS.items())]
    more = sorted((name, told(text)) for name, text in commands(build_app()) if told(text))
    lines.append("\nWhat single commands say of theirs:\n\n| command | |\n|---|---|\n")
    lines += [f"| `{name}` | {text[:1].upper()}{text[1:]} |\n" for name, text in more]
    return _HEAD + "".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page; 0 when nothing is wrong."""
    return write_or_check({PAGE: page()}, __file__, arguments)


if __name__ == "__main__":
    sys.exit(main())
