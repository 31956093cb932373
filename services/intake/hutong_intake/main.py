"""The process: put the parts together, serve, stop cleanly."""

import asyncio
import signal
import socket
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version

import uvicorn
import uvloop
from confluent_kafka import KafkaException
from prometheus_client import CollectorRegistry

from hutong.checks import Finding, faults_in, faults_of, refusal
from hutong.checks.finding import fault
from hutong.checks.safety import database_url_findings, identity_findings, key_findings
from hutong.city import City, CityError, load_city
from hutong.events.codec import default_codec
from hutong.events.topics import load_topics
from hutong.kafka.start import kafka_faults
from hutong.keys import KeyFile, KeysError
from hutong.media.photo import Darkroom
from hutong.ops.listen import PortError, listen_on
from hutong.ops.log import configure_logging, get_logger
from hutong.ops.metrics import IntakeMetrics
from hutong.ops.registry import registry_faults
from hutong.privacy.keys import (
    IdentityKeys,
    IdentityKeysError,
    is_private,
    read_identity_keys,
)
from hutong.promotions.log import CityLog
from hutong.promotions.packs import Packs
from hutong.settings import EXIT_OK, EXIT_STOPPED, EXIT_USAGE, read_settings
from hutong_intake.act_writer import ActWriter
from hutong_intake.acts import Acts, topics_by_principal
from hutong_intake.api.app import Parts, build_app
from hutong_intake.api.auth import Gate
from hutong_intake.evidence import Evidence
from hutong_intake.idempotency import Memory
from hutong_intake.identity import Sealer
from hutong_intake.in_force import Follower, InForce
from hutong_intake.intake import Intake
from hutong_intake.limits import Limits, Rates
from hutong_intake.orders import KafkaInboxes
from hutong_intake.producer import KafkaLog
from hutong_intake.protocol import protocol_with
from hutong_intake.settings import IntakeSettings
from hutong_intake.status import DatabaseStatus, NoStatus
from hutong_intake.views import IssueView

#: After SIGTERM: what is being answered may end within so many seconds, then what is on its way
#: to the broker; 10 s in all, which is what launchers give.
_DRAIN_SECONDS = 8
_FLUSH_SECONDS = 1.5
#: How long the broker may be silent when `city` is read.
_CITY_SECONDS = 2.0
#: Idle connections are kept so long: longer than any load balancer's own, so that it closes first.
_KEEP_ALIVE_SECONDS = 75


@dataclass(slots=True)
class _Failure:
    """Why the process must end, once there is a reason."""

    why: str = ""
    server: uvicorn.Server | None = None

    def __call__(self, why: str) -> None:
        self.why = self.why or why
        get_logger().error("the producer can never work again", reason=why)
        if self.server is not None:
            self.server.should_exit = True


def main() -> int:
    """Serve until SIGTERM. 0 then, 2 on bad settings, 3 when it stopped itself."""
    settings = read_settings(IntakeSettings)
    configure_logging("intake", settings.log_level)
    registry = CollectorRegistry()
    metrics = IntakeMetrics(registry)

    def on_broken(error: KeysError) -> None:
        metrics.keys_broken.inc()
        get_logger().error("the key file is broken, the old keys stay", faults=str(error))

    faults = registry_faults(settings.registry_url)
    keys = city = listener = identity = None
    try:
        listener = listen_on(settings.intake_host, settings.intake_port, "HUTONG_INTAKE_PORT")
    except PortError as error:
        faults.append(error.fault)
    try:
        keys = KeyFile(settings.keys_file, clock=time.monotonic, on_broken=on_broken)
    except KeysError as error:
        faults += faults_in("keys", error)
    if settings.identity_keys_file is not None:
        try:
            identity = read_identity_keys(settings.identity_keys_file)
        except IdentityKeysError as error:
            faults += faults_in("identity keys", error)
    try:
        city = load_city(settings.city)
    except CityError as error:
        faults += faults_in("city", error)
    if settings.in_production:
        try:
            faults += _unsafe(settings, keys, identity, city)
        except KafkaException as error:
            get_logger().error("no broker answers", kafka=settings.kafka, why=str(error))
            if not faults:
                return EXIT_STOPPED
    if faults or listener is None or keys is None or city is None:
        sys.stderr.write(refusal(faults))
        return EXIT_USAGE
    # What a signal does after uvicorn has heeded it: nothing, so that `main` returns its code.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(settings, listener, keys, identity, city, metrics, registry))


