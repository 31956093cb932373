"""pydantic's faults in two languages."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from hutong.events.fields import CODE_PATTERN, UUID_PATTERN
from hutong_intake.problems import Fault

_Context = Mapping[str, Any]
_Text = tuple[str, str, str]

#: pydantic's type -> our code, Chinese, English. ``{…}`` is filled from pydantic's context.
_TEXTS: Final[Mapping[str, _Text]] = {
    "missing": ("missing", "缺少此项。", "It is missing."),
    "string_type": ("not_text", "须为文本。", "Must be text."),
    "string_too_long": (
        "too_long",
        "最多{max_length}个字，超出部分不会截断，请缩短。",
        "At most {max_length} characters; nothing is cut, shorten it.",
    ),
    "string_too_short": ("empty", "不能为空。", "Must not be empty."),
    "string_unicode": ("not_unicode", "不是合格的 Unicode 文本。", "Not Unicode text."),
    "float_type": ("not_a_number", "须为数字（不加引号）。", "Must be a number, without quotes."),
    "int_type": ("not_an_integer", "须为整数（不加引号）。", "Must be an integer, no quotes."),
    "bool_type": ("not_a_boolean", "须为 true 或 false。", "Must be true or false."),
    "finite_number": ("not_a_number", "须为有限的数字。", "Must be a finite number."),
    "greater_than_equal": ("out_of_range", "不得小于{ge:g}。", "Must be at least {ge:g}."),
    "less_than_equal": ("out_of_range", "不得大于{le:g}。", "Must be at most {le:g}."),
    "literal_error": ("not_one_of", "须为其一：{expected}。", "Must be one of: {expected}."),
    "tuple_type": ("not_a_list", "须为列表。", "Must be a list."),
    "too_long": ("too_many", "最多{max_length}项。", "At most {max_length} items."),
    "model_type": ("not_an_object", "须为对象。", "Must be an object."),
    "model_attributes_type": ("not_an_object", "须为对象。", "Must be an object."),
    "dict_type": ("not_an_object", "须为对象。", "Must be an object."),
}
_PATTERNS: Final[Mapping[str, _Text]] = {
    UUID_PATTERN: ("not_a_uuid", "须为小写的 UUID。", "Must be a UUID in lower case."),
    CODE_PATTERN: (
        "not_a_code",
        "须为代码：字母、数字和 . _ / : -",
        "Must be a code: letters, digits and . _ / : -",
    ),
    r"^[0-9a-f]{64}$": (
        "not_a_digest",
        "须为 SHA-256：64位小写十六进制。",
        "Must be a SHA-256: 64 lower-case hex digits.",
    ),
    r"^[^\x00]*$": ("nul", "含有 NUL 字符，无法保存。", "Holds NUL, which cannot be stored."),
}
_OTHER: Final = ("invalid", "内容不符合要求。", "Not as required.")


def faults_of(error: ValidationError) -> list[Fault]:
    """Every fault with its field path, in the order of the fields."""
    found = error.errors(include_url=False, include_input=False)
    return [_fault(".".join(map(str, f["loc"])), f["type"], f.get("ctx", {})) for f in found]


def _fault(path: str, kind: str, context: _Context) -> Fault:
    if kind == "hutong":
        code, zh, en, status = context["fault"]
        return Fault(path, code, zh, en, status)
    if kind == "string_pattern_mismatch":
        return Fault(path, *_PATTERNS.get(context["pattern"], _OTHER))
    code, zh, en = _TEXTS.get(kind, _OTHER)
    fill: Callable[[str], str] = lambda text: text.format_map(context)  # noqa: E731
    return Fault(path, code, fill(zh), fill(en))
