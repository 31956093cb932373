"""Settings of the tools that read dead letters."""

from typing import ClassVar

from hutong.kafka.acls import REPLAY
from hutong.settings import Settings


class DeadLetterSettings(Settings):
    """Variables start with HUTONG_."""

    speaks_as: ClassVar[str] = REPLAY
