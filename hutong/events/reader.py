"""Strict Avro: a reader that takes a body only in the one form that a writer gives it.

fastavro reads what nobody writes: trailing bytes, numbers with bytes to spare, a union index of -1,
a boolean of 7, arrays in pieces. Such bytes would be two forms of one event, so they are refused.
Reading with fastavro, writing again and comparing would show them too, at three times the cost of
this; tests/unit/events/test_reader.py holds the two against each other.

A schema becomes the source of one flat Python function, as in dataclasses: no calls per field. Its
types are those that the contract allows (tests/contract/test_schemas.py): no maps, no recursion,
unions of null and one other. Nothing is allocated for a length before the bytes are known to be
there, and an array item takes a byte at least.
"""

import re
import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*").fullmatch
_LONGEST_VARINT = 10
_MOST = {"int": 2**32, "long": 2**64}


class SchemaError(Exception):
    """A schema uses what the contract does not allow."""


class MisfitError(Exception):
    """The bytes are no body of this schema: ``reason`` is a code, ``place`` a field's path."""

    def __init__(self, reason: str, place: str, offset: int, detail: str) -> None:
        super().__init__(f"{place or 'the body'} at byte {offset}: {detail}")
        self.reason = reason
        self.place = place


class _FormError(Exception):
    """Raised by generated code: reason, offset and detail, not yet the place."""


class Reader:
    """Reads the bodies of one schema."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        source = _Source()
        body = source.value(schema, "", 1, {}, ())
        source.add(1, "if i != n: _trailing(i, n)", "")
        source.add(1, f"return {body}", "")
        lines = ["def read(b, i):", " n = len(b)", *source.lines]
        self._places = ["", "", *source.places]
        self._file = f"<reader of {schema['name']}>"
        names: dict[str, Any] = dict(_HELPERS)
        exec(compile("\n".join(lines), self._file, "exec"), names)
        self._read: Callable[[bytes, int], Any] = names["read"]

    def read(self, value: bytes, start: int) -> dict[str, Any]:
        """The body that begins at ``start`` and ends where the value ends; MisfitError if none."""
        try:
            return self._read(value, start)  # type: ignore[no-any-return]
        except _FormError as error:
            reason, offset, detail = error.args
            raise MisfitError(reason, self._place(error), offset, detail) from None
        except (IndexError, struct.error) as error:
            # Only reading beyond the end raises these.
            place = self._place(error)
            raise MisfitError("bad-body", place, len(value), "the bytes end too early") from None
        except UnicodeDecodeError as error:
            detail = f"no UTF-8 text: {error.reason}"
            raise MisfitError("bad-body", self._place(error), start, detail) from None

    def _place(self, error: BaseException) -> str:
        """The field whose line of generated code was running."""
        place, trace = "", error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self._file:
                place = self._places[trace.tb_lineno - 1]
            trace = trace.tb_next
        return place


class _Source:
    """The lines of a function under way, each with the field that it reads.

    In them ``b`` is the value, ``i`` where reading stands, ``n`` where the value ends.
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.places: list[str] = []
        self._variables = 0

    def add(self, depth: int, line: str, place: str) -> None:
        self.lines.append(" " * depth + line)
        self.places.append(place)

    def value(
        self, node: Any, place: str, depth: int, known: dict[str, Any], inside: tuple[str, ...]
    ) -> str:
        """Add the lines that read a value of this type; gives the expression that then holds it."""
        if isinstance(node, list):
            return self._optional(node, place, depth, known, inside)
        kind = node["type"] if isinstance(node, Mapping) else node
        if isinstance(kind, Mapping | list):
            return self.value(kind, place, depth, known, inside)
        if kind == "record":
            return self._record(node, place, depth, known, inside)
        if kind == "array":
            return self._array(node["items"], place, depth, known, inside)
        if kind == "enum":
            return self._enum(node["symbols"], place, depth)
        if kind in known:
            return self._record(known[kind], place, depth, known, inside)
        return self._primitive(kind, place, depth)

    def _new(self) -> str:
        self._variables += 1
        return f"v{self._variables}"

    def _record(
        self, node: Any, place: str, depth: int, known: dict[str, Any], inside: tuple[str, ...]
    ) -> str:
        name = full_name(node)
        if name in inside or not node["fields"]:
            raise SchemaError(f"{name} is {'recursive' if name in inside else 'empty'}")
        known[name] = node
        parts = []
        for field in node["fields"]:
            if not _NAME(field["name"]):
                raise SchemaError(f"{name} has a field {field['name']!r}")
            at = f"{place}.{field['name']}".lstrip(".")
            value = self.value(field["type"], at, depth, known, (*inside, name))
            parts.append(f"'{field['name']}': {value}")
        return f"{{{', '.join(parts)}}}"

    def _optional(
        self,
        node: list[Any],
        place: str,
        depth: int,
        known: dict[str, Any],
        inside: tuple[str, ...],
    ) -> str:
        if len(node) != 2 or node[0] != "null":
            raise SchemaError(f"{place}: a union is of null and one other type")
        into = self._new()
        self.add(depth, "k = b[i]", place)
        self.add(depth, "i += 1", place)
        self.add(depth, f"if k == 0: {into} = None", place)
        self.add(depth, "elif k == 2:", place)
        value = self.value(node[1], place, depth + 1, known, inside)
        self.add(depth + 1, f"{into} = {value}", place)
        self.add(depth, "else: _union(b, i - 1)", place)
        return into

    def _array(
        self, items: Any, place: str, depth: int, known: dict[str, Any], inside: tuple[str, ...]
    ) -> str:
        if items == "null":
            raise SchemaError(f"{place}: items without width")
        into, left = self._new(), self._new()
        self.add(depth, f"{into} = []", place)
        self._length(place, depth)
        # One byte an item at least, and one for the end of the array.
        self.add(depth, "if k >= n - i and k: _too_many(i, k)", place)
        self.add(depth, f"{left} = k", place)
        self.add(depth, f"for _ in range({left}):", place)
        value = self.value(items, f"{place}[]", depth + 1, known, inside)
        self.add(depth + 1, f"{into}.append({value})", place)
        self.add(depth, f"if {left}:", place)
        self.add(depth + 1, "if b[i]: _pieces(i)", place)
        self.add(depth + 1, "i += 1", place)
        return into

    def _enum(self, symbols: list[str], place: str, depth: int) -> str:
        into = self._new()
        self._length(place, depth)
        self.add(depth, f"if k >= {len(symbols)}: _symbol(i, k)", place)
        self.add(depth, f"{into} = {tuple(symbols)!r}[k]", place)
        return into

    def _primitive(self, kind: str, place: str, depth: int) -> str:
        into = self._new()
        if kind in ("string", "bytes"):
            self._length(place, depth)
            self.add(depth, "j = i + k", place)
            self.add(depth, "if j > n: _short(i, k, n)", place)
            decode = ".decode()" if kind == "string" else ""
            self.add(depth, f"{into} = b[i:j]{decode}", place)
            self.add(depth, "i = j", place)
        elif kind in _MOST:
            self._raw(place, depth, _MOST[kind])
            self.add(depth, f"{into} = (k >> 1) ^ -(k & 1)", place)
        elif kind == "double":
            self.add(depth, f"{into} = _double(b, i)[0]", place)
            self.add(depth, "i += 8", place)
        elif kind == "boolean":
            self.add(depth, "k = b[i]", place)
            self.add(depth, "if k > 1: _boolean(i, k)", place)
            self.add(depth, "i += 1", place)
            self.add(depth, f"{into} = k == 1", place)
        else:
            raise SchemaError(f"{place}: type {kind!r} is not in use here")
        return into

    def _length(self, place: str, depth: int) -> None:
        """A count of bytes or items, into ``k``."""
        self._raw(place, depth, _MOST["long"])
        self.add(depth, "if k & 1: _negative(i)", place)
        self.add(depth, "k >>= 1", place)

    def _raw(self, place: str, depth: int, most: int) -> None:
        """A number as it is on the wire, zigzag and all, into ``k``. Most are a single byte."""
        self.add(depth, "k = b[i]", place)
        self.add(depth, "i += 1", place)
        self.add(depth, f"if k > 127: k, i = _varint(b, i - 1, {most})", place)


