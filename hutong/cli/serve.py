"""`hutong serve`: one service in the foreground, set up by HUTONG_* variables."""

from enum import StrEnum
from importlib import import_module

import typer

from hutong.packages import require_packages
from hutong.settings import read_settings
from hutong.variables import model_of


class Service(StrEnum):
    """What can be served."""

    INTAKE = "intake"
    ROUTER = "router"
    PROJECTIONS = "projections"
    PROCESSES = "processes"
    WEB = "web"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("serve")(serve)


def serve(service: Service = typer.Argument(help="Which service.")) -> None:
    """Run one service in the foreground (what `hutong up` and the container image call).

    Settings come from the environment: HUTONG_KAFKA, HUTONG_DATABASE_URL and the service's own.
    Ends with 0 after SIGTERM, 2 on bad settings, 3 when the service stopped itself.
    """
    require_packages(service.value)
    # Before the service is imported: what is wrong with the settings is to be said at once.
    read_settings(model_of(service.value))
    # By name, because services never import each other and the core imports none of them.
    raise typer.Exit(import_module(f"hutong_{service.value}.main").main())
