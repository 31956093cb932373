"""Read models made anew from the log beside the live ones, compared, and put in their place.

The rows are built in a schema of their own while live projections go on. Near the end the live
offsets are locked, so live stands still; the rebuild reads on to exactly those offsets, compares
and swaps in the same transaction. Readers see the old rows until it commits and the new ones after.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from psycopg import sql
from psycopg.errors import DependentObjectsStillExist

from hutong.readmodels import Ground, ReadModel, Table, all_models
from hutong.readmodels.ground import PACK
from hutong.readmodels.projection import STATES, Projection, versions
from hutong.replay.compare import Comparison, compare
from hutong.replay.rights import Rights
from hutong.replay.source import Source
from hutong.store import (
    SCHEMA,
    Connection,
    connect,
    read_built,
    read_offsets,
    require_migrated,
    write_built,
)

STAGING: Final = "hutong_rebuild"
#: Any fixed number; held by the session while a rebuild runs.
_LOCK: Final = 4_711_020_262
#: Records in one transaction: long enough for COPY to pay, about 100 MB of states and rows.
_BATCH: Final = 10_000
#: Live may stand still for about as long as this many records take (a second).
_LAST_LAP: Final = 10_000
#: Longest wait for readers to let go of a table; they use seconds at most.
_SWAP_TIMEOUT: Final = "60s"


class RebuildRefusedError(Exception):
    """It cannot be done like this; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """What came of it. ``offsets`` is the place in `issues` that both copies stand at.

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
    say: Callable[[str], None] = lambda _: None,
) -> RebuildReport:
    """Rebuild the named read models, or (None) all of them and the states.

    ``ground`` is asked for the packs again and again, as they may grow while it runs. A dry run
    compares and throws the copy away. ``only_if_equal`` swaps nothing when there are
    differences. Raises RebuildRefusedError, RangeMissingError, UnreadableError, MigrationError.
    """
    chosen = _chosen(models)
    tables = [table for model in chosen for table in model.tables]
    if models is None:
        tables.insert(0, STATES)
    with connect(url) as live, _alone(live):
        require_migrated(live)
        _require_same_ground(live, versions(chosen) | _parts(ground()), everything=models is None)
        source.require(_offsets(live))
        _make_staging(live, [STATES, *(table for model in chosen for table in model.tables)])
        try:
            report = _run(url, live, source, ground, chosen, tables, dry_run, only_if_equal, say)
            if report.swapped:
                made = versions(chosen)
                kept = made if models is None else {name: made[name] for name in models}
                write_built(live, kept | _parts(ground()))
            live.commit()
            return report
        finally:
            live.rollback()
            _drop_staging(live)


def _run(
    url: str,
    live: Connection,
    source: Source,
    ground: Callable[[], Ground],
    models: Sequence[ReadModel],
    tables: Sequence[Table],
    dry_run: bool,
    only_if_equal: bool,
    say: Callable[[str], None],
) -> RebuildReport:
    start = time.monotonic()
    records = 0
    with connect(url, schema=STAGING) as staging:
        projection = Projection(staging, models, ground())

        def read_on(ends: Mapping[int, int]) -> int:
            count = 0
            for batch in source.read_to(ends, _BATCH):
                projection.stand_on(ground())
                projection.apply(batch)
                staging.commit()
                count += len(batch)
                rate = (records + count) / (time.monotonic() - start)
                say(f"{records + count} records, {rate:.0f}/s")
            return count

        while _left(ends := _offsets(live), source.position) > _LAST_LAP:
            records += read_on(ends)
        live.execute("LOCK TABLE projection_offset IN EXCLUSIVE MODE")
        still = time.monotonic()
        ends = read_offsets(live)
        say("live stands still for the last lap, comparing and swapping")
        records += read_on(ends)
    seconds = time.monotonic() - start
    comparisons = tuple(compare(live, table, SCHEMA, STAGING) for table in tables)
    equal = not any(comparison.differing for comparison in comparisons)
    swapped = not dry_run and (equal or not only_if_equal)
    if swapped:
        _swap(live, tables)
    still_seconds = time.monotonic() - still
    say(f"live stood still for {still_seconds:.1f} s")
    return RebuildReport(comparisons, ends, records, seconds, still_seconds, swapped)


def _chosen(names: Sequence[str] | None) -> list[ReadModel]:
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


@contextmanager
def _alone(live: Connection) -> Iterator[None]:
    row = live.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
    live.commit()
    if row is None or not row[0]:
        raise RebuildRefusedError("another rebuild is running on this database")
    try:
        yield
    finally:
        live.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
        live.commit()


def _offsets(live: Connection) -> dict[int, int]:
    offsets = read_offsets(live)
    live.commit()  # the next look is to see what live has done meanwhile
    return offsets


def _left(ends: Mapping[int, int], position: Mapping[int, int]) -> int:
    return sum(end - position.get(partition, 0) for partition, end in ends.items())


def _make_staging(live: Connection, tables: Sequence[Table]) -> None:
    _drop_staging(live)  # what a killed rebuild left behind: we are alone
    live.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(STAGING)))
    for table in tables:
        old, new = sql.Identifier(SCHEMA, table.name), sql.Identifier(STAGING, table.name)
        live.execute(sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING ALL)").format(new, old))
        # LIKE copies columns, constraints and indexes, but not how full a page may be.
        row = live.execute(
            "SELECT reloptions FROM pg_class WHERE oid = %s::regclass", [f"{SCHEMA}.{table.name}"]
        ).fetchone()
        for option in (row[0] if row else None) or ():
            name, _, value = option.partition("=")
            live.execute(
                sql.SQL("ALTER TABLE {} SET ({} = {})").format(
                    new, sql.Identifier(name), sql.Literal(int(value))
                )
            )
    live.commit()


def _drop_staging(live: Connection) -> None:
    live.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(STAGING)))
    live.commit()


def _swap(live: Connection, tables: Sequence[Table]) -> None:
    live.execute(sql.SQL("SET LOCAL lock_timeout = {}").format(sql.Literal(_SWAP_TIMEOUT)))
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
