"""What intake is told by its environment."""

from pathlib import Path
from typing import ClassVar

from pydantic import Field, SecretStr

from hutong.kafka.acls import INTAKE
from hutong.media.settings import MediaSettings


class IntakeSettings(MediaSettings):
    """Settings of intake; frozen. Defaults are for one machine."""

    speaks_as: ClassVar[str] = INTAKE

    keys_file: Path = Field(description="TOML file with the API keys' hashes.")
    identity_keys_file: Path | None = Field(
        default=None,
        description="TOML file with the keys that seal who reported (`hutong identity new-key`); "
        "without, reports with a reporter are refused. Required in production.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="For status reads and the state that acts are held "
        "against; reports are taken without.",
    )
    intake_host: str = Field(default="127.0.0.1", description="Address to bind.")
    intake_port: int = Field(ge=0, le=65535, description="Port of the HTTP interface.")
    intake_strict: bool = Field(
        default=False, description="Refuse unknown fields instead of warning of them."
    )
    intake_confirm_seconds: float = Field(
        default=8.0,
        ge=1,
        le=60,
        description="How long the broker may take to confirm before the answer is 503.",
    )
    intake_in_flight: int = Field(
        default=5_000, ge=1, description="Reports not confirmed yet; more are answered 503."
    )
    intake_remembered: int = Field(
        default=50_000, ge=1, description="Latest reports whose repeats get the same receipt."
    )
    intake_body_seconds: float = Field(
        default=30.0, gt=0, description="How long a request may take to arrive before 408."
    )
    intake_patience_seconds: float = Field(
        default=2.0,
        ge=0,
        le=10,
        description="How long to wait for an issue that the read models do not have yet, or not "
        "yet as the asker's, before the answer is 404.",
    )
    intake_key_per_minute: int = Field(
        default=60_000,
        ge=1_000,
        description="Requests and batch lines of one key in a minute before 429; a batch has up to "
        "1,000.",
    )
    intake_address_per_minute: int = Field(
        default=60_000, ge=1, description="Requests of one address in a minute before 429."
    )
    intake_strangers_per_minute: int = Field(
        default=1_200,
        ge=1,
        description="Of those, the ones without a valid key; callers with one are not affected.",
    )
    intake_proxies: str = Field(
        default="",
        description="Addresses of reverse proxies, separated by commas, whose X-Forwarded-For says "
        "who is calling; default: none, the connection says.",
    )
