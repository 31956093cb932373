"""What the router overrides and uses of Faust is private to it: an upgrade must fail here first."""

from __future__ import annotations

import asyncio
import inspect
from importlib.metadata import version

import faust
import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.consumer import consumer as consumer_module
from aiokafka.consumer import fetcher
from aiokafka.record import default_records, memory_records
from faust.transport.consumer import Consumer as BaseConsumer
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import TP, ConsumerMessage
from hutong_router.ledger import Partition
from hutong_router.settings import RouterSettings
from hutong_router.transport import ChunkConsumer, ChunkTransport, RouterApp, broker_urls, make_app
from hutong_router.unpack import Batches, Records, take_any_header_name
from mode import CrashingSupervisor, Service

from tests.fixtures.raw_names import batch

REMEDY = "read the new sources against hutong_router/transport.py, then change the pin"


def parameters(function: object) -> list[str]:
    assert callable(function)
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize(
    ("package", "pinned"),
    [("faust-streaming", "0.15.3"), ("mode-streaming", "0.7.1"), ("aiokafka", "0.14.0")],
)
def test_the_versions_are_those_that_were_read(package: str, pinned: str) -> None:
    assert version(package) == pinned, REMEDY


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("getmany", ["self", "timeout"]),
        ("_wait_next_records", ["self", "timeout"]),
        ("_add_gap", ["self", "tp", "offset_from", "offset_to"]),
        ("_filter_tps_with_pending_acks", ["self", "topics"]),
        ("_new_offset", ["self", "tp"]),
        ("on_partitions_revoked", ["self", "revoked"]),
        ("perform_seek", ["self"]),
        ("highwater", ["self", "tp"]),
        ("assignment", ["self"]),
    ],
)
def test_the_consumer_has_what_is_overridden_and_used(name: str, expected: list[str]) -> None:
    assert parameters(getattr(driver.Consumer, name)) == expected, REMEDY


def test_the_consumer_asks_through_what_is_overridden() -> None:
    """Overriding helps only while the callers call."""
    for caller, called in (
        (BaseConsumer._drain_messages, "self.getmany"),
        (BaseConsumer._drain_messages, "self._add_gap("),
        (BaseConsumer.force_commit, "self._filter_tps_with_pending_acks("),
        (BaseConsumer._filter_committable_offsets, "self._new_offset("),
    ):
        assert called in inspect.getsource(caller), REMEDY
    assert inspect.isasyncgenfunction(BaseConsumer.getmany)
    for name in ("_buffered_partitions", "_committed_offset", "flow_active"):
        assert name in inspect.getsource(BaseConsumer), REMEDY


def test_a_rebalance_ends_with_a_seek() -> None:
    """Records dropped in a rebalance are read again only because of this."""
    from faust.tables.recovery import Recovery

    assert "consumer.perform_seek()" in inspect.getsource(Recovery._resume_streams), REMEDY


def test_the_app_has_what_is_overridden_and_used() -> None:
    assert parameters(faust.App._new_transport) == ["self"]
    assert parameters(faust.App._create_directories) == ["self"]
    assert driver.Transport.Consumer is driver.Consumer
    for name in ("crash", "stop", "start", "wait_until_stopped"):
        assert inspect.iscoroutinefunction(getattr(Service, name))
    assert isinstance(inspect.getattr_static(Service, "crash_reason"), property)
    assert "compile" in vars(faust.Schema)


def test_messages_and_records_have_the_fields_used() -> None:
    used = {"topic", "partition", "offset", "timestamp", "timestamp_type", "headers", "key"}
    used |= {"value", "checksum", "serialized_key_size", "serialized_value_size", "tp"}
    assert used | {"generation_id"} <= set(parameters(ConsumerMessage.__init__))
    assert used - {"tp"} <= set(ConsumerRecord.__dataclass_fields__)


def test_faust_never_looks_at_acks_of_a_stream_that_has_none() -> None:
    source = inspect.getsource(faust.Stream.noack)
    assert "enable_acks=False" in source, REMEDY


def test_a_partition_of_ours_is_faust_s() -> None:
    assert Partition("t", 1) == TP("t", 1)
    assert hash(Partition("t", 1)) == hash(TP("t", 1))


def test_aiokafka_does_not_auto_create_what_it_reads() -> None:
    assert "auto_offset_reset" in parameters(AIOKafkaConsumer.__init__)


def test_broker_lists_are_written_faust_s_way() -> None:
    assert broker_urls("a:1, b:2") == "kafka://a:1;kafka://b:2"


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch) -> RouterApp:
    """Made with an environment that Faust would let override what we set."""
    for name, value in (
        ("PROCESSING_GUARANTEE", "exactly_once"),
        ("WEB_ENABLED", "yes"),
        ("TOPIC_ALLOW_DECLARE", "yes"),
        ("BROKER_URL", "kafka://elsewhere:1"),
    ):
        monkeypatch.setenv(name, value)

    async def make() -> RouterApp:
        return make_app(RouterSettings(kafka="a:1,b:2", router_port=0))

    return asyncio.run(make())


