"""`hutong serve projections`."""

import signal
import sys
from types import FrameType

import psycopg
from confluent_kafka import KafkaException

from hutong.checks import refusal
from hutong.checks.finding import fault
from hutong.kafka.issues import UnreadableError
from hutong.ops.garbage import collect_seldom
from hutong.ops.listen import PortError, port_faults
from hutong.ops.log import configure_logging, get_logger
from hutong.ops.registry import registry_faults
from hutong.promotions.log import CityLogError
from hutong.promotions.timeline import NoPackError
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
    faults = port_faults("127.0.0.1", settings.projections_port, "HUTONG_PROJECTIONS_PORT")
    faults += registry_faults(settings.registry_url)
    service = None
    try:
        faults += start_faults(settings)
        service = bootstrap(settings)
    except NoPackError as error:
        faults.append(fault("city", str(error), ""))
    except PortError as error:
        faults = faults or [error.fault]
    except (KafkaException, DatabaseDownError, CityLogError) as error:
        get_logger().error("stopped: cannot check the installation", reason=str(error))
        if not faults:
            return EXIT_STOPPED
    if faults or service is None:
        sys.stderr.write(refusal(faults))
        return EXIT_USAGE

    def stop(_number: int, _frame: FrameType | None) -> None:
        service.projector.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    service.health.start()
    collect_seldom()
    try:
        service.projector.run()
    except (MigrationError, RebuildNeededError) as error:
        # Starting again cannot help: a person has to run the command that the message names.
        sys.stderr.write(refusal([fault("postgresql", str(error), "")]))
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
    except (FencedError, ProjectorStopError, CityLogError, psycopg.Error) as error:
        get_logger().error("stopped", reason=str(error))
        return EXIT_STOPPED
    finally:
        service.health.stop()
    get_logger().info("ended")
    return EXIT_OK
