"""Kafka for commands: its faults as one plain line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from hutong.cli.environment import no_stack_hint
from hutong.settings import EXIT_FAILED

if TYPE_CHECKING:
    from confluent_kafka import KafkaException

    from hutong.kafka.access import KafkaAccess


@contextmanager
def kafka_faults_said(access: "KafkaAccess") -> Iterator[None]:
    """Within it, a KafkaException ends the command with what is wrong and what to do."""
    from confluent_kafka import KafkaException

    try:
        yield
    except KafkaException as error:
        typer.echo(f"hutong: {kafka_fault(access, error)}", err=True)
        raise typer.Exit(EXIT_FAILED) from None


@contextmanager
def kafka_reached(access: "KafkaAccess") -> Iterator[None]:
    """The same, entered once a broker has answered; it is given some seconds to come back."""
    from hutong.kafka.admin import await_broker
    from hutong.kafka.patience import patiently

    with kafka_faults_said(access):
        patiently(lambda seconds: await_broker(access, seconds))
        yield


def kafka_fault(access: "KafkaAccess", error: "KafkaException") -> str:
    """One line: what is wrong, then the remedy."""
    from hutong.kafka.patience import is_away, is_denied

    fault = error.args[0]
    if is_denied(fault):
        who = f"the user {access.user!r}" if access.user else "us"
        return (
            f"Kafka refuses {who}: {fault.str()}; `hutong topics acls --check` names missing rights"
        )
    if not is_away(fault):
        return f"Kafka refuses: {fault.str()}; `hutong doctor` looks at the whole installation"
    remedy = no_stack_hint("HUTONG_KAFKA") or "is it running, and is HUTONG_KAFKA right?"
    return f"Kafka at {access.bootstrap} does not answer: {remedy}"
