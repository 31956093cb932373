"""The kinds of value that events are made of; their limits hold at every door."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

#: 9999-12-31T23:59:59.999Z: the last instant that every store and language can hold.
LAST_MILLIS = 253_402_300_799_999
#: Longest free text in code points. Longer is refused at every door, never cut.
TEXT_LIMIT = 10_000
SUBJECT_LIMIT = 200

UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._/:-]*$"
#: PostgreSQL text cannot hold NUL, so no event may.
_NO_NUL = r"^[^\x00]*$"

#: Matches a lower-case UUID of any version in use.
is_uuid = re.compile(UUID_PATTERN).fullmatch

Uuid = Annotated[str, StringConstraints(pattern=UUID_PATTERN)]
Millis = Annotated[int, Field(ge=0, le=LAST_MILLIS)]
Code = Annotated[str, StringConstraints(pattern=CODE_PATTERN, max_length=64)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
PackHash = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Line = Annotated[str, StringConstraints(pattern=_NO_NUL, max_length=SUBJECT_LIMIT)]
Text = Annotated[str, StringConstraints(pattern=_NO_NUL, max_length=TEXT_LIMIT)]
Minutes = Annotated[int, Field(ge=0, le=2**31 - 1)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]
Thousandths = Annotated[int, Field(ge=0, le=1000)]
Hop = Annotated[int, Field(ge=1, le=1000)]
Stars = Annotated[int, Field(ge=1, le=5)]


class Value(BaseModel):
    """Base of all parts of events: frozen, no unknown fields, no coercion."""

    # An error that ends in a log must not carry what a citizen wrote.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class Head(Value):
    """Who says what about which issue, and when. Same fields as the Avro record hutong.Head."""

    event_id: Uuid
    issue_id: Uuid
    occurred_at: Millis
    actor: Annotated[Line, Field(min_length=1)]
    area: Code | None = None
    causation_id: Uuid | None = None


class Place(Value):
    """Where it is: WGS84 degrees (both or neither) and words."""

    lon: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)] | None = None
    lat: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)] | None = None
    address: Line | None = None


class Reporter(Value):
    """Who reports, as he says it over HTTP. In no event: intake seals it."""

    name: Line | None = None
    phone: Line | None = None
    home: Line | None = None


#: A part of who reported that may be asked for.
IdentityField = Annotated[str, StringConstraints(pattern=r"^(?:name|phone|home)$")]


class Sealed(Value):
    """Something personal, encrypted: see `hutong.privacy.seal`. The box is base64url."""

    key: Code
    box: Annotated[
        str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", min_length=107, max_length=8192)
    ]


class HandledOnTheSpot(Value):
    """A patrol solved it at once."""

    result: Code
    text: Text


class Candidate(Value):
    """One duty item that the classifier thought of."""

    item: Code
    category: Code
    department: Code
    score: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class Evidence(Value):
    """One keyword that was found."""

    keyword: Line
    field: Code
    weight: Annotated[int, Field(ge=-(2**31), le=2**31 - 1)]


class ClockLength(Value):
    """How long one clock may run, in minutes of its calendar."""

    clock: Code
    minutes: Minutes
    calendar: Code


class Suspect(Value):
    """An issue that may be the same matter; metres is -1 when unknown."""

    issue_id: Uuid
    metres: Annotated[int, Field(ge=-1, le=2**31 - 1)]
    minutes: Count
    text_score: Annotated[int, Field(ge=0, le=100)]
