"""Faust with one event per fetched chunk, and acknowledgements that survive a rebalance.

Stock Faust hands out single records (8 to 13 thousand a second) and acknowledges by offset: after a
rebalance a late acknowledgement of an old record marks the new one at the same offset. Here the
consumer hands out chunks and keeps its own `Ledger`. The app has no tables, changelogs or reply
topics, so every topic that it reads is read this way.

What is overridden and used of Faust is private to it: tests/contract/test_faust_pin.py pins the
version and every name, so that an upgrade fails there and not in production.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from typing import Any

import faust
from faust.transport.consumer import ensure_TP
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import ConsumerMessage
from mode import CrashingSupervisor

from hutong.kafka.access import SASL_MECHANISM, KafkaAccess
from hutong_router.ledger import Chunk, Ledger, Partition
from hutong_router.settings import RouterSettings
from hutong_router.unpack import take_any_header_name

#: Most records of one fetch, and so of one chunk: about 50 ms of routing, during which the event
#: loop does nothing else.
MAX_CHUNK_RECORDS = 500
#: Chunks that wait in Faust's buffer before fetching from their partition pauses.
BUFFERED_CHUNKS = 16
COMMIT_SECONDS = 1.0
#: How old what is known of leaders may be. aiokafka 0.14 asks who leads when a fetch is answered by
#: one that does not, but fetches nothing of a broker while one of its partitions has no position,
#: and for that it asks the old leader again and again. After a broker had slept (fault F3), a sixth
#: of the partitions stood still until Faust's five minutes were over.
LEADERS_SECONDS = 5.0
#: Between a new topic and its subscription: several departments of one pack are one rebalance.
RESUBSCRIBE_SECONDS = 1.0


class ChunkConsumer(driver.Consumer):  # type: ignore[misc]  # faust is not followed by mypy
    """Faust's aiokafka consumer, with chunks for records and a ledger for offsets."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.ledger = Ledger()
        super().__init__(*args, **kwargs)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[Any, Any]]:
        """One message per partition and fetch; its value is the `Chunk`, its offset the last."""
        fetched, active = await self._wait_next_records(timeout)
        generation = self.app.consumer_generation_id
        if fetched is None or self.should_stop:
            return
        for raw, records in fetched.items():
            if not records:
                continue
            tp = ensure_TP(raw)
            partition = Partition(tp.topic, tp.partition)
            wanted = active is None or tp in active or tp in self._buffered_partitions
            steady = self.flow_active and generation == self.app.consumer_generation_id
            if not (wanted and steady):
                # A rebalance is under way: its end seeks to the committed offsets.
                self.ledger.tear(partition)
                continue
            self.app.monitor.track_tp_end_offset(tp, self.highwater(tp))
            chunk = Chunk(partition, records[0].offset, records[-1].offset, records)
            self.ledger.open(chunk)
            yield tp, _message(tp, chunk, generation)

    async def _add_gap(self, tp: Any, offset_from: int, offset_to: int) -> None:
        """Offsets between two messages are inside a chunk, not missing."""

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[Any]:
        for partition in self.ledger:
            if topics is None or partition in topics or partition.topic in topics:
                yield ensure_TP(partition)

    def _new_offset(self, tp: Any) -> int | None:
        return self.ledger.take_done(Partition(tp.topic, tp.partition))

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Forget their chunks: whoever gets the partitions reads on from what was committed."""
        await super().on_partitions_revoked(revoked)
        self.ledger.forget(Partition(tp.topic, tp.partition) for tp in revoked)

    async def perform_seek(self) -> None:
        """Reading goes on from the committed offsets, so all chunks that are out are void."""
        self.ledger.forget_all()
        await super().perform_seek()


def _message(tp: Any, chunk: Chunk, generation: int) -> Any:
    last = chunk.records[-1]
    return ConsumerMessage(
        topic=tp.topic,
        partition=tp.partition,
        offset=chunk.last,
        timestamp=(last.timestamp or 0) / 1000.0,
        timestamp_type=last.timestamp_type,
        headers=None,
        key=None,
        value=chunk,
        checksum=None,
        serialized_key_size=0,
        serialized_value_size=0,
        tp=tp,
        generation_id=generation,
    )


class ChunkTransport(driver.Transport):  # type: ignore[misc]  # faust is not followed by mypy
    """Faust's aiokafka transport with our consumer."""

    Consumer = ChunkConsumer


class ChunkSchema(faust.Schema):  # type: ignore[misc]  # faust is not followed by mypy
    """Hands the chunk through as it is: Faust would acknowledge what it cannot decode."""

    def compile(self, app: Any, **_hooks: Any) -> Any:
        """The function that makes an event of a message."""
        create_event = app.create_event

        async def decode(message: Any, **_how: Any) -> Any:
            return create_event(None, message.value, None, message)

        return decode


class RouterApp(faust.App):  # type: ignore[misc]  # faust is not followed by mypy
    """A Faust app that reads chunks and keeps nothing on disk."""

    def _new_transport(self) -> ChunkTransport:
        return ChunkTransport(self.conf.broker_consumer, self)

    def _create_directories(self) -> None:
        """Nothing is kept on disk: there are no tables."""


def resubscribe(app: RouterApp, topics: list[str]) -> None:
    """See to it that a started app reads these topics, all by the channels that it has.

    To be called again and again: Faust forgets a change that comes while it rebalances. It waits
    45 s for more changes of the kind unless told otherwise.
    """
    conductor = app.topics
    if conductor._subscription_changed is None or not set(topics) - set(
        conductor._topic_name_index
    ):
        return
    for channel in list(conductor._topics):
        channel.topics = list(topics)
    conductor._resubscribe_sleep_lock_seconds = RESUBSCRIBE_SECONDS
    conductor._subscription_changed.set()


def broker_urls(bootstrap: str) -> str:
    """``a:1,b:2`` as Faust wants it: ``kafka://a:1;kafka://b:2``."""
    return ";".join(f"kafka://{address.strip()}" for address in bootstrap.split(","))


def broker_credentials(access: KafkaAccess) -> Any:
    """The same access in Faust's terms; None where the broker asks nobody who they are."""
    context = None
    if access.uses_tls:
        context = ssl.create_default_context(cafile=access.ca)
    if access.uses_sasl:
        return faust.SASLCredentials(
            username=access.user,
            password=access.password,
            ssl_context=context,
            mechanism=SASL_MECHANISM,
        )
    return None if context is None else faust.SSLCredentials(context)


def make_app(settings: RouterSettings) -> RouterApp:
    """The app, not started; to be called in a running event loop.

    ``env={}`` because Faust otherwise lets variables such as PROCESSING_GUARANTEE override what is
    set here.
    """
    take_any_header_name()
    session = settings.router_session_seconds
    return RouterApp(
        settings.router_group,
        env={},
        broker=broker_urls(settings.kafka),
        broker_credentials=broker_credentials(settings.access),
        agent_supervisor=CrashingSupervisor,
        broker_client_id="hutong-router",
        broker_commit_interval=COMMIT_SECONDS,
        broker_commit_every=1_000_000_000,
        broker_max_poll_records=MAX_CHUNK_RECORDS,
        broker_session_timeout=session,
        broker_heartbeat_interval=session / 3,
        consumer_auto_offset_reset="earliest",
        consumer_metadata_max_age_ms=int(LEADERS_SECONDS * 1000),
        stream_buffer_maxsize=BUFFERED_CHUNKS,
        # Faust would wait for acknowledgements that it never gets: the ledger has them.
        stream_wait_empty=False,
        table_standby_replicas=0,
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
    )
