"""POST /v1/media and GET /v1/media/{sha256}: photos as evidence."""

import re
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from hutong.issue.allowed import may_see
from hutong.keys import MEDIA_READ, MEDIA_WRITE
from hutong.media import MediaType, type_of
from hutong.media.photo import MAX_BYTES
from hutong_intake.api.answers import JSON, json_answer, require_acceptable
from hutong_intake.api.auth import Gate
from hutong_intake.api.body import read_body, require_media
from hutong_intake.api.openapi_media import MEDIA_DOC, PHOTO_DOC
from hutong_intake.api.room import BodyRoom
from hutong_intake.evidence import Evidence
from hutong_intake.problems import NOT_FOUND, STATUS_UNAVAILABLE, ProblemError
from hutong_intake.status import StatusReader, StatusUnavailableError

_SHA256 = re.compile(r"[0-9a-f]{64}").fullmatch
_ENDINGS: Final = {MediaType.JPEG: "jpg", MediaType.PNG: "png", MediaType.WEBP: "webp"}


@dataclass(frozen=True, slots=True)
class MediaApi:
    """A photo is stored clean, under the SHA-256 of what is stored."""

    evidence: Evidence
    gate: Gate
    status: StatusReader
    room: BodyRoom
    body_seconds: float

    def router(self) -> APIRouter:
        """The routes."""
        router = APIRouter()
        router.add_api_route("/v1/media", self.post, methods=["POST"], **MEDIA_DOC)
        router.add_api_route("/v1/media/{sha256}", self.get, methods=["GET"], **PHOTO_DOC)
        return router

    async def post(self, request: Request) -> Response:
        """Store a photo. What it is says its content, whatever the request calls it."""
        caller = self.gate.admit(request, MEDIA_WRITE)
        require_media(request, tuple(MediaType))
        require_acceptable(request, JSON)
        with self.room.share(caller.key.id) as share:
            data = await read_body(request, share, limit=MAX_BYTES, seconds=self.body_seconds)
            photo = await self.evidence.take(data)
        answer = {
            "sha256": photo.sha256,
            "media_type": photo.kind.value,
            "bytes": len(photo.data),
            "width": photo.width,
            "height": photo.height,
        }
        return json_answer(201, answer, {"Location": f"/v1/media/{photo.sha256}"})

    async def get(self, request: Request, sha256: str) -> Response:
        """A photo, for those who may see an issue that names it."""
        caller = self.gate.admit(request, MEDIA_READ)
        if _SHA256(sha256) is None:
            raise _not_there()
        try:
            states = await self.status.naming(sha256)
        except StatusUnavailableError:
            raise ProblemError(
                STATUS_UNAVAILABLE,
                "暂时无法查询照片属于哪件诉求。",
                "Whose photo it is cannot be told right now.",
                headers={"Retry-After": "5"},
            ) from None
        if not any(may_see(caller.principal, state) for state in states):
            raise _not_there()
        data = await self.evidence.read(sha256)
        kind = None if data is None else type_of(data)
        if data is None or kind is None:
            raise _not_there()
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{sha256}.{_ENDINGS[kind]}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(data, 200, headers, media_type=kind.value)


def _not_there() -> ProblemError:
    return ProblemError(
        NOT_FOUND,
        "没有这张照片，或与贵单位无关。",
        "There is no such photo, or it is none of yours.",
    )
