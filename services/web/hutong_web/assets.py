"""Style sheets, scripts and pictures: served by content hash, so that they may be kept for ever."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
FOR_EVER: Final = "public, max-age=31536000, immutable"
_HASHED: Final = re.compile(r"(.+)\.([0-9a-f]{16})(\.[a-z]+)")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its bytes, its type, and the address that names its content."""

    content: bytes
    media_type: str
    address: str


class Assets:
    """All assets, read once. A wrong hash is not found: an old page never gets a new script."""

    def __init__(self, by_name: Mapping[str, Asset]) -> None:
        self._by_name = dict(by_name)

    @classmethod
    def load(cls) -> "Assets":
        """The files of the package."""
        return cls(dict(_read(files("hutong_web") / "static", "")))

    def address(self, name: str) -> str:
        """The address of an asset by its name (`css/page.css`); KeyError if there is none."""
        return self._by_name[name].address

    def find(self, path: str) -> Asset | None:
        """The asset that an address (without `/static/`) names, if its hash is right."""
        match = _HASHED.fullmatch(path)
        asset = self._by_name.get(match[1] + match[3]) if match else None
        return asset if asset is not None and asset.address == f"/static/{path}" else None


def _read(folder: Traversable, prefix: str) -> list[tuple[str, Asset]]:
    found: list[tuple[str, Asset]] = []
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        name = prefix + entry.name
        stem, dot, extension = name.rpartition(".")
        if entry.is_dir():
            found.extend(_read(entry, f"{name}/"))
        elif dot and (media_type := _TYPES.get(f".{extension}")):
            content = entry.read_bytes()
            digest = hashlib.sha256(content).hexdigest()[:16]
            address = f"/static/{stem}.{digest}.{extension}"
            found.append((name, Asset(content, media_type, address)))
    return found
