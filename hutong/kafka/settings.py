"""The settings by which a process says to Kafka who it is."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings

from hutong.kafka.access import KafkaAccess, Security


class KafkaSettings(BaseSettings):
    """Part of `hutong.settings.Settings`."""

    #: The Kafka user of this process where HUTONG_KAFKA_USER does not say; "": speaks to no Kafka.
    speaks_as: ClassVar[str] = ""

    if TYPE_CHECKING:
        kafka: str

    kafka_security: Security = Field(
        default="plaintext",
        description="`plaintext`, `ssl`, `sasl_plaintext` or `sasl_ssl`. SASL is SCRAM-SHA-512.",
    )
    kafka_user: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._@-]{0,100}$",
        description="User for SASL; default: the service's own (docs/security.md).",
    )
    kafka_password: SecretStr | None = Field(
        default=None, description="Its password; better a file."
    )
    kafka_password_file: Path | None = Field(
        default=None,
        description="File with its password, or a folder with a file for each user, by its name.",
    )
    kafka_ca: Path | None = Field(
        default=None,
        description="PEM file of the authority that signed the brokers' certificates; default: "
        "the system's.",
    )

    @model_validator(mode="after")
    def _identity(self) -> "KafkaSettings":
        with_sasl = self.kafka_security.startswith("sasl")
        given = [s for s in (self.kafka_password, self.kafka_password_file) if s is not None]
        if given and not with_sasl:
            raise ValueError(
                "a Kafka password is set, but HUTONG_KAFKA_SECURITY asks for none: say "
                "sasl_ssl (or sasl_plaintext on loopback), or unset the password"
            )
        if len(given) > 1:
            raise ValueError("set HUTONG_KAFKA_PASSWORD or HUTONG_KAFKA_PASSWORD_FILE, not both")
        if self.kafka_ca is not None and not self.kafka_ca.is_file():
            raise ValueError(f"HUTONG_KAFKA_CA: there is no file {self.kafka_ca}")
        if with_sasl and self._user:
            self._password()
        return self

    @property
    def access(self) -> KafkaAccess:
        """Where Kafka is and who we are there."""
        if not self.kafka_security.startswith("sasl"):
            return KafkaAccess(self.kafka, self.kafka_security, ca=self.kafka_ca)
        return KafkaAccess(
            self.kafka, self.kafka_security, self._user, self._password(), self.kafka_ca
        )

    @property
    def _user(self) -> str:
        return self.kafka_user or self.speaks_as

    def _password(self) -> str:
        """ValueError that says what to do where there is none."""
        if self.kafka_password is not None:
            return self.kafka_password.get_secret_value()
        path = self.kafka_password_file
        if path is None:
            raise ValueError(
                f"HUTONG_KAFKA_SECURITY is {self.kafka_security}, so HUTONG_KAFKA_PASSWORD_FILE "
                f"must name the file with the password of the user {self._user!r}"
            )
        if path.is_dir():
            path = path / self._user
        try:
            password = path.read_text("utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
            raise ValueError(
                f"HUTONG_KAFKA_PASSWORD_FILE: {path} with the password of {self._user!r} "
                f"cannot be read: {why}"
            ) from None
        if not password:
            raise ValueError(f"HUTONG_KAFKA_PASSWORD_FILE: {path} is empty")
        return password
