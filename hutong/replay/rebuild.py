"""Read models made anew from the log beside the live ones, compared, and put in their place.

The rows are built in a schema of their own while live projections go on. Near the end the live
offsets are locked, so live stands still; the rebuild reads on to exactly those offsets, compares
and swaps in the same transaction. Readers see the old rows until it commits and the new ones after.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import sql
from psycopg.errors import DeadlockDetected, DependentObjectsStillExist, LockNotAvailable

from hutong.readmodels import Ground, ReadModel, Table, all_models
from hutong.readmodels.ground import PACK
from hutong.readmodels.projection import STATES, versions
from hutong.replay.compare import Comparison, compare
from hutong.replay.copy import Copy, How, open_copy
from hutong.replay.rights import Rights
from hutong.replay.source import Source
from hutong.replay.staging import STAGING, RebuildRefusedError, alone, drop_staging
from hutong.store import (
    SCHEMA,
    Connection,
    connect,
    read_built,
    read_offsets,
    require_migrated,
    write_built,
)

#: Live may stand still for about as long as this many records take (a second).
_LAST_LAP: Final = 10_000
#: Longest wait for readers to let go of a table; they use seconds at most.
_SWAP_SECONDS: Final = 60.0
_AT_ONCE_SECONDS: Final = 3.0
_LOCK_TIMEOUT: Final = "5s"
_LOCK_AGAIN: Final = 0.02


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What came of it. ``offsets`` is the place in `issues` that both copies stand at.

    ``records`` and ``seconds`` are those of this run, without what an earlier one left.
    ``still_seconds`` of the time live had to wait, most of it for the comparison.
    """

    comparisons: tuple[Comparison, ...]
    offsets: Mapping[int, int]
    records: int
    seconds: float
    still_seconds: float
    swapped: bool

    @property
    def is_equal(self) -> bool:
        """Whether live was what the log says."""
        return not any(comparison.differing for comparison in self.comparisons)


def rebuild(
    url: str,
    source: Source,
    ground: Callable[[], Ground],
    *,
    models: Sequence[str] | None = None,
    dry_run: bool = False,
    only_if_equal: bool = False,
    how: How | None = None,
    too_late: Callable[[], None] = lambda: None,
) -> RebuildReport:
    """Rebuild the named read models, or (None) all of them and the states.

    ``ground`` is asked for the packs again and again, as they may grow while it runs. A dry run
    compares and throws the copy away. ``only_if_equal`` swaps nothing when there are
    differences. ``too_late`` is called when it can be stopped no more, before the tables are
    swapped. Raises RebuildRefusedError, RangeMissingError, UnreadableError, MigrationError,
    WorkerFailedError.

    Whatever is raised, Ctrl-C too: live is as it was, and the copy is kept for a run that resumes.
    """
    how = how or How()
    chosen = chosen_models(models)
    tables = [table for model in chosen for table in model.tables]
    if models is None:
        tables.insert(0, STATES)
    with connect(url) as live, alone(live):
        require_migrated(live)
        first = ground()
        _require_same_ground(live, versions(chosen) | _parts(first), everything=models is None)
        ends = _offsets(live)
        source.require(ends)
        with open_copy(url, live, source, ground, chosen, ends, how) as copy:
            report = _run(live, copy, tables, dry_run, only_if_equal, too_late)
        if report.swapped:
            made = versions(chosen)
            kept = made if models is None else {name: made[name] for name in models}
            write_built(live, kept | _parts(ground()))
        live.commit()
        drop_staging(live)
        return report


