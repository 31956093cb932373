"""The service put together from its settings. The list of processes is here."""

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from prometheus_client import CollectorRegistry

from hutong.events.codec import default_codec
from hutong.kafka.send import ConfirmedSender
from hutong.ops.failpoint import Failpoints
from hutong.ops.health import HealthServer
from hutong.ops.metrics import ProcessesMetrics
from hutong.promotions.log import CityLog
from hutong.promotions.packs import Packs
from hutong.store import connect
from hutong_processes.clocks import Clocks
from hutong_processes.duplicates import Duplicates
from hutong_processes.horizon import Horizon, KafkaLogs
from hutong_processes.merges import Merges
from hutong_processes.orders import Orders
from hutong_processes.process import Process
from hutong_processes.service import Service
from hutong_processes.settings import ProcessesSettings
from hutong_processes.worker import Worker

#: How often the horizon is looked for: some two hundred offsets are asked for each time, and
#: nobody minds a second.
_HORIZON_EVERY_MS: Final = 1_000


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
    kafka, most = settings.access, settings.processes_batch
    failpoints = Failpoints.of(os.environ)
    codec = default_codec()

    # One for each process, since each has a thread of its own.
    def packs() -> Packs:
        return Packs(CityLog(kafka), codec, lead_seconds=settings.city_lead_seconds)

    def horizon() -> Horizon:
        logs = KafkaLogs(kafka, settings.router_group)
        return Horizon(logs, margin_ms=settings.processes_margin_ms, every_ms=_HORIZON_EVERY_MS)

    def sender() -> ConfirmedSender:
        return ConfirmedSender(kafka)

    return (
        Orders(sender(), metrics, failpoints, most=most),
        Clocks(horizon(), packs(), sender(), codec, metrics, failpoints, most=most),
        Duplicates(packs(), sender(), codec, metrics, failpoints),
        Merges(
            horizon(),
            packs(),
            sender(),
            codec,
            metrics,
            failpoints,
            grace_ms=settings.processes_merge_grace_ms,
        ),
    )
