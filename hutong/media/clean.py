"""`python -m hutong.media.clean`: a picture in, the same pixels out and nothing else.

Standard input: a JPEG, PNG or WebP. Standard output: the same format, written anew. Standard error:
its size as JSON. With exit code 3, standard error holds a code of `hutong.media.photo` instead.
"""

import io
import json
import resource
import sys
import warnings
from typing import Final

from hutong.media.photo import (
    ANIMATED,
    BROKEN,
    MAX_BYTES,
    MAX_PIXELS,
    TOO_HEAVY,
    TOO_MANY_PIXELS,
    UNKNOWN_TYPE,
)

REFUSED: Final = 3

_MEMORY = 1024 * 1024 * 1024
_CPU_SECONDS = 15
_FILES = 32
#: What other programs can open: the longest side of a WebP.
_LONGEST_SIDE = 16_383
_MAX_OUTPUT = 4 * MAX_BYTES
_QUALITY = 90
#: What iPhones call a JPEG with a second picture in it; the first is the photo.
_MPO = "MPO"


class _RefusedError(Exception):
    pass


def main() -> int:
    """See the module."""
    _limit()
    try:
        clean, size = developed(sys.stdin.buffer.read(MAX_BYTES + 1))
    except _RefusedError as refused:
        sys.stderr.write(str(refused))
        return REFUSED
    except MemoryError:
        sys.stderr.write(TOO_HEAVY)
        return REFUSED
    sys.stdout.buffer.write(clean)
    sys.stderr.write(json.dumps({"width": size[0], "height": size[1]}))
    return 0


def _limit() -> None:
    """No more than this process may need, whatever the decoders do: before they are loaded."""
    limits = (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_NOFILE, _FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    )
    for kind, most in limits:
        resource.setrlimit(kind, (most, most))


def developed(data: bytes) -> tuple[bytes, tuple[int, int]]:
    """The picture written anew, upright, and its width and height."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = None  # ours is checked below, and says so in our words
    warnings.simplefilter("ignore")
    try:
        image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
    except UnidentifiedImageError:
        raise _RefusedError(UNKNOWN_TYPE) from None
    except (OSError, ValueError, SyntaxError):
        raise _RefusedError(BROKEN) from None
    width, height = image.size
    if width * height > MAX_PIXELS or max(width, height) > _LONGEST_SIDE:
        raise _RefusedError(TOO_MANY_PIXELS)
    kind = "JPEG" if image.format == _MPO else image.format
    if image.format != _MPO and getattr(image, "n_frames", 1) > 1:
        raise _RefusedError(ANIMATED)
    try:
        image.load()
        upright = ImageOps.exif_transpose(image)
    except (OSError, ValueError, SyntaxError, EOFError, IndexError):
        raise _RefusedError(BROKEN) from None
    modes = ("L", "RGB") if kind == "JPEG" else ("L", "LA", "RGB", "RGBA")
    if kind == "WEBP":
        modes = ("RGB", "RGBA")
    if upright.mode not in modes:
        has_alpha = kind != "JPEG" and upright.has_transparency_data
        upright = upright.convert("RGBA" if has_alpha else "RGB")
    upright.info = {}  # what would be written along: comments, profiles, resolutions
    out = io.BytesIO()
    if kind == "PNG":
        upright.save(out, "PNG", compress_level=6)
    else:
        upright.save(out, kind, quality=_QUALITY)
    if out.tell() > _MAX_OUTPUT:
        raise _RefusedError(TOO_HEAVY)
    return out.getvalue(), upright.size


if __name__ == "__main__":
    sys.exit(main())
