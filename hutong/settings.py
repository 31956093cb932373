"""What every process needs to be told: where Kafka and PostgreSQL are, and which city this is.

Each service extends `Settings` in its own ``settings.py``. All values come from ``HUTONG_*``
environment variables; a missing or bad one ends the process with exit code 2 and names them all.
"""

import sys
from pathlib import Path
from typing import TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

#: Exit codes of every command: see docs/exit-codes in README.
EXIT_OK = 0
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_STOPPED = 3


class Settings(BaseSettings):
    """Common settings; frozen."""

    model_config = SettingsConfigDict(env_prefix="HUTONG_", frozen=True, extra="ignore")

    kafka: str = Field(min_length=3, description="Brokers as host:port, separated by commas.")
    city: Path | None = Field(default=None, description="City pack folder; default: built in.")
    log_level: str = "INFO"


class DatabaseSettings(Settings):
    """For a process that also needs PostgreSQL."""

    database_url: SecretStr = Field(description="postgresql://user@host:port/database")


_S = TypeVar("_S", bound=Settings)


def read_settings(kind: type[_S]) -> _S:
    """Settings from the environment; ends the process with one message that lists every fault."""
    try:
        return kind()
    except ValidationError as error:
        lines = [
            f"  HUTONG_{'_'.join(map(str, fault['loc'])).upper()}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        ]
        message = "cannot start, these settings are missing or wrong:\n" + "\n".join(lines)
        sys.stderr.write(message + "\n")
        raise SystemExit(EXIT_USAGE) from None
