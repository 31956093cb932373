"""Receipt numbers in the texts that people read are receipt numbers."""

import re
from pathlib import Path

import pytest

from hutong.events.receipt import Receipt

ROOT = Path(__file__).parents[2]
TEXTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.name)
def test_the_check_digits_are_right(text: Path) -> None:
    for number in re.findall(r"\b\d{2}-\d{2}-\d{8}-\d\b", text.read_text("utf-8")):
        assert str(Receipt.parse(number)) == number
