"""The registry's HTTP interface, one method a request."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx

from hutong.events.schemas import Schema

_MEDIA: Final = "application/vnd.schemaregistry.v1+json"
_MOST: Final = 300
_NOT_THERE: Final = 404


class RegistryError(Exception):
    """The registry cannot be asked, or does not do what is asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What a subject has under a version."""

    id: int
    schema: str


class Registry:
    """A registry at an address.

    All requests together may take ``seconds``. A user and password in the address are sent as basic
    authentication and never shown.
    """

    def __init__(
        self, url: str, *, seconds: float, transport: httpx.BaseTransport | None = None
    ) -> None:
        self._url = httpx.URL(url.rstrip("/"))
        self._ends = time.monotonic() + seconds
        self._seconds = seconds
        self._client = httpx.Client(transport=transport, follow_redirects=True)

    def __enter__(self) -> "Registry":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def __str__(self) -> str:
        return str(self._url.copy_with(username=None, password=None))

    @property
    def path(self) -> str:
        """The path of its address, "" or one that begins with a slash."""
        return self._url.path.rstrip("/")

    def schema(self, schema_id: int) -> str | None:
        """The schema that readers get for an id; None where there is none."""
        found = self.ask("GET", f"/schemas/ids/{schema_id}")
        return None if found is None else _text(found, "schema")

    def version(self, subject: str, version: int) -> Registered | None:
        """What it has under a version of a subject; None where there is nothing."""
        found = self.ask("GET", f"/subjects/{subject}/versions/{version}")
        return None if found is None else Registered(_number(found, "id"), _text(found, "schema"))

    def register(self, schema: Schema) -> int:
        """Register a schema under its name, with its id and version; the id that it then has."""
        body = {
            "schemaType": "AVRO",
            "schema": text_of(schema),
            "id": schema.id,
            "version": schema.version,
        }
        return _number(self.must("POST", f"/subjects/{schema.name}/versions", body), "id")

    @contextmanager
    def importing(self, subject: str) -> Iterator[None]:
        """The subject takes ids that are given; afterwards its mode is what it was.

        Raises RegistryError, with nothing changed, where the registry has no such mode.
        """
        path = f"/mode/{subject}"
        before = self.ask("GET", path)
        try:
            # Forced, because a subject that has versions would not be let into this mode.
            self.must("PUT", f"{path}?force=true", {"mode": "IMPORT"})
        except RegistryError as error:
            raise RegistryError(
                f"{error}\nIt does not let ids be given: that takes mode IMPORT for a subject "
                "(Confluent, with mode.mutability), or Apicurio 3 under /apis/ccompat/v7"
            ) from None
        try:
            yield
        finally:
            if before is None:
                self._answer("DELETE", path)
            else:
                self.must("PUT", f"{path}?force=true", {"mode": _text(before, "mode")})

    def must(self, method: str, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        """The same as `ask` where nothing there is an error, too."""
        found = self.ask(method, path, body)
        if found is None:
            raise RegistryError(f"{self}: {method} {path} answers {_NOT_THERE}")
        return found

    def ask(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any] | None:
        """The JSON object that answers; None where the registry says that there is none."""
        response = self._answer(method, path, body)
        try:
            found: Any = response.json()
        except ValueError:
            found = None
        if not isinstance(found, dict) or (response.is_error and "error_code" not in found):
            raise RegistryError(
                f"{self}: {method} {path} is answered with {response.status_code} and "
                f"{response.text[:_MOST]!r}: this is no schema registry"
            )
        return None if response.status_code == _NOT_THERE else found

    def _answer(
        self, method: str, path: str, body: Mapping[str, Any] | None = None
    ) -> httpx.Response:
        """Any good answer, or a 404."""
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        response = self.send(method, f"{self.path}{path}", content, {"Content-Type": _MEDIA})
        if not response.is_success and response.status_code != _NOT_THERE:
            raise RegistryError(
                f"{self}: {method} {path} answers {response.status_code}: {response.text[:_MOST]}"
            )
        return response

    def send(
        self,
        method: str,
        path: str,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Any request to this host; ``path`` is a whole one. RegistryError where none answers."""
        left = self._ends - time.monotonic()
        if left <= 0:
            raise RegistryError(f"{self} has not answered everything in {self._seconds:.0f} s")
        where, _, query = path.partition("?")
        url = self._url.copy_with(path=where, query=query.encode() or None)
        try:
            return self._client.request(method, url, content=content, headers=headers, timeout=left)
        except httpx.HTTPError as error:
            raise RegistryError(f"{self} does not answer: {type(error).__name__}") from None


def text_of(schema: Schema) -> str:
    """A schema as it is given to a registry."""
    return json.dumps(schema.raw, ensure_ascii=False, separators=(",", ":"))


def _text(found: Mapping[str, Any], field: str) -> str:
    value = found.get(field)
    if not isinstance(value, str):
        raise RegistryError(f"an answer has no text {field!r}: this is no schema registry")
    return value


def _number(found: Mapping[str, Any], field: str) -> int:
    value = found.get(field)
    if not isinstance(value, int):
        raise RegistryError(f"an answer has no number {field!r}: this is no schema registry")
    return value
