"""Writes docs/settings.md from the settings of the services: python tools/settings_doc.py."""

from pathlib import Path

from hutong.variables import reference

FILE = Path(__file__).resolve().parents[1] / "docs" / "settings.md"

if __name__ == "__main__":
    FILE.write_text(reference(), encoding="utf-8")
    print(f"{FILE} written")
