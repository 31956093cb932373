"""Where the installation is, as far as the environment says: faulty settings count as not set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from hutong.kafka.access import Brokers
from hutong.kafka.acls import MONITOR, REPLAY
from hutong.settings import (
    LEAD_SECONDS,
    PRODUCTION,
    Settings,
    check_database_url,
    check_registry_url,
)
from hutong.variables import MODELS, model_of


class _KafkaOnly(Settings):
    """The settings that a look at Kafka needs, as the user for watching."""

    speaks_as = MONITOR


class _LogReader(Settings):
    """The same as the user that may read the log and the dead letters."""

    speaks_as = REPLAY


@dataclass(frozen=True, slots=True)
class Place:
    """Addresses and files; None where not known."""

    production: bool
    kafka: Brokers | None
    reader: Brokers | None
    """Kafka as whoever may read the log, where that user's password is at hand; else as `kafka`."""
    database_url: str | None
    registry_url: str | None
    city_folder: Path | None
    keys_file: Path | None
    identity_keys_file: Path | None
    router_group: str
    issues_topic: str
    city_lead_ms: int

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Place":
        """As these variables say."""
        kafka: Brokers | None = None
        reader: Brokers | None = None
        lead_ms = int(LEAD_SECONDS * 1000)
        try:
            settings = _KafkaOnly()
            kafka, lead_ms = settings.access.quietly(), settings.city_lead_ms
            reader = _reader(settings) or kafka
        except ValidationError:
            pass  # the examination of the settings says what is wrong with them
        return cls(
            production=environment.get("HUTONG_PROFILE") == PRODUCTION,
            kafka=kafka,
            reader=reader,
            database_url=_good_url(environment.get("HUTONG_DATABASE_URL"), check_database_url),
            registry_url=_good_url(environment.get("HUTONG_REGISTRY_URL"), check_registry_url),
            city_folder=_path(environment.get("HUTONG_CITY")),
            keys_file=_path(environment.get("HUTONG_KEYS_FILE")),
            identity_keys_file=_path(environment.get("HUTONG_IDENTITY_KEYS_FILE")),
            router_group=environment.get("HUTONG_ROUTER_GROUP") or _default("router_group"),
            issues_topic=environment.get("HUTONG_PROJECTIONS_TOPIC")
            or _default("projections_topic"),
            city_lead_ms=lead_ms,
        )


def _reader(settings: _KafkaOnly) -> Brokers | None:
    """None where there is one password only, or not that user's."""
    folder = settings.kafka_password_file
    if folder is None or not folder.is_dir():
        return None
    try:
        return _LogReader().access.quietly()
    except ValidationError:
        return None


def _good_url(url: str | None, check: Callable[[str], None]) -> str | None:
    try:
        check(url or "")
    except ValueError:
        return None
    return url


def _default(field: str) -> str:
    for service in MODELS:
        info = model_of(service).model_fields.get(field)
        if info is not None:
            found: Any = info.default
            return str(found)
    raise KeyError(field)


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None
