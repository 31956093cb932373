"""`hutong serve processes`."""

import signal
import sys
from types import FrameType

import psycopg
from confluent_kafka import KafkaException

from hutong.checks import refusal
from hutong.checks.finding import fault
from hutong.ops.listen import PortError, port_faults
from hutong.ops.log import configure_logging, get_logger
from hutong.ops.registry import registry_faults
from hutong.promotions import NoPackError
from hutong.promotions.log import CityLogError
from hutong.settings import EXIT_OK, EXIT_STOPPED, EXIT_USAGE, read_settings
from hutong.store import DatabaseDownError, MigrationError, RebuildNeededError
from hutong_processes.bootstrap import bootstrap
from hutong_processes.settings import ProcessesSettings
from hutong_processes.start import start_faults


def main() -> int:
    """Work until SIGTERM; the exit code (0, 2 configuration, 3 stopped itself)."""
    settings = read_settings(ProcessesSettings)
    configure_logging("processes", settings.log_level)
    faults = port_faults("127.0.0.1", settings.processes_port, "HUTONG_PROCESSES_PORT")
    faults += registry_faults(settings.registry_url)
    parts = None
    try:
        parts = bootstrap(settings)
    except PortError as error:
        faults = faults or [error.fault]
    try:
        faults += start_faults(settings)
    except (KafkaException, DatabaseDownError) as error:
        get_logger().error("stopped: cannot check the installation", reason=str(error))
        if not faults:
            return EXIT_STOPPED
    if faults or parts is None:
        sys.stderr.write(refusal(faults))
        return EXIT_USAGE

    def stop(_number: int, _frame: FrameType | None) -> None:
        parts.service.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    parts.health.start()
    try:
        parts.service.run()
    except (MigrationError, RebuildNeededError) as error:
        # Starting again cannot help: a person has to run the command that the message names.
        sys.stderr.write(refusal([fault("postgresql", str(error), "")]))
        return EXIT_USAGE
    except (CityLogError, NoPackError, KafkaException, psycopg.Error) as error:
        get_logger().error("stopped", reason=str(error))
        return EXIT_STOPPED
    finally:
        parts.health.stop()
    get_logger().info("ended")
    return EXIT_OK
