"""A record of `redriven` as the input that it once was. Pure."""

from hutong.events.deadletter import original_name
from hutong.events.redriven import Redrive
from hutong_router.records import DeadLetter, Fault, InputRecord, Redriven


def original(record: InputRecord) -> InputRecord | DeadLetter:
    """The input with its own topic, place, append time, and header names.

    Whoever may write `redriven` speaks for every sender, so that right is a person's alone; a
    record that was not made by `hutong dead-letters redrive` is a dead letter of its own.
    """
    try:
        redrive, headers = Redrive.read(record.headers)
    except ValueError as error:
        return DeadLetter(Fault.BAD_REDRIVE, f"it was not redriven by the tool: {error}")
    if redrive.time > record.timestamp:
        return DeadLetter(Fault.BAD_REDRIVE, f"its time {redrive.time} lies after the append time")
    source = redrive.source
    return InputRecord(
        source.topic,
        source.partition,
        source.offset,
        redrive.time,
        record.key,
        record.value,
        tuple(
            (original_name(name).decode("utf-8", "surrogateescape"), value)
            for name, value in headers
        ),
        Redriven(str(record.source), record.timestamp),
    )
