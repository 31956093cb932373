"""`hutong restore`: a wiped city back from an archive."""

from pathlib import Path

import typer

from hutong.cli.ending import give_up
from hutong.cli.kafka import kafka_reached
from hutong.settings import EXIT_USAGE, read_settings


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("restore")(restore)


def restore(
    folder: Path = typer.Argument(metavar="DIR", help="An archive of `hutong replay export`."),
    margin: int = typer.Option(
        10_000, "--margin", min=0, help="Places per partition left for what the archive missed."
    ),
) -> None:
    """Bring a whole city back from an archive, onto a broker that holds none of it.

    Makes the topics; puts `issues`, `city` and `dead-letters` back with their offsets, keys,
    headers and times, and photos into their store. The other topics begin after every place that
    was ever given out, so no receipt names two reports. Then start the stack on an empty database:
    projections make the read models anew. Asks for the Kafka user break-glass. docs/backup.md says
    what else to keep.

    Exit code 0: restored. 1: it failed half-way: delete the topics and begin again. 2: refused,
    nothing was written.

    Example: hutong restore /backup/2026-12-01
    """
    from hutong.cli.topics import OperatorSettings
    from hutong.events.codec import default_codec
    from hutong.kafka.admin import TopicsError
    from hutong.kafka.send import NotConfirmedError
    from hutong.media import MediaDownError
    from hutong.media.settings import MediaSettings
    from hutong.replay.archive import Archive
    from hutong.replay.manifest import ArchiveError
    from hutong.restore.records import MisplacedError
    from hutong.restore.restore import RestoreRefusedError
    from hutong.restore.restore import restore as run

    codec = default_codec()
    access = read_settings(OperatorSettings).access.quietly()
    photos = read_settings(MediaSettings).media
    try:
        archive = Archive.open(folder, codec)
        with kafka_reached(access):
            report = run(
                access,
                archive,
                codec,
                photos=photos,
                margin=margin,
                say=lambda line: typer.echo(line, err=True),
            )
    except (RestoreRefusedError, TopicsError) as error:
        give_up(str(error), EXIT_USAGE)
    except ArchiveError as error:
        give_up(f"the archive cannot be used: {error}")
    except (MisplacedError, NotConfirmedError, MediaDownError) as error:
        give_up(f"it failed half-way: {error}. Delete the topics and begin again")
    typer.echo(
        f"{report.records} records and {report.photos} photos are back, {report.topics} topics are "
        "there. Start the stack, then `hutong replay verify`."
    )
