"""Settings of the tools that read dead letters."""

from typing import ClassVar

from hutong.kafka.acls import REDRIVE, REPLAY
from hutong.settings import Settings


class DeadLetterSettings(Settings):
    """Variables start with HUTONG_."""

    speaks_as: ClassVar[str] = REPLAY


class RedriveSettings(Settings):
    """Of a person who may speak for every sender once more. Variables start with HUTONG_."""

    speaks_as: ClassVar[str] = REDRIVE
