"""Kafka direct, for gateways inside the network that have a topic of their own."""

import threading
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from confluent_kafka import KafkaError, KafkaException, Producer

from hutong.events.acts import REPORT
from hutong.events.codec import default_codec
from hutong.events.faults import FieldFault
from hutong.events.headers import CE_TYPE
from hutong.events.receipt import Receipt
from hutong.events.topics import DESK, Topic, handling_topic, load_topics, reports_topic
from hutong.kafka import producer_config
from hutong.kafka.access import Brokers
from hutong.sdk.draft import Draft, event_of, invalid
from hutong.sdk.errors import InvalidError, Problem
from hutong.sdk.outcome import Later, Message, Outcome, Refused, Taken

#: How long the brokers may take for a record. Well below the outbox's lease.
_DELIVERY_MS: Final = 20_000
_FLUSH_SECONDS: Final = 25.0
_TOO_LARGE: Final = frozenset(
    {KafkaError.MSG_SIZE_TOO_LARGE, KafkaError._INVALID_ARG, KafkaError.RECORD_LIST_TOO_LARGE}
)


class KafkaTransport:
    """`Transport` to the topic of one principal: ``channel:hotline``, ``dept:water-co``, ``desk``.

    Each record waits for all in-sync copies; keys go where Java's client puts them. What may be on
    the topic is checked here, so that nothing of ours ends among the dead letters.
    """

    def __init__(self, brokers: Brokers, principal: str) -> None:
        self.topic = _topic_of(principal)
        self._principal = principal
        self._channels = load_topics(()).channels
        self._codec = default_codec()
        config = producer_config(brokers, message_timeout_ms=_DELIVERY_MS)
        self._config = {**config, "linger.ms": 2}
        self._lock = threading.Lock()
        self._producer: Any = None

    def __repr__(self) -> str:
        return f"KafkaTransport({self.topic.name!r})"

    def deliver(self, messages: list[Message]) -> list[Outcome]:
        """See `Transport.deliver`."""
        outcomes: list[Outcome | None] = [None] * len(messages)
        with self._lock:
            if self._producer is None:
                self._producer = Producer(self._config)
            for number, message in enumerate(messages):
                outcomes[number] = self._produce(message, partial(outcomes.__setitem__, number))
            self._producer.flush(_FLUSH_SECONDS)
            silent = Later(_no_answer("_TIMED_OUT"), everyone=True)
            found = [silent if outcome is None else outcome for outcome in outcomes]
            if any(isinstance(o, Later) and o.problem.code == "producer-failed" for o in found):
                self._producer = None  # it never works again: the next round makes a new one
        return found

    def close(self) -> None:
        """See `Transport.close`."""
        with self._lock:
            if self._producer is not None:
                self._producer.flush(1.0)
                self._producer = None

    def _produce(self, message: Message, settle: Any) -> Outcome | None:
        """Hand one to the producer, which calls ``settle`` later; or the outcome already known."""
        draft = Draft(message.event_id, message.issue_id, message.verb, message.body)
        try:
            event = event_of(draft, self._principal)
        except InvalidError as error:
            return Refused(error.problem)
        if event.avro_name not in self.topic.events:
            return Refused(_not_allowed(self._principal, message.verb))
        if message.verb != REPORT and event.head.causation_id is None:
            return Refused(_no_answers())

        def delivered(error: KafkaError | None, record: Any) -> None:
            settle(self._taken(message, record) if error is None else _failed(error))

        try:
            self._producer.produce(
                self.topic.name,
                key=event.head.issue_id.encode(),
                value=self._codec.encode(event),
                headers=[(CE_TYPE, event.avro_name.encode())],
                on_delivery=delivered,
            )
        except KafkaException as error:
            return _failed(error.args[0])
        except BufferError:
            return Later(_no_answer("_QUEUE_FULL"))
        return None

    def _taken(self, message: Message, record: Any) -> Taken:
        _, millis = record.timestamp()
        answer: dict[str, Any] = {
            "event_id": message.event_id,
            "issue_id": message.issue_id,
            "place": f"{record.topic()}/{record.partition()}/{record.offset()}",
            "received_at": datetime.fromtimestamp(millis / 1000, UTC).isoformat(
                timespec="milliseconds"
            ),
        }
        channel = self._principal.removeprefix("channel:")
        if message.verb == REPORT and channel in self._channels:
            number = Receipt(self._channels[channel], record.partition(), record.offset())
            answer["receipt"] = str(number)
        return Taken(answer)


def _topic_of(principal: str) -> Topic:
    kind, _, code = principal.partition(":")
    name = {"channel": reports_topic(code), "dept": handling_topic(code), "desk": DESK}.get(kind)
    topic = load_topics((code,) if kind == "dept" else ()).get(name or "")
    if topic is None or topic.writer != principal:
        zh = "没有这个主体的主题；形如 channel:hotline、dept:water-co、desk。"
        en = "No topic has this writer; say channel:hotline, dept:water-co or desk."
        raise invalid([FieldFault("principal", "unknown_principal", zh, en)])
    return topic


def _failed(error: KafkaError) -> Outcome:
    if error.code() in _TOO_LARGE:
        zh, en = "内容过大，消息系统不收。", "It is too large for Kafka."
        return Refused(Problem("too-large", zh, en))
    if error.fatal() or error.code() == KafkaError._FATAL:
        zh, en = "发送端须重建，会自动重发。", "The producer must be made anew; it is sent again."
        return Later(Problem("producer-failed", zh, en), everyone=True)
    return Later(_no_answer(error.name()), everyone=True)


def _no_answer(why: str) -> Problem:
    return Problem(
        "no-connection",
        f"消息系统没有确认（{why}）；恢复后会自动重发。",
        f"Kafka did not confirm ({why}); it is sent again by itself.",
    )


def _not_allowed(principal: str, verb: str) -> Problem:
    return Problem(
        "forbidden", f"{principal} 不得提交 {verb}。", f"{principal} may not send {verb}."
    )


def _no_answers() -> Problem:
    zh = "直接写入 Kafka 的动作须用 answers 指明所应答的事件。"
    en = "An act that goes to Kafka directly must say with `answers` which event it answers."
    return Problem("no-cause", zh, en, faults=(FieldFault("answers", "missing", zh, en),))
