"""The interpreter, the packages, the settings."""

import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from importlib.util import find_spec
from typing import Final

from hutong.checks.finding import Finding, fault, ok
from hutong.packages import NEEDS
from hutong.variables import MODELS, PREFIX, model_of, setting_faults

_PYTHONS: Final = ((3, 11), (3, 14))
_PINNED: Final[Mapping[str, str]] = {"faust-streaming": "0.15.3"}
"""Versions whose private parts are used."""


def software_findings() -> Iterator[Finding]:
    """Python, our own version, the packages of each service."""
    version = ".".join(map(str, sys.version_info[:3]))
    if _PYTHONS[0] <= sys.version_info[:2] < _PYTHONS[1]:
        yield ok("python", version)
    else:
        yield fault("python", f"{version} is not supported", "use Python 3.11, 3.12 or 3.13")
    for extra, modules in NEEDS.items():
        # What is loaded is there; find_spec raises for faust, which replaces itself when loaded.
        missing = [name for name in modules if name not in sys.modules and find_spec(name) is None]
        if missing:
            yield fault(
                "packages",
                f"{', '.join(missing)} missing: {extra} cannot run here",
                f"pip install 'hutong[{extra}]'",
            )
    for name, wanted in _PINNED.items():
        try:
            found = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
        if found != wanted:
            yield fault("packages", f"{name} is {found}", f"pip install {name}=={wanted}")
    yield ok("packages", f"hutong {metadata.version('hutong')}")


def setting_findings(environment: Mapping[str, str]) -> Iterator[Finding]:
    """The variables of every service that has its port set here, and those that all need."""
    here = [name for name in MODELS if environment.get(f"{PREFIX}{name.upper()}_PORT")]
    found: dict[str, list[str]] = {}
    for service in here or ["projections"]:
        for text in setting_faults(model_of(service), environment):
            found.setdefault(text, []).append(service)
    for text, services in found.items():
        yield fault(
            "settings",
            f"{text} ({', '.join(services)})" if here else text,
            f"`hutong config show {services[0]}` lists them",
        )
    if not found:
        yield ok("settings", f"of {', '.join(here)}" if here else "of commands")
