"""Avro bodies written by parts: what many events have alike is written once.

A record's bytes are its fields' bytes one after the other, so a run of neighbouring fields can be
written by itself, kept, and put into the next event. fastavro writes whole bodies only; it stays
the writer of those (hutong.events.codec), and tests/unit/events/test_writer.py holds the two
against each other. Like a `hutong.events.reader.Reader`, a schema becomes Python source.
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from typing import Any, Final

from hutong.events.reader import SchemaError, full_name

#: Gives the bytes of some fields of a body; what else the body holds does not matter to it.
#: KeyError, AttributeError or TypeError for a body that does not fit: a bug of whoever made it.
WriteFields = Callable[[Mapping[str, Any]], bytes]

_SHORT: Final = 2_048


def run_writers(schema: Mapping[str, Any], starts: Sequence[str]) -> tuple[WriteFields, ...]:
    """Writers of the runs of fields that begin at these, in the schema's order: all of its fields.

    A start is a field, or one within it: ``head.area``. SchemaError when the first is not the first
    field or they are not in order.
    """
    paths, parts = zip(*_Source().leaves(schema, "body", ""), strict=True)
    places = [_place(paths, start) for start in starts]
    if places[:1] != [0] or any(a >= b for a, b in pairwise(places)):
        raise SchemaError(f"{schema['name']} cannot be cut at {', '.join(starts)}")
    bounds = pairwise([*places, len(parts)])
    return tuple(_compiled(schema["name"], parts[start:end]) for start, end in bounds)


def item_writer(schema: Mapping[str, Any], field: str) -> WriteFields:
    """A writer of one item of a field that is an array of records; `array_of` joins them."""
    (items,) = [each["type"]["items"] for each in schema["fields"] if each["name"] == field]
    parts = [part for _, part in _Source().leaves(items, "body", "")]
    return _compiled(schema["name"], parts)


def _place(paths: Sequence[str], start: str) -> int:
    """Where it begins; -1 where there is no such field."""
    found = (n for n, path in enumerate(paths) if f"{path}.".startswith(f"{start}."))
    return next(found, -1)


def _compiled(name: str, parts: Sequence[str]) -> WriteFields:
    code = compile(f"lambda body: _join(({', '.join(parts)},))", f"<writer of {name}>", "eval")
    return eval(code, dict(_HELPERS))  # type: ignore[no-any-return]


class _Source:
    """Expressions, each of which gives the bytes of a value."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}
        self._variables = 0

    def leaves(self, node: Mapping[str, Any], held: str, path: str) -> Iterator[tuple[str, str]]:
        """Path and expression of each field of the record that the expression ``held`` gives; of
        a field that is a record, those of its own fields.
        """
        self._known[full_name(node)] = node
        for field in node["fields"]:
            inner, at = field["type"], f"{held}[{field['name']!r}]"
            name = f"{path}.{field['name']}".lstrip(".")
            inner = self._known.get(inner, inner) if isinstance(inner, str) else inner
            if isinstance(inner, Mapping) and inner["type"] == "record":
                yield from self.leaves(inner, at, name)
            else:
                yield name, self._value(inner, at)

    def _value(self, node: Any, held: str) -> str:
        if isinstance(node, list):
            into = self._new()
            some = self._value(node[1], into)
            return f"(b'\\0' if ({into} := {held}) is None else b'\\2' + {some})"
        kind = node["type"] if isinstance(node, Mapping) else node
        if isinstance(kind, Mapping | list):
            return self._value(kind, held)
        if kind == "record" or kind in self._known:
            record = node if kind == "record" else self._known[kind]
            return f"_join(({', '.join(part for _, part in self.leaves(record, held, ''))},))"
        if kind == "array":
            each = self._new()
            return f"_array([{self._value(node['items'], each)} for {each} in {held}])"
        if f"_{kind}" not in _HELPERS:
            raise SchemaError(f"type {kind!r} is not written here")
        return f"_{kind}({held})"

    def _new(self) -> str:
        self._variables += 1
        return f"v{self._variables}"


@lru_cache(maxsize=_SHORT)
def _varint(number: int) -> bytes:
    """Zigzag, then seven bits a byte, the lowest first. The same few instants come again."""
    left = number << 1 ^ number >> 63
    written = bytearray()
    while left > 127:
        written.append(left & 127 | 128)
        left >>= 7
    written.append(left)
    return bytes(written)


_FIRST: Final = tuple(_varint.__wrapped__(number) for number in range(_SHORT))


def _long(number: int) -> bytes:
    return _FIRST[number] if 0 <= number < _SHORT else _varint(number)


def _string(text: str) -> bytes:
    raw = text.encode()
    length = len(raw)
    return (_FIRST[length] if length < _SHORT else _varint(length)) + raw


def array_of(items: Sequence[bytes]) -> bytes:
    """An array, given what each of its items is written as."""
    return b"".join((_long(len(items)), *items, b"\0")) if items else b"\0"


_HELPERS: Final[Mapping[str, Any]] = {
    "_join": b"".join,
    "_long": _long,
    "_int": _long,
    "_string": _string,
    "_array": array_of,
    "_double": partial(struct.pack, "<d"),
}
