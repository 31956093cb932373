"""What goes wrong over HTTP, as RFC 9457 problems in Chinese and English.

A problem's texts never repeat what was sent: it may hold an identity number or a key.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field. ``field`` is a path like ``place.lat``; "" is the whole."""

    field: str
    code: str
    zh: str
    en: str
    status: int = 400

    def body(self) -> dict[str, str]:
        """As in ``errors`` and ``warnings`` of an answer."""
        return {
            "field": self.field,
            "code": self.code,
            "message_zh": self.zh,
            "message_en": self.en,
        }


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its type ends in ``slug``, its status and titles never vary."""

    slug: str
    status: int
    title_zh: str
    title_en: str

    @property
    def type(self) -> str:
        """The ``type`` member: stable, for programs to compare."""
        return f"urn:hutong:problem:{self.slug}"


BAD_REQUEST = Kind("bad-request", 400, "请求有误", "Bad request")
UNREADABLE = Kind("unreadable", 400, "正文无法读取", "The body cannot be read")
INVALID = Kind("invalid-report", 400, "上报内容有误", "The report is not valid")
INVALID_ACT = Kind("invalid-act", 400, "操作内容有误", "The act is not valid")
BAD_PICTURE = Kind("bad-picture", 400, "图片有误", "Not a picture that can be taken")
BAD_RECEIPT = Kind("bad-receipt", 400, "受理号有误", "Not a receipt number")
UNAUTHENTICATED = Kind("unauthenticated", 401, "未通过身份验证", "Not authenticated")
FORBIDDEN = Kind("forbidden", 403, "无权进行此操作", "Not allowed")
NOT_YOURS = Kind("not-your-act", 403, "无权进行此操作", "Not an act of yours")
NOT_FOUND = Kind("not-found", 404, "没有找到", "Not found")
METHOD = Kind("method-not-allowed", 405, "不支持此方法", "Method not allowed")
NOT_ACCEPTABLE = Kind("not-acceptable", 406, "无法按所要格式答复", "Not acceptable")
TIMEOUT = Kind("request-timeout", 408, "请求超时", "The request took too long")
OTHER_CHANNEL = Kind("id-of-another-channel", 409, "编号已被占用", "The id is in use")
NO_EFFECT = Kind("no-effect", 409, "不会生效", "It would have no effect")
TOO_LARGE = Kind("too-large", 413, "正文过大", "The body is too large")
UNSUPPORTED = Kind("unsupported-media-type", 415, "不支持的格式", "Unsupported media type")
UNKNOWN_REFERENCE = Kind("unknown-code", 422, "代码不存在", "Unknown code")
KEY_REUSED = Kind("key-reused", 422, "幂等键已用于别的内容", "The key was used for another body")
TOO_MANY = Kind("too-many-requests", 429, "请求过于频繁", "Too many requests")
HEADERS_TOO_LARGE = Kind("headers-too-large", 431, "请求头过大", "The headers are too large")
INTERNAL = Kind("internal-error", 500, "服务内部错误", "Internal error")
IDENTITY_UNREADABLE = Kind("identity-unreadable", 500, "身份信息无法解密", "Identity unreadable")
BUSY = Kind("busy", 503, "系统繁忙", "Busy")
NOT_CONFIRMED = Kind("not-confirmed", 503, "尚未确认收妥", "Not confirmed")
STATE_UNKNOWN = Kind("state-unknown", 503, "暂时无法得知现状", "The state is not known right now")
MEDIA_UNAVAILABLE = Kind(
    "media-unavailable", 503, "暂时无法存取照片", "Photos are not available right now"
)
STATUS_UNAVAILABLE = Kind(
    "status-unavailable", 503, "暂时无法查询", "Status is not available right now"
)

KINDS: Final = (
    BAD_REQUEST,
    UNREADABLE,
    INVALID,
    INVALID_ACT,
    BAD_PICTURE,
    BAD_RECEIPT,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_YOURS,
    NOT_FOUND,
    METHOD,
    NOT_ACCEPTABLE,
    TIMEOUT,
    OTHER_CHANNEL,
    NO_EFFECT,
    TOO_LARGE,
    UNSUPPORTED,
    UNKNOWN_REFERENCE,
    KEY_REUSED,
    TOO_MANY,
    HEADERS_TOO_LARGE,
    INTERNAL,
    IDENTITY_UNREADABLE,
    BUSY,
    NOT_CONFIRMED,
    STATE_UNKNOWN,
    MEDIA_UNAVAILABLE,
    STATUS_UNAVAILABLE,
)


class ProblemError(Exception):
    """A problem to answer with.

    Args:
        kind: which.
        zh: what happened and what to do, in Chinese.
        en: the same in English.
        faults: field by field.
        headers: HTTP headers of the answer.
        more: further members, e.g. the issue id that makes a retry safe.
    """

    def __init__(
        self,
        kind: Kind,
        zh: str,
        en: str,
        *,
        faults: Iterable[Fault] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{kind.slug}: {en}")
        self.kind = kind
        self.zh = zh
        self.en = en
        self.faults = tuple(faults)
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def body(self, language: str, request_id: str | None = None) -> dict[str, Any]:
        """The problem as JSON has it, its plain title and detail in ``language`` (zh or en)."""
        kind = self.kind
        chinese = language == "zh"
        body: dict[str, Any] = {
            "type": kind.type,
            "status": kind.status,
            "title": kind.title_zh if chinese else kind.title_en,
            "title_zh": kind.title_zh,
            "title_en": kind.title_en,
            "detail": self.zh if chinese else self.en,
            "detail_zh": self.zh,
            "detail_en": self.en,
        }
        if request_id is not None:
            body["instance"] = f"urn:uuid:{request_id}"
            body["request_id"] = request_id
        if self.faults:
            body["errors"] = [fault.body() for fault in self.faults]
        return body | self.more


def invalid(faults: Iterable[Fault], kind: Kind = INVALID) -> ProblemError:
    """The problem of a report (or of ``kind``) with these faults: 422 if nothing but unknown codes
    is wrong.
    """
    faults = tuple(faults)
    if all(fault.status == 422 for fault in faults):
        kind = UNKNOWN_REFERENCE
    count = len(faults)
    return ProblemError(
        kind,
        f"共有{count}处问题，均列于 errors；未写入任何内容。",
        f"{count} {'problem' if count == 1 else 'problems'}, all in `errors`; nothing was written.",
        faults=faults,
    )


def language_of(accept_language: str | None) -> str:
    """``zh`` or ``en``: the better liked of the two; Chinese where nothing is said."""
    best, best_weight = "zh", 0.0
    for part in (accept_language or "").split(",")[:20]:
        tag, _, parameters = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameters)
        if language in ("zh", "en") and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: str) -> float:
    name, _, value = parameters.partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
