"""`hutong replay export`: the log as an archive of Parquet files."""

import time
from pathlib import Path

import typer

from hutong.cli.ending import give_up
from hutong.cli.replay_source import log_fault
from hutong.settings import EXIT_USAGE, read_settings


def register(replay: typer.Typer) -> None:
    """Add the command of this module to `hutong replay`."""
    replay.command("export")(export)


def export(
    folder: Path = typer.Argument(metavar="DIR", help="A folder that is not there yet."),
) -> None:
    """Write the log to an archive: `issues`, `city`, `dead-letters`, schemas, packs and photos.

    Each topic up to the end that it had at the start, with timestamps and headers, as Parquet files
    whose digests stand in manifest.json. The other replay commands read it with --from-archive,
    DuckDB with `SELECT * FROM 'DIR/issues/*.parquet'`; `hutong restore` makes a city from it.

    Exit code 0: written. 1: the log cannot be read. 2: refused, or there is no room; then nothing
    is left of it.
    """
    from confluent_kafka import KafkaException

    from hutong.events.codec import default_codec
    from hutong.media import MediaDownError
    from hutong.media.settings import MediaSettings
    from hutong.replay.export import TOPICS, ExportRefusedError
    from hutong.replay.export import export as run
    from hutong.replay.settings import LogSettings

    settings = read_settings(LogSettings)
    photos = read_settings(MediaSettings).media
    topics = {name: name for name in TOPICS} | {
        "issues": settings.projections_topic,
        "city": settings.projections_city,
    }
    try:
        manifest = run(
            settings.access.quietly(),
            folder,
            default_codec(),
            city_lead_ms=settings.city_lead_ms,
            now=time.time_ns() // 1_000_000,
            topics=topics,
            photos=photos,
            say=lambda line: typer.echo(line, err=True),
        )
    except ExportRefusedError as error:
        give_up(str(error), EXIT_USAGE)
    except MediaDownError as error:
        give_up(f"the photo store does not answer: {error}")
    except OSError as error:
        give_up(f"{folder} cannot be written: {error.strerror}", EXIT_USAGE)
    except KafkaException as error:
        give_up(log_fault(error))
    typer.echo(f"{manifest.records} records and {len(manifest.blobs)} blobs in {folder}")
