"""`hutong serve router`."""

import asyncio
import logging
import os
import sys
from typing import NoReturn

from confluent_kafka import KafkaException

from hutong.checks import refusal
from hutong.city import CityError, load_city
from hutong.events.topics import load_topics
from hutong.kafka.start import kafka_faults
from hutong.ops.listen import PortError
from hutong.ops.log import configure_logging, get_logger
from hutong.settings import EXIT_STOPPED, EXIT_USAGE, read_settings
from hutong_router.app import run
from hutong_router.settings import RouterSettings

#: Their INFO is a running commentary in tables; what matters of it we log ourselves.
_TALKATIVE = ("faust", "mode", "aiokafka")


def main() -> int:
    """Run the router; returns 2 on bad settings, else ends the process with 0 or 3."""
    settings = read_settings(RouterSettings)
    configure_logging("router", settings.log_level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        # Faust would pick up a topic that is made later only after minutes.
        catalogue = load_topics(load_city(settings.city).departments)
        faults = kafka_faults(settings.access, catalogue, production=settings.in_production)
    except CityError as error:
        sys.stderr.write(f"cannot start, the city pack has faults:\n{error}\n")
        return EXIT_USAGE
    except KafkaException as error:
        get_logger().error("no broker answers", kafka=settings.kafka, why=str(error))
        return EXIT_STOPPED
    if faults:
        sys.stderr.write(refusal(faults))
        return EXIT_USAGE
    try:
        asyncio.run(_run_to_the_end(settings))
    except PortError as error:
        sys.stderr.write(f"cannot start: {error}\n")
        return EXIT_USAGE
    return EXIT_STOPPED  # not reached


async def _run_to_the_end(settings: RouterSettings) -> NoReturn:
    code = await run(settings)
    logging.shutdown()
    # Not by returning: threads and tasks of a crashed Faust must not keep the process alive.
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
