"""A copy of the read models while it is made: folded on as far as asked, by one process or more."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from hutong.readmodels import Ground, ReadModel
from hutong.readmodels.projection import Projection
from hutong.replay.lap import LAP, fold_to
from hutong.replay.progress import Progress
from hutong.replay.source import Source
from hutong.replay.staging import add_indexes, made_of, make_staging, staging, why_not_go_on
from hutong.replay.workers import Opened, fold_in_processes, shares
from hutong.store import Connection, read_offsets


@dataclass(frozen=True, slots=True)
class How:
    """How a copy is made; the rows are the same, however.

    ``opened`` opens the same log in another process: needed for more than one worker. ``resume``:
    go on with what a run that was stopped has left, where it fits. ``watch`` is told how far it is
    a few times a second, ``say`` what else there is to know.
    """

    workers: int = 1
    opened: Opened | None = None
    resume: bool = False
    say: Callable[[str], None] = lambda _: None
    watch: Callable[[Progress], None] = lambda _: None


class Copy:
    """The copy; `open_copy` makes it. ``records`` were folded by this run."""

    def __init__(
        self,
        url: str,
        connection: Connection,
        source: Source,
        ground: Callable[[], Ground],
        models: Sequence[ReadModel],
        how: How,
    ) -> None:
        self.connection = connection
        self.records = 0
        self.say = how.say
        self._url = url
        self._source = source
        self._ground = ground
        self._models = models
        self._how = how
        self._projection = Projection(connection, models, ground())
        self._start = self.position
        self._began = time.monotonic()

    @property
    def position(self) -> dict[int, int]:
        """Partition -> offset of the next record. To be asked between batches."""
        self.connection.rollback()  # of a query that Ctrl-C broke off
        found = read_offsets(self.connection)
        self.connection.commit()  # the next look is to see what workers have done meanwhile
        return found

    def fold_to(self, ends: Mapping[int, int]) -> None:
        """Fold on up to before these offsets. Less than a lap is not worth a second process."""
        position = self.position
        dealt = shares(ends, position, self._how.workers)
        few = sum(ends[p] - position.get(p, 0) for share in dealt for p in share) <= LAP
        if len(dealt) > 1 and self._how.opened is not None and not few:
            self.records += fold_in_processes(
                self._url,
                self._how.opened,
                self._models,
                ends,
                dealt,
                lambda: self._watch(self.position, ends),
            )
        self._source.seek(self.position)  # where there were workers, what is left is nothing
        for count in fold_to(self.connection, self._projection, self._source, self._ground, ends):
            self.records += count
            self._watch(self._source.position, ends)

    def finish(self) -> None:
        """Give it what live tables have besides rows: indexes, statistics."""
        add_indexes(self.connection)

    def _watch(self, position: Mapping[int, int], ends: Mapping[int, int]) -> None:
        seconds = time.monotonic() - self._began
        self._how.watch(Progress(self._start, dict(position), ends, seconds))


@contextmanager
def open_copy(
    url: str,
    live: Connection,
    source: Source,
    ground: Callable[[], Ground],
    models: Sequence[ReadModel],
    ends: Mapping[int, int],
    how: How,
) -> Iterator[Copy]:
    """Begin a copy, or go on with the one that is kept where that fits; ``how.say`` says which.

    ``ends``: as far as it will go at least. It is kept; who does not need it any more drops it.
    """
    made = made_of(source.identity, models, ground())
    why = why_not_go_on(live, made, ends) if how.resume else ""
    if not how.resume or why:
        if why:
            how.say(f"begins anew: {why}")
        make_staging(live, models, made)
    with staging(url) as connection:
        copy = Copy(url, connection, source, ground, models, how)
        if how.resume and not why:
            how.say(f"goes on from {sum(copy.position.values()):,} records")
        yield copy
