"""What a read model is: tables, and a pure function from a step of an issue's life to changes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from hutong.issue.fold import Step
from hutong.readmodels.facts import CityFacts


class Mode(StrEnum):
    """What a change does to the row with its key."""

    #: The row becomes the change's values; a change without values deletes it.
    UPSERT = "upsert"
    #: The values are added; a row whose values are all zero is deleted. Values are whole numbers.
    SUM = "sum"


@dataclass(frozen=True, slots=True)
class Table:
    """A table as its migration made it: column -> PostgreSQL type, key columns first."""

    name: str
    mode: Mode
    key: Mapping[str, str]
    values: Mapping[str, str]

    @property
    def columns(self) -> Mapping[str, str]:
        """All columns with their types, in the table's order."""
        return {**self.key, **self.values}


class Change(NamedTuple):
    """One change to one row; key and values in the order of the table's columns.

    ``values`` is None where the row of an UPSERT table is to go; it need not be there.
    """

    table: str
    key: tuple[Any, ...]
    values: tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class ReadModel:
    """A read model. ``version`` counts up whenever the same log would give other rows.

    ``changes`` is pure. It is called for every step, once, in the order of each issue's life;
    several steps of one record come one after the other.

    ``of_state`` promises more: ``changes`` looks at nothing but the issue's state before and after
    an applied step. Then the steps that an issue makes in one batch may be taken as one.
    """

    name: str
    version: int
    tables: tuple[Table, ...]
    changes: Callable[[Step, CityFacts], Iterable[Change]]
    of_state: bool = False
