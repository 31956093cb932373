"""The projector put together from its settings."""

import os
from dataclasses import dataclass
from functools import partial
from typing import Final

from confluent_kafka import Consumer
from prometheus_client import CollectorRegistry

from hutong.city import load_city
from hutong.events.codec import default_codec
from hutong.issue.rules import Rules
from hutong.kafka import consumer_config
from hutong.kafka.issues import record_reader
from hutong.ops.failpoint import Failpoints
from hutong.ops.health import HealthServer
from hutong.ops.metrics import ProjectionMetrics
from hutong.readmodels import CityFacts, all_models
from hutong.store import connect
from hutong_projections.log import IssuesLog
from hutong_projections.runner import Projector
from hutong_projections.settings import ProjectionsSettings
from hutong_projections.sink import Sink

#: A killed projector's partitions go to another after this; the broker allows no less. A rebuild
#: that holds the offsets does not end a session: heartbeats go on in librdkafka's thread.
_SESSION_MS: Final = 6000
#: Longest time between two turns of the loop before the group gives our partitions away.
_MAX_POLL_MS: Final = 600_000
#: Fetched and not yet asked for; the default of 64 MiB would be 80,000 records of 800 bytes.
_QUEUED_KB: Final = 32_768


@dataclass(frozen=True, slots=True)
class Service:
    """The loop and the probes that watch it."""

    projector: Projector
    health: HealthServer


def bootstrap(settings: ProjectionsSettings) -> Service:
    """Build everything; CityError for a faulty city pack, PortError for a port that is taken.

    Connects to nothing yet.
    """
    city = load_city(settings.city)
    config = consumer_config(
        settings.access,
        settings.projections_group,
        session_timeout_ms=_SESSION_MS,
        heartbeat_interval_ms=_SESSION_MS // 3,
        max_poll_interval_ms=_MAX_POLL_MS,
        queued_max_messages_kbytes=_QUEUED_KB,
    )
    registry = CollectorRegistry()
    codec = default_codec()
    log = IssuesLog(Consumer(config), settings.projections_topic, record_reader(codec))
    sink = Sink(
        partial(connect, settings.database_url.get_secret_value()),
        all_models(),
        CityFacts.of(city),
        Rules.of(city),
        codec,
        Failpoints.of(os.environ),
    )
    projector = Projector(
        log,
        sink,
        ProjectionMetrics(registry),
        most=settings.projections_batch,
        seconds=settings.projections_wait_ms / 1000,
    )
    health = HealthServer(
        settings.projections_port,
        healthy=projector.health,
        ready=projector.readiness,
        registry=registry,
        setting="HUTONG_PROJECTIONS_PORT",
    )
    return Service(projector, health)
