"""Where Kafka is, and as whom to speak to it."""

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal

Security = Literal["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"]
"""As Kafka names it. With ``sasl`` a client says who it is, with ``ssl`` nobody can listen in."""

SASL_MECHANISM: Final = "SCRAM-SHA-512"
"""The only one: the password never travels, and the broker keeps a salted hash."""


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """Brokers (``host:port,...``) and who we are there. Its text never shows the password."""

    bootstrap: str
    security: Security = "plaintext"
    user: str = ""
    password: str = field(default="", repr=False)
    ca: Path | None = None
    quiet: bool = False

    def quietly(self) -> "KafkaAccess":
        """The same for a command: its clients write nothing to the terminal by themselves.

        Errors come back to the caller all the same, who says them once and in words.
        """
        return replace(self, quiet=True)

    @property
    def uses_sasl(self) -> bool:
        """Whether we must say who we are."""
        return self.security.startswith("sasl")

    @property
    def uses_tls(self) -> bool:
        """Whether the connection is encrypted and the broker proves its name."""
        return self.security.endswith("ssl")

    def client_settings(self) -> dict[str, Any]:
        """The settings of librdkafka clients that follow from it."""
        found: dict[str, Any] = {"bootstrap.servers": self.bootstrap}
        if self.security != "plaintext":
            found["security.protocol"] = self.security
        if self.uses_sasl:
            found["sasl.mechanism"] = SASL_MECHANISM
            found["sasl.username"] = self.user
            found["sasl.password"] = self.password
        if self.uses_tls:
            found["ssl.endpoint.identification.algorithm"] = "https"
            if self.ca is not None:
                found["ssl.ca.location"] = str(self.ca)
        if self.quiet:
            found["log_level"] = 0
        return found


Brokers = str | KafkaAccess
"""What clients are made from: bare addresses mean a broker that asks nobody who they are."""
