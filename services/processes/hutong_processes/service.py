"""The processes side by side: all run until one fails or somebody says stop."""

import threading
from collections.abc import Sequence

from hutong.ops.health import Health
from hutong_processes.worker import Worker


class Service:
    """All workers. `run` in the main thread, the rest from any."""

    def __init__(self, workers: Sequence[Worker], stop: threading.Event) -> None:
        self._workers = workers
        self._stop = stop

    def stop(self) -> None:
        """End after the turns in hand. Safe in a signal handler."""
        self._stop.set()

    def run(self) -> None:
        """Work until `stop`; raises what made one of them fail, after all have ended."""
        for worker in self._workers:
            worker.start()
        self._stop.wait()
        for worker in self._workers:
            worker.join()
        for worker in self._workers:
            if worker.failure is not None:
                raise worker.failure

    def health(self) -> Health:
        """Whether every loop turns."""
        stuck = [worker.process.name for worker in self._workers if worker.is_stuck]
        return Health(not stuck, {"stuck": stuck})

    def readiness(self) -> Health:
        """Whether every process works or stands by; one line for each."""
        ready = not any(worker.trouble for worker in self._workers)
        return Health(ready, {worker.process.name: worker.standing for worker in self._workers})
