"""Puts the router together and runs it until a signal or a surprise."""

import asyncio
import contextvars
import functools
import os
import signal
import threading
import time
from collections.abc import Coroutine
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from prometheus_client import CollectorRegistry

from hutong.events.codec import default_codec
from hutong.events.topics import TopicCatalogue, load_topics
from hutong.ops.failpoint import Failpoints
from hutong.ops.garbage import collect_seldom
from hutong.ops.health import HealthServer
from hutong.ops.log import get_logger
from hutong.ops.metrics import RouterMetrics
from hutong.settings import EXIT_OK, EXIT_STOPPED
from hutong_router.agent import RoutingAgent
from hutong_router.inputs import Inputs
from hutong_router.liveness import Stalls, Vitals, healthy, ready
from hutong_router.outlet import DeliveryError, Outlet
from hutong_router.route import Router
from hutong_router.rules import CityRules
from hutong_router.settings import RouterSettings
from hutong_router.transport import ChunkSchema, RouterApp, make_app
from hutong_router.watch import Watch

#: After a signal: to confirm the chunks in flight, and then to commit and leave the group. Both
#: together stay below the 10 s that a launcher waits before it kills.
_DRAIN_SECONDS = 4.0
_LEAVE_SECONDS = 4.0
_DRAIN_STEP_SECONDS = 0.005
_CITY_SECONDS = 0.5


class FaustStoppedError(Exception):
    """The app came to an end that nobody asked for."""


@dataclass(frozen=True, slots=True)
class Opened:
    """What was read from `city` before the start, and the metrics that count it."""

    rules: CityRules
    metrics: RouterMetrics
    registry: CollectorRegistry


@dataclass(frozen=True, slots=True)
class Parts:
    """The router, put together and not started."""

    app: RouterApp
    agent: RoutingAgent
    watch: Watch
    health: HealthServer
    vitals: Vitals
    rules: CityRules
    inputs: Inputs


def bootstrap(settings: RouterSettings, opened: Opened) -> Parts:
    """Make all parts; to be called in a running event loop. Connects nothing yet."""
    rules, metrics, registry = opened.rules, opened.metrics, opened.registry
    catalogue = load_topics(rules.departments)
    router = Router(rules.at, catalogue, default_codec())
    agent = RoutingAgent(
        router,
        Outlet(settings.access),
        metrics,
        version=version("hutong"),
        in_flight=settings.router_chunks_in_flight,
        dead_letters_in_a_row=settings.router_dead_letters_in_a_row,
        failpoints=Failpoints.of(os.environ),
        require_rules=rules.require_confirmed,
    )
    app = make_app(settings)
    _subscribe(app, catalogue, agent)
    inputs = Inputs(app, router, catalogue)
    vitals = Vitals.at_start(time.monotonic())
    health = HealthServer(
        settings.router_port,
        healthy=lambda: healthy(vitals, time.monotonic(), settings.router_idle_seconds),
        ready=lambda: ready(vitals),
        registry=registry,
        setting="HUTONG_ROUTER_PORT",
    )
    stalls = Stalls(settings.router_idle_seconds)
    watch = Watch(app, agent, vitals, metrics, settings.access, stalls)
    return Parts(app, agent, watch, health, vitals, rules, inputs)


def _subscribe(app: RouterApp, catalogue: TopicCatalogue, agent: RoutingAgent) -> None:
    topics = app.topic(*(topic.name for topic in catalogue.routed), schema=ChunkSchema())

    async def route_chunks(stream: Any) -> None:
        async for event in stream.noack().events():
            await agent.room()
            agent.take(event.value)

    app.agent(topics, name="router")(route_chunks)


async def run(settings: RouterSettings, opened: Opened) -> int:
    """Run until SIGTERM or SIGINT (0) or until something unexpected happens (3)."""
    parts = bootstrap(settings, opened)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    parts.health.start()
    collect_seldom()
    _read_city(parts, loop)
    tasks = [
        _task("signal", stop.wait()),
        _task("faust", _run_app(parts.app)),
        _task("pump", parts.agent.keep_pumping()),
        _task("watch", parts.watch.keep_watching()),
        _task("city", _keep_city(parts.rules, parts.inputs)),
    ]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    parts.vitals.stopping = True
    failures = [task for task in done if task.exception() is not None]
    for task in failures:
        get_logger().error("the router stops", part=task.get_name(), exc_info=task.exception())
    crashed = bool(failures) or not stop.is_set()
    if not crashed:
        crashed = not await _drain(parts.agent)
    for task in tasks:
        task.cancel()
    # Not wait_for: it would wait on where Faust swallows the cancellation.
    await asyncio.wait({_task("leave", parts.app.stop())}, timeout=_LEAVE_SECONDS)
    return EXIT_STOPPED if crashed else EXIT_OK


def _read_city(parts: Parts, loop: asyncio.AbstractEventLoop) -> None:
    """Read `city` on in a thread, for compiling a pack takes seconds."""

    def changed() -> None:
        catalogue = load_topics(parts.rules.departments)
        loop.call_soon_threadsafe(parts.inputs.read, catalogue)

    context = contextvars.copy_context()  # what every log line says of this process
    reading = functools.partial(context.run, parts.rules.keep_reading, changed)
    threading.Thread(target=reading, name="city", daemon=True).start()


async def _keep_city(rules: CityRules, inputs: Inputs) -> None:
    """Raise once it is not known any more which pack is in force, also while nothing comes in."""
    while True:
        rules.require_confirmed()
        inputs.keep()
        await asyncio.sleep(_CITY_SECONDS)


def _task(name: str, work: Coroutine[Any, Any, Any]) -> "asyncio.Task[Any]":
    return asyncio.create_task(work, name=name)


async def _run_app(app: RouterApp) -> None:
    """Start the app, which takes until partitions are assigned; always ends with an exception."""
    starting = _task("start", app.start())
    stopped = _task("stopped", app.wait_until_stopped())
    await asyncio.wait({starting, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if starting.done():
        starting.result()
        await stopped
    raise app.crash_reason or FaustStoppedError("Faust stopped without giving a reason")


async def _drain(agent: RoutingAgent) -> bool:
    """Take no more chunks and wait for those in flight; whether all were confirmed."""
    agent.close()
    deadline = time.monotonic() + _DRAIN_SECONDS
    while agent.in_flight and time.monotonic() < deadline:
        try:
            agent.pump()
        except DeliveryError as error:
            get_logger().error("not all was confirmed", exc_info=error)
            return False
        await asyncio.sleep(_DRAIN_STEP_SECONDS)
    return True
