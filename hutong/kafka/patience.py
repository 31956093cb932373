"""Asks again while a broker is away for a moment."""

import time
from collections.abc import Callable
from typing import TypeVar

from confluent_kafka import KafkaError, KafkaException

PATIENCE = 10.0
"""Seconds: longer than a broker's restart or a new leader takes, short for somebody who waits."""

_PAUSE = 0.3
_AWAY = frozenset(
    {
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._TRANSPORT,
        KafkaError._TIMED_OUT,
        KafkaError._WAIT_COORD,
        KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.LEADER_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.NOT_LEADER_FOR_PARTITION,
        KafkaError.BROKER_NOT_AVAILABLE,
        KafkaError.REQUEST_TIMED_OUT,
    }
)

_DENIED = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)

_T = TypeVar("_T")


def is_away(error: KafkaError) -> bool:
    """Whether asking again may help: nothing is wrong with the question."""
    return error.retriable() or error.code() in _AWAY


def is_denied(error: KafkaError) -> bool:
    """Whether this user has not the right."""
    return error.code() in _DENIED


def patiently(
    ask: Callable[[float], _T],
    seconds: float = PATIENCE,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> _T:
    """The answer to a question that is safe to repeat; ``ask`` gets the seconds that are left.

    Raises the last KafkaException once they are over, any other kind of it at once.
    """
    until = clock() + seconds
    while True:
        try:
            return ask(max(0.1, until - clock()))
        except KafkaException as error:
            if not is_away(error.args[0]) or clock() + _PAUSE >= until:
                raise
        sleep(_PAUSE)
