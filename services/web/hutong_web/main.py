"""`hutong serve web`."""

import signal
import sys
from types import FrameType

import uvicorn
from prometheus_client import CollectorRegistry

from hutong.city import CityError, load_city
from hutong.ops.log import configure_logging, get_logger
from hutong.settings import EXIT_OK, EXIT_STOPPED, EXIT_USAGE, read_settings
from hutong_web.app import create_app
from hutong_web.database import DatabaseSource
from hutong_web.settings import WebSettings


def main() -> int:
    """Serve the pages until told to stop; an exit code."""
    settings = read_settings(WebSettings)
    configure_logging("web", settings.log_level)
    try:
        city = load_city(settings.city)
    except CityError as error:
        sys.stderr.write(f"cannot start, the city pack has faults:\n{error}\n")
        return EXIT_USAGE
    # uvicorn raises the signal that ended it once more; a stop that was asked for is no failure.
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    registry = CollectorRegistry()
    with DatabaseSource(settings.database_url.get_secret_value()) as source:
        app = create_app(
            city,
            source,
            registry=registry,
            refresh_seconds=settings.web_refresh_seconds,
            intake_port=settings.intake_port,
        )
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                host=settings.web_host,
                port=settings.web_port,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        )
        try:
            server.run()
        except SystemExit as error:
            if error.code not in (0, None):
                get_logger().error("cannot listen", port=settings.web_port)
                return EXIT_STOPPED
    return EXIT_OK


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(EXIT_OK)


if __name__ == "__main__":
    raise SystemExit(main())
