"""Partitions folded by several processes at once.

An issue lives in one partition, so its states and rows have one writer. Rows that add up over
issues have several: each adds what its own issues come to, under the row's lock, as two live
projectors do; an addition gives the same in whatever order.
"""

import multiprocessing
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from multiprocessing.context import SpawnProcess
from typing import Any, Final, TypeAlias

from confluent_kafka import KafkaException

from hutong.kafka.issues import UnreadableError
from hutong.ops.garbage import collect_seldom
from hutong.promotions.log import CityLogError
from hutong.promotions.packs import CityUnconfirmedError, Packs
from hutong.promotions.timeline import NoPackError
from hutong.readmodels import ReadModel, all_models
from hutong.readmodels.projection import Projection
from hutong.replay.ground import CityGround
from hutong.replay.lap import fold_to
from hutong.replay.manifest import ArchiveError
from hutong.replay.source import Source
from hutong.replay.staging import staging
from hutong.store import FencedError, OperationalError, read_offsets

#: Opens the log and its packs in another process, so it must be picklable.
Opened: TypeAlias = Callable[[], AbstractContextManager[tuple[Source, Packs]]]

_FORESEEN: Final = (
    ArchiveError,
    CityLogError,
    CityUnconfirmedError,
    FencedError,
    KafkaException,
    NoPackError,
    OperationalError,
    UnreadableError,
)
#: One batch, and then some.
_PATIENCE: Final = 30.0
_LOOK: Final = 0.5


class WorkerFailedError(Exception):
    """A process could not go on; the message is what it said."""


def shares(ends: Mapping[int, int], position: Mapping[int, int], workers: int) -> list[set[int]]:
    """The partitions with anything left, dealt out: the longest first, to who has least."""
    left = {p: end - position.get(p, 0) for p, end in ends.items()}
    dealt: list[set[int]] = [set() for _ in range(workers)]
    loads = [0] * workers
    for partition in sorted((p for p in left if left[p] > 0), key=lambda p: (-left[p], p)):
        least = loads.index(min(loads))
        dealt[least].add(partition)
        loads[least] += left[partition]
    return [share for share in dealt if share]


def fold_in_processes(
    url: str,
    opened: Opened,
    models: Sequence[ReadModel],
    ends: Mapping[int, int],
    dealt: Sequence[set[int]],
    look: Callable[[], None],
) -> int:
    """Fold the log into the copy up to these ends, one process for each share; records folded.

    ``look`` is called now and then. Whatever ends this, Ctrl-C too, ends the processes after the
    batch that they have at hand. Raises WorkerFailedError.
    """
    names = [model.name for model in models]
    running: dict[Pipe, SpawnProcess] = {}
    count = 0
    try:
        for share in dealt:
            own = {p: ends[p] for p in share}
            pipe, process = _start(url, opened, names, own)
            running[pipe] = process
        while running:
            ready = wait(list(running), _LOOK)
            for pipe in [each for each in running if each in ready]:
                count += _result(pipe, running[pipe])
                running.pop(pipe).join()
                pipe.close()
            look()
        return count
    finally:
        for pipe in running:
            pipe.close()  # they look at it after every batch
        for process in running.values():
            process.join(_PATIENCE)
            process.kill()
        look()  # what is kept is told


def _start(
    url: str, opened: Opened, names: list[str], ends: Mapping[int, int]
) -> tuple[Pipe, SpawnProcess]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, url, opened, names, ends))
    # Ctrl-C goes to all of a terminal's processes; only this one is to answer it.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    theirs.close()  # so that the end of either process is seen by the other
    return ours, process


def _result(pipe: Pipe, process: SpawnProcess) -> int:
    try:
        said: Any = pipe.recv()
    except EOFError:
        process.join()
        raise WorkerFailedError(f"a worker ended with exit code {process.exitcode}") from None
    if isinstance(said, str):
        raise WorkerFailedError(said)
    return int(said)


def _work(pipe: Pipe, url: str, opened: Opened, names: list[str], ends: Mapping[int, int]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    models = [model for model in all_models() if model.name in names]
    said: int | str
    try:
        with opened() as (source, packs), staging(url) as connection:
            ground = CityGround(packs)
            projection = Projection(connection, models, ground())
            source.seek(read_offsets(connection))
            collect_seldom()
            count = 0
            for batch in fold_to(connection, projection, source, ground, ends):
                count += batch
                if pipe.poll():  # it says nothing, so it has gone
                    return
            said = count
    except _FORESEEN as error:
        said = str(error)
    with suppress(BrokenPipeError):  # who asked has gone, which is what ends a stopped run
        pipe.send(said)
