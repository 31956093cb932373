"""From a record of `city` to a promotion and its pack. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from hutong.city import City, CityError, city_from_files
from hutong.city.archive import ArchiveError, read_archive
from hutong.events.city import CityPackPromoted
from hutong.events.codec import Codec, UndecodableError
from hutong.events.headers import CE_TYPE, RawHeaders, read_headers
from hutong.promotions.timeline import Promotion


class RefusedPromotionError(Exception):
    """A record of `city` that promotes nothing; what was in force stays in force."""


@dataclass(frozen=True, slots=True)
class CityRecord:
    """A record of `city` as it was fetched; ``appended_at`` in milliseconds UTC."""

    offset: int
    appended_at: int
    key: bytes | None
    value: bytes | None
    headers: RawHeaders


def read_promotion(codec: Codec, record: CityRecord) -> Promotion:
    """What a record promotes; RefusedPromotionError when it is no promotion."""
    try:
        decoded = codec.decode(record.value)
        codec.check(decoded)
        headers: Mapping[str, str] = read_headers(record.headers)
    except (UndecodableError, ValueError) as error:
        raise RefusedPromotionError(str(error)) from error
    name = decoded.schema.name
    body = decoded.body
    if name != CityPackPromoted.avro_name or headers.get(CE_TYPE) != name:
        raise RefusedPromotionError(f"a {name} may not be on city, or its {CE_TYPE} says otherwise")
    if record.key != body["pack"].encode():
        raise RefusedPromotionError("the key is not the hash of the pack")
    return Promotion(
        offset=record.offset,
        event_id=body["head"]["event_id"],
        pack=body["pack"],
        name=body["name"],
        actor=body["head"]["actor"],
        appended_at=record.appended_at,
        effective_at=body["effective_at"],
        archive=body["content"],
    )


def city_of(promotion: Promotion) -> City:
    """The pack that it promotes; RefusedPromotionError when that cannot be used."""
    try:
        return city_from_files(read_archive(promotion.archive, promotion.pack))
    except ArchiveError as error:
        raise RefusedPromotionError(str(error)) from error
    except CityError as error:
        count = len(error.faults)
        raise RefusedPromotionError(
            f"the pack has {count} fault{'s' * (count != 1)}, the first: {error.faults[0]}"
        ) from error
