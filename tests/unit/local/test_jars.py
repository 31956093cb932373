from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from hutong.local import jars as jars_module
from hutong.local.errors import LocalStackError
from hutong.local.jars import Jar, cache_folder, kafka_jars, pinned_jars

BODIES = {"a": b"jar a", "b": b"jar b, longer", "c": b"jar c"}
JARS = tuple(
    Jar("org.example", name, "1.0", len(body), hashlib.sha256(body).hexdigest())
    for name, body in BODIES.items()
)


class Registry:
    """Gives the jars; `broken` names are cut off (as jgo leaves them), `down` ones not given."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.broken: set[str] = set()
        self.down: set[str] = set()

    def fetch(self, jar: Jar, repository: Path) -> Path:
        self.asked.append(jar.artifact)
        path = repository / jar.artifact / jar.name
        path.parent.mkdir(parents=True, exist_ok=True)
        body = BODIES[jar.artifact]
        if jar.artifact in self.down:
            path.write_bytes(body[:2])
            raise ConnectionError("connection reset")
        path.write_bytes(body[:-1] if jar.artifact in self.broken else body)
        return path


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hutong.local.jars.time.sleep", lambda _: None)


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest.fixture
def get(tmp_path: Path, registry: Registry) -> Callable[[], jars_module.KafkaJars]:
    return lambda: kafka_jars(tmp_path / "cache", JARS, registry.fetch)


def test_the_first_start_downloads_and_the_second_does_not(
    get: Callable[[], jars_module.KafkaJars], registry: Registry
) -> None:
    first = get()
    assert first.bytes_downloaded == sum(map(len, BODIES.values()))
    assert {path.name for path in first.folder.iterdir()} == {jar.name for jar in JARS}
    registry.asked.clear()
    second = get()
    assert (second.folder, second.bytes_downloaded) == (first.folder, 0)
    assert registry.asked == []


def test_a_broken_download_never_reaches_the_cache(
    get: Callable[[], jars_module.KafkaJars], registry: Registry, tmp_path: Path
) -> None:
    registry.broken = {"b"}
    with pytest.raises(LocalStackError, match=r"b-1\.0\.jar is not the file that was pinned"):
        get()
    assert not [path for path in (tmp_path / "cache").iterdir() if path.suffix == ""]


def test_an_interrupted_download_goes_on_from_what_is_right(
    get: Callable[[], jars_module.KafkaJars], registry: Registry
) -> None:
    registry.down = {"c"}
    with pytest.raises(LocalStackError, match="connection reset"):
        get()
    registry.down, registry.asked = set(), []
    assert get().bytes_downloaded == len(BODIES["c"])
    assert registry.asked == ["c"]


def test_a_damaged_cache_is_made_anew(
    get: Callable[[], jars_module.KafkaJars], registry: Registry
) -> None:
    folder = get().folder
    (folder / "a-1.0.jar").write_bytes(b"")
    assert get().bytes_downloaded > 0
    assert (folder / "a-1.0.jar").read_bytes() == BODIES["a"]


def test_the_pinned_list_is_the_broker_we_say() -> None:
    jars = pinned_jars()
    assert f"kafka_2.13-{jars_module.KAFKA_VERSION}.jar" in {jar.name for jar in jars}
    assert len({jar.name for jar in jars}) == len(jars)
    assert all(len(jar.sha256) == 64 and jar.size > 0 for jar in jars)


def test_the_cache_follows_xdg() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/x"}) == Path("/x/hutong")
    assert cache_folder({}) == Path.home() / ".cache" / "hutong"
