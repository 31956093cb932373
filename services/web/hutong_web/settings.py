"""What the web service needs to be told."""

from pathlib import Path

from pydantic import Field

from hutong.settings import DatabaseSettings


class WebSettings(DatabaseSettings):
    """Settings of `hutong serve web`; the pages read PostgreSQL alone, so Kafka may be left out."""

    kafka: str = Field(default="", description="Not used by the pages.")
    web_host: str = Field(
        default="127.0.0.1",
        description="Address to bind: loopback until there is sign-in, but for inside a container"
        " whose port is published on loopback alone.",
    )
    web_port: int = Field(default=8084, ge=0, le=65535, description="Port of the pages.")
    intake_port: int = Field(
        default=18080, ge=0, le=65535, description="Where intake listens on this machine."
    )
    web_refresh_seconds: int = Field(
        default=5, ge=1, le=3600, description="How often the board asks for news."
    )
    web_intake_url: str = Field(
        default="",
        description="Where the pages send acts; empty: this machine, HUTONG_INTAKE_PORT.",
    )
    web_keys_file: Path | None = Field(
        default=None,
        description="Keys that the pages act with: a TOML table, principal (`desk`, `dept:water`,"
        " `channel:grid`) to secret. Empty: the pages only read.",
    )
