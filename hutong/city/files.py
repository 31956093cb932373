"""Reading the files of a pack: encodings, tables with line numbers, TOML, and the pack's hash."""

import csv
import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from hutong.city.model import Fault

PACK_FILES: Final = (
    "areas.csv",
    "areas.geojson",
    "calendar.toml",
    "categories.csv",
    "channels.csv",
    "city.toml",
    "departments.csv",
    "duty_list.csv",
    "escalation.toml",
    "exceptions.csv",
    "intents.csv",
    "kinds.csv",
    "reasons.csv",
    "rulings.csv",
    "tiers.toml",
)
"""Every pack has exactly these; other TOML, CSV and GeoJSON files in the folder are faults."""

_BOM: Final = b"\xef\xbb\xbf"


class Faults:
    """Collects faults, so that one check shows everything that is wrong."""

    def __init__(self) -> None:
        self._found: set[tuple[str, int, str]] = set()

    def add(self, file: str, line: int, message: str) -> None:
        """Note a fault; the same one twice is one."""
        self._found.add((file, line, message))

    def all(self) -> tuple[Fault, ...]:
        """The faults in order of file, line and message."""
        return tuple(Fault(*fault) for fault in sorted(self._found))


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table, its cells stripped; `line` is where it begins in the file."""

    file: str
    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]

    def words(self, column: str) -> tuple[str, ...]:
        """The cell as words separated by spaces (full-width ones too)."""
        return tuple(self.cells[column].split())


def read_folder(folder: Path | Traversable) -> dict[str, bytes]:
    """The files of a pack as they are on disk, by name: what a `city` event carries."""
    return {
        entry.name: entry.read_bytes()
        for entry in folder.iterdir()
        if entry.is_file() and (entry.name in PACK_FILES or _looks_like_data(entry.name))
    }


def _looks_like_data(name: str) -> bool:
    return name.endswith((".csv", ".toml", ".geojson")) and not name.startswith(("~", "."))


def canonical(data: bytes) -> bytes:
    """The bytes that count for the hash: no byte-order mark, LF line ends.

    So opening and saving a table in Excel without a change gives the same pack.
    """
    return data.removeprefix(_BOM).replace(b"\r\n", b"\n")


def hash_files(files: Mapping[str, bytes]) -> str:
    """`sha256:<hex>` over names and canonical bytes in name order, each with its length."""
    digest = hashlib.sha256()
    for name in sorted(files):
        data = canonical(files[name])
        digest.update(f"{name}\n{len(data)}\n".encode())
        digest.update(data)
    return f"sha256:{digest.hexdigest()}"


def decode_text(file: str, data: bytes, faults: Faults) -> str | None:
    """The file as text, or None with a fault that names the line and the remedy."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        faults.add(file, 1, "is UTF-16; save it as 'CSV UTF-8'")
        return None
    data = canonical(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        faults.add(file, line, "is not UTF-8 (GBK from Excel?); save it as 'CSV UTF-8'")
        return None
    if "\ufeff" in text:
        line = text.count("\n", 0, text.index("\ufeff")) + 1
        faults.add(file, line, "has a byte-order mark in the middle (two files joined?)")
        return None
    return text


def read_table(file: str, text: str, columns: Iterable[str], faults: Faults) -> list[Row]:
    """The rows of a CSV file whose header holds exactly `columns`, in any order.

    Blank rows and rows whose first cell starts with `#` are left out.
    """
    wanted = tuple(columns)
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    rows: list[Row] = []
    header: tuple[str, ...] | None = None
    line = 1
    try:
        for cells in reader:
            begins, line = line, reader.line_num + 1
            stripped = tuple(cell.strip() for cell in cells)
            if not any(stripped) or stripped[0].startswith("#"):
                continue
            if header is None:
                header = stripped
                if not _header_is_right(file, begins, header, wanted, faults):
                    return []
            elif len(stripped) != len(header):
                faults.add(file, begins, f"has {len(stripped)} cells, the header {len(header)}")
            else:
                rows.append(Row(file, begins, dict(zip(header, stripped, strict=True))))
    except csv.Error as error:
        faults.add(file, reader.line_num, f"cannot be read as CSV: {error}")
        return []
    if header is None:
        faults.add(file, 1, "is empty; the header is missing")
    return rows


def _header_is_right(
    file: str, line: int, header: tuple[str, ...], wanted: tuple[str, ...], faults: Faults
) -> bool:
    right = True
    for column in wanted:
        if header.count(column) != 1:
            right = False
            found = "is missing" if column not in header else "is there twice"
            faults.add(file, line, f"column '{column}' {found}")
    for column in header:
        if column not in wanted:
            right = False
            faults.add(file, line, f"column '{column}' is not known")
    return right


def read_toml(file: str, text: str, faults: Faults) -> dict[str, Any]:
    """The file as TOML; empty, with a fault, if it is not."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        faults.add(file, line, f"cannot be read as TOML: {error}")
        return {}


def line_of(text: str, *needles: str) -> int:
    """The line where the last needle is found, each searched for after the one before; else 1."""
    at = 0
    for needle in needles:
        found = re.compile(needle, re.MULTILINE).search(text, at)
        if found is None:
            break
        at = found.start()
    return text.count("\n", 0, at) + 1
