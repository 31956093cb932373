"""PostgreSQL as the projector writes it: rows, states, outbox and offsets in one transaction."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from hutong.events.codec import Codec
from hutong.issue.consequences import consequences
from hutong.issue.record import Record
from hutong.ops.failpoint import Failpoints
from hutong.ops.log import get_logger
from hutong.readmodels import Ground, ReadModel
from hutong.readmodels.projection import Folded, Projection, versions
from hutong.store import (
    Connection,
    KeptPack,
    OutboxRow,
    keep_packs,
    move_offsets,
    outbox,
    read_offsets,
    require_built,
    require_migrated,
)
from hutong_projections.log import Batch


def _alert(record: Record) -> None:
    """Somebody sent another event under an id that was used: for a person to look at."""
    get_logger().error(
        "security: another event under the id of one that was seen, refused",
        event_id=record.event_id,
        issue_id=record.issue_id,
        principal=record.principal,
        source=str(record.source),
        partition=record.partition,
        offset=record.offset,
    )


class Sink:
    """One connection at a time, made when it is needed and thrown away after a fault.

    After any fault the caller closes the sink and asks `offsets` again: they say what was
    committed, so an unknown outcome of COMMIT needs no guessing.
    """

    def __init__(
        self,
        connect: Callable[[], Connection],
        models: Sequence[ReadModel],
        ground: Ground,
        codec: Codec,
        failpoints: Failpoints,
    ) -> None:
        self._connect = connect
        self._models = models
        self._ground = ground
        self._codec = codec
        self._versions = versions(models)
        self._failpoints = failpoints
        self._open: tuple[Connection, Projection] | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a connection that was good when it was last used."""
        return self._open is not None

    def stand_on(self, ground: Ground) -> None:
        """Judge by these packs from now on: those known before, and perhaps more."""
        self._ground = ground
        if self._open is not None:
            self._open[1].stand_on(ground)

    def keep(self, packs: Sequence[KeptPack]) -> None:
        """Let those who have no broker know these packs too."""
        connection, _ = self._opened()
        with connection.transaction():
            keep_packs(connection, packs)

    def offsets(self) -> dict[int, int]:
        """Partition -> next offset, as committed.

        Asked where others may have written meanwhile, so nothing of theirs is remembered after it.
        """
        connection, projection = self._opened()
        projection.forget()
        with connection.transaction():
            return read_offsets(connection)

    def write(self, batch: Batch) -> Counter[str]:
        """Commit a batch; how many of its records had which verdict.

        Raises FencedError when another projector has moved a partition, and what psycopg raises;
        then nothing was committed, but for a connection lost during COMMIT.
        """
        connection, projection = self._opened()
        self._failpoints.reach("before-sql")
        with connection.transaction():
            move_offsets(connection, batch.moves)
            # A rebuild by a newer program may have swapped the tables while we ran.
            self._require_built(connection)
            self._failpoints.reach("in-sql")
            tally = projection.apply(batch.records)
            self._failpoints.reach("before-commit")
        self._failpoints.reach("after-commit")
        return tally

    def close(self) -> None:
        """Throw the connection away; the next use makes another."""
        if self._open is not None:
            self._open[0].close()
            self._open = None

    def _opened(self) -> tuple[Connection, Projection]:
        if self._open is None:
            connection = self._connect()
            try:
                require_migrated(connection)
                self._require_built(connection)

                def follow(folded: Folded) -> None:
                    outbox.add(connection, self._leaving(folded))
                    for record in folded.altered:
                        _alert(record)

                projection = Projection(connection, self._models, self._ground, follow)
                self._open = connection, projection
            finally:
                if self._open is None:
                    connection.close()
        return self._open

    def _require_built(self, connection: Connection) -> None:
        ground = self._ground
        require_built(connection, self._versions | ground.first, ground.later)

    def _leaving(self, folded: Folded) -> Iterator[OutboxRow]:
        """What the steps make leave, in their order."""
        for step in folded.steps:
            for order in consequences(step, self._ground.facts.receipt):
                head = order.head
                value = self._codec.encode(order)
                yield OutboxRow(head.event_id, head.issue_id, order.avro_name, value)
