"""`hutong serve web`."""

import signal
import sys
from collections.abc import Mapping
from types import FrameType

import uvicorn
from prometheus_client import CollectorRegistry

from hutong.checks import Finding, faults_in, faults_of, refusal
from hutong.checks.safety import database_url_findings, postgres_findings
from hutong.city import CityError, load_city
from hutong.events.topics import load_topics
from hutong.ops.listen import PortError, listen_on
from hutong.ops.log import configure_logging, get_logger
from hutong.settings import EXIT_OK, EXIT_STOPPED, EXIT_USAGE, read_settings
from hutong.store import DatabaseDownError
from hutong.store.facts import read_facts
from hutong_web.acts.intake import HttpIntake
from hutong_web.acts.keys import ActingKeysError, read_acting_keys
from hutong_web.acts.writing import Writing
from hutong_web.app import create_app
from hutong_web.database import DatabaseSource
from hutong_web.settings import WebSettings


def main() -> int:
    """Serve the pages until told to stop; an exit code."""
    settings = read_settings(WebSettings)
    configure_logging("web", settings.log_level)
    faults: list[Finding] = []
    city = listener = None
    try:
        listener = listen_on(settings.web_host, settings.web_port, "HUTONG_WEB_PORT")
    except PortError as error:
        faults.append(error.fault)
    try:
        city = load_city(settings.city)
    except CityError as error:
        faults += faults_in("city", error)
    keys: Mapping[str, str] = {}
    if settings.web_keys_file is not None:
        try:
            keys = read_acting_keys(
                settings.web_keys_file,
                load_topics(()).channels,
                production=settings.in_production,
            )
        except ActingKeysError as error:
            faults.append(error.finding)
    if settings.in_production:
        url = settings.database_url.get_secret_value()
        faults += faults_of(database_url_findings(url, production=True))
        try:
            faults += faults_of(postgres_findings(read_facts(url), production=True))
        except DatabaseDownError as error:
            get_logger().error("stopped: cannot check the database", reason=str(error))
            if not faults:
                return EXIT_STOPPED
    if faults or listener is None or city is None:
        sys.stderr.write(refusal(faults))
        return EXIT_USAGE
    # uvicorn raises the signal that ended it once more; a stop that was asked for is no failure.
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    registry = CollectorRegistry()
    intake_url = settings.web_intake_url or f"http://127.0.0.1:{settings.intake_port}"
    with (
        DatabaseSource(settings.database_url.get_secret_value()) as source,
        HttpIntake(intake_url) as intake,
    ):
        app = create_app(
            city,
            source,
            registry=registry,
            refresh_seconds=settings.web_refresh_seconds,
            intake_port=settings.intake_port,
            writing=Writing(intake, keys),
        )
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        )
        server.run(sockets=[listener])
    return EXIT_OK


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(EXIT_OK)


if __name__ == "__main__":
    raise SystemExit(main())
