"""Who is calling: an API key, and the principal that it speaks for."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request

from hutong.keys import Key, KeyRing
from hutong_intake.limits import Limits
from hutong_intake.problems import BAD_REQUEST, FORBIDDEN, UNAUTHENTICATED, ProblemError

KeySource = Callable[[], KeyRing]


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller that may do what was asked."""

    key: Key

    @property
    def principal(self) -> str:
        """For whom: ``channel:app``, ``dept:water-co``, ``desk``."""
        return self.key.principal

    @property
    def channel(self) -> str:
        """The channel that it speaks for; "" for whoever is none."""
        return self.key.channel or ""


class Gate:
    """Lets callers in. ``principals`` are those of the topic catalogue that intake speaks for."""

    def __init__(
        self,
        keys: KeySource,
        principals: frozenset[str],
        clock: Callable[[], int],
        limits: Limits,
    ) -> None:
        self._keys = keys
        self._principals = principals
        self._clock = clock
        self._limits = limits

    def admit(self, request: Request, scope: str) -> Caller:
        """The caller; ProblemError 401 without a good key, 403 when the key may not do this, 429
        when there were too many of its requests.

        Unknown, expired and revoked keys get the same answer.
        """
        secret = _secret(request)
        key = None if secret is None else self._keys().identify(secret, self._clock())
        if key is None:
            self._limits.of_stranger(request.client.host if request.client else None)
            raise ProblemError(
                UNAUTHENTICATED,
                "没有有效的 API 密钥；请用 Authorization: Bearer hk_… 或 X-API-Key。",
                "No valid API key; send Authorization: Bearer hk_… or X-API-Key.",
                headers={"WWW-Authenticate": 'Bearer realm="hutong"'},
            )
        if key.principal not in self._principals or scope not in key.may:
            zh, en = "此密钥无权进行此操作。", "This key may not do this."
            raise ProblemError(FORBIDDEN, zh, en)
        self._limits.of_key(key.id)
        return Caller(key)

    def charge(self, caller: Caller, cost: int) -> None:
        """Count what a request holds beyond itself; ProblemError 429 when that is too much."""
        if cost > 0:
            self._limits.of_key(caller.key.id, cost)


def _secret(request: Request) -> str | None:
    authorization = request.headers.getlist("authorization")
    api_key = request.headers.getlist("x-api-key")
    if len(authorization) + len(api_key) > 1:
        zh, en = "只能给出一个密钥。", "Send one key, not several."
        raise ProblemError(BAD_REQUEST, zh, en)
    if api_key:
        return api_key[0].strip()
    if authorization:
        scheme, _, secret = authorization[0].partition(" ")
        return secret.strip() if scheme.lower() == "bearer" else None
    return None
