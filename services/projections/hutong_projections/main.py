"""`hutong serve projections`."""

import signal
import sys
from types import FrameType

import psycopg
from confluent_kafka import KafkaException

from hutong.checks import refusal
from hutong.city import CityError
from hutong.kafka.issues import UnreadableError
from hutong.ops.listen import PortError
from hutong.ops.log import configure_logging, get_logger
from hutong.settings import EXIT_OK, EXIT_STOPPED, EXIT_USAGE, read_settings
from hutong.store import DatabaseDownError, FencedError, MigrationError, RebuildNeededError
from hutong_projections.bootstrap import bootstrap
from hutong_projections.errors import ProjectorStopError
from hutong_projections.settings import ProjectionsSettings
from hutong_projections.start import start_faults


def main() -> int:
    """Project until SIGTERM; the exit code (0, 2 configuration, 3 stopped itself)."""
    settings = read_settings(ProjectionsSettings)
    configure_logging("projections", settings.log_level)
    try:
        service = bootstrap(settings)
    except CityError as error:
        get_logger().error("cannot start: the city pack is faulty", reason=str(error))
        return EXIT_USAGE
    except PortError as error:
        get_logger().error("cannot start", reason=str(error))
        return EXIT_USAGE

    try:
        faults = start_faults(settings)
    except (KafkaException, DatabaseDownError) as error:
        get_logger().error("stopped: cannot check the installation", reason=str(error))
        return EXIT_STOPPED
    if faults:
        sys.stderr.write(refusal(faults))
        return EXIT_USAGE

    def stop(_number: int, _frame: FrameType | None) -> None:
        service.projector.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    service.health.start()
    try:
        service.projector.run()
    except (MigrationError, RebuildNeededError) as error:
        # Starting again cannot help: a person has to run the command that the message names.
        get_logger().error("cannot start", reason=str(error))
        return EXIT_USAGE
    except UnreadableError as error:
        get_logger().error(
            "stopped",
            reason=str(error),
            topic=error.topic,
            partition=error.partition,
            offset=error.offset,
        )
        return EXIT_STOPPED
    except (FencedError, ProjectorStopError, psycopg.Error) as error:
        get_logger().error("stopped", reason=str(error))
        return EXIT_STOPPED
    finally:
        service.health.stop()
    get_logger().info("ended")
    return EXIT_OK
