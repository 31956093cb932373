"""Acts go to intake over HTTP, each with the key of whoever acts. The pages write nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import httpx

from hutong_web.language import Language

_CONNECT_SECONDS: Final = 2.0
#: Longer than intake waits for the log's confirmation.
_ANSWER_SECONDS: Final = 15.0
_PHOTO_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Effect:
    """What the life cycle makes of an act: ``verdict`` is applied, refused, waiting, pending or
    unknown. ``judged``: the read models have it; else it is foretold."""

    verdict: str
    zh: str
    en: str
    judged: bool = False

    def words(self, language: Language) -> str:
        """Why, in words."""
        return self.zh if language is Language.ZH else self.en


@dataclass(frozen=True, slots=True)
class Accepted:
    """An act that is in the log. ``values``: what was revealed with it, shown once, never kept."""

    event_id: str
    place: str
    effect: Effect
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Photo:
    """A file of evidence."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field, in both languages."""

    field: str
    zh: str
    en: str


class IntakeDownError(Exception):
    """Intake does not answer, or says that it cannot now; whether it was written is not known."""


class ProblemError(Exception):
    """Intake said no, in both languages; nothing was written."""

    def __init__(self, status: int, zh: str, en: str, faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(f"{status} {en}")
        self.status = status
        self.zh = zh
        self.en = en
        self.faults = faults


class Intake(Protocol):
    """What the pages ask of intake. Each call may raise IntakeDownError and ProblemError."""

    def act(
        self, secret: str, issue_id: str, verb: str, body: Mapping[str, Any], key: str
    ) -> Accepted:
        """Write an act; the same ``key`` again is the same act."""

    def report(self, secret: str, body: Mapping[str, Any], key: str) -> str:
        """Write a report; its receipt number."""

    def keep_photo(self, secret: str, photo: Photo) -> str:
        """Keep a file of evidence; its content hash."""

    def photo(self, secret: str, sha256: str) -> Photo | None:
        """A file of evidence; None when there is none for this asker."""


#: Shown for a part of who reported that nobody said.
_UNSAID: Final = "—"


class HttpIntake:
    """An `Intake` at an address; open it with ``with``. Opening does not connect."""

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        timeout = httpx.Timeout(_ANSWER_SECONDS, connect=_CONNECT_SECONDS)
        # Never through a proxy of the environment: keys must not leave this machine by accident.
        self._client = httpx.Client(
            base_url=url, timeout=timeout, transport=transport, trust_env=False
        )

    def __enter__(self) -> "HttpIntake":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def act(
        self, secret: str, issue_id: str, verb: str, body: Mapping[str, Any], key: str
    ) -> Accepted:
        """POST /v1/issues/{id}/actions/{verb}."""
        path = f"/v1/issues/{issue_id}/actions/{verb}"
        answer = self._ask("POST", path, secret, json=dict(body), headers={"Idempotency-Key": key})
        found = answer.json()
        return Accepted(
            event_id=found["event_id"],
            place=found["place"],
            effect=_effect(found["effect"]),
            values={
                name: _UNSAID if value is None else str(value)
                for name, value in (found.get("revealed") or {}).items()
            },
        )

    def report(self, secret: str, body: Mapping[str, Any], key: str) -> str:
        """POST /v1/reports."""
        headers = {"Idempotency-Key": key}
        answer = self._ask("POST", "/v1/reports", secret, json=dict(body), headers=headers)
        return str(answer.json()["receipt"])

    def keep_photo(self, secret: str, photo: Photo) -> str:
        """POST /v1/media."""
        answer = self._ask(
            "POST",
            "/v1/media",
            secret,
            content=photo.content,
            headers={"Content-Type": photo.media_type},
            timeout=_PHOTO_SECONDS,
        )
        return str(answer.json()["sha256"])

    def photo(self, secret: str, sha256: str) -> Photo | None:
        """GET /v1/media/{sha256}."""
        try:
            answer = self._ask("GET", f"/v1/media/{sha256}", secret)
        except ProblemError as problem:
            if problem.status in (403, 404):
                return None
            raise
        return Photo(answer.content, answer.headers.get("content-type", ""))

    def _ask(self, method: str, path: str, secret: str, **more: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {secret}", **more.pop("headers", {})}
        try:
            answer = self._client.request(method, path, headers=headers, **more)
        except httpx.TransportError as error:
            raise IntakeDownError(type(error).__name__) from error
        if answer.is_success:
            return answer
        problem = _problem(answer)
        if answer.status_code >= 500:
            raise IntakeDownError(problem.en) from problem
        raise problem


def _effect(body: Mapping[str, Any]) -> Effect:
    return Effect(body["verdict"], body["zh"], body["en"], bool(body.get("judged", False)))


def _problem(answer: httpx.Response) -> ProblemError:
    """The problem as intake describes it (RFC 9457); something else answered where it does not."""
    try:
        body = answer.json()
        faults = [
            Fault(one["field"], one["message_zh"], one["message_en"])
            for one in body.get("errors", ())
        ]
        return ProblemError(answer.status_code, body["detail_zh"], body["detail_en"], tuple(faults))
    except (ValueError, KeyError, TypeError, AttributeError):
        status = answer.status_code
        return ProblemError(status, f"接口答复 {status}", f"intake answered {status}")
