"""Waits for the read models, then holds them against the log."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hutong.demo.feed import DemoFailedError
from hutong.demo.log import LogFacts, read_log
from hutong.demo.visible import VisibilityWatch
from hutong.events.topics import TopicCatalogue
from hutong.kafka.access import Brokers
from hutong.readmodels.category_weekly import queries as weekly
from hutong.readmodels.issue_current import queries as current
from hutong.store import connect, read_offsets


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from the append of the input; None where nothing was measured."""

    p50: int
    p99: int
    count: int

    @classmethod
    def of(cls, values: Sequence[int]) -> "Latency | None":
        """By nearest rank."""
        if not values:
            return None
        ranked = sorted(values)
        rank = [ranked[min(len(ranked) - 1, int(len(ranked) * q))] for q in (0.5, 0.99)]
        return cls(rank[0], rank[1], len(ranked))


@dataclass(frozen=True, slots=True)
class Account:
    """The numbers of one origin, counted three ways; they must be the same."""

    origin: str
    in_log: int
    in_current: int
    in_weekly: int
    weeks: int
    first_week: str = ""
    last_week: str = ""

    @property
    def agrees(self) -> bool:
        """Whether log and read models say the same."""
        return self.in_log == self.in_current == self.in_weekly


def wait_until_visible(
    database_url: str, issue_ids: Sequence[str], seconds: float, alive: Callable[[], None]
) -> None:
    """Return when every one of these issues is in the read models and has been routed.

    ``alive`` is called between looks and may raise. Raises DemoFailedError after ``seconds``
    without progress.
    """
    best, found, since = -1, 0, time.monotonic()
    with connect(database_url, autocommit=True) as connection:
        seen: Mapping[int, int] | None = None
        while True:
            # The rows of a record are committed with the offset that says so. Counting is dear,
            # and this is the very database whose speed is measured.
            offsets = read_offsets(connection)
            if offsets != seen:
                seen, found = offsets, current.count_routed(connection, issue_ids)
            if found >= len(issue_ids):
                return
            if found > best:
                best, since = found, time.monotonic()
            elif time.monotonic() - since > seconds:
                raise DemoFailedError(
                    f"{found} of {len(issue_ids)} reports are in the read models and nothing has "
                    f"moved for {seconds:.0f} s; see `hutong status` and `hutong logs router`"
                )
            alive()
            time.sleep(0.05)


def take_account(
    bootstrap: Brokers, catalogue: TopicCatalogue, database_url: str
) -> tuple[LogFacts, list[Account]]:
    """Count reports per origin in the log, in `issue_current` and in `category_weekly`."""
    facts = read_log(bootstrap, catalogue)
    with connect(database_url, autocommit=True) as connection:
        in_current = current.count_by_origin(connection)
        spans = weekly.spans_by_origin(connection)
    origins = sorted({*facts.issues, *in_current, *spans})
    accounts = [
        Account(
            origin=origin,
            in_log=len(facts.issues.get(origin, ())),
            in_current=in_current.get(origin, 0),
            in_weekly=spans[origin].reported if origin in spans else 0,
            weeks=spans[origin].weeks if origin in spans else 0,
            first_week=spans[origin].first if origin in spans else "",
            last_week=spans[origin].last if origin in spans else "",
        )
        for origin in origins
    ]
    return facts, accounts


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast what came in since ``since`` went through."""

    to_department: Latency | None
    to_visible: Latency | None
    records: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Records of `issues` a second, from the first input to the last one visible."""
        return self.records / self.seconds if self.seconds else 0.0


def measure_pace(facts: LogFacts, watch: VisibilityWatch, since: int, until: int) -> Pace:
    """Pace of the inputs appended in [since, until), milliseconds UTC."""
    inputs: Mapping[str, int] = {s: t for s, t in facts.received.items() if since <= t < until}
    ordered = [facts.ordered[s] - t for s, t in inputs.items() if s in facts.ordered]
    visible = []
    last = since
    for source, appended in inputs.items():
        if (place := facts.routed.get(source)) is None:
            continue
        at = watch.visible_at(place[1], place[2])
        if at is not None:
            visible.append(max(0, at - appended))
            last = max(last, at)
    return Pace(
        to_department=Latency.of(ordered),
        to_visible=Latency.of(visible),
        records=2 * len(visible),
        seconds=(last - min(inputs.values(), default=last)) / 1_000,
    )