def _unsafe(
    settings: IntakeSettings,
    keys: KeyFile | None,
    identity: IdentityKeys | None,
    city: City | None,
) -> list[Finding]:
    """Why not to start in production; without keys or city, what can be said without them."""
    ring = () if keys is None else keys.ring
    found = list(key_findings((key.id for key in ring), production=True))
    file = settings.identity_keys_file
    if file is None:
        found += identity_findings(None, private=False, production=True)
    elif identity is not None:
        found += identity_findings(identity.secrets, private=is_private(file), production=True)
    if settings.database_url is not None:
        url = settings.database_url.get_secret_value()
        found += database_url_findings(url, production=True)
    topics = load_topics(() if city is None else city.departments)
    written = list(topics_by_principal(topics).values())
    found += kafka_faults(settings.access, written, production=True)
    return faults_of(found)


async def _serve(
    settings: IntakeSettings,
    listener: socket.socket,
    keys: KeyFile,
    identity: IdentityKeys | None,
    city: City,
    metrics: IntakeMetrics,
    registry: CollectorRegistry,
) -> int:
    topics = load_topics(city.departments)
    spoken_for = topics_by_principal(topics)
    failure = _Failure()
    log = KafkaLog(
        settings.access,
        {topic.name: topic.partitions for topic in spoken_for.values()},
        confirm_seconds=settings.intake_confirm_seconds,
        in_flight=settings.intake_in_flight,
        on_fatal=failure,
    )
    metrics.in_flight.set_function(lambda: log.in_flight)
    inboxes = KafkaInboxes(settings.access, default_codec())
    url = settings.database_url
    status = NoStatus() if url is None else DatabaseStatus(url.get_secret_value())
    try:
        state = await log.state()
        if state.contradicts:
            sys.stderr.write(refusal([fault("kafka", state.why, "")]))
            return EXIT_USAGE

        def on_foreign_id(issue_id: str) -> None:
            metrics.foreign_ids.inc()
            get_logger().warning("an id came from a second channel", issue_id=issue_id)

        in_force = InForce(city)
        sealer = Sealer(identity)
        evidence = Evidence(settings.media, Darkroom())
        intake = Intake(
            log=log,
            in_force=in_force,
            topics=topics,
            codec=default_codec(),
            memory=Memory(settings.intake_remembered),
            evidence=evidence,
            clock=_now,
            alert=on_foreign_id,
            sealer=sealer,
            strict=settings.intake_strict,
        )
        acts = Acts(
            writer=ActWriter(log, spoken_for, default_codec(), Memory(settings.intake_remembered)),
            in_force=in_force,
            topics=spoken_for,
            status=status,
            evidence=evidence,
            clock=_now,
            sealer=sealer,
            strict=settings.intake_strict,
            patience=settings.intake_patience_seconds,
        )
        rates = Rates(
            key=settings.intake_key_per_minute,
            address=settings.intake_address_per_minute,
            stranger=settings.intake_strangers_per_minute,
        )
        limits = Limits(rates, lambda kind: metrics.limited.labels(kind).inc())
        app = build_app(
            Parts(
                intake=intake,
                acts=acts,
                view=IssueView(in_force, _now),
                evidence=evidence,
                gate=Gate(lambda: keys.ring, frozenset(spoken_for), _now, limits),
                limits=limits,
                log=log,
                topics=topics,
                inboxes=inboxes,
                status=status,
                metrics=metrics,
                registry=registry,
                failure=lambda: failure.why,
                body_seconds=settings.intake_body_seconds,
                version=version("hutong"),
            )
        )
        failure.server = uvicorn.Server(
            uvicorn.Config(
                app,
                http=protocol_with(settings.intake_body_seconds),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                # uvicorn believes X-Forwarded-For of any process on this machine by default.
                proxy_headers=bool(settings.intake_proxies),
                forwarded_allow_ips=settings.intake_proxies,
                timeout_keep_alive=_KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=_DRAIN_SECONDS,
            )
        )
        with Follower(in_force, lambda: _packs(settings)):
            await failure.server.serve(sockets=[listener])
    finally:
        left = await asyncio.to_thread(log.close, _FLUSH_SECONDS)
        await asyncio.to_thread(inboxes.close)
        if left:
            get_logger().error("reports were left without confirmation", reports=left)
        if isinstance(status, DatabaseStatus):
            await asyncio.to_thread(status.close)
    return EXIT_STOPPED if failure.why else EXIT_OK


def _packs(settings: IntakeSettings) -> Packs:
    log = CityLog(settings.access, seconds=_CITY_SECONDS)
    return Packs(log, default_codec(), lead_seconds=settings.city_lead_seconds)


def _now() -> int:
    return time.time_ns() // 1_000_000
