"""Structured logs: one JSON object a line on standard error, with fixed keys and no personal data.

Keys: event (what happened, in words), level, time, service; and where they apply event_id,
issue_id, topic, partition, offset, group. Texts, names and phone numbers of reports are never
passed to a logger; passwords and API keys in what other libraries say are blotted out.
"""

import logging
import sys
import time
from collections.abc import Callable

import structlog

from hutong.variables import without_secrets


def configure_logging(service: str, level: str = "INFO") -> None:
    """Set up structlog, and send the standard library's loggers the same way. Once a process."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _hide_secrets,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    structlog.contextvars.bind_contextvars(service=service)


class Repeats(logging.Filter):
    """Lets the first of a kind of message through, then one every so many seconds.

    That one says how many were held back. A kind is a line of source that logs by a logger of the
    library. For libraries that try again ten times a second and say so each time.
    """

    def __init__(
        self, library: str, seconds: float = 10.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(library)  # the base class lets through what is not of this logger's
        self._seconds = seconds
        self._clock = clock
        self._kinds: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether it is to be written; changes the text of one that stands for more."""
        if not super().filter(record):
            return True
        now = self._clock()
        kind = record.pathname, record.lineno
        since, held = self._kinds.get(kind, (float("-inf"), 0))
        if now - since < self._seconds:
            self._kinds[kind] = since, held + 1
            return False
        self._kinds[kind] = now, 0
        if held:
            record.msg = f"{record.getMessage()} (and {held} more like it)"
            record.args = None
        return True


def hold_repeats(*libraries: str) -> None:
    """Hold back what these libraries repeat; after `configure_logging`."""
    for handler in logging.getLogger().handlers:
        for library in libraries:
            handler.addFilter(Repeats(library))


def _hide_secrets(
    _logger: object, _method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """Blot out passwords in addresses and API keys, whatever error text they came in with."""
    return {
        name: without_secrets(value) if isinstance(value, str) else value
        for name, value in event.items()
    }


def get_logger() -> structlog.stdlib.BoundLogger:
    """A logger; call it where it is used, after `configure_logging`."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger()
    return logger
