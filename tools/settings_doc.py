"""Write docs/settings.md from the settings of the services.

python tools/settings_doc.py            write it
python tools/settings_doc.py --check    exit 1 if it is not current
"""

import argparse
import sys
from pathlib import Path

from hutong.variables import reference

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page; 0 when nothing is wrong."""
    parser = argparse.ArgumentParser(description="Write docs/settings.md from the settings.")
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if not current")
    check = parser.parse_args(arguments).check
    text = reference()
    if not check:
        PAGE.write_text(text, "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != text:
        print("docs/settings.md is not current: run python tools/settings_doc.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
