"""Records of `issues` become states and rows: the one engine of live projections and rebuilds."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
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

#: States that a projection remembers: 5 kB each, 100 MB in all.
KEPT: Final = 20_000

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


def _ignore(folded: Folded) -> None:
    pass


class Projection:
    """Keeps states and read models through one connection, in the caller's transaction.

    It remembers the `KEPT` states that it touched last, so that it need not read again what it has
    written: nobody else may write the states of its issues meanwhile, but for a rebuild that puts
    another table in place. After a rollback it is to be thrown away, or told to `forget`.
    """

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
        #: The longest untouched first.
        self._known: dict[str, IssueState] = {}
        self._table: tuple[int] | None = None
        #: Of what is taken and not written: the applied steps of each issue as one, from the state
        #: before the first to the last's; and the issues whose states changed, with partitions.
        self._strides: dict[str, Step] = {}
        self._touched: dict[str, int] = {}

    def stand_on(self, ground: Ground) -> None:
        """Judge by these packs from now on: those known before, and perhaps more."""
        self._ground = ground

    def forget(self) -> None:
        """Drop what is remembered, and what was taken and not written."""
        self._known.clear()
        self._strides.clear()
        self._touched.clear()
        self._writer.forget()

    def apply(self, records: Sequence[Record]) -> Counter[str]:
        """`take` and `write`."""
        tally = self.take(records)
        self.write()
        return tally

    def take(self, records: Sequence[Record]) -> Counter[str]:
        """Fold records, in the order of the log per issue, and note what follows from them.

        Returns how many had which verdict (applied, refused, waiting, repeat, altered), and gives
        ``follow`` what they came to, for whatever else belongs into the transaction.
        """
        folded = fold(self._states(records), records, self._ground.rules)
        self._known.update(folded.states)
        self._touched.update(folded.partitions)
        self._note_strides(folded.steps)
        self._writer.take(self._changes(folded.steps, of_state=False))
        self._follow(folded)
        return folded.tally

    def write(self) -> None:
        """Write all that was taken. Nothing is committed.

        Writing the same records twice changes nothing, but offsets must not count on that: a
        record that is left out is lost.
        """
        self._writer.take(
            Change(
                STATES.name,
                (issue_id,),
                (partition, FOLD_VERSION, self._known[issue_id].to_json()),
            )
            for issue_id, partition in self._touched.items()
        )
        self._writer.take(self._changes(self._strides.values(), of_state=True))
        self._writer.write()
        self._touched.clear()
        self._strides.clear()
        for issue_id in list(islice(self._known, max(0, len(self._known) - KEPT))):
            del self._known[issue_id]

    def _states(self, records: Iterable[Record]) -> dict[str, IssueState]:
        """Those of the records' issues, which are the last touched from now on."""
        row = self._connection.execute("SELECT to_regclass('issue_state')::oid").fetchone()
        if row != self._table:
            self._table = row
            self._known.clear()
        issues = dict.fromkeys(record.issue_id for record in records)
        found = {id_: self._known.pop(id_) for id_ in issues if id_ in self._known}
        if unknown := [issue_id for issue_id in issues if issue_id not in found]:
            found |= load_states(self._connection, unknown)
        self._known |= found
        return found

    def _note_strides(self, steps: Iterable[Step]) -> None:
        strides = self._strides
        for step in steps:
            if step.verdict.outcome is Outcome.APPLIED:
                issue_id = step.record.issue_id
                if (first := strides.get(issue_id)) is not None:
                    step = Step(first.before, step.record, step.verdict, step.after)
                strides[issue_id] = step

    def _changes(self, steps: Collection[Step], *, of_state: bool) -> Iterator[Change]:
        facts = self._ground.facts
        for model in self._models:
            if model.of_state is of_state:
                for step in steps:
                    yield from model.changes(step, facts)


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
        tally[ALTERED_REPEAT if verdict.reason == ALTERED else verdict.outcome] += 1
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
