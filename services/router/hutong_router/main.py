"""`hutong serve router`."""

import asyncio
import logging
import os
import sys
import time
from typing import NoReturn

from confluent_kafka import KafkaException
from prometheus_client import CollectorRegistry

from hutong.checks import refusal
from hutong.checks.finding import fault
from hutong.events.codec import default_codec
from hutong.events.topics import load_topics
from hutong.kafka.start import kafka_faults
from hutong.ops.listen import PortError, port_faults
from hutong.ops.log import configure_logging, get_logger, hold_repeats
from hutong.ops.metrics import RouterMetrics
from hutong.ops.registry import registry_faults
from hutong.promotions.log import CityLog, CityLogError
from hutong.promotions.timeline import NoPackError
from hutong.settings import EXIT_STOPPED, EXIT_USAGE, read_settings
from hutong_router.app import Opened, run
from hutong_router.rules import CityRules, open_rules
from hutong_router.settings import RouterSettings

#: Their INFO is a running commentary in tables; what matters of it we log ourselves.
_TALKATIVE = ("faust", "mode", "aiokafka")


def main() -> int:
    """Run the router; returns 2 on bad settings, else ends the process with 0 or 3."""
    settings = read_settings(RouterSettings)
    configure_logging("router", settings.log_level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    hold_repeats("aiokafka")  # without a broker it says so ten times a second
    registry = CollectorRegistry()
    metrics = RouterMetrics(registry)
    faults = port_faults("127.0.0.1", settings.router_port, "HUTONG_ROUTER_PORT")
    faults += registry_faults(settings.registry_url)
    production = settings.in_production
    try:
        # Without departments first: which there are, `city` says.
        faults += kafka_faults(settings.access, load_topics(()), production=production)
        if not faults:
            opened = Opened(_open_rules(settings, metrics), metrics, registry)
            # Faust would pick up a topic that is made later only after minutes.
            catalogue = load_topics(opened.rules.departments)
            faults = kafka_faults(settings.access, catalogue, production=production)
    except NoPackError as error:
        sys.stderr.write(refusal([fault("city", str(error), "")]))
        return EXIT_USAGE
    except CityLogError as error:
        get_logger().error("stopped", reason=str(error))
        return EXIT_STOPPED
    except KafkaException as error:
        get_logger().error("no broker answers", kafka=settings.kafka, why=str(error))
        if not faults:
            return EXIT_STOPPED
    if faults:
        sys.stderr.write(refusal(faults))
        return EXIT_USAGE
    try:
        asyncio.run(_run_to_the_end(settings, opened))
    except PortError as error:
        sys.stderr.write(refusal([error.fault]))
        return EXIT_USAGE
    return EXIT_STOPPED  # not reached


def _open_rules(settings: RouterSettings, metrics: RouterMetrics) -> CityRules:
    log = CityLog(settings.access, seconds=settings.city_lead_seconds / 6)
    now = time.time_ns() // 1_000_000
    lead = settings.city_lead_seconds
    return open_rules(log, default_codec(), metrics, lead_seconds=lead, now=now)


async def _run_to_the_end(settings: RouterSettings, opened: Opened) -> NoReturn:
    code = await run(settings, opened)
    logging.shutdown()
    # Not by returning: threads and tasks of a crashed Faust must not keep the process alive.
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
