"""What the programs here have in common that write pages: write them, or ``--check`` them."""

import argparse
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def write_or_check(
    texts: Mapping[Path, str], program: str, arguments: Sequence[str] | None = None
) -> int:
    """Write each file its text; with ``--check`` among the arguments write nothing, and name on
    standard error each that does not have its text. 1 when there is one, else 0.

    ``program`` is the file of the caller; ``arguments`` those of the command line by default.
    """
    name = Path(program).name
    parser = argparse.ArgumentParser(prog=name, description=f"Write {_named(texts)}.")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if not current")
    check = parser.parse_args(arguments).check
    stale = [
        file for file, text in texts.items() if not file.exists() or file.read_text("utf-8") != text
    ]
    for file in stale:
        if check:
            print(f"{_named([file])} is not current: run python tools/{name}", file=sys.stderr)
        else:
            file.write_text(texts[file], "utf-8")
    return int(check and bool(stale))


def _named(files: Iterable[Path]) -> str:
    return ", ".join(str(f.relative_to(ROOT) if f.is_relative_to(ROOT) else f) for f in files)
