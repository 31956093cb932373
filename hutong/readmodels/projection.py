"""Records of `issues` become states and rows: the one engine of live projections and rebuilds."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hutong.issue.fold import ALTERED, Outcome, Step, evolve
from hutong.issue.record import Record
from hutong.issue.rules import Rules
from hutong.issue.state import FOLD_VERSION, IssueState
from hutong.readmodels.base import Change, Mode, ReadModel, Table
from hutong.readmodels.ground import Ground
from hutong.readmodels.writer import Writer
from hutong.store import Connection, RebuildNeededError

#: The states themselves are kept like a read model.
STATES: Final = Table(
    "issue_state",
    Mode.UPSERT,
    key={"issue_id": "text"},
    values={"partition": "integer", "fold_version": "integer", "state": "jsonb"},
)

#: The tally's words for a record that was judged before, and for another event under its id.
REPEAT: Final = "repeat"
ALTERED_REPEAT: Final = "altered"


@dataclass(frozen=True, slots=True)
class Folded:
    """What a batch came to: steps in order, the new states, how many records had which verdict."""

    steps: tuple[Step, ...]
    states: dict[str, IssueState]
    partitions: dict[str, int]
    tally: Counter[str]

    @property
    def altered(self) -> Iterator[Record]:
        """Records that came under the id of another event."""
        return (step.record for step in self.steps if step.verdict.reason == ALTERED)

    @property
    def strides(self) -> tuple[Step, ...]:
        """The applied steps of each issue as one: from the state before the first to the last's."""
        found: dict[str, Step] = {}
        for step in self.steps:
            if step.verdict.outcome is Outcome.APPLIED:
                first = found.get(step.record.issue_id)
                before = step.before if first is None else first.before
                found[step.record.issue_id] = Step(before, step.record, step.verdict, step.after)
        return tuple(found.values())


def _ignore(folded: Folded) -> None:
    pass


class Projection:
    """Keeps states and read models through one connection, in the caller's transaction."""

    def __init__(
        self,
        connection: Connection,
        models: Sequence[ReadModel],
        ground: Ground,
        follow: Callable[[Folded], None] = _ignore,
    ) -> None:
        self._connection = connection
        self._models = models
        self._ground = ground
        self._follow = follow
        tables = [STATES, *(table for model in models for table in model.tables)]
        self._writer = Writer(connection, tables)

    def stand_on(self, ground: Ground) -> None:
        """Judge by these packs from now on: those known before, and perhaps more."""
        self._ground = ground

    def apply(self, records: Sequence[Record]) -> Counter[str]:
        """Fold records, in the order of the log per issue, and write what follows from them.

        Returns how many had which verdict (applied, refused, waiting, repeat, altered), and gives
        ``follow`` what they came to, for whatever else belongs into the transaction. Nothing is
        committed. Writing the same records twice changes nothing, but offsets must not count on
        that: a record that is left out is lost.
        """
        states = load_states(self._connection, {record.issue_id for record in records})
        folded = fold(states, records, self._ground.rules)
        self._writer.write(self._changes(folded))
        self._follow(folded)
        return folded.tally

    def _changes(self, folded: Folded) -> Iterator[Change]:
        for issue_id, state in folded.states.items():
            partition = folded.partitions[issue_id]
            yield Change(STATES.name, (issue_id,), (partition, FOLD_VERSION, state.to_json()))
        strides = folded.strides
        for model in self._models:
            for step in strides if model.of_state else folded.steps:
                yield from model.changes(step, self._ground.facts)


def fold(known: Mapping[str, IssueState], records: Iterable[Record], rules: Rules) -> Folded:
    """Fold records onto known states (not changed). Pure."""
    states: dict[str, IssueState] = {}
    partitions: dict[str, int] = {}
    done: list[Step] = []
    tally: Counter[str] = Counter()
    for record in records:
        issue_id = record.issue_id
        steps = evolve(states.get(issue_id) or known.get(issue_id), record, rules)
        if not steps:
            tally[REPEAT] += 1
            continue
        # The first step judges the record itself; more are of records that waited for it.
        verdict = steps[0].verdict
        tally[ALTERED_REPEAT if verdict.reason == ALTERED else verdict.outcome.value] += 1
        states[issue_id] = steps[-1].after
        partitions[issue_id] = record.partition
        done.extend(steps)
    return Folded(tuple(done), states, partitions, tally)


def load_states(connection: Connection, issue_ids: Iterable[str]) -> dict[str, IssueState]:
    """The states of these issues; one that is not there was never heard of."""
    rows = connection.execute(
        "SELECT issue_id, fold_version, state FROM issue_state WHERE issue_id = ANY(%s)",
        [list(issue_ids)],
    )
    found: dict[str, IssueState] = {}
    for issue_id, version, state in rows:
        if version != FOLD_VERSION:
            raise RebuildNeededError(
                f"the state of issue {issue_id} was folded by version {version}, this program has "
                f"{FOLD_VERSION}; run `hutong replay rebuild --all`, then start again"
            )
        found[issue_id] = IssueState.from_json(state)
    return found


def versions(models: Iterable[ReadModel]) -> dict[str, str]:
    """What rows made by this program are made with, as `hutong.store.require_built` takes it."""
    return {"fold": str(FOLD_VERSION), **{model.name: str(model.version) for model in models}}
