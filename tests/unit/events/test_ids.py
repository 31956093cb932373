"""Ids: fresh ones sort by time, derived ones follow from their parts."""

import time
import uuid

from hypothesis import given
from hypothesis import strategies as st

from hutong.events.fields import is_uuid
from hutong.events.ids import NAMESPACE, derived_id, made_at, new_id

part = st.text(st.characters(codec="utf-8", exclude_characters="\x1f"), max_size=20)


def test_new_ids_are_version_7_and_differ() -> None:
    ids = [new_id() for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    assert {uuid.UUID(i).version for i in ids} == {7}
    assert {uuid.UUID(i).variant for i in ids} == {uuid.RFC_4122}
    assert [i[:13] for i in ids] == sorted(i[:13] for i in ids)
    assert ids == [str(uuid.UUID(i)) for i in ids]


def test_a_new_id_tells_when_it_was_made() -> None:
    before = time.time_ns() // 1_000_000
    made = made_at(new_id())
    assert made is not None
    assert before <= made <= time.time_ns() // 1_000_000
    for other in (derived_id("a"), "", "zzzzzzzz-zzzz-7zzz-zzzz-zzzzzzzzzzzz"):
        assert made_at(other) is None


@given(st.lists(part, min_size=1, max_size=4), st.lists(part, min_size=1, max_size=4))
def test_derived_ids_are_equal_only_for_equal_parts(a: list[str], b: list[str]) -> None:
    assert (derived_id(*a) == derived_id(*b)) == (a == b)
    assert is_uuid(derived_id(*a))


def test_derived_ids_never_change() -> None:
    """They are in the log: another namespace or another joining would double every issue."""
    assert derived_id("report", "app", "k-1") == "f9e6e84c-feca-51e6-9a95-75bdd742efa7"


@given(st.lists(part, min_size=1, max_size=4))
def test_a_derived_id_is_the_uuid5_of_its_parts(parts: list[str]) -> None:
    assert derived_id(*parts) == str(uuid.uuid5(NAMESPACE, "\x1f".join(parts)))
