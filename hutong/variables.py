"""The environment variables of Hutong: which there are, what is wrong with those that are set.

Secrets are named and never shown. `hutong config show` and docs/settings.md come from here.
"""

import difflib
import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from pydantic import SecretStr, ValidationError

if TYPE_CHECKING:
    from hutong.settings import Settings

PREFIX: Final = "HUTONG_"
HIDDEN: Final = "********"

MODELS: Final[Mapping[str, str]] = {
    "intake": "hutong_intake.settings:IntakeSettings",
    "router": "hutong_router.settings:RouterSettings",
    "projections": "hutong_projections.settings:ProjectionsSettings",
    "processes": "hutong_processes.settings:ProcessesSettings",
    "web": "hutong_web.settings:WebSettings",
}
"""Service -> its settings. By name, because the core imports no service."""

OTHERS: Final[Mapping[str, str]] = {
    "HUTONG_DATA": "Data folder of the local stack, for commands; default `.hutong`.",
    "HUTONG_DB_PASSWORD": "Password of the database that docker-compose.yml makes.",
    "HUTONG_OUTBOX": "The SDK's outbox, for `hutong outbox`.",
    "HUTONG_FAILPOINT": "Where a fault test kills a service; never set outside tests.",
}
"""Variables that are no setting of a service."""

_ABOUT: Final = """\
Generated from the settings of each service by `python tools/settings_doc.py`. Every value comes
from an environment variable; `hutong config show SERVICE` says which values a service would get
here and now. A variable that is missing, empty, wrong or not in this list ends the process with
exit code 2 and one message that names all of them."""

_TESTS: Final = "HUTONG_TEST_"
_NEAR: Final = 0.75
_PASSWORD: Final = re.compile(
    r"(://[^:/@\s]*:)[^@\s]+(@)|\b((?:sasl_)?password\s*=\s*)(?:'[^']*'|[^\s&',\"]+)|(\bhk_)[\w-]{8,}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting of one service. ``value`` is as it may be shown."""

    name: str
    value: str
    source: str
    meaning: str
    default: str
    required: bool
    secret: bool


def without_secrets(text: str) -> str:
    """The text with passwords in addresses, password=… and API keys blotted out."""

    def blot(found: re.Match[str]) -> str:
        before, at, pair, key = found.groups()
        return f"{before}{HIDDEN}{at}" if before else f"{pair or key}{HIDDEN}"

    return _PASSWORD.sub(blot, text)


def model_of(service: str) -> "type[Settings]":
    """The settings of a service."""
    module, _, name = MODELS[service].partition(":")
    found: type[Settings] = getattr(import_module(module), name)
    return found


def known_variables() -> frozenset[str]:
    """Every variable that any part of Hutong reads."""
    fields = {field for service in MODELS for field in model_of(service).model_fields}
    return frozenset({_variable(field) for field in fields} | OTHERS.keys())


def setting_faults(kind: "type[Settings]", environment: Mapping[str, str]) -> list[str]:
    """Everything that is wrong with the environment for these settings, a line each: what, and
    what to do. Repeats no secret."""
    ours = {name.upper(): text for name, text in environment.items() if _is_ours(name)}
    fields = {_variable(field): field for field in kind.model_fields}
    empty = [name for name in fields if name in ours and not ours[name].strip()]
    faults = [f"{name} is empty: give it a value, or unset it" for name in empty]
    try:
        kind()
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False, include_context=False):
            name = _variable(str(fault["loc"][0])) if fault["loc"] else ""
            if name not in empty:
                faults.append(_fault(kind, name, fault["type"], fault["msg"], ours))
    faults += _exposed(fields, ours)
    return faults + list(_unknown(ours, {*known_variables(), *fields}))


