"""The whole local stack as one object: Kafka, PostgreSQL and the services, in a data folder."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import TracebackType

from hutong.city import load_city
from hutong.events.topics import load_topics
from hutong.kafka.access import KafkaAccess
from hutong.kafka.acls import BREAK_GLASS, BROKER, INTAKE, kafka_users
from hutong.local import kafka as kafka_node
from hutong.local.errors import LocalStackError
from hutong.local.folder import DataFolder, write_whole
from hutong.local.jars import kafka_jars
from hutong.local.java import find_java
from hutong.local.keys import (
    CLIENT_FILE,
    IDENTITY_FILE,
    SERVER_FILE,
    ensure_identity_keys,
    ensure_keys,
)
from hutong.local.ports import HOST, choose_ports, read_ports
from hutong.local.postgres import Cluster, place_of
from hutong.local.process import ChildSpec, terminate
from hutong.local.services import KAFKA_USER, ONE_SHOTS, SERVICES, one_shot_spec, service_spec
from hutong.local.state import (
    ChildStatus,
    Identity,
    StackState,
    StackStatus,
    read_state,
    write_state,
)
from hutong.local.supervisor import Supervisor
from hutong.local.users import FOLDER, add_users, ensure_passwords

KAFKA, POSTGRES = "kafka", "postgres"
PARTS = (KAFKA, POSTGRES, *SERVICES)
"""What `only` may name."""

ENVIRONMENT_FILE = "stack.env"

_LEFTOVER_SIGNALS = ((signal.SIGINT, 10.0), (signal.SIGTERM, 10.0))
"""SIGINT first: to PostgreSQL it is the fast shutdown, and everything else heeds it too."""


class Stack:
    """A real Kafka, PostgreSQL and Hutong's services on this machine.

    As a context manager it starts on entry and stops everything on exit; the data stays::

        with Stack(folder, only=("kafka", "postgres")) as stack:
            print(stack.kafka, stack.database_url)

    Args:
        data: the folder that keeps everything; made when absent.
        brokers: 1 or 3. A folder keeps the number it was made with.
        secure: Kafka asks everybody who they are; each service has its own user and rights. A
            folder stays what it was made as.
        only: the parts to start, of `PARTS`. The one-shots (topics, migrations) run before the
            services, when there are any and both Kafka and a database are there for them.
        ports: port by name (`kafka-1`, `postgres`, `intake`, ...) that must be used.
        preferred: ports to try first in a new folder; any free one without.
        database_url: a database to use as it is. It is never made, wiped or stopped by us.
        city: folder of the city pack for the services; the built-in one without.
        environment: added to what the services get.
        service_ready_seconds: how long a service may take to be ready.
        say: gets lines for a person.
    """

    def __init__(
        self,
        data: Path,
        *,
        brokers: int = 1,
        secure: bool = False,
        only: Collection[str] = PARTS,
        ports: Mapping[str, int] | None = None,
        preferred: Mapping[str, int] | None = None,
        database_url: str | None = None,
        city: Path | None = None,
        environment: Mapping[str, str] | None = None,
        service_ready_seconds: float = 90.0,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        if unknown := sorted(set(only) - set(PARTS)):
            raise LocalStackError(
                f"The stack has no part {', '.join(unknown)}.", f"Its parts: {', '.join(PARTS)}."
            )
        kafka_node.check_count(brokers)
        self.folder = DataFolder(data)
        self._brokers_wanted = brokers
        self._secure = secure
        self._passwords: dict[str, str] = {}
        self._only = frozenset(only)
        self._given = dict(ports or {})
        self._preferred = dict(preferred or {})
        self._database_url = database_url
        self._city = city
        self._environment = dict(environment or {})
        self._service_ready_seconds = service_ready_seconds
        self._say = say
        self._ports: dict[str, int] = {}
        self._brokers: list[kafka_node.Broker] = []
        self._cluster: Cluster | None = None
        self._supervisor: Supervisor | None = None
        self._state: StackState = "stopped"
        self._writing = threading.Lock()

    # -- where things are --------------------------------------------------------------------

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder.path

    @property
    def kafka(self) -> str:
        """The value of `bootstrap.servers`; of HUTONG_KAFKA when no Kafka is started here."""
        return kafka_node.bootstrap(self._brokers) or os.environ.get("HUTONG_KAFKA", "")

    def access(self, user: str = BREAK_GLASS) -> KafkaAccess:
        """How to reach Kafka as one of its users; just its address when it is not secure."""
        if not self._secure:
            return KafkaAccess(self.kafka)
        if user not in self._passwords:
            raise LocalStackError(f"This stack's Kafka has no user {user!r}.")
        return KafkaAccess(self.kafka, "sasl_plaintext", user, self._passwords[user])

    @property
    def kafka_users(self) -> tuple[str, ...]:
        """The users of a secure Kafka, super users included; none otherwise."""
        return tuple(self._passwords)

    @property
    def database_url(self) -> str:
        """How to connect to PostgreSQL, password included."""
        if self._database_url is not None:
            return self._database_url
        return self._cluster.url if self._cluster else os.environ.get("HUTONG_DATABASE_URL", "")

    @property
    def intake_url(self) -> str:
        """Where reports are sent."""
        return self.url("intake")

    @property
    def web_url(self) -> str:
        """Where the pages are."""
        return self.url("web")

    def url(self, service: str) -> str:
        """Return the HTTP address of a service."""
        return f"http://{HOST}:{self._ports[service]}"

    @property
    def keys_file(self) -> Path:
        """The file of key hashes that intake reads."""
        return self.data / SERVER_FILE

    @property
    def client_keys_file(self) -> Path:
        """The file of secrets for clients on this machine."""
        return self.data / CLIENT_FILE

    def environment(self) -> dict[str, str]:
        """Return the settings with which commands find this stack.

        Each command knows as which Kafka user it speaks; passwords are in files, by user.
        """
        return self._common() | self._sealing() | self._identity() | self._environment

    def _service_environment(self, user: str | None) -> dict[str, str]:
        """Return a service's settings: it is told of one password file, its own, or of none, and
        intake alone where the keys lie that seal who reported.
        """
        found = self._common() | (self._sealing() if user == INTAKE else {})
        return found | (self._identity(user) if user else {}) | self._environment

    def _sealing(self) -> dict[str, str]:
        if "intake" not in self._ports:
            return {}
        return {"HUTONG_IDENTITY_KEYS_FILE": str(self.data / IDENTITY_FILE)}

    def _identity(self, user: str = "") -> dict[str, str]:
        if not self._secure:
            return {}
        found = {
            "HUTONG_KAFKA_SECURITY": "sasl_plaintext",
            "HUTONG_KAFKA_PASSWORD_FILE": str(self.data / FOLDER / user),
        }
        return found | ({"HUTONG_KAFKA_USER": user} if user else {})

    def _common(self) -> dict[str, str]:
        found = {
            "HUTONG_KAFKA": self.kafka,
            "HUTONG_DATABASE_URL": self.database_url,
            "HUTONG_KEYS_FILE": str(self.keys_file),
            "HUTONG_WEB_KEYS_FILE": str(self.client_keys_file),
            "HUTONG_MEDIA_DIR": str(self.data / "media"),
        }
        for name in SERVICES:
            if name in self._ports:
                found[f"HUTONG_{name.upper()}_PORT"] = str(self._ports[name])
        if self._city is not None:
            found["HUTONG_CITY"] = str(self._city.resolve())
        return {name: value for name, value in found.items() if value}

    # -- starting and stopping ---------------------------------------------------------------

    def __enter__(self) -> Stack:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start what was asked for and wait until all of it is ready.

        Raises:
            LocalStackError: something is missing, in use or did not start. Nothing is left
                running then.
        """
        self.folder.open()
        self.folder.lock()
        try:
            end_leftovers(self.data, self._say)
            self._choose()
            self._state = "starting"
            self._supervisor = Supervisor(
                self.folder.logs, changed=self._write_state, say=self._say
            )
            self._start_stores()
            env = _env_text(self.environment())
            write_whole(self.data / ENVIRONMENT_FILE, env, 0o600)
            if self.services:
                self._start_services()
            self._state = "up"
            self._write_state(self._supervisor.status())
        except BaseException:
            self.stop()
            raise

    @property
    def services(self) -> tuple[str, ...]:
        """The services that this stack starts."""
        return tuple(name for name in SERVICES if name in self._only)

    def _choose(self) -> None:
        count = int(self.folder.remember("brokers", self._brokers_wanted))
        if count != self._brokers_wanted:
            raise LocalStackError(
                f"{self.data} was made with {count} broker(s), not {self._brokers_wanted}.",
                f"Remedy: --brokers {count}, or another folder with --data.",
            )
        self._remember_security()
        names = list(self.services)
        if KAFKA in self._only:
            names += kafka_node.port_names(count)
        if self._makes_database():
            names.append(POSTGRES)
        path = self.data / "ports.json"
        remembered = read_ports(path)
        self._ports = choose_ports(
            names, given=self._given, remembered=remembered, preferred=self._preferred
        )
        write_whole(path, json.dumps(remembered | self._ports, indent=1) + "\n")

    def _remember_security(self) -> None:
        if KAFKA not in self._only:
            self._secure = False
            return
        # A folder of before there was a choice has a formatted Kafka, and nothing written down.
        was_open = "cluster_id" in self.folder.facts() and "secure" not in self.folder.facts()
        secure = not was_open and bool(self.folder.remember("secure", int(self._secure)))
        if secure != self._secure:
            made = "with --secure" if secure else "without --secure"
            raise LocalStackError(
                f"{self.data} was made {made}, and its Kafka stays so.",
                f"Remedy: start it {made}, or use another folder with --data.",
            )

    def _makes_database(self) -> bool:
        return POSTGRES in self._only and self._database_url is None

    def _start_stores(self) -> None:
        specs: list[ChildSpec] = []
        if self._makes_database():
            self._cluster = Cluster(self.data / "postgres", self._ports[POSTGRES])
            programs = self._cluster.prepare()
            self._say(f"PostgreSQL {programs.version} ({programs.source})")
            specs.append(self._cluster.spec(programs))
        elif self._database_url is not None:
            which = place_of(self._database_url)
            self._say(f"PostgreSQL: {which}, which was given: it is not ours to wipe or stop")
        if KAFKA in self._only:
            specs = self._kafka_specs() + specs
        self._running.start(specs)
        if self._secure:
            add_users(self.access(), self._passwords)

    def _kafka_specs(self) -> list[ChildSpec]:
        java = find_java()
        jars = kafka_jars(say=self._say)
        command = kafka_node.java_command(java.path, jars.class_path)
        count = self._brokers_wanted
        self._brokers = kafka_node.make_brokers(self.data / "kafka", count, self._ports)
        cluster_id = str(self.folder.remember("cluster_id", kafka_node.new_cluster_id()))
        if self._secure:
            users = kafka_users(load_topics(load_city(self._city).departments))
            self._passwords = ensure_passwords(self.data, (BROKER, BREAK_GLASS, *users))
        kafka_node.prepare(self._brokers, command, cluster_id, self._passwords)
        secure = ", secure" if self._secure else ""
        self._say(f"Kafka, {count} broker(s){secure}, on Java {java.version} ({java.source})")
        return [kafka_node.broker_spec(b, command, self.access()) for b in self._brokers]

    def _start_services(self) -> None:
        ensure_identity_keys(self.data)
        ensure_keys(self.data, load_city(self._city).departments)
        for name in ONE_SHOTS:
            environment = self._service_environment(KAFKA_USER[name])
            self._running.run_once(one_shot_spec(name, environment, self.data))
        self._running.start([self._service_spec(name) for name in self.services])

    def _service_spec(self, name: str) -> ChildSpec:
        return service_spec(
            name,
            self._ports[name],
            self._service_environment(KAFKA_USER[name]),
            self.data,
            self._service_ready_seconds,
        )

    def stop(self) -> None:
        """Stop everything, last started first. The data stays. Does nothing when stopped."""
        if self._supervisor is not None:
            self._state = "stopping"
            self._supervisor.close()
            self._state = "stopped"
            self._write_state(self._supervisor.status())
            self._supervisor = None
        self.folder.unlock()

    # -- watching and disturbing -------------------------------------------------------------

    @property
    def _running(self) -> Supervisor:
        if self._supervisor is None:
            raise LocalStackError("The stack is not running.")
        return self._supervisor

    def wait(self, seconds: float) -> None:
        """Wait while the stack runs; raise should the supervisor itself have broken."""
        self._running.wait(seconds)

    def status(self) -> StackStatus:
        """Return how everything is now."""
        children = self._supervisor.status() if self._supervisor else []
        return self._status(children)

    def child(self, name: str) -> ChildStatus:
        """Return how one child is (`kafka-1`, `postgres`, `router`, ...)."""
        for child in self._running.status():
            if child.name == name:
                return child
        raise LocalStackError(f"No {name!r} in this stack.")

    def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a child a signal, SIGKILL without another, and do not wait."""
        self._running.send_signal(name, number)

    def restart_allowed(self, name: str, allowed: bool) -> None:
        """Say whether a child that dies is started again."""
        self._running.allow_restart(name, allowed)

    def stop_child(self, name: str) -> None:
        """Stop one child in an orderly way and leave it stopped."""
        self._running.stop(name)

    def start_child(self, name: str, *, wait: bool = True) -> None:
        """Start a stopped or failed child, or a service left out at the start."""
        known = {child.name for child in self._running.status()}
        if name in known:
            self._running.start_again(name)
            if wait:
                self._running.wait_ready(name)
        else:
            self._running.start([self._service_spec(name)])

    def wait_ready(self, name: str, seconds: float = 60.0) -> None:
        """Wait until a child is up (after a kill, say)."""
        self._running.wait_ready(name, seconds)

    def wait_restarted(self, name: str, restarts: int, seconds: float = 60.0) -> None:
        """Wait until a child has been started again so many times and is up."""
        until = time.monotonic() + seconds
        while (now := self.child(name)).restarts < restarts or now.state != "up":
            if now.state == "failed" or time.monotonic() > until:
                raise LocalStackError(f"{name} did not come back: {now.state}, {now.note}")
            time.sleep(0.05)

    def log(self, name: str) -> Path:
        """Return the log file of a child or one-shot."""
        return self.folder.logs / f"{name}.log"

    def _status(self, children: list[ChildStatus]) -> StackStatus:
        addresses = {"kafka": self.kafka}
        if self._cluster is not None:
            addresses["postgres"] = self._cluster.address
        addresses |= {name: self.url(name) for name in self.services if name in self._ports}
        return StackStatus(
            state=self._state,
            supervisor=Identity.of(os.getpid()) if self._state != "stopped" else None,
            brokers=self._brokers_wanted,
            addresses={name: address for name, address in addresses.items() if address},
            children=children,
        )

    def _write_state(self, children: list[ChildStatus]) -> None:
        """Called by the supervisor's thread and by ours: what is written last is the newest."""
        with self._writing:
            now = self._supervisor.status() if self._supervisor is not None else children
            write_state(self.data, self._status(now))


def end_leftovers(data: Path, say: Callable[[str], None] = lambda _: None) -> list[str]:
    """End the children of a supervisor that was killed; return their names.

    The caller holds the folder's lock. Only processes are ended whose id and start time are those
    written down.
    """
    state = read_state(data)
    ended = []
    for child in reversed(state.children if state else []):
        if child.process is not None and child.process.is_alive():
            say(f"Ending {child.name} (process {child.process.pid}), left by an earlier run.")
            terminate(child.process.pid, child.process.is_alive, _LEFTOVER_SIGNALS)
            ended.append(child.name)
    return ended


def read_environment(data: Path) -> dict[str, str]:
    """Return the settings with which commands find the stack of a data folder; empty if none."""
    try:
        text = (data / ENVIRONMENT_FILE).read_text("utf-8")
    except FileNotFoundError:
        return {}
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {pair[0]: pair[1] for pair in pairs}


def _env_text(environment: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in environment.items())
