"""From the bytes of a body to a JSON object, strictly: what is doubtful is refused, not guessed.

Python's json module takes NaN, duplicate keys (the last wins), numbers of any size and lone
surrogates, and runs out of stack on deep nesting; none of that may pass here.
"""

import json
import math
import re
from collections.abc import Iterator
from typing import Any, Final, NoReturn

from hutong_intake.problems import UNREADABLE, Fault, ProblemError

MAX_DEPTH: Final = 16
"""Levels of [ and {; a report needs three."""

MAX_INTEGER: Final = 2**53 - 1
"""Beyond it, JavaScript and many JSON libraries round without a word (RFC 8259 section 6)."""

_NUMBER_DIGITS = 400
#: Strings (an unfinished one runs to the end, so the scan stays linear) or brackets.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.?)*+"?|[\[{]|[\]}]', re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_NOT_SHOWN = re.compile(r"[0-9]{6}|hk_", re.IGNORECASE)
_ESCAPE = b"\\u"
_UNSTORABLE = re.compile("[\\0\ud800-\udfff]")


def read_object(data: bytes) -> dict[str, Any]:
    """The JSON object in ``data``; ProblemError when there is none."""
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise _unreadable("empty_body", "正文为空。", "The body is empty.")
    text = _decode(data)
    _check_depth(data)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise _unreadable(
            "not_json",
            f"第{error.lineno}行第{error.colno}列起不是合格的 JSON（可能不完整）。",
            f"Not JSON from line {error.lineno}, column {error.colno} on; it may be cut off.",
        ) from None
    if not isinstance(value, dict):
        raise _unreadable("not_an_object", "正文须是一个 JSON 对象。", "Not a JSON object.")
    if _ESCAPE in data and (faults := list(_unstorable(value, ""))):
        raise ProblemError(
            UNREADABLE,
            "有的文字无法保存，见 errors；未写入任何内容。",
            "Some text cannot be stored, see `errors`; nothing was written.",
            faults=faults,
        )
    return value


def shown_name(name: str) -> str:
    """A field's name as messages may repeat it; "?" for what is none, or may be a number or key."""
    return name if _NAME.fullmatch(name) and not _NOT_SHOWN.search(name) else "?"


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        at = error.start
    try:
        data.decode("gb18030")
        zh, en = "似为 GBK/GB18030 编码，请改用 UTF-8。", " It looks like GBK/GB18030."
    except UnicodeDecodeError:
        zh, en = "请用 UTF-8 编码。", ""
    raise _unreadable(
        "not_utf_8",
        f"第{at + 1}个字节起不是 UTF-8。{zh}",
        f"Not UTF-8 from byte {at + 1} on.{en} Send UTF-8.",
    )


def _check_depth(data: bytes) -> None:
    if data.count(b"[") + data.count(b"{") <= MAX_DEPTH:
        return
    depth = 0
    for token in _TOKEN.finditer(data):
        first = data[token.start()]
        if first in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _unreadable(
                    "too_deep",
                    f"嵌套超过{MAX_DEPTH}层。",
                    f"Nested deeper than {MAX_DEPTH} levels.",
                )
        elif first in b"]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _unreadable(
            "duplicate_key",
            "同一对象中有重复的字段名，无法判断以哪个为准。",
            "A field name comes twice in one object; which one is meant?",
        )
    return found


def _integer(digits: str) -> int:
    # Checked by length first: turning very long digits into a number takes quadratic time.
    if len(digits) > 17 or abs(value := int(digits)) > MAX_INTEGER:
        raise _unreadable(
            "number_too_large",
            "整数超出 ±(2^53-1)，会被悄悄取整，请改为字符串。",
            "An integer is beyond ±(2^53-1) and would be rounded silently; send a string.",
        )
    return value


def _float(digits: str) -> float:
    value = math.inf if len(digits) > _NUMBER_DIGITS else float(digits)
    if not math.isfinite(value):
        raise _unreadable("number_too_large", "数字超出范围。", "A number is out of range.")
    return value


def _constant(_name: str) -> NoReturn:
    raise _unreadable("not_a_number", "NaN、Infinity 不是 JSON。", "NaN and Infinity are not JSON.")


def _unstorable(value: object, path: str) -> Iterator[Fault]:
    """Texts that escapes may smuggle in: half of a surrogate pair, and NUL."""
    if isinstance(value, str):
        found = set(_UNSTORABLE.findall(value))
        if "\0" in found:
            yield Fault(path, "nul", "含有 NUL 字符，无法保存。", "Holds NUL: cannot be stored.")
        if found - {"\0"}:
            zh = "含有半个代理对，不是合格的 Unicode。"
            yield Fault(path, "lone_surrogate", zh, "Holds half of a surrogate pair.")
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _unstorable(name, f"{path}.?" if path else "?")
            named = shown_name(name)
            yield from _unstorable(inner, f"{path}.{named}" if path else named)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unstorable(inner, f"{path}.{index}")


def _unreadable(code: str, zh: str, en: str) -> ProblemError:
    return ProblemError(UNREADABLE, zh, en, faults=[Fault("", code, zh, en)])
