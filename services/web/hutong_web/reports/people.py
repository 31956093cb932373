"""Grid workers and returns of a period, as tables. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from hutong.circular.tables import Share
from hutong.readmodels.return_reasons.queries import ReturnReason
from hutong.readmodels.worker_assessment.queries import Worker
from hutong_web.city_names import CityNames
from hutong_web.reports.sheet import SheetCell, draw
from hutong_web.text import plain


@dataclass(frozen=True, slots=True)
class WorkerLine:
    """One grid worker; ``width`` per mille of the busiest."""

    name: str
    days: int
    areas: int
    reported: int
    on_the_spot: int
    assigned: int
    on_time: SheetCell
    late: int
    open: int
    checks: int
    checks_failed: int
    reworked: int
    width: int


def worker_lines(workers: Iterable[Worker], origin: str) -> tuple[WorkerLine, ...]:
    """The busiest first, as the query gives them."""
    mine = [worker for worker in workers if worker.origin == origin]
    most = max((_volume(worker) for worker in mine), default=0) or 1
    return tuple(
        WorkerLine(
            name=plain(worker.worker),
            days=worker.days,
            areas=worker.areas,
            reported=worker.reported,
            on_the_spot=worker.on_the_spot,
            assigned=worker.assigned,
            on_time=draw(
                Share(worker.assignment_on_time, worker.assignment_on_time + worker.assignment_late)
            ),
            late=worker.assignment_late,
            open=worker.assignment_open,
            checks=worker.checks_passed + worker.checks_failed,
            checks_failed=worker.checks_failed,
            reworked=worker.reworked,
            width=_volume(worker) * 1000 // most,
        )
        for worker in mine
    )


def _volume(worker: Worker) -> int:
    return worker.reported + worker.assigned + worker.checks_passed + worker.checks_failed


@dataclass(frozen=True, slots=True)
class ReturnLine:
    """Returns under one heading."""

    name: str
    address: str
    returns: int
    upheld: int
    refused: int
    open: int
    turns_after: int
    width: int


def return_lines(
    rows: Iterable[ReturnReason], origin: str, names: CityNames, period: str
) -> tuple[tuple[ReturnLine, ...], tuple[ReturnLine, ...]]:
    """By reason, and by department; the most frequent first."""
    mine = [row for row in rows if row.origin == origin]
    reasons = _grouped((row.reason, row) for row in mine)
    departments = _grouped((row.department, row) for row in mine)
    scorecard = "/departments/{code}/scorecard?period={period}&origin={origin}"
    return (
        _lines(reasons, lambda code: (names.reason("return", code), "")),
        _lines(
            departments,
            lambda code: (
                names.department(code),
                scorecard.format(code=code, period=period, origin=origin),
            ),
        ),
    )


def _grouped(rows: Iterable[tuple[str, ReturnReason]]) -> dict[str, list[int]]:
    sums: dict[str, list[int]] = {}
    for code, row in rows:
        counts = (row.returns, row.upheld, row.refused, row.open, row.hops_after)
        old = sums.setdefault(code, [0] * len(counts))
        old[:] = [a + b for a, b in zip(old, counts, strict=True)]
    return sums


def _lines(
    sums: Mapping[str, list[int]], heading: Callable[[str], tuple[str, str]]
) -> tuple[ReturnLine, ...]:
    most = max((counts[0] for counts in sums.values()), default=0) or 1
    found = []
    for code, counts in sorted(sums.items(), key=lambda each: (-each[1][0], each[0])):
        name, address = heading(code)
        returned, upheld, refused, waiting, after = counts
        width = returned * 1000 // most
        found.append(ReturnLine(name, address, returned, upheld, refused, waiting, after, width))
    return tuple(found)
