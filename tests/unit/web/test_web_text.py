"""What strangers wrote is shown whole, and does nothing."""

from __future__ import annotations

import unicodedata

import pytest
from hutong_web.text import highlight, is_hidden, plain, visible
from hypothesis import given
from hypothesis import strategies as st

ANY_TEXT = st.text(max_size=60)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\" onload='x' &amp;", "&#34; onload=&#39;x&#39; &amp;amp;"),
        ("两行\n字", "两行\n字"),
        ("👨‍👩‍👧 家", "👨‍👩‍👧 家"),
        ("❤️", "❤️"),
        ("مرحبا", "مرحبا"),
    ],
)
def test_texts_are_escaped_and_otherwise_left_alone(written: str, shown: str) -> None:
    assert visible(written) == f"<bdi>{shown}</bdi>"


@pytest.mark.parametrize(
    "char",
    [
        "\u202e",
        "\u2066",
        "\u200b",
        "\u200d",
        "\ufeff",
        "\x07",
        "\x1b",
        "\u3164",
        "\u00a0",
        "\u2028",
    ],
)
def test_hidden_characters_are_spelt_out(char: str) -> None:
    shown = visible(f"前{char}后")

    assert char not in shown
    assert f"U+{ord(char):04X}</span>" in shown
    assert plain(f"前{char}后") == f"前[U+{ord(char):04X}]后"


def test_a_pile_of_combining_marks_does_not_climb_over_the_page() -> None:
    shown = visible("e" + "\u0301" * 40)

    assert shown.count("\u0301") == 4
    assert shown.count("U+0301</span>") == 36


@given(ANY_TEXT)
def test_no_text_brings_markup_or_hidden_characters_of_its_own(text: str) -> None:
    shown = str(visible(text)).removeprefix("<bdi>").removesuffix("</bdi>")
    without_marks = shown.replace('<span class="hidden-char" title="', "").replace("</span>", "")

    assert "<" not in without_marks
    assert not any(is_hidden(char) and char not in "\u200d\ufe0e\ufe0f" for char in without_marks)


@given(ANY_TEXT, st.lists(st.text(min_size=1, max_size=4), max_size=4))
def test_highlighting_changes_nothing_but_the_marks(text: str, keywords: list[str]) -> None:
    shown = highlight(text, keywords).replace("<mark>", "").replace("</mark>", "")

    letters = [c for c in text if not is_hidden(c) and not unicodedata.combining(c)]
    bare = [c for c in shown if not is_hidden(c) and not unicodedata.combining(c)]
    assert len(bare) >= len(letters)
    assert "<script" not in highlight(f"{text}<script>", keywords)


@pytest.mark.parametrize(
    ("text", "keywords", "shown"),
    [
        ("路灯不亮了", ["路灯"], "<mark>路灯</mark>不亮了"),
        ("路 灯不亮", ["路灯"], "<mark>路 灯</mark>不亮"),
        ("ＡＰＰ打不开", ["app"], "<mark>ＡＰＰ</mark>打不开"),
        ("停水停水", ["停水", "水"], "<mark>停水停水</mark>"),
        ("a<b>灯</b>", ["灯"], "a&lt;b&gt;<mark>灯</mark>&lt;/b&gt;"),
        ("没有", ["路灯", " ", "", "\u200b"], "没有"),
    ],
)
def test_keywords_are_marked_where_they_stand(text: str, keywords: list[str], shown: str) -> None:
    assert highlight(text, keywords) == f"<bdi>{shown}</bdi>"
