"""Write docs/settings.md from the settings of the services.

python tools/settings_doc.py            write it
python tools/settings_doc.py --check    exit 1 if it is not current
"""

import sys
from pathlib import Path

from pages import write_or_check

from hutong.variables import reference

PAGE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the page; 0 when nothing is wrong."""
    return write_or_check({PAGE: reference()}, __file__, arguments)


if __name__ == "__main__":
    sys.exit(main())
