"""Structured logs: one JSON object a line on standard error, with fixed keys and no personal data.

Keys: event (what happened, in words), level, time, service; and where they apply event_id,
issue_id, topic, partition, offset, group. Texts, names and phone numbers of reports are never
passed to a logger; passwords and API keys in what other libraries say are blotted out.
"""

import logging
import sys

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
