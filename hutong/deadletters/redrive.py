"""Dead letters sent again, each once, as they came and with the time at which they were received.

They go to the topic `redriven`, and the router takes them from there as though it had just read
them in their own topic. What was sent is known from `redriven` itself and from nowhere else, so
there is nothing to forget between sending and remembering.
"""

import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, Message, Producer

from hutong.deadletters.letter import DeadLetter
from hutong.events.redriven import Redrive
from hutong.events.topics import REDRIVEN
from hutong.kafka import consumer_config, headers_of, producer_config
from hutong.kafka.access import Brokers
from hutong.kafka.acls import REDRIVE_GROUPS
from hutong.kafka.lag import topic_ends
from hutong.kafka.read import read_ranges
from hutong.kafka.send import NotConfirmedError, enqueue

_DELIVERY_MS: Final = 60_000
_FLUSH_SECONDS: Final = 90.0
_BATCH: Final = 500


class NoRedrivenTopicError(Exception):
    """The topic `redriven` is not there; the message says what to do."""


@dataclass(slots=True)
class RedrivePlan:
    """What a selection of dead letters comes to, each list in the order of `dead-letters`.

    ``done`` were redriven before (or are there twice), ``back`` came back from a redrive and were
    not asked for, ``hopeless`` cannot be sent: the value is only in their own topic, or they were
    made by no sender.
    """

    send: list[DeadLetter] = field(default_factory=list)
    done: list[DeadLetter] = field(default_factory=list)
    back: list[DeadLetter] = field(default_factory=list)
    hopeless: list[DeadLetter] = field(default_factory=list)


def plan(
    letters: Iterable[DeadLetter], sent: Iterable[tuple[str, str]], *, again: bool
) -> RedrivePlan:
    """Which of the letters to send. Pure.

    ``sent``: `Redrive.identity` of all that is in `redriven`. ``again``: those too that came back.
    """
    known, found = set(sent), RedrivePlan()
    for letter in letters:
        identity = redrive_of(letter).identity
        if letter.burial.left_out or letter.burial.source.topic == REDRIVEN:
            found.hopeless.append(letter)
        elif identity in known:
            found.done.append(letter)
        elif letter.burial.redriven and not again:
            found.back.append(letter)
        else:
            known.add(identity)
            found.send.append(letter)
    return found


def redrive_of(letter: DeadLetter) -> Redrive:
    """What `redriven` would say of it. Pure."""
    burial = letter.burial
    return Redrive(burial.source, burial.time, burial.redriven)


def sent_before(kafka: Brokers, topic: str = REDRIVEN) -> Iterator[tuple[str, str]]:
    """The identities in `redriven`, up to its end now. What others than the tool wrote is passed
    over: the router makes dead letters of it. NoRedrivenTopicError, KafkaException."""
    bounds = topic_ends(kafka, [topic])
    if not bounds:
        raise NoRedrivenTopicError(f"there is no topic {topic}: see `hutong topics create`")
    group = f"{REDRIVE_GROUPS}{secrets.token_hex(4)}"  # librdkafka wants a name, even unused
    consumer: Any = Consumer(consumer_config(kafka, group, enable_partition_eof=True))
    try:
        for messages in read_ranges(consumer, bounds, most=_BATCH):
            for message in messages:
                try:
                    yield Redrive.read(headers_of(message.headers()))[0].identity
                except ValueError:
                    continue  # not ours: no input was redriven by it
    finally:
        consumer.close()


def send(
    kafka: Brokers,
    letters: Iterable[DeadLetter],
    *,
    topic: str = REDRIVEN,
    on_sent: Callable[[DeadLetter], None] = lambda _: None,
) -> None:
    """Send them in order. ``on_sent`` for each that the broker confirmed; NotConfirmedError when
    it did not confirm all: a second run sends the rest."""
    producer = Producer(producer_config(kafka, delivery_timeout_ms=_DELIVERY_MS))
    failures: list[str] = []
    for letter in letters:

        def delivered(
            error: KafkaError | None, _message: Message, letter: DeadLetter = letter
        ) -> None:
            if error is None:
                on_sent(letter)
            else:
                failures.append(error.str())

        headers = (*redrive_of(letter).headers(), *letter.headers)
        enqueue(producer, topic, letter.key, letter.value, headers, delivered)
        producer.poll(0)
    left = producer.flush(_FLUSH_SECONDS)
    if failures or left:
        why = failures[0] if failures else f"no answer in {_FLUSH_SECONDS:.0f} s"
        raise NotConfirmedError(
            f"{len(failures) + left} dead letters were not confirmed ({why}). Run it again: "
            "what is in `redriven` is not sent twice."
        )
