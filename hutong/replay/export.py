"""The log written to an archive: what an auditor needs, and what a city is restored from.

`issues`, `city` and `dead-letters` with timestamps and headers, and every blob that they name by
hash. Each topic is read up to the end that it had at the start. The folder gets its name when all
is written, so half an archive never looks like one.
"""

import contextlib
import hashlib
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from confluent_kafka import Consumer

from hutong.city.archive import ArchiveError as PackError
from hutong.city.archive import read_departments
from hutong.events.codec import Codec
from hutong.events.topics import CITY, DEAD_LETTERS, ISSUES, load_topics
from hutong.kafka import consumer_config
from hutong.kafka.access import Brokers
from hutong.kafka.acls import REPLAY_GROUPS
from hutong.kafka.issues import KeptRecord, kept_record
from hutong.kafka.lag import topic_ends
from hutong.kafka.read import read_ranges
from hutong.media import MediaStore
from hutong.promotions.reading import CityRecord, RefusedPromotionError, read_promotion
from hutong.promotions.timeline import Promotion
from hutong.replay.manifest import FILE, PHOTO, Blob, Manifest, Part, Segment
from hutong.replay.segments import write_segment

TOPICS: Final = (ISSUES, CITY, DEAD_LETTERS)
_SEGMENT: Final = 50_000
"""Records in one file: about 10 MB, and 100 MB of memory while it is written."""
_FETCH: Final = 5_000


class ExportRefusedError(Exception):
    """It cannot be done like this; the message says why and what to do."""


def export(
    kafka: Brokers,
    folder: Path,
    codec: Codec,
    *,
    city_lead_ms: int,
    now: int,
    topics: Mapping[str, str] | None = None,
    photos: MediaStore | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Manifest:
    """Write an archive into a folder that is not there yet.

    ``topics``: name in the archive -> topic, where they are called otherwise (tests). ``photos``:
    the store of which all is kept. Raises ExportRefusedError, KafkaException, MediaDownError, and
    OSError (disk full): then nothing is left of it.
    """
    if folder.exists():
        raise ExportRefusedError(f"{folder} is there already: name a new folder")
    names = topics or {name: name for name in TOPICS}
    bounds = topic_ends(kafka, names.values())
    half = folder.with_name(f"{folder.name}.part-{secrets.token_hex(4)}")
    try:
        half.mkdir(parents=True)
        parts = {
            name: _write_topic(kafka, half, name, topic, bounds, say)
            for name, topic in names.items()
        }
        promotions = list(_promotions(kafka, names[CITY], bounds, codec))
        packs = [_keep(half, each.archive, f"pack {each.pack}") for each in promotions]
        blobs = [*_schemas(half), *packs, *_photos(photos, half, say)]
        manifest = Manifest(
            made_at=now,
            software=version("hutong"),
            city_lead_ms=city_lead_ms,
            topics=parts,
            blobs=tuple(sorted(set(blobs), key=lambda blob: (blob.what, blob.sha256))),
            ends=_ends(kafka, promotions),
        )
        (half / FILE).write_text(manifest.to_json(), "utf-8")
        half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    return manifest


_Bounds = Mapping[tuple[str, int], tuple[int, int]]


def _write_topic(
    kafka: Brokers, half: Path, name: str, topic: str, bounds: _Bounds, say: Callable[[str], None]
) -> tuple[Part, ...]:
    ours = {place: bound for place, bound in bounds.items() if place[0] == topic}
    if not ours:
        raise ExportRefusedError(f"there is no topic {topic}: see `hutong topics create`")
    for (_, partition), (start, _) in ours.items():
        if start > 0:
            raise ExportRefusedError(
                f"{topic} is not whole: partition {partition}: offsets 0 to {start - 1} are gone"
            )
    segments: dict[int, list[Segment]] = {partition: [] for _, partition in ours}
    buffers: dict[int, list[KeptRecord]] = {partition: [] for _, partition in ours}
    count = 0

    def flush(partition: int) -> None:
        if buffers[partition]:
            segments[partition].append(write_segment(half, name, buffers[partition]))
            buffers[partition] = []

    for kept in _read(kafka, ours):
        buffers[kept.partition].append(kept)
        count += 1
        if len(buffers[kept.partition]) >= _SEGMENT:
            flush(kept.partition)
            say(f"{name}: {count} records")
    for partition in buffers:
        flush(partition)
    say(f"{name}: {count} records, all")
    return tuple(
        Part(p, start, end, sum(s.records for s in segments[p]), tuple(segments[p]))
        for (_, p), (start, end) in sorted(ours.items())
    )


def _read(kafka: Brokers, bounds: _Bounds) -> Iterator[KeptRecord]:
    group = f"{REPLAY_GROUPS}{secrets.token_hex(4)}"  # librdkafka wants a name, even unused
    consumer: Any = Consumer(consumer_config(kafka, group, enable_partition_eof=True))
    try:
        for messages in read_ranges(consumer, bounds, most=_FETCH):
            for message in messages:
                yield kept_record(message)
    finally:
        consumer.close()


def _schemas(half: Path) -> Iterator[Blob]:
    """Every schema that this program knows, so that the archive is read without it."""
    root = files("hutong_schemas")
    for context in sorted(entry.name for entry in root.iterdir() if entry.is_dir()):
        for path in sorted(Path(str(root / context)).rglob("*.avsc")):
            name = f"{context}/{path.relative_to(Path(str(root / context))).as_posix()}"
            yield _keep(half, path.read_bytes(), f"schema {name}")
    for name in ("ids.lock", "topics.toml"):
        yield _keep(half, (root / name).read_bytes(), name)


def _photos(store: MediaStore | None, half: Path, say: Callable[[str], None]) -> Iterator[Blob]:
    if store is None:
        say("no photo store is set (HUTONG_MEDIA_DIR): photos are not kept")
        return
    count = 0
    for stored in store.all():
        content = store.get(stored.sha256)
        if content is None:
            continue  # swept meanwhile: no event names it
        if hashlib.sha256(content).hexdigest() != stored.sha256:
            say(f"photo {stored.sha256} is damaged in its store and is not kept")
            continue
        count += 1
        yield _keep(half, content, PHOTO)
    say(f"{count} photos")


def _ends(kafka: Brokers, promotions: Sequence[Promotion]) -> dict[str, dict[int, int]]:
    """Of the topics of every pack that were not archived, as far as they are there."""
    departments: set[str] = set()
    for each in promotions:
        with contextlib.suppress(PackError):  # a pack that nobody could use
            departments |= set(read_departments(each.archive))
    others = [topic.name for topic in load_topics(sorted(departments)) if topic.name not in TOPICS]
    found: dict[str, dict[int, int]] = {}
    for (topic, partition), (_, end) in topic_ends(kafka, others).items():
        found.setdefault(topic, {})[partition] = end
    return found


def _promotions(kafka: Brokers, topic: str, bounds: _Bounds, codec: Codec) -> Iterator[Promotion]:
    ours = {place: bound for place, bound in bounds.items() if place[0] == topic}
    for kept in _read(kafka, ours):
        record = CityRecord(kept.offset, kept.timestamp, kept.key, kept.value, kept.headers)
        try:
            yield read_promotion(codec, record)
        except RefusedPromotionError:
            continue  # it is in the segment; it promoted nothing


def _keep(half: Path, content: bytes, what: str) -> Blob:
    digest = hashlib.sha256(content).hexdigest()
    path = half / "blobs" / digest
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content)
    return Blob(digest, what)
