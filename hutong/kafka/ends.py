"""Where partitions end, asked again and again for as long as a service runs."""

import time
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from confluent_kafka import KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from hutong.kafka import client_config
from hutong.kafka.access import Brokers

#: For one answer. Where a broker has just died, librdkafka 2.16 is busy all that time: its admin
#: client connects to it again and again without a pause (4.1 s of processor time in 5 s).
SECONDS: Final = 3.0
#: An answer of brokers that are well takes milliseconds.
_LATE: Final = 1.0

Place = tuple[str, int]
"""Topic and partition."""


class Ends:
    """Asks through a client that stays open while its answers are whole and in time.

    One that failed or was late is replaced: librdkafka's admin client does not look again who leads
    a partition. After a leader was replaced it asks the old one, or says FENCED_LEADER_EPOCH, for
    as long as it lives (docs/faults.md, F1 and F3). Not for two threads at once.
    """

    def __init__(self, kafka: Brokers, *, seconds: float = SECONDS) -> None:
        self._config = client_config(kafka)
        self._seconds = seconds
        self._admin: AdminClient | None = None

    def places(self, topics: Iterable[str]) -> list[Place]:
        """All partitions of those of the topics that exist. Raises KafkaException."""
        try:
            known = self._client().list_topics(timeout=self._seconds).topics
        except KafkaException:
            self._admin = None
            raise
        return [(t, partition) for t in topics if t in known for partition in known[t].partitions]

    def ask(
        self, places: Collection[Place]
    ) -> tuple[Mapping[Place, int], Mapping[Place, KafkaException]]:
        """The next offset of each, and why it is not known of the others."""
        if not places:
            return {}, {}
        started = time.monotonic()
        asked = self._client().list_offsets(
            {TopicPartition(*place): OffsetSpec.latest() for place in places},
            request_timeout=self._seconds,
        )
        ends: dict[Place, int] = {}
        unknown: dict[Place, KafkaException] = {}
        for found, answer in asked.items():
            try:
                ends[found.topic, found.partition] = answer.result().offset
            except KafkaException as error:
                unknown[found.topic, found.partition] = error
        if unknown or time.monotonic() - started > _LATE:
            self._admin = None
        return ends, unknown

    def _client(self) -> AdminClient:
        if self._admin is None:
            self._admin = AdminClient(self._config)
        return self._admin
