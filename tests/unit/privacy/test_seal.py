"""Who reported, sealed and opened again."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hutong.events.fields import Sealed
from hutong.privacy.contact import contact_token
from hutong.privacy.keys import IdentityKeys
from hutong.privacy.mask import mask
from hutong.privacy.seal import Binding, Identity, SealBrokenError, seal, unseal
from tests.fixtures.identity import KEYS

WHO = Identity("陈安", "+8613000000000", "槐荫里小区3栋2单元501")
BINDING = Binding("IssueReported", "e-1", "i-1")
PART = st.none() | st.text(max_size=200)


@given(PART, PART, PART)
def test_what_was_sealed_is_opened(name: str | None, phone: str | None, home: str | None) -> None:
    who = Identity(name, phone, home)
    sealed = seal(KEYS, who, BINDING)
    assert unseal(KEYS, sealed, BINDING) == who
    assert unseal(KEYS, sealed.model_dump(), BINDING) == who


def test_the_same_report_gives_the_same_box() -> None:
    assert seal(KEYS, WHO, BINDING) == seal(KEYS, WHO, BINDING)


@pytest.mark.parametrize("field", ["event", "event_id", "issue_id"])
def test_a_box_opens_nowhere_else_and_says_nothing_of_another(field: str) -> None:
    sealed, elsewhere = seal(KEYS, WHO, BINDING), replace(BINDING, **{field: "other"})
    with pytest.raises(SealBrokenError):
        unseal(KEYS, sealed, elsewhere)
    assert seal(KEYS, WHO, elsewhere).box != sealed.box


def test_a_changed_box_and_another_key_open_nothing() -> None:
    sealed = seal(KEYS, WHO, BINDING)
    for n, letter in enumerate(sealed.box[:-1]):
        box = sealed.box[:n] + ("A" if letter != "A" else "B") + sealed.box[n + 1 :]
        with pytest.raises(SealBrokenError):
            unseal(KEYS, Sealed(key=sealed.key, box=box), BINDING)
    other = IdentityKeys({"example": bytes(32)}, "example")
    with pytest.raises(SealBrokenError):
        unseal(other, sealed, BINDING)
    with pytest.raises(SealBrokenError, match="'example' is not in the file"):
        unseal(IdentityKeys({"next": bytes(32)}, "next"), sealed, BINDING)


def test_old_boxes_open_after_a_rotation() -> None:
    rotated = IdentityKeys({**KEYS.secrets, "next": bytes(range(32, 64))}, "next")
    assert unseal(rotated, seal(KEYS, WHO, BINDING), BINDING) == WHO
    assert seal(rotated, WHO, BINDING).key == "next"


def test_the_length_of_a_box_does_not_tell_one_name_from_another() -> None:
    lengths = {len(seal(KEYS, Identity(name="陈" * n), BINDING).box) for n in range(1, 15)}
    assert lengths == {107}


def test_nobody_is_named_in_a_representation() -> None:
    assert "陈" not in repr(WHO) + str(WHO) + repr(KEYS) + f"{WHO}"
    assert repr(bytes(range(32))) not in repr(KEYS)


@pytest.mark.parametrize("name", ["IssueReported", "IssueAmended"])
def test_the_examples_of_the_contract_open_with_the_examples_key(name: str) -> None:
    file = files("hutong_schemas") / "examples" / "issue" / name / "1.json"
    body = json.loads(file.read_text("utf-8"))
    head = body["head"]
    who = unseal(KEYS, body["reporter"], Binding(name, head["event_id"], head["issue_id"]))
    assert (who.phone or "").startswith("+861")


@given(st.uuids())
def test_a_contact_token_is_never_taken_for_a_number(issue_id: object) -> None:
    token = contact_token(str(issue_id))
    assert mask(token) == token
    assert len(token) == 12
