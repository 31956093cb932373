"""Photos: taken in, read, and there or not when a report or an act names them."""

import asyncio
from collections.abc import Iterable

from hutong.media import MediaDownError, MediaStore
from hutong.media.photo import (
    ANIMATED,
    BROKEN,
    MAX_PIXELS,
    TOO_HEAVY,
    TOO_MANY_PIXELS,
    UNKNOWN_TYPE,
    Darkroom,
    Photo,
    PhotoError,
)
from hutong_intake.problems import (
    BAD_PICTURE,
    MEDIA_UNAVAILABLE,
    UNSUPPORTED,
    Fault,
    ProblemError,
    invalid,
)


class Evidence:
    """Takes photos and says whether they are there. Without a store there is none."""

    def __init__(self, store: MediaStore | None, darkroom: Darkroom) -> None:
        self._store = store
        self._darkroom = darkroom

    async def take(self, data: bytes) -> Photo:
        """The clean photo, stored; ProblemError where it is none, or cannot be stored."""
        store = self._store
        if store is None:
            raise _unavailable()
        try:
            photo = await self._darkroom.develop(data)
        except PhotoError as error:
            raise _bad_picture(error.code) from None
        try:
            await asyncio.to_thread(store.put, photo.sha256, photo.data)
        except MediaDownError:
            raise _unavailable() from None
        return photo

    async def require(self, names: Iterable[str]) -> None:
        """ProblemError (422) unless each is there. What is there will stay for its hour."""
        missing = []
        for index, name in enumerate(names):
            if not await self._is_kept(name):
                zh, en = "没有这个文件；请先上传。", "There is no such file; send it first."
                missing.append(Fault(f"media.{index}", "unknown_file", zh, en, 422))
        if missing:
            raise invalid(missing)

    async def read(self, sha256: str) -> bytes | None:
        """A photo's bytes; None where it is not there. ProblemError 503."""
        if self._store is None:
            return None
        try:
            return await asyncio.to_thread(self._store.get, sha256)
        except MediaDownError:
            raise _unavailable() from None

    async def _is_kept(self, sha256: str) -> bool:
        if self._store is None:
            return False
        try:
            return await asyncio.to_thread(self._store.keep, sha256)
        except MediaDownError:
            raise _unavailable() from None


def _unavailable() -> ProblemError:
    return ProblemError(
        MEDIA_UNAVAILABLE,
        "暂时无法存取照片；不带照片的上报不受影响。未写入任何内容。",
        "Photos cannot be stored or read right now; reports without any are taken. Nothing was "
        "written.",
        headers={"Retry-After": "5"},
    )


def _bad_picture(code: str) -> ProblemError:
    if code == UNKNOWN_TYPE:
        zh, en = "只收 JPEG、PNG、WebP 图片。", "Only JPEG, PNG and WebP pictures are taken."
        return ProblemError(UNSUPPORTED, zh, en, faults=[Fault("", "unknown_picture_type", zh, en)])
    if code == ANIMATED:
        zh, en = "不收动图，请截取一帧。", "No moving pictures: send one frame of it."
        return ProblemError(UNSUPPORTED, zh, en, faults=[Fault("", "animated_picture", zh, en)])
    fault = _fault(code)
    return ProblemError(BAD_PICTURE, fault.zh, fault.en, faults=[fault])


def _fault(code: str) -> Fault:
    if code == TOO_MANY_PIXELS:
        most = MAX_PIXELS // 1_000_000
        zh = f"像素过多：最多{most}百万像素，边长最多16383。"
        en = f"Too many pixels: at most {most} million, and 16,383 a side."
        return Fault("", "too_many_pixels", zh, en)
    if code == BROKEN:
        zh, en = (
            "图片已损坏或不完整，请重新上传。",
            "The picture is broken or cut off; send it again.",
        )
        return Fault("", "broken_picture", zh, en)
    assert code == TOO_HEAVY
    zh, en = (
        "图片过于复杂，无法安全处理；请缩小后重发。",
        "Too much work to clean; send it smaller.",
    )
    return Fault("", "picture_too_heavy", zh, en)