def full_name(node: Mapping[str, Any]) -> str:
    """The Avro full name of a named type as the contract writes them (and as fastavro does)."""
    name: str = node["name"]
    namespace = node.get("namespace")
    return name if "." in name or not namespace else f"{namespace}.{name}"


def _varint(b: bytes, start: int, most: int) -> tuple[int, int]:
    """A number of two bytes or more, and where it ends."""
    value = shift = 0
    for i in range(start, start + _LONGEST_VARINT):
        byte = b[i]
        value |= (byte & 127) << shift
        if byte < 128:
            if byte == 0:
                raise _FormError("not-canonical", start, "a number with more bytes than it needs")
            if value >= most:
                raise _FormError("bad-body", start, f"a number over {most.bit_length() - 1} bits")
            return value, i + 1
        shift += 7
    raise _FormError("bad-body", start, f"a number of more than {_LONGEST_VARINT} bytes")


def _trailing(i: int, n: int) -> NoReturn:
    raise _FormError("not-canonical", i, f"the event ends here, {n - i} more bytes follow")


def _union(b: bytes, i: int) -> NoReturn:
    index, _ = _varint(b, i, 2**64) if b[i] > 127 else (b[i], i)
    index = (index >> 1) ^ -(index & 1)
    raise _FormError("bad-body", i, f"choice {index} of a union of two")


def _too_many(i: int, count: int) -> NoReturn:
    raise _FormError("bad-body", i, f"{count} items are announced, there are not as many bytes")


def _pieces(i: int) -> NoReturn:
    raise _FormError("not-canonical", i, "the array does not end where it should")


def _symbol(i: int, index: int) -> NoReturn:
    raise _FormError("bad-body", i, f"no symbol has the number {index}")


def _short(i: int, length: int, n: int) -> NoReturn:
    raise _FormError("bad-body", i, f"{length} bytes are announced, {n - i} are left")


def _negative(i: int) -> NoReturn:
    raise _FormError("bad-body", i, "a length or count below zero")


def _boolean(i: int, byte: int) -> NoReturn:
    raise _FormError("bad-body", i, f"a boolean is 0 or 1, not {byte}")


def _helpers() -> Iterator[Callable[..., Any]]:
    yield from (_varint, _trailing, _union, _too_many, _pieces, _symbol, _short, _negative)
    yield _boolean


_HELPERS: Mapping[str, Any] = {
    "_double": struct.Struct("<d").unpack_from,
    **{helper.__name__: helper for helper in _helpers()},
}
