from __future__ import annotations

from collections.abc import Sequence

from hutong.cli.media import still_behind
from hutong.kafka.lag import PartitionLag
from hutong.media.sweep import HOUR_MS, orphans
from tests.fixtures.media_suite import MemoryStore, name_of

NOW = 1_795_343_504_000


def test_only_what_nobody_names_goes_and_only_after_an_hour() -> None:
    store = MemoryStore()
    ages = {"named": 2 * HOUR_MS, "old": HOUR_MS + 1, "just": HOUR_MS, "new": 0}
    for name, age in ages.items():
        store.files[name_of(name.encode())] = b"", NOW - age
    named = {name_of(b"named")}
    found = orphans(store, lambda names: named & set(names), NOW)
    assert [file.sha256 for file in found] == [name_of(b"old")]


def test_many_files_are_asked_about_a_part_at_a_time() -> None:
    store = MemoryStore()
    for number in range(1_234):
        store.files[name_of(str(number).encode())] = b"", 0
    asked: list[int] = []

    def named(names: Sequence[str]) -> set[str]:
        asked.append(len(names))
        return set()

    assert len(list(orphans(store, named, NOW))) == 1_234
    assert asked == [500, 500, 234]


def lag(position: int | None, end: int = 7, start: int = 0) -> PartitionLag:
    return PartitionLag("reports-app", 3, "router", start, end, position)


def test_a_reader_is_waited_for_up_to_where_the_log_ended() -> None:
    looks = [[lag(5)], [lag(6, end=9)], [lag(7, end=12)]]
    assert still_behind(lambda: looks.pop(0), 60) == 0
    assert looks == []


def test_a_reader_that_stays_behind_is_said_to_be() -> None:
    assert still_behind(lambda: [lag(5)], 0) == 2
    assert still_behind(lambda: [lag(None, start=4)], 0) == 3
    assert still_behind(lambda: [lag(None, end=0)], 0) == 0
