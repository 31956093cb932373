"""What every event is: a frozen model with a head, named on the wire by its Avro full name."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import FailFast, Field

from hutong.events.fields import Head, Value

_T = TypeVar("_T")
#: Most items of a sequence. Without a bound, a record of 1 MiB holds 350,000 candidates, whose
#: faults alone would fill 200 MB.
MOST_ITEMS = 1_000
#: A sequence field: any sequence comes in, a tuple is kept. Only its first fault is told: items
#: with faults do not count towards max_length, so 350,000 of them would all be listed.
Many = Annotated[tuple[_T, ...], Field(strict=False, max_length=MOST_ITEMS), FailFast()]


class Event(Value):
    """One fact about one issue; ``avro_name``, not the Python path, names it on the wire."""

    avro_name: ClassVar[str]

    head: Head

    def to_body(self) -> dict[str, Any]:
        """The fields as plain values, as fastavro writes them."""
        return self.model_dump()

    @classmethod
    def check(cls, body: Mapping[str, Any]) -> None:
        """Hold a decoded body against the limits; pydantic.ValidationError has every fault."""
        cls.__pydantic_validator__.validate_python(body)
