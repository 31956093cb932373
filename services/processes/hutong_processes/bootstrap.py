"""The service put together from its settings. The list of processes is here."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from prometheus_client import CollectorRegistry

from hutong.kafka.send import ConfirmedSender
from hutong.ops.failpoint import Failpoints
from hutong.ops.health import HealthServer
from hutong.ops.metrics import ProcessesMetrics
from hutong.store import connect
from hutong_processes.orders import Orders
from hutong_processes.process import Process
from hutong_processes.service import Service
from hutong_processes.settings import ProcessesSettings
from hutong_processes.worker import Worker


@dataclass(frozen=True, slots=True)
class Parts:
    """The loops and the probes that watch them."""

    service: Service
    health: HealthServer


def bootstrap(settings: ProcessesSettings) -> Parts:
    """Build everything; PortError for a port that is taken. Connects to nothing yet."""
    registry = CollectorRegistry()
    metrics = ProcessesMetrics(registry)
    stop = threading.Event()
    database = partial(connect, settings.database_url.get_secret_value(), autocommit=True)
    workers = [
        Worker(process, database, metrics, pause=settings.processes_pause_ms / 1000, stop=stop)
        for process in processes(settings, metrics)
    ]
    service = Service(workers, stop)
    health = HealthServer(
        settings.processes_port,
        healthy=service.health,
        ready=service.readiness,
        registry=registry,
        setting="HUTONG_PROCESSES_PORT",
    )
    return Parts(service, health)


def processes(settings: ProcessesSettings, metrics: ProcessesMetrics) -> Sequence[Process]:
    """What happens by itself. One more is one more line here."""
    failpoints = Failpoints.of(os.environ)
    return (
        Orders(
            ConfirmedSender(settings.access), metrics, failpoints, most=settings.processes_batch
        ),
    )
