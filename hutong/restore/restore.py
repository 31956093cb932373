"""The order of things when a city is restored. What can be refused is refused before any write."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from confluent_kafka import KafkaError, KafkaException

from hutong.city.archive import ArchiveError as PackError
from hutong.city.archive import read_departments
from hutong.events.codec import Codec
from hutong.events.topics import DEAD_LETTERS, ISSUES, TopicCatalogue, load_topics
from hutong.kafka.access import Brokers
from hutong.kafka.admin import create_topics
from hutong.kafka.lag import topic_ends
from hutong.media import MediaStore
from hutong.promotions.reading import RefusedPromotionError, read_promotion
from hutong.replay.archive import Archive
from hutong.replay.export import TOPICS
from hutong.replay.manifest import PHOTO
from hutong.restore.places import begin_after, floors_of
from hutong.restore.records import put_back

_LEADER_SECONDS: Final = 60.0
_LOOK_EVERY: Final = 0.2
_NO_LEADER: Final = frozenset(
    {
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError._UNKNOWN_PARTITION,
        KafkaError._UNKNOWN_TOPIC,
    }
)


class RestoreRefusedError(Exception):
    """It cannot be done like this; nothing was written; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What was put back. ``passed_over``: places that no new record gets."""

    records: int
    photos: int
    passed_over: int
    topics: int


def restore(
    kafka: Brokers,
    archive: Archive,
    codec: Codec,
    *,
    photos: MediaStore | None,
    margin: int,
    say: Callable[[str], None] = lambda _: None,
) -> RestoreReport:
    """Put an archive back on a broker whose `issues`, `city` and `dead-letters` are empty.

    Every file is held against its digest first. Raises RestoreRefusedError, ArchiveError,
    TopicsError, MediaDownError, and as `put_back`.
    """
    kept_photos = [blob for blob in archive.manifest.blobs if blob.what == PHOTO]
    if kept_photos and photos is None:
        raise RestoreRefusedError(
            f"the archive holds {len(kept_photos)} photos: set HUTONG_MEDIA_DIR (or S3) first"
        )
    _require_whole(archive, say)
    catalogue = _catalogue(archive, codec)
    _require_empty(kafka)
    create_topics(kafka, catalogue)
    _await_leaders(kafka, catalogue)
    _require_empty(kafka)
    floors = floors_of(
        archive.manifest.ends,
        archive.records(ISSUES),
        archive.records(DEAD_LETTERS),
        margin=margin,
    )
    passed = begin_after(kafka, floors)
    say(f"{passed} places of {len(floors)} partitions are passed over")
    count = 0
    for topic in TOPICS:
        made_at = archive.manifest.made_at
        put = put_back(kafka, topic, archive.records(topic), made_at=made_at)
        say(f"{topic}: {put} records")
        count += put
    for blob in kept_photos:
        assert photos is not None
        photos.put(blob.sha256, archive.blob(blob))
    return RestoreReport(count, len(kept_photos), passed, len(catalogue))


def _require_whole(archive: Archive, say: Callable[[str], None]) -> None:
    """Every segment and blob as it was written, and no offset without its record: only then do
    records get the offsets that they had."""
    for topic in TOPICS:
        for part in archive.manifest.topics.get(topic, ()):
            if part.first != 0 or part.records != part.end:
                raise RestoreRefusedError(
                    f"{topic}, partition {part.partition}: {part.records} records from offset "
                    f"{part.first} to {part.end}: they would not get the offsets that they had"
                )
        say(f"{topic}: {sum(1 for _ in archive.records(topic))} records are whole")
    for blob in archive.manifest.blobs:
        archive.blob(blob)


def _catalogue(archive: Archive, codec: Codec) -> TopicCatalogue:
    """With the departments of every pack that was ever promoted."""
    departments: set[str] = set()
    for record in archive.city().read_on():
        try:
            departments |= set(read_departments(read_promotion(codec, record).archive))
        except (RefusedPromotionError, PackError):
            continue  # it promoted nothing
    return load_topics(sorted(departments))


def _await_leaders(kafka: Brokers, catalogue: TopicCatalogue) -> None:
    """A topic that was made a moment ago has no leader yet, and nobody tells its ends."""
    names = [topic.name for topic in catalogue]
    partitions = sum(topic.partitions for topic in catalogue)
    until = time.monotonic() + _LEADER_SECONDS
    while time.monotonic() < until:
        try:
            if len(topic_ends(kafka, names)) == partitions:
                return
        except KafkaException as error:
            if not error.args[0].retriable() and error.args[0].code() not in _NO_LEADER:
                raise
        time.sleep(_LOOK_EVERY)
    raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "topics that were made have no leader"))


def _require_empty(kafka: Brokers) -> None:
    held = {place: end for place, (_, end) in topic_ends(kafka, TOPICS).items() if end}
    if held:
        (topic, partition), end = next(iter(held.items()))
        raise RestoreRefusedError(
            f"{topic}, partition {partition} has had {end} records: a city is restored into empty "
            "topics only. Delete them (as break-glass), or name another cluster"
        )
