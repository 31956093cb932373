import os
import signal

import pytest

from hutong.ops.failpoint import Failpoints


def test_only_the_named_place_kills_and_only_at_the_counted_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    killed: list[int] = []
    monkeypatch.setattr(os, "kill", lambda _pid, number: killed.append(number))
    points = Failpoints.of({"HUTONG_FAILPOINT": "in-sql:2"})
    for name in ("in-sql", "after-commit"):
        points.reach(name)
    assert killed == []
    points.reach("in-sql")
    assert killed == [signal.SIGKILL]
    Failpoints.of({}).reach("in-sql")
    assert killed == [signal.SIGKILL]
