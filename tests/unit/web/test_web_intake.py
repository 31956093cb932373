"""How the pages speak to intake, and with which keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from hutong_web.acts.intake import HttpIntake, IntakeDownError, Photo, ProblemError
from hutong_web.acts.keys import ActingKeysError, read_acting_keys

ISSUE = "0197a6c2-4f00-7a11-9c55-1b2f00c0ffee"
ANSWER = {
    "event_id": "12109df1-80f8-5c2a-b759-7df52bacfa01",
    "place": "desk/0/7",
    "effect": {"verdict": "refused", "reason": "not-now", "zh": "不允许", "en": "not allowed"},
}


def asking(answer: Callable[[httpx.Request], httpx.Response]) -> HttpIntake:
    return HttpIntake("http://intake", httpx.MockTransport(answer))


def test_an_act_goes_to_its_address_with_the_key_and_the_forms_number() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(202, json=ANSWER)

    with asking(answer) as intake:
        accepted = intake.act("hk_1", ISSUE, "accept", {"hop": 1}, "form-1")

    [request] = seen
    assert request.url.path == f"/v1/issues/{ISSUE}/actions/accept"
    assert request.headers["authorization"] == "Bearer hk_1"
    assert request.headers["idempotency-key"] == "form-1"
    assert json.loads(request.content) == {"hop": 1}
    assert accepted.place == "desk/0/7"
    assert (accepted.effect.verdict, accepted.effect.zh) == ("refused", "不允许")


def test_what_was_revealed_comes_with_the_answer() -> None:
    told = {**ANSWER, "revealed": {"phone": "10012345678", "home": None}}
    with asking(lambda _: httpx.Response(202, json=told)) as intake:
        accepted = intake.act("hk_1", ISSUE, "reveal", {}, "form-1")

    assert accepted.values == {"phone": "10012345678", "home": "—"}


def test_a_problem_is_told_in_both_languages_field_by_field() -> None:
    problem = {
        "detail_zh": "共有1处问题。",
        "detail_en": "1 problem.",
        "errors": [{"field": "reason", "message_zh": "须为其一", "message_en": "one of"}],
    }
    with (
        asking(lambda _: httpx.Response(422, json=problem)) as intake,
        pytest.raises(ProblemError) as raised,
    ):
        intake.act("hk_1", ISSUE, "return", {}, "form-1")

    assert (raised.value.status, raised.value.zh) == (422, "共有1处问题。")
    assert raised.value.faults[0].en == "one of"


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"detail_zh": "x"}'])
def test_an_answer_that_is_none_of_intakes_is_still_a_problem(body: bytes) -> None:
    with (
        asking(lambda _: httpx.Response(404, content=body)) as intake,
        pytest.raises(ProblemError, match="404 intake answered 404"),
    ):
        intake.report("hk_1", {}, "form-1")


def test_intake_that_is_away_or_cannot_now_is_down() -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with asking(away) as intake, pytest.raises(IntakeDownError):
        intake.keep_photo("hk_1", Photo(b"x", "image/png"))
    with asking(lambda _: httpx.Response(503)) as intake, pytest.raises(IntakeDownError):
        intake.act("hk_1", ISSUE, "note", {}, "form-1")


def test_a_photo_that_is_not_there_is_none() -> None:
    with asking(lambda _: httpx.Response(404)) as intake:
        assert intake.photo("hk_1", "00") is None


def test_keys_stand_by_principal_and_channels_by_their_code(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('app = "hk_1"\n"desk" = "hk_2"\n"dept:water" = "hk_3"\n')

    assert read_acting_keys(path, {"app", "grid"}) == {
        "channel:app": "hk_1",
        "desk": "hk_2",
        "dept:water": "hk_3",
    }


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("desk", "is not TOML"),
        ('desk = "secret-without-prefix"', "what stands at 'desk' is no key"),
        ('[desk]\nkey = "hk_1"', "what stands at 'desk' is no key"),
        (None, "No such file"),
    ],
)
def test_a_file_of_keys_that_cannot_be_used_is_named(
    tmp_path: Path, text: str | None, why: str
) -> None:
    path = tmp_path / "keys.toml"
    if text is not None:
        path.write_text(text)

    with pytest.raises(ActingKeysError, match=why) as raised:
        read_acting_keys(path, {"app"})

    assert "secret-without-prefix" not in str(raised.value)
    assert "HUTONG_WEB_KEYS_FILE" in str(raised.value)


def test_in_production_nobody_else_may_read_the_keys(tmp_path: Path) -> None:
    path = tmp_path / "keys.toml"
    path.write_text('desk = "hk_2"\n')
    path.chmod(0o640)

    with pytest.raises(ActingKeysError, match="chmod 600"):
        read_acting_keys(path, {"app"}, production=True)
    path.chmod(0o600)
    assert read_acting_keys(path, {"app"}, production=True) == {"desk": "hk_2"}
