"""`issues` as the projector reads it: partitions from the group, positions from PostgreSQL."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, TopicPartition

from hutong.issue.record import Record
from hutong.kafka.issues import UnreadableError
from hutong.ops.log import get_logger
from hutong_projections.errors import ProjectorStopError


@dataclass(frozen=True, slots=True)
class Batch:
    """Records in log order, what they move, and the fault that ended the batch early, if any.

    ``moves``: partition -> (expected, next). Offsets have gaps where a transaction ended or was
    given up, so ``next`` comes from the last record's offset and never from a count.
    """

    records: tuple[Record, ...]
    moves: Mapping[int, tuple[int, int]]
    fault: UnreadableError | None = None


class IssuesLog:
    """The partitions that the group gives us, read from where `seat` says.

    The group is used for sharing out partitions and for nothing else: no offset is ever committed
    to it. Rebalance callbacks only note what was given; between a new assignment and `seat` nothing
    is fetched, so a record is never read from a guessed position.
    """

    def __init__(self, consumer: Any, topic: str, read: Callable[[Any], Record]) -> None:
        self._consumer = consumer
        self._topic = topic
        self._read = read
        self._assigned: tuple[int, ...] = ()
        self._next: dict[int, int] | None = None
        self._joined = False
        consumer.subscribe(
            [topic], on_assign=self._given, on_revoke=self._taken, on_lost=self._taken
        )

    @property
    def assigned(self) -> tuple[int, ...]:
        """The partitions that the group gave us."""
        return self._assigned

    @property
    def is_seated(self) -> bool:
        """Whether the group has answered and positions are known for what it gave."""
        return self._joined and self._next is not None

    @property
    def waits_for_seat(self) -> bool:
        """Whether the group gave us partitions and `seat` is to say from where to read."""
        return self._joined and self._next is None

    def seat(self, offsets: Mapping[int, int]) -> None:
        """Read the assigned partitions from these offsets; from the start where there is none."""
        self._next = {partition: offsets.get(partition, 0) for partition in self._assigned}
        self._consumer.assign(
            [TopicPartition(self._topic, p, offset) for p, offset in self._next.items()]
        )

    def unseat(self) -> None:
        """Fetch nothing until `seat` is called again, but stay in the group."""
        if self._assigned:
            self._next = None
            self._consumer.assign([])

    def idle(self, seconds: float) -> None:
        """Wait while unseated, answering the group."""
        self._messages(1, seconds)

    def read(self, most: int, seconds: float) -> Batch:
        """Up to ``most`` records, after ``seconds`` at the latest; possibly none."""
        messages = self._messages(most, seconds)
        if self._next is None:  # given anew in between: read again from where `seat` says
            return Batch((), {})
        records: list[Record] = []
        moves: dict[int, tuple[int, int]] = {}
        fault: UnreadableError | None = None
        for message in messages:
            partition = message.partition()
            if partition not in self._next:
                continue  # taken from us after it was fetched
            try:
                records.append(self._read(message))
            except UnreadableError as error:
                fault = error
                break
            expected = moves[partition][0] if partition in moves else self._next[partition]
            moves[partition] = (expected, message.offset() + 1)
        return Batch(tuple(records), moves, fault)

    def confirm(self, batch: Batch) -> None:
        """The batch is committed: later moves start from where it ended."""
        assert self._next is not None
        self._next.update({partition: after for partition, (_, after) in batch.moves.items()})

    def close(self) -> None:
        """Leave the group, so that others need not wait for our session to end."""
        self._consumer.close()

    def _messages(self, most: int, seconds: float) -> list[Any]:
        found = []
        for message in self._consumer.consume(most, seconds):
            if (error := message.error()) is not None:
                self._judge(error, message)
            else:
                found.append(message)
        return found

    def _judge(self, error: Any, message: Any) -> None:
        code = error.code()
        if code in (KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE):
            partition = message.partition()
            at = (self._next or {}).get(partition)
            raise ProjectorStopError(
                f"{self._topic}, partition {partition} holds no offset {at}: part of the log is "
                "gone, or this is another log than the one the database was made from"
            )
        if code == KafkaError._MAX_POLL_EXCEEDED or (error.retriable() and not error.fatal()):
            get_logger().warning("kafka trouble", topic=self._topic, error=error.str())
            return
        raise ProjectorStopError(f"cannot read {self._topic}: {error.str()}")

    def _given(self, consumer: Any, partitions: list[Any]) -> None:
        self._joined = True
        self._assigned = tuple(sorted(p.partition for p in partitions))
        self._next = None
        consumer.assign([])
        get_logger().info("partitions assigned", topic=self._topic, partitions=self._assigned)

    def _taken(self, consumer: Any, _partitions: list[Any]) -> None:
        self._assigned = ()
        self._next = {}
        consumer.unassign()
