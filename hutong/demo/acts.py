"""Plays the month on a running stack: states out of the log, acts in by the simulator's topic."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from hutong.city import City
from hutong.demo.feed import DemoFailedError
from hutong.demo.log import read_issues
from hutong.demo.month import Told, play, stage_of
from hutong.demo.month.stage import ACTS_TOPIC
from hutong.demo.report import GeneratedReport
from hutong.events.codec import Codec, default_codec
from hutong.events.headers import CE_TYPE, RECEIVED
from hutong.events.topics import TopicCatalogue
from hutong.issue.fold import evolve
from hutong.issue.record import ROUTER
from hutong.issue.rules import Rules
from hutong.issue.state import IssueState
from hutong.kafka.access import Brokers
from hutong.kafka.send import OutRecord, send_confirmed
from hutong.readmodels.issue_timeline import queries as timeline
from hutong.store import connect, read_offsets

_REPORTED = "IssueReported"
#: Verdict, and why where it was not applied.
Verdicts = Counter[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Acts:
    """What was sent: how many of which event, with what verdict, and how long it took to play."""

    issue_ids: Sequence[str]
    #: Reports that the router dispatched itself; the desk had to look at the others.
    dispatched: int
    events: Counter[str] = field(default_factory=Counter)
    verdicts: Verdicts = field(default_factory=Counter)

    @property
    def count(self) -> int:
        """Of all acts."""
        return self.events.total()


def act(
    brokers: Brokers,
    simulator: Brokers,
    catalogue: TopicCatalogue,
    city: City,
    seed: int,
    reports: Sequence[GeneratedReport],
    issue_ids: Sequence[str],
    end: int,
) -> Acts:
    """Play what happens to these reports until ``end`` and send it.

    What the router made of them is read from the log, so that doing it again sends the same acts,
    which change nothing then. ``brokers`` are asked as somebody who may read `issues`.
    """
    rules = Rules.of(city)
    states = first_states(brokers, catalogue, rules, issue_ids)
    acts = Acts(issue_ids, sum(state.item is not None for state in states.values()))
    told = play(stage_of(city, rules, end), seed, reports, issue_ids, states)
    send_confirmed(simulator, _records(default_codec(), told, acts))
    return acts


def first_states(
    brokers: Brokers, catalogue: TopicCatalogue, rules: Rules, issue_ids: Sequence[str]
) -> Mapping[str, IssueState]:
    """Each issue after the router's answer to its report, whatever came later."""
    wanted = set(issue_ids)
    states: dict[str, IssueState] = {}
    for record in read_issues(brokers, catalogue):
        if record.issue_id in wanted and (record.name == _REPORTED or record.principal == ROUTER):
            steps = evolve(states.get(record.issue_id), record, rules)
            if steps:
                states[record.issue_id] = steps[-1].after
    if missing := wanted - states.keys():
        raise DemoFailedError(f"{len(missing)} reports are not in the log, {min(missing)} is one")
    return states


def _records(codec: Codec, told: Iterator[Told], acts: Acts) -> Iterator[OutRecord]:
    for at, event, verdict in told:
        acts.events[type(event).__name__] += 1
        acts.verdicts[verdict.outcome.value, verdict.reason] += 1
        headers = {CE_TYPE: event.avro_name, RECEIVED: str(at)}
        yield OutRecord(ACTS_TOPIC, event.head.issue_id.encode(), codec.encode(event), headers)


def wait_until_judged(
    database_url: str, acts: Acts, seconds: float, alive: Callable[[], None]
) -> Verdicts:
    """Return when all acts are in the read models; how they were judged there.

    ``alive`` is called between looks and may raise. Raises DemoFailedError after ``seconds``
    without progress.
    """
    best, found, since = -1, Verdicts(), time.monotonic()
    seen: Mapping[int, int] | None = None
    with connect(database_url, autocommit=True) as connection:
        while True:
            offsets = read_offsets(connection)
            if offsets != seen:
                seen = offsets
                found = Counter(timeline.verdicts_of(connection, acts.issue_ids, topic=ACTS_TOPIC))
            if found.total() >= acts.count:
                return found
            if found.total() > best:
                best, since = found.total(), time.monotonic()
            elif time.monotonic() - since > seconds:
                raise DemoFailedError(
                    f"{best} of {acts.count} acts are in the read models and nothing has moved "
                    f"for {seconds:.0f} s; see `hutong status` and `hutong logs projections`"
                )
            alive()
            time.sleep(0.25)