def variables_of(
    service: str, environment: Mapping[str, str], filled: frozenset[str] = frozenset()
) -> list[Variable]:
    """Every setting of a service as it is now. ``filled``: names that came from ``stack.env``."""
    ours = {name.upper(): text for name, text in environment.items() if _is_ours(name)}
    found = []
    for field, info in model_of(service).model_fields.items():
        name = _variable(field)
        secret = "Secret" in str(info.annotation)
        default = "" if info.is_required() else _plain(info.default)
        if name in ours:
            source = "stack.env" if name in filled else "environment"
            text = _hidden(ours[name]) if secret else without_secrets(ours[name])
        else:
            source = "missing" if info.is_required() else "default"
            text = default
        meaning = info.description or ""
        found.append(Variable(name, text, source, meaning, default, info.is_required(), secret))
    return found


def reference() -> str:
    """docs/settings.md."""
    lines = ["# Settings", "", _ABOUT]
    shared = {name for name, _ in _common()}
    lines += ["", "## Every service", *_table(_common())]
    for service in MODELS:
        own = [(n, v) for n, v in _named(service) if n not in shared]
        lines += ["", f"## {service}", *_table(own)]
    lines += ["", "## Others", "", "| variable | meaning |", "|---|---|"]
    lines += [f"| `{name}` | {meaning} |" for name, meaning in OTHERS.items()]
    return "\n".join(lines) + "\n"


def _common() -> list[tuple[str, Variable]]:
    """Settings that all services have with the same meaning."""
    each = [dict(_named(service)) for service in MODELS]
    first = each[0]
    return [(n, v) for n, v in first.items() if all(other.get(n) == v for other in each[1:])]


def _named(service: str) -> list[tuple[str, Variable]]:
    return [(variable.name, variable) for variable in variables_of(service, {})]


def _table(variables: list[tuple[str, Variable]]) -> list[str]:
    rows = ["", "| variable | default | meaning |", "|---|---|---|"]
    for name, variable in variables:
        default = "**required**" if variable.required else f"`{variable.default}`"
        if default == "``":
            default = "not set"
        meaning = variable.meaning.replace("|", "\\|")
        rows.append(f"| `{name}` | {default} | {meaning}{' Secret.' * variable.secret} |")
    return rows


def _fault(
    kind: "type[Settings]", name: str, code: str, message: str, ours: Mapping[str, str]
) -> str:
    message = message.removeprefix("Value error, ")
    field = name.removeprefix(PREFIX).lower()
    info = kind.model_fields.get(field)
    meaning = info.description if info is not None and info.description else ""
    if not name or info is None:
        return message
    if code == "missing":
        return f"{name} is missing. {meaning}".rstrip()
    if "Secret" in str(info.annotation):
        return f"{name} {message}"
    value = without_secrets(ours.get(name, ""))
    return f"{name} is {value!r}: {message}. {meaning}".rstrip()


def _exposed(fields: Mapping[str, str], ours: Mapping[str, str]) -> Iterator[str]:
    """Addresses beyond this machine, while nobody has said what kind of installation this is."""
    if ours.get("HUTONG_PROFILE"):
        return
    for name in fields:
        if name.endswith("_HOST") and ours.get(name) and not is_loopback(ours[name]):
            yield (
                f"{name} is {ours[name]!r}, beyond this machine: set HUTONG_PROFILE=production, or"
                " HUTONG_PROFILE=local where nobody else can reach it (inside a container)"
            )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the host."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _unknown(ours: Mapping[str, str], known: set[str]) -> Iterator[str]:
    for name in sorted(ours):
        if name in known or name.startswith(_TESTS):
            continue
        near = difflib.get_close_matches(name, sorted(known), 1, _NEAR)
        remedy = f"did you mean {near[0]}?" if near else "unset it; docs/settings.md lists them all"
        yield f"{name} is not a setting: {remedy}"


def _is_ours(name: str) -> bool:
    return name.upper().startswith(PREFIX)


def _variable(field: str) -> str:
    return PREFIX + field.upper()


def _plain(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, SecretStr):
        return HIDDEN
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)


def _hidden(text: str) -> str:
    """A secret as it may be shown: an address without its password, of all else nothing."""
    blotted = without_secrets(text)
    return blotted if "://" in text and blotted != text else HIDDEN
