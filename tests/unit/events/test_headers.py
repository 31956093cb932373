from __future__ import annotations

import pytest

from hutong.events.headers import is_traceparent

GOOD = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    "text", ["", GOOD.upper(), GOOD + "\n", GOOD + "-00", GOOD[:-1], GOOD.replace("-", " ")]
)
def test_what_is_no_traceparent(text: str) -> None:
    assert is_traceparent(GOOD)
    assert not is_traceparent(text)
