"""The one producer that all of the router's output goes through."""

from collections.abc import Callable, Sequence

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from hutong.kafka import producer_config
from hutong.kafka.access import Brokers
from hutong_router.records import Outgoing

#: How long the broker may take to confirm (no leader, too few copies) before the router gives up.
DELIVERY_MS = 60_000
#: Bound of what waits unsent: the chunks in flight are 16 MiB, their output is less than four
#: times that.
QUEUE_KIB = 65_536
#: A record of MAX_RECORD_BYTES with all our headers; the broker's default takes 1,048,588.
_MESSAGE_BYTES = 1_048_000

#: Wait for room in the queue; confirmations end it early.
_FULL_SECONDS = 0.05

OnConfirmed = Callable[[], None]


class DeliveryError(Exception):
    """The broker did not confirm a record, so nothing may go on."""


class Outlet:
    """Sends in order and tells of each confirmation. All methods belong to one thread."""

    def __init__(self, bootstrap: Brokers) -> None:
        self._producer = Producer(
            producer_config(
                bootstrap,
                delivery_timeout_ms=DELIVERY_MS,
                queue_buffering_max_kbytes=QUEUE_KIB,
                message_max_bytes=_MESSAGE_BYTES,
            )
        )

    def send(self, records: Sequence[Outgoing], on_confirmed: OnConfirmed) -> None:
        """Queue records in order; ``on_confirmed`` is called once for each, from `poll`.

        Waits while the queue is full. Raises DeliveryError for any record that failed meanwhile.
        """

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                raise DeliveryError(f"{message.topic()} took no record: {error.str()}")
            on_confirmed()

        # Not by `hutong.kafka.send.enqueue`, whose call costs a fifth of what sending costs here.
        produce = self._producer.produce
        for topic, key, value, headers in records:
            while True:
                try:
                    produce(topic, value, key, headers=list(headers), on_delivery=delivered)
                    break
                except BufferError:
                    self._producer.poll(_FULL_SECONDS)
                except KafkaException as error:
                    raise DeliveryError(f"{topic} cannot take a record: {error}") from error

    def poll(self, seconds: float = 0) -> None:
        """Hand out confirmations that have come. Raises DeliveryError when one says failed."""
        self._producer.poll(seconds)
