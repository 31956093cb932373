"""Intake over HTTPS: how requests travel, for questions (sync and async) and for the sender."""

import time
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from hutong.events.acts import REPORT
from hutong.events.faults import FieldFault
from hutong.sdk.draft import invalid
from hutong.sdk.outcome import Later, Message, Outcome
from hutong.sdk.requests import (
    Answer,
    Request,
    no_connection,
    outcome_of,
    outcomes_of,
    post,
    post_batch,
    read_json,
    unavailable,
)

#: Intake answers a report after at most 8 s (its own wait for the broker); all of it is well below
#: the outbox's lease.
TIMEOUT: Final = httpx.Timeout(20.0, connect=10.0)
_LOCAL: Final = ("127.0.0.1", "::1", "localhost")


def check_url(url: str) -> str:
    """The address of an intake; InvalidError for one that would send a key in the clear."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        zh, en = "须为 https:// 地址。", "Must be an https:// address."
        raise invalid([FieldFault("url", "not_a_url", zh, en)])
    if parts.username or parts.password:
        zh, en = "地址中不得有密码。", "No user or password belongs in the address."
        raise invalid([FieldFault("url", "password_in_url", zh, en)])
    if parts.scheme == "http" and parts.hostname not in _LOCAL:
        zh = "须用 https：否则密钥与个人信息会明文传输。"
        en = "Must be https: else key and personal data travel in the clear."
        raise invalid([FieldFault("url", "not_https", zh, en)])
    return url.rstrip("/")


class _Session:
    """An address and a key. Its text shows the address alone."""

    def __init__(self, url: str, key: str) -> None:
        self.url = check_url(url)
        self._headers = {"X-API-Key": key, "Accept": "application/json", "User-Agent": "hutong-sdk"}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.url!r})"

    def _arguments(self, request: Request, timeout: float | None) -> dict[str, Any]:
        headers = {**self._headers, **request.headers}
        if request.content is not None:
            headers["Content-Type"] = request.media
        return {
            "method": request.method,
            "url": self.url + request.path,
            "headers": headers,
            "content": request.content,
            "params": dict(request.params) or None,
            "timeout": TIMEOUT if timeout is None else timeout,
        }


class Api(_Session):
    """Asks intake and waits for the answer."""

    def __init__(self, url: str, key: str, transport: httpx.BaseTransport | None = None) -> None:
        super().__init__(url, key)
        self._client = httpx.Client(transport=transport)

    def send(self, request: Request, timeout: float | None = None) -> Answer:
        """The answer, whatever it is; httpx.TransportError where there is none."""
        return _answer(self._client.request(**self._arguments(request, timeout)))

    def ask(self, request: Request, timeout: float | None = None) -> dict[str, Any]:
        """The JSON object that answers a question; ApiError where there is none."""
        try:
            answer = self.send(request, timeout)
        except httpx.TransportError as error:
            raise unavailable(type(error).__name__) from None
        return read_json(answer, time.time())

    def close(self) -> None:
        """Close its connections."""
        self._client.close()


class AsyncApi(_Session):
    """The same for async code."""

    def __init__(
        self, url: str, key: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        super().__init__(url, key)
        self._client = httpx.AsyncClient(transport=transport)

    async def send(self, request: Request, timeout: float | None = None) -> Answer:
        """See `Api.send`."""
        return _answer(await self._client.request(**self._arguments(request, timeout)))

    async def ask(self, request: Request, timeout: float | None = None) -> dict[str, Any]:
        """See `Api.ask`."""
        try:
            answer = await self.send(request, timeout)
        except httpx.TransportError as error:
            raise unavailable(type(error).__name__) from None
        return read_json(answer, time.time())

    async def close(self) -> None:
        """See `Api.close`."""
        await self._client.aclose()


class HttpTransport:
    """`Transport` to intake: reports that wait go in batches, acts one by one."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def __repr__(self) -> str:
        return f"HttpTransport({self._api.url!r})"

    def deliver(self, messages: list[Message]) -> list[Outcome]:
        """See `Transport.deliver`."""
        outcomes: list[Outcome] = []
        for group in _groups(messages):
            found = self._send(group)
            outcomes += found
            if stopped := next((o for o in found if isinstance(o, Later) and o.everyone), None):
                # Nothing gets through: what is left was not sent at all.
                outcomes += [stopped] * (len(messages) - len(outcomes))
                break
        return outcomes

    def close(self) -> None:
        """See `Transport.close`."""
        self._api.close()

    def _send(self, group: list[Message]) -> list[Outcome]:
        try:
            if len(group) > 1:
                answer = self._api.send(post_batch(group))
                outcomes = outcomes_of(group, answer, time.time())
                if outcomes is None:
                    return [outcome for message in group for outcome in self._send([message])]
                return outcomes
            answer = self._api.send(post(group[0]))
            return [outcome_of(group[0], answer, time.time())]
        except httpx.TransportError as error:
            problem = no_connection(type(error).__name__)
            return [Later(problem, everyone=True)] * len(group)


def _groups(messages: list[Message]) -> Iterator[list[Message]]:
    """Reports together, everything else by itself; in order."""
    for is_report, group in groupby(messages, lambda message: message.verb == REPORT):
        if is_report:
            yield list(group)
        else:
            yield from ([message] for message in group)


def _answer(response: httpx.Response) -> Answer:
    return Answer(response.status_code, dict(response.headers), response.content)
