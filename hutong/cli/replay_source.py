"""What a replay command reads: the log of a broker, or an archive of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from hutong.cli.ending import give_up
from hutong.cli.kafka import kafka_fault
from hutong.settings import EXIT_USAGE, read_settings

if TYPE_CHECKING:
    from confluent_kafka import KafkaException

    from hutong.promotions.packs import Packs
    from hutong.replay.source import Source

ARCHIVE = typer.Option(None, "--from-archive", metavar="DIR", help="Read an archive, no broker.")


@contextmanager
def opened_source(archive: str | None) -> Iterator[tuple["Source", "Packs"]]:
    """The log and the packs on `city`, from the archive in a folder or (None) from the broker.

    Raises ArchiveError, KafkaException, CityLogError, NoPackError. Nobody's offsets are committed.
    """
    from hutong.events.codec import default_codec
    from hutong.promotions.packs import read_packs

    codec = default_codec()
    if archive is not None:
        from hutong.replay.archive import Archive

        kept = Archive.open(Path(archive), codec)
        yield kept, read_packs(kept.city(), codec, lead_seconds=kept.manifest.city_lead_ms / 1000)
        return
    from hutong.promotions.log import CityLog
    from hutong.replay.log import Replayer
    from hutong.replay.settings import LogSettings

    settings = read_settings(LogSettings)
    access = settings.access.quietly()
    city = CityLog(access, topic=settings.projections_city)
    source = Replayer(access, settings.projections_topic, codec)
    try:
        yield source, read_packs(city, codec, lead_seconds=settings.city_lead_seconds)
    finally:
        source.close()
        city.close()


@contextmanager
def reading(archive: str | None) -> Iterator[tuple["Source", "Packs"]]:
    """The same, where whatever keeps the log from being read ends the command with its exit code.

    A log that lacks something is refused (2); one that cannot be read is a failure (1).
    """
    from confluent_kafka import KafkaException

    from hutong.kafka.issues import UnreadableError
    from hutong.promotions.log import CityLogError
    from hutong.promotions.timeline import NoPackError
    from hutong.replay.manifest import ArchiveError
    from hutong.replay.source import RangeMissingError

    try:
        with opened_source(archive) as opened:
            yield opened
    except (NoPackError, RangeMissingError) as error:
        give_up(str(error), EXIT_USAGE)
    except (ArchiveError, CityLogError, UnreadableError) as error:
        give_up(f"the log cannot be read: {error}")
    except KafkaException as error:
        give_up(log_fault(error))


def log_fault(error: "KafkaException") -> str:
    """What is wrong with the broker that has the log, and what to do."""
    from hutong.replay.settings import LogSettings

    return kafka_fault(read_settings(LogSettings).access, error)
