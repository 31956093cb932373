"""One spelling for what people write in many."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.classify import Classifier
from hutong.classify.fold import Folder

FOLDER = Folder()


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("电梯困人", "电梯困人"),
        ("電梯困人", "电梯困人"),
        ("樓道漏 水", "楼道漏水"),
        ("垃\u200b圾\ufeff站", "垃圾站"),
        ("拖 欠\t工\n资", "拖欠工资"),
        ("拖\u3000欠", "拖欠"),
        ("ＫＴＶ噪音", "ktv噪音"),
        ("Ktv", "ktv"),
        ("12345", "12345"),
        ("①", "1"),
        ("㎡", "m2"),
        ("e\u0301", "é"),
        ("井盖\x00\x07响", "井盖响"),
        ("", ""),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert FOLDER.fold(written) == folded


def test_every_single_character_takes_the_same_way_as_in_company() -> None:
    """The short cut for text with nothing to fold never gives another answer than the table."""
    for code in range(0x20, 0x30000):
        char = chr(code)
        if unicodedata.category(char)[0] in "LN" and not 0xD800 <= code < 0xE000:
            alone = FOLDER.fold(char)
            assert FOLDER.fold(f"{char}\u200b") == alone, hex(code)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    once = FOLDER.fold(text)
    assert FOLDER.fold(once) == once


@given(st.text(max_size=60), st.text(max_size=400))
def test_any_text_gets_an_answer(classifier: Classifier, subject: str, body: str) -> None:
    found = classifier.classify(subject, body, channel="app", area=None)
    assert 0 <= found.confidence <= 1000
    assert found.confident == (found.unsure_reason is None)


def test_lone_surrogates_do_no_harm(classifier: Classifier) -> None:
    found = classifier.classify("\ud800电梯困人\udfff", "", channel="app", area=None)
    assert found.item == "lift-trapped"


def test_traditional_text_is_classified_like_simplified(classifier: Classifier) -> None:
    simplified = classifier.classify("电梯困人", "楼道漏水", channel="app", area=None)
    traditional = classifier.classify("電梯困人", "樓道漏水", channel="app", area=None)
    assert simplified == traditional
    assert sys.intern("lift-trapped") == simplified.item
