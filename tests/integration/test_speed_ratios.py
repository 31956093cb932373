"""How much dearer our hot paths are than the least that could do the work: no figure of a machine.

Seconds of processor in this process, both sides in turns, the best of each: so a busy machine
changes little. The bounds are about twice what was measured; they catch a path that has become
some times slower, not one of a tenth.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hutong_router.records import InputRecord, Routed
from psycopg import sql
from psycopg.types.json import Jsonb

from bench.peers.loop import make_router
from bench.router_peers import YEAR, report_records
from hutong.city import load_city
from hutong.demo.generate import generate_reports
from hutong.events.codec import default_codec
from hutong.readmodels import Ground, all_models
from hutong.readmodels.projection import Projection
from hutong.store import Connection, connect, migrate
from tests.fixtures.histories import interleaved, whole_life

_TURNS = 3
#: 9.0 and 9.3 were measured on 2026-11-26 at load averages of 3 to 9.
_ROUTER_BOUND = 18.0
#: 5.9 and 6.0.
_PROJECTOR_BOUND = 12.0


@contextmanager
def without_looking_for_cycles() -> Iterator[None]:
    """As in the services, but for the many objects of a test run."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def least(*sides: Callable[[int], None]) -> list[float]:
    """The least processor seconds of each side, which are called in turns."""
    best = [float("inf")] * len(sides)
    with without_looking_for_cycles():
        for turn in range(_TURNS):
            for number, side in enumerate(sides):
                start = time.process_time()
                side(turn)
                best[number] = min(best[number], time.process_time() - start)
    return best


def test_routing_a_report_against_decoding_and_encoding_it() -> None:
    made = report_records(generate_reports(1, 1_500, *YEAR, load_city()))
    inputs = [
        InputRecord(
            each.topic,
            0,
            number,
            YEAR[1],
            each.key,
            each.value,
            tuple((name, value.encode()) for name, value in each.headers.items()),
        )
        for number, each in enumerate(made)
    ]
    router, codec = make_router(), default_codec()

    def route(_turn: int) -> None:
        assert all(isinstance(router.route(record), Routed) for record in inputs)

    def bare(_turn: int) -> None:
        for record in inputs:
            decoded = codec.decode(record.value)
            codec.encode_body(decoded.schema.name, decoded.body)

    routed, least_work = least(route, bare)
    ratio = routed / least_work
    assert ratio < _ROUTER_BOUND, f"{ratio:.1f} times; 9 when this was written"


def test_projecting_records_against_copying_the_rows_that_come_of_them(fresh_database: str) -> None:
    migrate(fresh_database)
    ground = Ground.of(load_city())
    per_turn = 500
    lives = [
        list(interleaved(whole_life(turn * per_turn + n) for n in range(per_turn)))
        for turn in range(_TURNS)
    ]
    with connect(fresh_database) as connection:
        projection = Projection(connection, all_models(), ground)

        def project(turn: int) -> None:
            projection.apply(lives[turn])
            connection.commit()

        [projected] = least(project)
        rows = _rows(connection)
        made = sum(map(len, rows.values()))
        assert made > len(lives[0]) * _TURNS, "a row of the timeline for each record, and more"

        def copy(_turn: int) -> None:
            for table, of_one in rows.items():
                _copy(connection, table, of_one)
            connection.rollback()

        [copied] = least(copy)
    ratio = projected * _TURNS / copied
    assert ratio < _PROJECTOR_BOUND, f"{ratio:.1f} times; 6 when this was written"


def _rows(connection: Connection) -> dict[str, list[tuple[Any, ...]]]:
    tables = ["issue_state", *(table.name for model in all_models() for table in model.tables)]
    return {
        name: connection.execute(
            sql.SQL("SELECT * FROM {}").format(sql.Identifier(name))
        ).fetchall()
        for name in tables
    }


def _copy(connection: Connection, table: str, rows: list[tuple[Any, ...]]) -> None:
    """Into an empty twin."""
    twin = sql.Identifier(f"copied_{table}")
    like = sql.SQL("CREATE TEMP TABLE {} (LIKE {})").format(twin, sql.Identifier(table))
    connection.execute(like)
    with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(twin)) as copy:
        for row in rows:
            copy.write_row([Jsonb(each) if isinstance(each, dict) else each for each in row])
