"""A request's body, bounded in size and time while it streams in."""

import asyncio
import re
from collections.abc import Collection

from starlette.requests import ClientDisconnect, Request

from hutong_intake.api.room import Share
from hutong_intake.problems import BAD_REQUEST, TIMEOUT, TOO_LARGE, UNSUPPORTED, ProblemError

MAX_REPORT = 256 * 1024
"""Bytes of one report: 10,000 characters of four bytes leave room for everything else."""

MAX_BATCH = 4 * 1024 * 1024
"""Bytes of one batch."""

#: The rest of a refused body is unread, so the connection cannot carry another request.
_CLOSE = {"Connection": "close"}
_LENGTH_DIGITS = 12
_CHARSET = re.compile(r'charset="?([A-Za-z0-9._-]+)"?', re.IGNORECASE)


def require_media(request: Request, allowed: Collection[str]) -> None:
    """ProblemError (415) unless the body is one of ``allowed``, in UTF-8 and not compressed."""
    content_type = request.headers.get("content-type", "")
    media, _, parameters = content_type.partition(";")
    charset = _CHARSET.search(parameters)
    if media.strip().lower() not in allowed:
        names = " / ".join(allowed)
        raise _unsupported(f"Content-Type 须为 {names}。", f"Content-Type must be {names}.")
    if charset is not None and charset[1].lower() not in ("utf-8", "utf8"):
        raise _unsupported("只收 UTF-8 编码。", "Only UTF-8 is taken.")
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        raise _unsupported(
            "不收压缩的正文。", "Compressed bodies are not taken.", {"Accept-Encoding": "identity"}
        )


async def read_body(request: Request, share: Share, *, limit: int, seconds: float) -> bytes:
    """All of the body; ProblemError 413 above ``limit`` bytes, 408 after ``seconds``.

    What it holds is taken from ``share`` as it comes in (503 when there is no room).
    Raises ClientDisconnect when the sender went away: nobody is left to answer.
    """
    declared = request.headers.get("content-length")
    if declared is not None:
        if not (declared.isascii() and declared.isdecimal()):
            zh, en = "Content-Length 须为数字。", "Content-Length must be a number."
            raise ProblemError(BAD_REQUEST, zh, en, headers=_CLOSE)
        # Compared as text first: turning very long digits into a number takes quadratic time.
        if len(declared.lstrip("0")) > _LENGTH_DIGITS or int(declared) > limit:
            raise _too_large(limit)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limit:
                    raise _too_large(limit)
                share.add(len(chunk))
                chunks.append(chunk)
    except TimeoutError:
        zh, en = f"正文在{seconds:g}秒内未传完。", f"The body took over {seconds:g} s to arrive."
        raise ProblemError(TIMEOUT, zh, en, headers=_CLOSE) from None
    return b"".join(chunks)


def one_header(request: Request, name: str) -> str | None:
    """A header that may come once; ProblemError where it comes twice."""
    found = request.headers.getlist(name)
    if len(found) > 1:
        raise ProblemError(BAD_REQUEST, f"只能给出一个 {name}。", f"Send one {name}.")
    return found[0] if found else None


def _too_large(limit: int) -> ProblemError:
    size = f"{limit // 1024} KiB"
    zh, en = f"正文超过{size}，未写入任何内容。", f"The body is over {size}; nothing was written."
    return ProblemError(TOO_LARGE, zh, en, headers=_CLOSE)


def _unsupported(zh: str, en: str, headers: dict[str, str] | None = None) -> ProblemError:
    return ProblemError(UNSUPPORTED, zh, en, headers={**_CLOSE, **(headers or {})})


__all__ = [
    "MAX_BATCH",
    "MAX_REPORT",
    "ClientDisconnect",
    "one_header",
    "read_body",
    "require_media",
]