def test_the_settings_are_ours_whatever_the_environment_says(app: RouterApp) -> None:
    conf = app.conf
    assert conf.id == "router"
    assert [str(url) for url in conf.broker] == ["kafka://a:1", "kafka://b:2"]
    assert conf.agent_supervisor is CrashingSupervisor
    assert conf.processing_guarantee.value == "at_least_once"
    assert conf.consumer_auto_offset_reset == "earliest"
    assert conf.topic_allow_declare is False
    assert conf.topic_disable_leader is True
    assert conf.web_enabled is False
    assert conf.stream_wait_empty is False
    assert conf.table_standby_replicas == 0
    assert (conf.broker_session_timeout, conf.broker_commit_interval) == (6.0, 1.0)


def test_the_app_reads_through_our_consumer(app: RouterApp) -> None:
    assert isinstance(app.transport, ChunkTransport)
    assert app.transport.Consumer is ChunkConsumer


def test_a_started_app_notices_that_it_is_to_read_more_topics(app: RouterApp) -> None:
    conductor = app.topics
    for name in ("_topics", "_topic_name_index", "_subscription_changed"):
        assert hasattr(conductor, name), REMEDY
    assert conductor._resubscribe_sleep_lock_seconds == 45.0, REMEDY
    source = inspect.getsource(type(conductor)._update_indices)
    assert "list(self._topics)" in source, REMEDY
    assert "in channel.topics" in source, REMEDY


@pytest.fixture
def stock(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka's fetcher as it comes, whatever an earlier test has made of it."""
    monkeypatch.setattr(fetcher, "MemoryRecords", memory_records.MemoryRecords)
    monkeypatch.setattr(fetcher, "PartitionRecords", Records.__mro__[1])


@pytest.mark.usefixtures("stock")
def test_aiokafka_still_cannot_unpack_a_header_whose_name_is_no_text() -> None:
    """The day that it can, hutong_router/unpack.py may go."""
    fetched = memory_records.MemoryRecords(batch(0, [[(b"\xff", b"x")]]))
    place = TopicPartition("t", 0)
    with pytest.raises(UnicodeDecodeError):
        list(fetcher.PartitionRecords(place, fetched, None, 0, None, None, True, 0))


@pytest.mark.usefixtures("stock")
def test_the_fetcher_makes_what_unpack_puts_in_its_place() -> None:
    """Read by globals of its module, with these arguments, and by iterating."""
    assert consumer_module.Fetcher is fetcher.Fetcher
    made = inspect.getsource(fetcher.Fetcher._proc_fetch_request)
    assert "records = MemoryRecords(part_data[-1])" in made, REMEDY
    assert "partition_records = PartitionRecords(" in made, REMEDY
    assert "for msg in self._partition_records" in inspect.getsource(fetcher.FetchResult.getall)
    take_any_header_name()
    assert (fetcher.MemoryRecords, fetcher.PartitionRecords) == (Batches, Records)


@pytest.mark.parametrize(
    ("function", "reads"),
    [
        # Records: a new iterator goes on where the last one failed.
        (fetcher.PartitionRecords.__init__, "self._records = records"),
        (fetcher.PartitionRecords.__init__, "self._tp = tp"),
        (fetcher.PartitionRecords.__init__, "self._records_iterator = self._unpack_records()"),
        (fetcher.PartitionRecords.__next__, "return next(self._records_iterator)"),
        (fetcher.PartitionRecords._unpack_records, "while records.has_next():"),
        (fetcher.PartitionRecords._unpack_records, "next_batch = records.next_batch()"),
        (fetcher.PartitionRecords._unpack_records, "if record.offset < self.next_fetch_offset:"),
        (fetcher.PartitionRecords._unpack_records, "self.next_fetch_offset = record.offset + 1"),
        # Batches: the slice that is next.
        (memory_records._MemoryRecordsPy.has_next, "return self._next_slice is not None"),
        (memory_records._MemoryRecordsPy.next_batch, "next_slice = self._next_slice"),
        (memory_records._MemoryRecordsPy.next_batch, "return DefaultRecordBatch(next_slice)"),
        # _LenientBatch: whose bytes they are that decode.
        (default_records._DefaultRecordBatchPy.__iter__, "self._maybe_uncompress()"),
        (default_records._DefaultRecordBatchPy._read_msg, "buffer = self._buffer"),
        (
            default_records._DefaultRecordBatchPy._read_msg,
            'h_key = buffer[pos : pos + h_key_len].decode("utf-8")',
        ),
    ],
)
def test_unpacking_is_written_as_unpack_takes_it_to_be(function: object, reads: str) -> None:
    assert reads in inspect.getsource(function), REMEDY  # type: ignore[arg-type]


def test_unpacking_is_fast_and_fails_as_the_fast_parser_does() -> None:
    """The parser in Python hides the UnicodeDecodeError that unpack waits for."""
    fast = default_records.DefaultRecordBatch
    assert fast is not default_records._DefaultRecordBatchPy, "aiokafka lacks its extensions"
    assert parameters(fetcher.PartitionRecords._unpack_records) == ["self"]
    assert parameters(default_records._DefaultRecordBatchPy._maybe_uncompress) == ["self"]