def _run(
    live: Connection,
    copy: Copy,
    tables: Sequence[Table],
    dry_run: bool,
    only_if_equal: bool,
    too_late: Callable[[], None],
) -> RebuildReport:
    start = time.monotonic()
    _catch_up(live, copy)
    if not dry_run:
        copy.finish()
        _catch_up(live, copy)
    live.execute("LOCK TABLE projection_offset IN EXCLUSIVE MODE")
    still = time.monotonic()
    ends = read_offsets(live)
    what = "the comparison" if dry_run else "the comparison and swap"
    copy.say(f"live stands still for the last lap and {what}")
    copy.fold_to(ends)
    seconds = time.monotonic() - start
    comparisons = tuple(compare(live, table, SCHEMA, STAGING) for table in tables)
    equal = not any(comparison.differing for comparison in comparisons)
    swapped = not dry_run and (equal or not only_if_equal)
    if swapped:
        too_late()
        _swap(live, tables)
    still_seconds = time.monotonic() - still
    copy.say(f"live stood still for {still_seconds:.1f} s")
    return RebuildReport(comparisons, ends, copy.records, seconds, still_seconds, swapped)


def _catch_up(live: Connection, copy: Copy) -> None:
    while _left(ends := _offsets(live), copy.position) > _LAST_LAP:
        copy.fold_to(ends)


def chosen_models(names: Sequence[str] | None) -> list[ReadModel]:
    """Those with these names, or (None) all; RebuildRefusedError names what there is not."""
    known = {model.name: model for model in all_models()}
    if unknown := [name for name in names or () if name not in known]:
        raise RebuildRefusedError(
            f"no read model {', '.join(unknown)}; there are {', '.join(known)}"
        )
    return [model for model in known.values() if names is None or model.name in names]


def _require_same_ground(live: Connection, made: Mapping[str, str], *, everything: bool) -> None:
    """Some models alone may only be swapped in when they stand on what the others stand on."""
    built = read_built(live)
    live.commit()
    changed = [
        part
        for part, version in made.items()
        if (part == "fold" or part.startswith(PACK)) and built.get(part, version) != version
    ]
    if changed and not everything:
        raise RebuildRefusedError(
            f"{' and '.join(changed)} changed since the other tables were made: use --all"
        )


def _parts(ground: Ground) -> dict[str, str]:
    return ground.first | ground.later


def _offsets(live: Connection) -> dict[int, int]:
    offsets = read_offsets(live)
    live.commit()  # the next look is to see what live has done meanwhile
    return offsets


def _left(ends: Mapping[int, int], position: Mapping[int, int]) -> int:
    return sum(end - position.get(partition, 0) for partition, end in ends.items())


def _swap(live: Connection, tables: Sequence[Table]) -> None:
    _lock_all(live, tables)
    for table in tables:
        old, new = sql.Identifier(SCHEMA, table.name), sql.Identifier(STAGING, table.name)
        rights = Rights.of(live, SCHEMA, table.name)
        try:
            live.execute(sql.SQL("DROP TABLE {}").format(old))
        except DependentObjectsStillExist as error:
            why = error.diag.message_detail
            raise RebuildRefusedError(f"{table.name} cannot be replaced: {why}") from error
        live.execute(sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(new, sql.Identifier(SCHEMA)))
        rights.give(live, SCHEMA, table.name)


def _lock_all(live: Connection, tables: Sequence[Table]) -> None:
    """Lock every table, or none and try again: a reader that has read one table and wants the next,
    while we had that and waited for the first, would be a deadlock (fault F24).

    Only what does not let go by itself (autovacuum does when somebody waits) is waited for.
    """
    names = sql.SQL(", ").join(sql.Identifier(SCHEMA, table.name) for table in tables)
    lock = sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(names)
    live.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(_LOCK_TIMEOUT)))
    start = time.monotonic()
    while True:
        nowait = time.monotonic() < start + _AT_ONCE_SECONDS
        try:
            with live.transaction():
                live.execute(lock + sql.SQL(" NOWAIT") if nowait else lock)
        except (LockNotAvailable, DeadlockDetected):
            if time.monotonic() > start + _SWAP_SECONDS:
                raise
            time.sleep(_LOCK_AGAIN)
        else:
            return
