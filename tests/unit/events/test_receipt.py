"""Receipt numbers survive being read over a phone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.events.receipt import BadReceiptError, Receipt

receipts = st.builds(Receipt, st.integers(0, 99), st.integers(0, 99), st.integers(0, 10**18 - 1))


@given(receipts)
def test_what_was_written_is_read(receipt: Receipt) -> None:
    assert Receipt.parse(str(receipt)) == receipt
    assert Receipt.parse(str(receipt).replace("-", " ")) == receipt


@given(receipts, st.integers(0, 100), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(receipt: Receipt, place: int, shift: int) -> None:
    digits = str(receipt).replace("-", "")
    place %= len(digits)
    wrong = str((int(digits[place]) + shift) % 10)
    with pytest.raises(BadReceiptError, match="check digit"):
        Receipt.parse(digits[:place] + wrong + digits[place + 1 :])


def test_swapped_neighbours_are_found() -> None:
    assert str(Receipt(2, 7, 128431)) == "02-07-00128431-5"
    with pytest.raises(BadReceiptError, match="misread or mistyped"):
        Receipt.parse("02-07-00124831-5")


@pytest.mark.parametrize("text", ["", "02-07", "０２-07-00128431-5", "02-07-0012843x-5", "1" * 40])
def test_what_is_no_receipt_says_what_one_looks_like(text: str) -> None:
    with pytest.raises(BadReceiptError, match="looks like 02-07-00128431-5"):
        Receipt.parse(text)
