"""What the programs here have in common that write pages: write them, or ``--check`` them."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def write_or_check(
    texts: Mapping[Path, str], doc: str | None, arguments: Sequence[str] | None = None
) -> int:
    """Write each file its text; with ``--check`` among the arguments write nothing, and name on
    standard error each that does not have its text. 1 when there is one, else 0.

    ``doc`` is the program's, for --help; ``arguments`` those of the command line by default.
    """
    parser = argparse.ArgumentParser(description=(doc or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if not current")
    check = parser.parse_args(arguments).check
    stale = [
        file for file, text in texts.items() if not file.exists() or file.read_text("utf-8") != text
    ]
    for file in stale:
        if check:
            place = file.relative_to(ROOT)
            print(f"{place} is not current: run python tools/{parser.prog}", file=sys.stderr)
        else:
            file.write_text(texts[file], "utf-8")
    return int(check and bool(stale))
