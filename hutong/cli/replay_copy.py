"""What commands have in common that make a copy of the read models from the log."""

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from hutong.cli.cancel import Cancel
from hutong.cli.ending import give_up
from hutong.cli.replay_progress import Shown
from hutong.settings import EXIT_INTERRUPTED, EXIT_USAGE, read_settings

if TYPE_CHECKING:
    from hutong.readmodels import Ground
    from hutong.replay.copy import How
    from hutong.replay.source import Source

WORKERS = typer.Option(
    1, "--workers", min=1, metavar="N", help="Processes; each folds partitions of its own."
)
RESUME = typer.Option(False, "--resume", help="Go on where a stopped run was, if that fits.")


@contextmanager
def making(
    archive: str | None, workers: int, resume: bool
) -> Iterator[tuple[str, "Source", "Callable[[], Ground]", "How", Cancel]]:
    """Database, log, packs and manner of making a copy. In the block Ctrl-C stops the command.

    Errors that are foreseen in the block end the command with their exit code.
    """
    from confluent_kafka import KafkaException

    from hutong.cli.replay_source import log_fault, opened_source
    from hutong.kafka.issues import UnreadableError
    from hutong.ops.garbage import collect_seldom
    from hutong.promotions.log import CityLogError
    from hutong.promotions.timeline import NoPackError
    from hutong.replay.copy import How
    from hutong.replay.dump import DumpRefusedError
    from hutong.replay.ground import CityGround
    from hutong.replay.manifest import ArchiveError
    from hutong.replay.source import RangeMissingError
    from hutong.replay.staging import RebuildRefusedError
    from hutong.replay.workers import WorkerFailedError
    from hutong.store import MigrationError, OperationalError
    from hutong.store.settings import StoreSettings

    url = read_settings(StoreSettings).database_url.get_secret_value()
    shown = Shown()
    how = How(
        workers=workers,
        opened=functools.partial(opened_source, archive),
        resume=resume,
        say=shown.say,
        watch=shown.watch,
    )
    try:
        with Cancel() as cancel, opened_source(archive) as (source, packs):
            collect_seldom()
            yield url, source, CityGround(packs), how, cancel
    except KeyboardInterrupt:
        shown.end()
        give_up(f"stopped, live is as it was{_kept(shown)}", EXIT_INTERRUPTED)
    except (
        DumpRefusedError,
        RebuildRefusedError,
        RangeMissingError,
        MigrationError,
        NoPackError,
    ) as error:
        shown.end()
        give_up(f"{error}{_kept(shown)}", EXIT_USAGE)
    except (
        UnreadableError,
        ArchiveError,
        CityLogError,
        KafkaException,
        OperationalError,
        WorkerFailedError,
    ) as error:
        shown.end()
        why = log_fault(error) if isinstance(error, KafkaException) else error
        give_up(f"it failed, live is as it was: {why}{_kept(shown)}")
    shown.end()


def _kept(shown: Shown) -> str:
    if shown.last is None or not shown.last.done:
        return ""
    return (
        f". {shown.last.done:,} records are folded and kept in the schema hutong_rebuild: the same "
        "command with --resume goes on from there, without it begins anew"
    )
