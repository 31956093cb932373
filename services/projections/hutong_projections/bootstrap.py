"""The projector put together from its settings."""

import os
from dataclasses import dataclass
from functools import partial
from typing import Final

from confluent_kafka import Consumer
from prometheus_client import CollectorRegistry

from hutong.events.codec import default_codec
from hutong.kafka import consumer_config
from hutong.kafka.issues import record_reader
from hutong.ops.failpoint import Failpoints
from hutong.ops.health import HealthServer
from hutong.ops.metrics import ProjectionMetrics
from hutong.promotions.log import CityLog
from hutong.promotions.packs import read_packs
from hutong.readmodels import Ground, all_models
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
#: How long `city` may take to answer, between two turns of the loop.
_CITY_ASK_SECONDS: Final = 5.0
#: Fetched and not yet asked for; the default of 64 MiB would be 80,000 records of 800 bytes.
_QUEUED_KB: Final = 32_768


@dataclass(frozen=True, slots=True)
class Service:
    """The loop and the probes that watch it."""

    projector: Projector
    health: HealthServer


def bootstrap(settings: ProjectionsSettings) -> Service:
    """Build everything; PortError for a port that is taken.

    Reads all of `city`; raises as `hutong.promotions.packs.read_packs`.
    """
    codec = default_codec()
    packs = read_packs(
        CityLog(settings.access, topic=settings.projections_city, seconds=_CITY_ASK_SECONDS),
        codec,
        lead_seconds=settings.city_lead_seconds,
    )
    config = consumer_config(
        settings.access,
        settings.projections_group,
        session_timeout_ms=_SESSION_MS,
        heartbeat_interval_ms=_SESSION_MS // 3,
        max_poll_interval_ms=_MAX_POLL_MS,
        queued_max_messages_kbytes=_QUEUED_KB,
    )
    registry = CollectorRegistry()
    log = IssuesLog(Consumer(config), settings.projections_topic, record_reader(codec))
    sink = Sink(
        partial(connect, settings.database_url.get_secret_value()),
        all_models(),
        Ground.over(packs.known),
        codec,
        Failpoints.of(os.environ),
    )
    projector = Projector(
        log,
        packs,
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
