"""A pack as one run of bytes, as a `city` event carries it: a zip that any tool opens.

The same pack gives the same members; what names a pack for ever is its hash over their contents,
not over these bytes, for compression differs from one zlib to the next.
"""

import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Final

from hutong.city.files import PACK_FILES, Faults, canonical, decode_text, hash_files, read_table

MAX_BYTES: Final = 900_000
"""Of an archive: it must fit a Kafka record of 1 MiB with the rest of the event."""

MAX_UNPACKED: Final = 32 * 1024 * 1024
"""Of all files together: four hundred times the sample district, and no bomb."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_DEPARTMENTS: Final = "departments.csv"


class ArchiveError(Exception):
    """These bytes are no pack; the message says why."""


def write_archive(files: Mapping[str, bytes]) -> bytes:
    """The files of a pack as an archive. ArchiveError where it would be too large for an event."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, _EPOCH)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            member.external_attr = 0o644 << 16
            archive.writestr(member, canonical(files[name]))
    found = target.getvalue()
    if len(found) > MAX_BYTES:
        raise ArchiveError(f"the pack is {len(found)} bytes packed, at most {MAX_BYTES}")
    return found


def read_archive(archive: bytes, pack: str) -> dict[str, bytes]:
    """The files of the pack with that hash. ArchiveError when they are not in there."""
    files = _unpack(archive, PACK_FILES)
    found = hash_files(files)
    if found != pack:
        raise ArchiveError(f"the files are of the pack {found}, not of {pack}")
    return files


def read_departments(archive: bytes) -> tuple[str, ...]:
    """The department codes of a pack, without reading the rest of it; ArchiveError."""
    files = _unpack(archive, (_DEPARTMENTS,))
    faults = Faults()
    text = decode_text(_DEPARTMENTS, files.get(_DEPARTMENTS, b""), faults)
    columns = ("code", "zh", "en", "hours", "note")
    rows = read_table(_DEPARTMENTS, text or "", columns, faults)
    if found := faults.all():
        raise ArchiveError(str(found[0]))
    return tuple(row["code"] for row in rows)


def _unpack(archive: bytes, names: tuple[str, ...]) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = MAX_UNPACKED
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            for member in opened.infolist():
                if member.filename in files or member.filename not in PACK_FILES:
                    raise ArchiveError(f"{member.filename!r} does not belong in a pack")
                if member.filename not in names:
                    continue
                with opened.open(member) as file:
                    data = file.read(left + 1)
                left -= len(data)
                if left < 0:
                    raise ArchiveError(f"the pack is larger than {MAX_UNPACKED} bytes")
                files[member.filename] = data
    # zipfile raises NotImplementedError for a compression it does not know, RuntimeError for a
    # member with a password.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ArchiveError(f"is not an archive of a pack: {error}") from error
    return files
