"""FAULTS.md rows 41 and 42: photos, with the process that cleans them."""

from __future__ import annotations

import asyncio
import hashlib
import io
import random

import httpx
import pytest
from hutong_intake.status import Look
from PIL import Image

from hutong.city import load_city
from hutong.media.photo import TOO_HEAVY, Darkroom, PhotoError
from tests.fixtures.cases import Case
from tests.fixtures.intake_api import GOOD, IntakeApi, codes
from tests.fixtures.pictures import (
    SECRET,
    animated,
    claims,
    picture,
    saved,
    with_exif,
    with_text,
)


@pytest.fixture(scope="module")
def api() -> IntakeApi:
    return IntakeApi(load_city())


def send(api: IntakeApi, data: bytes, media: str = "image/jpeg") -> httpx.Response:
    return api.request("POST", "/v1/media", data, media=media)


def stored(api: IntakeApi, answer: httpx.Response) -> Image.Image:
    """The picture that was kept: named by its own hash, with nothing in it but pixels."""
    assert answer.status_code == 201, answer.text
    told = answer.json()
    data = api.photos.get(told["sha256"])
    assert data is not None
    assert hashlib.sha256(data).hexdigest() == told["sha256"]
    assert len(data) == told["bytes"]
    image = Image.open(io.BytesIO(data))
    assert image.size == (told["width"], told["height"])
    assert dict(image.getexif()) == {}
    assert {"exif", "comment", "icc_profile", "xmp"}.isdisjoint(image.info)
    assert SECRET not in data
    image.load()
    return image


HTML = b"<html><script>alert(1)</script></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HEIC = b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + bytes(200)
GIF = animated("GIF")


NO_PHOTOS = {
    "HTML": (HTML, 415, "unknown_picture_type"),
    "SVG": (SVG, 415, "unknown_picture_type"),
    "HEIC": (HEIC, 415, "unknown_picture_type"),
    "GIF": (GIF, 415, "unknown_picture_type"),
    "PDF": (b"%PDF-1.7", 415, "unknown_picture_type"),
    "BMP": (picture("BMP"), 415, "unknown_picture_type"),
    "nothing": (b"", 415, "unknown_picture_type"),
    "HTML behind a JPEG's first bytes": (b"\xff\xd8\xff" + HTML, 415, "unknown_picture_type"),
    "moving WebP": (animated("WEBP"), 415, "animated_picture"),
    "moving PNG": (animated("PNG"), 415, "animated_picture"),
    "50,000 squared": (claims(50_000, 50_000), 400, "too_many_pixels"),
    "1 x 100,000": (claims(1, 100_000), 400, "too_many_pixels"),
    "40.96 million": (claims(6_400, 6_400), 400, "too_many_pixels"),
    "2^31 - 1 squared": (claims(2**31 - 1, 2**31 - 1), 400, "too_many_pixels"),
    "JPEG cut off": (picture("JPEG", size=(640, 480))[:2_000], 400, "broken_picture"),
    "WebP cut off": (picture("WEBP", size=(640, 480))[:100], 400, "broken_picture"),
    "PNG cut off": (picture("PNG")[:60], 400, "broken_picture"),
}


@pytest.mark.parametrize(("data", "status", "code"), NO_PHOTOS.values(), ids=NO_PHOTOS.keys())
def test_row_41_what_is_no_photo(data: bytes, status: int, code: str, api: IntakeApi) -> None:
    """HTML, SVG, HEIC, GIF or PDF named image/jpeg, an empty file, a moving picture, 50,000 × 50,000 or 1 × 100,000 pixels, a picture that is cut off.

    Gets: 415 with `unknown_picture_type` or `animated_picture`, 400 `bad-picture` with
    `too_many_pixels` (before any of it is decoded) or `broken_picture`; nothing is stored.
    """  # noqa: E501
    before = set(api.photos.files)
    answer = send(api, data)
    assert (answer.status_code, codes(answer)) == (status, {"": code})
    assert set(api.photos.files) == before


PHOTOS = {
    "JPEG": (picture("JPEG"), "RGB"),
    "grey JPEG": (picture("JPEG", "L"), "L"),
    "CMYK JPEG": (picture("JPEG", "CMYK"), "RGB"),
    "progressive JPEG": (picture("JPEG", progressive=True), "RGB"),
    "JPEG with a comment": (picture("JPEG", comment=SECRET), "RGB"),
    "JPEG with HTML behind it": (picture("JPEG") + HTML, "RGB"),
    "transparent PNG": (picture("PNG", "RGBA"), "RGBA"),
    "PNG with a palette": (picture("PNG", "P"), "RGB"),
    "PNG with a text": (with_text(1_000), "RGB"),
    "PNG with an archive behind it": (picture("PNG") + b"PK\x03\x04" + HTML, "RGB"),
    "WebP": (picture("WEBP"), "RGB"),
}


