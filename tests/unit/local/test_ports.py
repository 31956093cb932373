from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from hutong.local.errors import LocalStackError
from hutong.local.ports import ANY, HOST, choose_ports, read_ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def choose(
    given: dict[str, int] | None = None,
    remembered: dict[str, int] | None = None,
    preferred: dict[str, int] | None = None,
) -> int:
    return choose_ports(
        ["web"], given=given or {}, remembered=remembered or {}, preferred=preferred or {}
    )["web"]


def test_given_beats_remembered_beats_preferred() -> None:
    one, two, three = free_port(), free_port(), free_port()
    assert choose({"web": one}, {"web": two}, {"web": three}) == one
    assert choose(None, {"web": two}, {"web": three}) == two
    assert choose(None, None, {"web": three}) == three


def test_a_given_port_in_use_is_an_error(taken: int) -> None:
    with pytest.raises(LocalStackError, match=f"Port {taken} for web is in use"):
        choose({"web": taken})


def test_a_remembered_port_in_use_is_replaced(taken: int) -> None:
    assert choose(None, {"web": taken}, {"web": taken}) not in (0, taken)


def test_a_free_port_is_none_that_the_system_hands_out_to_clients() -> None:
    assert all(choose() in ANY for _ in range(20))


def test_no_port_is_chosen_twice() -> None:
    port = free_port()
    preferred = {"a": port, "b": port}
    chosen = choose_ports(["a", "b"], given={}, remembered={}, preferred=preferred)
    assert len(set(chosen.values())) == 2


def test_none_are_remembered_in_a_new_folder(tmp_path: Path) -> None:
    assert read_ports(tmp_path / "ports.json") == {}
