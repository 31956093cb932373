"""The texts folder: whole, compiled, and in step with the duty list."""

import pytest

from hutong.city import load_city
from hutong.demo.library import load_library
from hutong.demo.phrases import SLOTS, compile_phrase, render
from hutong.demo.slips import slip


def test_every_item_is_in_the_sample_duty_list_once() -> None:
    codes = [item.code for item in load_library().items]

    assert len(codes) == len(set(codes))
    assert set(codes) <= {item.code for item in load_city().duty_list}


def test_every_item_can_be_told_in_more_than_one_way() -> None:
    for item in load_library().items:
        assert len(item.subjects) >= 1, item.code
        if item.facts:
            assert len(item.facts) >= 2, item.code
            assert len(item.details) >= 2, item.code
            assert len(item.asks) >= 2, item.code
        else:
            assert item.consults, item.code
        assert not item.consult_share or item.consults, item.code
        assert bool(item.readings) == bool(item.affinity[-1]), item.code


def test_seasons_and_hours_exist() -> None:
    library = load_library()
    for item in library.items:
        assert item.season in library.rhythm["season"]
        assert len(library.rhythm["hours"][item.hours]) == 24


def test_a_phrase_takes_context_and_chance() -> None:
    context = [""] * len(SLOTS)
    context[SLOTS["road"]] = "文昌路"
    phrase = compile_phrase("{road}的{灯|牌}亮了{n}天，100%", {"n": ("两", "三")})

    assert render(phrase, context, lambda: 0.0) == "文昌路的灯亮了两天，100%"
    assert render(phrase, context, lambda: 0.99) == "文昌路的牌亮了三天，100%"


@pytest.mark.parametrize("text", ["{nobody}坏了", "{a|b}}", "{"])
def test_an_unsound_phrase_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"such word|stray brace"):
        compile_phrase(text, {})


@pytest.mark.parametrize(
    ("chance", "expected"),
    [
        (0.01, "垃圾3天了，沒人清运。"),
        (0.055, "垃圾3天了，没人清運。"),
        (0.07, "垃圾３天了，没人清运。"),
        (0.5, "垃圾3天了，没人清运。"),
    ],
)
def test_slips(chance: float, expected: str) -> None:
    typed = slip(
        "垃圾3天了，没人清运。", lambda: chance, (("没", "沒"),), str.maketrans("运", "運"), 1.0
    )

    assert typed == expected
