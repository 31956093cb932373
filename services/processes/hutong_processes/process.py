"""What a process is: something that happens by itself, again and again, in one place only."""

from typing import Protocol

from hutong.store import Connection


class Process(Protocol):
    """One of the service's processes. The `Worker` calls it, in a thread of its own.

    What it sends must have ids that follow from what it read: after a kill, and when two services
    ran for a moment, it says the same again.
    """

    @property
    def name(self) -> str:
        """Names it in probes, logs and metrics; also its lock: only one of that name is at work."""

    def turn(self, connection: Connection) -> bool:
        """Look once and do what is there, at most a batch; whether there may be more to do now.

        ``connection`` commits every statement by itself. psycopg's errors that pass, KafkaException
        and NotConfirmedError are tried again, later and later; whatever else is raised stops the
        service.
        """

    def close(self) -> None:
        """Let go of what it opened itself."""
