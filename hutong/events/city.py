"""What administrators promote."""

from typing import ClassVar

from hutong.events.base import Event
from hutong.events.fields import (
    Line,
    Millis,
    PackHash,
)


class CityPackPromoted(Event):
    """A city pack comes into force."""

    avro_name: ClassVar[str] = "hutong.city.CityPackPromoted"

    pack: PackHash
    effective_at: Millis
    name: Line
    content: bytes
