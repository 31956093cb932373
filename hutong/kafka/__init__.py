"""How every librdkafka client of ours is set up."""

from collections.abc import Mapping
from typing import Any

from hutong.kafka.access import Brokers, KafkaAccess


def client_config(kafka: Brokers, **more: Any) -> dict[str, Any]:
    """Settings common to producers, consumers and admin clients."""
    access = kafka if isinstance(kafka, KafkaAccess) else KafkaAccess(kafka)
    return {
        "broker.address.family": "v4",
        "log_level": 3,
        **access.client_settings(),
        **{name.replace("_", "."): value for name, value in more.items()},
    }


def producer_config(kafka: Brokers, **more: Any) -> dict[str, Any]:
    """An idempotent producer that waits for all in-sync copies.

    murmur2_random is what Java and aiokafka use; librdkafka's own default puts 1,821 of 2,000 keys
    on another partition, which would split an issue's history.

    Two requests in flight to a broker are no slower than five (bench/router_speed.py: 0.13 s a
    chunk with either), and cost less while a broker is gone: an idempotent librdkafka 2.16 connects
    to it again and again without a pause (docs/faults.md).
    """
    return client_config(
        kafka,
        enable_idempotence=True,
        acks="all",
        partitioner="murmur2_random",
        linger_ms=5,
        max_in_flight=2,
        **more,
    )


def consumer_config(kafka: Brokers, group: str, **more: Any) -> dict[str, Any]:
    """A consumer that commits nothing by itself and does not skip what it has not seen.

    fetch.queue.backoff.ms defaults to 1000, which stalls a fast reader for a second at a time.
    """
    return client_config(
        kafka,
        group_id=group,
        enable_auto_commit=False,
        enable_auto_offset_store=False,
        auto_offset_reset="error",
        fetch_queue_backoff_ms=5,
        **more,
    )


def headers_of(message_headers: object) -> list[tuple[str, bytes | None]]:
    """A confluent message's headers as a list; empty when it has none."""
    if message_headers is None:
        return []
    if isinstance(message_headers, Mapping):
        return list(message_headers.items())
    return list(message_headers)  # type: ignore[call-overload,no-any-return]
