"""A form as it was sent: that it is ours, what it holds, and its files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import Request
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from hutong_web.acts.guard import FORM_FIELD, require_own
from hutong_web.acts.intake import Photo

#: Photos of one act, and how large they may be together: a phone's camera makes 4 to 8 MB each.
MOST_PHOTOS: Final = 6
MOST_BYTES: Final = 48 * 1024 * 1024
_MOST_FIELDS: Final = 200


class TooMuchError(Exception):
    """More bytes, fields or files than a form of ours sends."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Values by field, and the photos that were chosen."""

    values: Mapping[str, Sequence[str]]
    photos: tuple[Photo, ...]

    def one(self, name: str) -> str:
        """The one value of a field, '' when it was not sent."""
        return next(iter(self.values.get(name, ())), "")


async def read_form(request: Request) -> Sent:
    """Read a form and everything in it. ForeignFormError, TooMuchError."""
    length = request.headers.get("content-length", "")
    if not (length.isascii() and length.isdigit()) or int(length) > MOST_BYTES:
        raise TooMuchError
    try:
        form = await request.form(max_files=MOST_PHOTOS, max_fields=_MOST_FIELDS)
    except HTTPException as error:  # Starlette's word for a form that is too large or broken
        raise TooMuchError from error
    try:
        return await _read(request, form)
    finally:
        await form.close()


async def _read(request: Request, form: FormData) -> Sent:
    token = form.get(FORM_FIELD, "")
    host = request.headers.get("host", "")
    require_own(request.headers, request.cookies, token if isinstance(token, str) else "", host)
    values: dict[str, list[str]] = {}
    photos = []
    for name, value in form.multi_items():
        if not isinstance(value, UploadFile):
            values.setdefault(name, []).append(value.replace("\r\n", "\n"))
        elif value.filename:
            content = await value.read()
            photos.append(Photo(content, value.content_type or "application/octet-stream"))
    return Sent(values, tuple(photos))
