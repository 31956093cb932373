"""What the OpenAPI document says of photos."""

from typing import Any, Final

from pydantic import BaseModel, Field

from hutong.media import MediaType
from hutong_intake.api.openapi import problems


class PhotoOut(BaseModel):
    """A photo that was stored: its name goes into `media` of a report or an act."""

    sha256: str = Field(description="Of what is stored, not of what was sent.")
    media_type: str = Field(examples=["image/jpeg"])
    bytes: int
    width: int
    height: int


_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}

MEDIA_DOC: Final[dict[str, Any]] = {
    "summary": "Send a photo",
    "description": "The body is the picture itself: at most 10 MiB, 40 million pixels, one frame. "
    "It is decoded and written anew, upright, without its EXIF (place, device) or anything else "
    "that is no pixel. A photo that no event names is removed after an hour.",
    "status_code": 201,
    "response_model": None,
    "responses": {
        201: {"model": PhotoOut, "description": "Stored."},
        **problems(400, 401, 403, 406, 408, 413, 415, 429, 503),
    },
    "openapi_extra": {
        "requestBody": {"required": True, "content": {kind.value: _BINARY for kind in MediaType}}
    },
    "tags": ["media"],
}
PHOTO_DOC: Final[dict[str, Any]] = {
    "summary": "Get a photo",
    "description": "For whoever may see an issue of which an event names it.",
    "response_model": None,
    "responses": {
        200: {"content": {kind.value: _BINARY for kind in MediaType}, "description": "The photo."},
        **problems(400, 401, 403, 404, 429, 503),
    },
    "tags": ["media"],
}
