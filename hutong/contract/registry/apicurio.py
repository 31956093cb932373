"""Apicurio Registry 3: ids are given by its import.

Its Confluent-compatible interface takes mode IMPORT and ignores the id that comes with a schema
(3.3.3, tried). Its own import keeps ids of *content*, which are the ids of that interface: so the
texts go there first, and registering them afterwards the ordinary way finds them.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, Final

import httpx

from hutong.contract.registry.client import Registry, RegistryError, text_of
from hutong.events.schemas import Schema

_COMPATIBLE: Final = "/apis/ccompat/"
_CORE: Final = "/apis/registry/v3"
_KEEP: Final = {
    "Content-Type": "application/zip",
    "X-Registry-Preserve-ContentId": "true",
    "X-Registry-Preserve-GlobalId": "false",
}


def is_apicurio(registry: Registry) -> bool:
    """By the path under which Apicurio, and nobody else, has that interface."""
    return _COMPATIBLE in registry.path


def reserve_ids(registry: Registry, schemas: Iterable[Schema]) -> None:
    """Let these schemas have their ids once they are registered.

    Raises RegistryError, before anything is registered, where one of them cannot.
    """
    wanted = list(schemas)
    core = registry.path.partition(_COMPATIBLE)[0] + _CORE
    info = registry.send("GET", f"{core}/system/info")
    try:
        version = str(info.raise_for_status().json()["version"])
    except (httpx.HTTPStatusError, ValueError, LookupError, TypeError):
        raise RegistryError(
            f"{registry}: ids can be given to Apicurio Registry 3 or later only"
        ) from None
    answer = registry.send(
        "POST",
        f"{core}/admin/import?requireEmptyRegistry=false",
        _archive(wanted, version),
        _KEEP,
    )
    if not answer.is_success:
        raise RegistryError(
            f"{registry}: its import answers {answer.status_code}: {answer.text[:300]}"
        )
    for schema in wanted:  # it passes over in silence what it has already
        kept = registry.send("GET", f"{core}/ids/contentIds/{schema.id}")
        if not kept.is_success or kept.content != text_of(schema).encode():
            raise RegistryError(
                f"{registry} does not take the id {schema.id} for {schema.label}: it has that text "
                "under another id, or has had another text under this one. Nothing was registered; "
                "give this city a registry of its own"
            )


def _archive(schemas: Iterable[Schema], version: str) -> bytes:
    """The form of its own export, of contents alone."""
    manifest = {
        "systemVersion": version,
        "systemName": "hutong",
        "systemDescription": "",
        "exportVersion": "3.0",
        "exportedOn": 0,
        "exportedBy": "",
        "dbVersion": "",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("hutong.Manifest.json", _json(manifest))
        for schema in schemas:
            text = text_of(schema)
            digest = hashlib.sha256(text.encode()).hexdigest()
            content = {
                "contentId": schema.id,
                "contentHash": digest,
                "artifactType": "AVRO",
                "contentType": "application/json",
                "serializedReferences": None,
            }
            archive.writestr(f"content/{digest}.Content.json", _json(content))
            archive.writestr(f"content/{digest}.Content.data", text)
    return buffer.getvalue()


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
