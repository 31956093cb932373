"""What every process needs to be told: where Kafka and PostgreSQL are, and which city this is.

Each service extends `Settings` in its own ``settings.py``. All values come from ``HUTONG_*``
environment variables. Whatever is missing, empty, wrong or unknown ends the process with exit code
2 before it does anything, and all of it is named at once: see `hutong.variables`.
"""

import os
import re
import sys
from pathlib import Path
from typing import Final, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import SettingsConfigDict

from hutong.kafka.settings import KafkaSettings
from hutong.variables import setting_faults

#: Exit codes of every command and service: `hutong.cli.ending.MEANINGS`, docs/exit-codes.md.
EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_STOPPED = 3
#: As shells have it: ended by SIGINT, here also by SIGTERM, before there was a result.
EXIT_INTERRUPTED = 130

#: A router may go without the end of `city` for half of it, so clocks of brokers may differ by the
#: other half.
LEAD_SECONDS: Final = 60.0

LOCAL: Final = "local"
PRODUCTION: Final = "production"

_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(\d{1,5})")
_PAIR = re.compile(r"\s*[a-z_]+\s*=\s*('[^']*'|[^\s']*)")


class Settings(KafkaSettings):
    """Common settings; frozen."""

    model_config = SettingsConfigDict(
        env_prefix="HUTONG_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    profile: Literal["local", "production"] = Field(
        default=LOCAL,
        description="`local`: one machine, loopback, one copy will do. `production`: the start is "
        "refused while anything about Kafka, PostgreSQL or the keys could lose or expose records.",
    )
    kafka: str = Field(min_length=3, description="Brokers as host:port, separated by commas.")
    city: Path | None = Field(default=None, description="City pack folder; default: built in.")
    city_lead_seconds: float = Field(
        default=LEAD_SECONDS,
        gt=0,
        description="How long after its append a promoted city pack takes effect at the earliest: "
        "the same in every process. Shorter only in tests.",
    )
    registry_url: SecretStr | None = Field(
        default=None,
        description="A Confluent-compatible schema registry that the city runs. Intake, router, "
        "projections and processes do not start while its ids differ from the lock's; one that "
        "does not answer stops nothing. May hold user:password@.",
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        default="INFO", description="Least level that is logged."
    )

    @property
    def in_production(self) -> bool:
        """Whether unsafe set-ups are refused."""
        return self.profile == PRODUCTION

    @field_validator("kafka")
    @classmethod
    def _addresses(cls, value: str) -> str:
        if not value:  # only where a process needs no Kafka and has "" as its default
            return value
        for address in value.split(","):
            found = _ADDRESS.fullmatch(address.strip())
            if found is None or not 0 < int(found[2]) < 65536:
                raise ValueError(f"'{address.strip()}' is not host:port")
        return value

    @field_validator("city_lead_seconds")
    @classmethod
    def _lead(cls, value: float, info: ValidationInfo) -> float:
        if value < LEAD_SECONDS and info.data.get("profile") == PRODUCTION:
            raise ValueError(
                f"in production at least {LEAD_SECONDS:.0f}: a router that is cut off for a moment "
                "would route by the old pack"
            )
        return value

    @property
    def city_lead_ms(self) -> int:
        """The same in milliseconds."""
        return int(self.city_lead_seconds * 1000)

    @field_validator("city")
    @classmethod
    def _folder(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError(f"there is no folder {value}")
        return value

    @field_validator("registry_url")
    @classmethod
    def _registry(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_registry_url(value.get_secret_value())
        return value

    @field_validator("database_url", check_fields=False)
    @classmethod
    def _url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            check_database_url(value.get_secret_value())
        return value


class DatabaseSettings(Settings):
    """For a process that also needs PostgreSQL."""

    database_url: SecretStr = Field(
        description="PostgreSQL: postgresql://user:password@host:port/database."
    )


def check_database_url(url: str) -> None:
    """ValueError unless it reads like a PostgreSQL address; its message repeats nothing of it.

    libpq repeats a malformed address in its error, password and all, so none may get that far.
    """
    if "://" in url:
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("postgresql", "postgres") and parts.port != 0
        except ValueError:
            good = False
        if not good or url.count("@") > 1 or " " in url:
            raise ValueError("is not postgresql://user:password@host:port/database")
    elif not re.fullmatch(rf"(?:{_PAIR.pattern})+\s*", url):
        raise ValueError("is neither postgresql://… nor key=value pairs")


def check_registry_url(url: str) -> None:
    """ValueError unless it is an address of HTTP; its message repeats nothing of it."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or " " in url:
        raise ValueError("is not http(s)://host:port/path")


class SettingsError(SystemExit):
    """The settings are missing or wrong; every fault has been said."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(EXIT_USAGE)
        self.faults = faults


_S = TypeVar("_S", bound=Settings)


def read_settings(kind: type[_S]) -> _S:
    """Settings from the environment; ends the process with one message that lists every fault."""
    faults = setting_faults(kind, os.environ)
    if faults:
        lines = "\n".join(f"  {fault}" for fault in faults)
        sys.stderr.write(f"cannot start, these settings are missing or wrong:\n{lines}\n")
        raise SettingsError(faults)
    return kind()
