"""What is wrong with fields, in two languages: pydantic's faults as a person may read them."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from pydantic import ValidationError

from hutong.events.fields import CODE_PATTERN, UUID_PATTERN

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


class FieldFault(NamedTuple):
    """One thing wrong with one field. ``field`` is a path like ``place.lat``; "" is the whole."""

    field: str
    code: str
    zh: str
    en: str


def field_faults(error: ValidationError) -> list[FieldFault]:
    """Every fault with its field path, in the order of the fields. Repeats no value."""
    found = error.errors(include_url=False, include_input=False)
    return [field_fault(path_of(fault), fault["type"], fault.get("ctx", {})) for fault in found]


def path_of(fault: Mapping[str, Any]) -> str:
    """The field path of one of pydantic's faults."""
    return ".".join(map(str, fault["loc"]))


def field_fault(path: str, kind: str, context: Mapping[str, Any]) -> FieldFault:
    """One of pydantic's faults: its path, type and context."""
    if kind == "string_pattern_mismatch":
        return FieldFault(path, *_PATTERNS.get(context["pattern"], _OTHER))
    code, zh, en = _TEXTS.get(kind, _OTHER)
    return FieldFault(path, code, zh.format_map(context), en.format_map(context))


def every_text() -> Iterator[tuple[str, str, str]]:
    """Code, Chinese and English of every fault there can be, for documents; ``{…}`` unfilled."""
    yield from _TEXTS.values()
    yield from _PATTERNS.values()
    yield _OTHER