@pytest.mark.parametrize(("data", "mode"), PHOTOS.values(), ids=PHOTOS.keys())
def test_row_41_what_is_a_photo_is_written_anew(data: bytes, mode: str, api: IntakeApi) -> None:
    """CMYK, palettes, a picture with a program or an archive behind it, comments and texts in it.

    Gets: 201; the pixels are stored in a format that every browser shows, and nothing else.
    """
    answer = send(api, data, "image/png")
    image = stored(api, answer)
    assert (image.mode, image.size) == (mode, (64, 48))
    kept = api.photos.get(answer.json()["sha256"])
    assert kept is not None
    for hidden in (b"<script", b"PK\x03\x04"):
        assert hidden not in kept


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_row_41_where_a_photo_was_taken_is_not_kept(kind: str, api: IntakeApi) -> None:
    """A photo with its place and its camera in its EXIF, lying on its side.

    Gets: 201; it stands upright, and its EXIF is gone.
    """
    data = with_exif(kind, orientation=6)
    assert SECRET in data
    image = stored(api, send(api, data))
    assert image.size == (48, 64)


def test_row_41_a_text_that_unpacks_to_much(api: IntakeApi) -> None:
    """A picture whose comment of 100 KB unpacks to 100 MB.

    Gets: 400 `bad-picture`; intake does not grow.
    """
    answer = send(api, with_text(100_000_000))
    assert (answer.status_code, codes(answer)) == (400, {"": "broken_picture"})


def test_row_41_more_bytes_than_a_photo_has(api: IntakeApi) -> None:
    """A body over 10 MiB, or of a type that is no picture's.

    Gets: 413 `too-large`, 415 `unsupported-media-type`.
    """
    answer = send(api, b"\xff\xd8\xff" + bytes(10 * 1024 * 1024))
    assert answer.status_code == 413
    assert send(api, picture("JPEG"), "text/html").status_code == 415


def test_row_41_work_without_end_is_ended() -> None:
    """A picture that takes longer to decode than there is time.

    Gets: 400 `bad-picture` with `picture_too_heavy`; its process is gone.
    """
    data = saved(Image.effect_noise((4_000, 3_000), 60).convert("RGB"), "WEBP", quality=50)

    async def develop() -> None:
        await Darkroom(seconds=0.3).develop(data)

    with pytest.raises(PhotoError, match=TOO_HEAVY):
        asyncio.run(develop())


def test_row_41_a_flipped_byte_never_harms_intake(api: IntakeApi) -> None:
    """Pictures with a byte changed anywhere (six of each format, seeded).

    Gets: 201, 400 or 415; never 500, and the next good one is taken.
    """
    chance = random.Random(41)
    for kind in ("JPEG", "PNG", "WEBP"):
        whole = picture(kind)
        for _ in range(6):
            data = bytearray(whole)
            data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
            assert send(api, bytes(data)).status_code in (201, 400, 415)
    stored(api, send(api, picture("JPEG")))


def test_a_photo_is_shown_to_those_who_may_see_its_issue(api: IntakeApi) -> None:
    name = send(api, picture("JPEG")).json()["sha256"]
    case = Case(41).reported(media=[name]).dispatched()
    api.status.looks[case.is_.issue_id] = Look(case.is_, case.is_.issue_id, "03-03-00000001-0")
    path = f"/v1/media/{name}"
    for sender in ("app", "dept:water-co", "desk"):
        answer = api.request("GET", path, channel=sender)
        assert answer.content == api.photos.get(name)
        assert answer.headers["content-type"] == "image/jpeg"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-disposition"] == f'attachment; filename="{name}.jpg"'
        assert "sandbox" in answer.headers["content-security-policy"]
    for sender in ("hotline", "dept:housing"):
        assert api.request("GET", path, channel=sender).status_code == 404
    for other in ("0" * 64, "x", "../../etc/passwd"):
        assert api.request("GET", f"/v1/media/{other}", channel="desk").status_code == 404
    assert api.post({**GOOD, "media": [name]}).status_code == 202
    assert codes(api.post({**GOOD, "media": [name, "0" * 64]})) == {"media.1": "unknown_file"}
