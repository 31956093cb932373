"""The router's work as a plain loop over confluent-kafka: what Faust and its guarantees cost.

    python -m bench.peers.loop copy|route BOOTSTRAP GROUP INPUT[,INPUT] LOG ORDERS-PREFIX

`copy`: each record of the inputs to LOG as it is. `route`: our own `Router` for each record, so it
decodes, validates, classifies and masks by the same code, and writes the same records. It commits
once a second when all that was sent is confirmed; orders do not wait for the log.
"""

import sys
import time
from typing import Any

from confluent_kafka import Consumer, Producer
from hutong_router.dispatch import Dispatcher
from hutong_router.records import InputRecord
from hutong_router.route import Router

from hutong.city import load_city
from hutong.classify import Classifier
from hutong.events.codec import default_codec
from hutong.events.topics import ISSUES, load_topics
from hutong.kafka import consumer_config, headers_of, producer_config

_BATCH = 1000
_COMMIT_SECONDS = 1.0


def main(job: str, bootstrap: str, group: str, inputs: str, log: str, prefix: str) -> None:
    """Run until killed."""
    config = consumer_config(bootstrap, group)
    config |= {"auto.offset.reset": "earliest", "enable.auto.offset.store": True}
    consumer: Any = Consumer(config)
    consumer.subscribe(inputs.split(","))
    producer: Any = Producer(producer_config(bootstrap, queue_buffering_max_messages=1_000_000))
    router = make_router() if job == "route" else None
    committed = time.monotonic()
    while True:
        messages = consumer.consume(_BATCH, 0.1)
        for message in messages:
            if message.error() is not None:
                raise SystemExit(str(message.error()))
            if router is None:
                producer.produce(log, message.value(), message.key())
                continue
            routed: Any = router.route(
                InputRecord(
                    message.topic(),
                    message.partition(),
                    message.offset(),
                    message.timestamp()[1],
                    message.key(),
                    message.value(),
                    tuple(headers_of(message.headers())),
                )
            )
            for out in (*routed.log, *routed.orders):
                topic = log if out.topic == ISSUES else prefix + out.topic.removeprefix("dept-")
                producer.produce(topic, out.value, out.key, headers=list(out.headers))
        producer.poll(0)
        if time.monotonic() - committed > _COMMIT_SECONDS:
            if producer.flush(60):
                raise SystemExit("not all was confirmed")
            if messages:
                consumer.commit(asynchronous=False)
            committed = time.monotonic()


def make_router() -> Router:
    """By the sample pack, whatever the time."""
    city, codec = load_city(), default_codec()
    dispatcher = Dispatcher(city, Classifier(city), codec)
    return Router(lambda _instant: dispatcher, load_topics(city.departments), codec)


if __name__ == "__main__":
    main(*sys.argv[1:])
