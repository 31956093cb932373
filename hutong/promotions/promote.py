"""Writing a promotion to `city`."""

from collections.abc import Mapping

from hutong.city import city_from_files
from hutong.city.archive import write_archive
from hutong.events.city import CityPackPromoted
from hutong.events.codec import Codec
from hutong.events.fields import Head
from hutong.events.headers import CE_TYPE
from hutong.events.ids import new_id
from hutong.events.topics import CITY
from hutong.kafka.access import Brokers
from hutong.kafka.send import OutRecord, send_confirmed
from hutong.promotions.log import read_timeline
from hutong.promotions.timeline import Promotion

_MOST_NAME = 200


def promotion_record(
    codec: Codec, files: Mapping[str, bytes], *, name: str, actor: str, effective_at: int, now: int
) -> OutRecord:
    """The record that promotes a pack. CityError or ArchiveError when it cannot be one."""
    city = city_from_files(files)
    event_id = new_id()
    event = CityPackPromoted(
        head=Head(event_id=event_id, issue_id=event_id, occurred_at=now, actor=actor),
        pack=city.hash,
        effective_at=effective_at,
        name=(name or city.name_zh)[:_MOST_NAME],
        content=write_archive(files),
    )
    headers = {CE_TYPE: CityPackPromoted.avro_name}
    return OutRecord(CITY, city.hash.encode(), codec.encode(event), headers)


def promote(
    kafka: Brokers,
    codec: Codec,
    files: Mapping[str, bytes],
    *,
    actor: str,
    effective_at: int,
    lead_ms: int,
    now: int,
    name: str = "",
) -> tuple[Promotion, int]:
    """Promote a pack, and read back from `city` what was promoted and from when it is in force.

    Raises CityError and ArchiveError before, NotConfirmedError and KafkaException while writing.
    """
    record = promotion_record(
        codec, files, name=name, actor=actor, effective_at=effective_at, now=now
    )
    send_confirmed(kafka, [record])
    event_id = codec.decode(record.value).body["head"]["event_id"]
    timeline = read_timeline(kafka, codec, lead_ms)
    written = next(p for p in timeline if p.event_id == event_id)
    return written, timeline.since(written)


def promote_base(
    kafka: Brokers, codec: Codec, files: Mapping[str, bytes], *, lead_ms: int, now: int
) -> Promotion | None:
    """Promote a pack as the first one; None when `city` has one already.

    Two starters at once may both do it: the same pack twice is the same pack.
    """
    if len(read_timeline(kafka, codec, lead_ms)):
        return None
    written, _ = promote(
        kafka,
        codec,
        files,
        actor="administrator:topics-create",
        effective_at=now,
        lead_ms=lead_ms,
        now=now,
    )
    return written
