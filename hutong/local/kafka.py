"""One or three KRaft brokers on loopback: their files, commands and readiness."""

from __future__ import annotations

import base64
import signal
import subprocess
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from hutong.kafka import client_config
from hutong.kafka.access import SASL_MECHANISM, KafkaAccess
from hutong.kafka.acls import BROKER, SUPER_USERS
from hutong.local.errors import LocalStackError
from hutong.local.folder import write_whole
from hutong.local.ports import HOST
from hutong.local.process import ChildSpec
from hutong.local.users import storage_arguments

HEAP = "-Xmx512m"
"""Three brokers with this heap took 1.1 GB in all; one took 360 MB."""

_OPEN, _SECURE = "PLAINTEXT", "SASL_PLAINTEXT"
"""Listeners. No TLS on loopback: who can listen in there can read the data folder too."""

_STOP = ((signal.SIGTERM, 20.0),)
"""A broker closes its log files on SIGTERM; killed, it checks them all at its next start."""


@dataclass(frozen=True)
class Broker:
    """One node, broker and controller at once. `home` keeps its files."""

    node: int
    home: Path
    port: int
    controller_port: int

    @property
    def name(self) -> str:
        """Its name in the stack."""
        return f"kafka-{self.node}"

    @property
    def address(self) -> str:
        """Where clients reach it."""
        return f"{HOST}:{self.port}"

    @property
    def config_file(self) -> Path:
        """Its server.properties, written anew at each start."""
        return self.home / "server.properties"

    @property
    def users_file(self) -> Path:
        """The users that its storage is formatted with; gone once that is done."""
        return self.home / "users.arguments"


def port_names(brokers: int) -> list[str]:
    """Return the names of the ports that so many brokers need."""
    nodes = range(1, brokers + 1)
    return [name for n in nodes for name in (f"kafka-{n}", f"kafka-{n}-controller")]


def check_count(count: int) -> None:
    """Raise LocalStackError when neither one nor three brokers were asked for."""
    if count not in (1, 3):
        raise LocalStackError(
            f"A local Kafka has 1 or 3 brokers, not {count}.",
            "Remedy: 1 to try things out, 3 to see what replication does.",
        )


def make_brokers(folder: Path, count: int, ports: Mapping[str, int]) -> list[Broker]:
    """Describe `count` brokers that live below `folder`.

    Raises:
        LocalStackError: neither one nor three were asked for.
    """
    check_count(count)
    return [
        Broker(n, folder / f"node{n}", ports[f"kafka-{n}"], ports[f"kafka-{n}-controller"])
        for n in range(1, count + 1)
    ]


def bootstrap(brokers: Sequence[Broker]) -> str:
    """Return the value of `bootstrap.servers`."""
    return ",".join(broker.address for broker in brokers)


def properties(
    broker: Broker, brokers: Sequence[Broker], password: str | None = None
) -> dict[str, str]:
    """Return the settings of one broker; with the brokers' `password`, of one that asks everybody
    who they are and lets them do what they were given, and nothing else.

    Topics are never made by accident, keep everything for ever and carry the broker's own time:
    those are defaults here so that a topic made by hand cannot be weaker.
    """
    copies = min(3, len(brokers))
    in_sync = 2 if copies == 3 else 1
    voters = ",".join(f"{b.node}@{HOST}:{b.controller_port}" for b in brokers)
    controller = f"CONTROLLER://{HOST}:{broker.controller_port}"
    listener = _OPEN if password is None else _SECURE
    found = {
        "process.roles": "broker,controller",
        "node.id": str(broker.node),
        "controller.quorum.voters": voters,
        "listeners": f"{listener}://{broker.address},{controller}",
        "advertised.listeners": f"{listener}://{broker.address}",
        "controller.listener.names": "CONTROLLER",
        "inter.broker.listener.name": listener,
        "log.dirs": str(broker.home / "data"),
        "default.replication.factor": str(copies),
        "min.insync.replicas": str(in_sync),
        "offsets.topic.replication.factor": str(copies),
        "offsets.topic.num.partitions": "8",
        "transaction.state.log.replication.factor": str(copies),
        "transaction.state.log.min.isr": str(in_sync),
        "share.coordinator.state.topic.replication.factor": str(copies),
        "share.coordinator.state.topic.min.isr": str(in_sync),
        "auto.create.topics.enable": "false",
        "unclean.leader.election.enable": "false",
        "log.message.timestamp.type": "LogAppendTime",
        "log.retention.ms": "-1",
        "log.retention.bytes": "-1",
        "log.cleanup.policy": "delete",
        "group.initial.rebalance.delay.ms": "0",
        # A killed broker is noticed, and its partitions led by another, in 6 s instead of 9.
        "broker.session.timeout.ms": "6000",
    }
    return found if password is None else found | _security(password)


def _security(password: str) -> dict[str, str]:
    """Return what makes a broker secure.

    Controllers authenticate by PLAIN among themselves: SCRAM needs the metadata log, which they
    have not read yet. Nobody but the brokers has a user there.
    """
    login = f'required username="{BROKER}" password="{password}"'
    client, security = _SECURE.lower(), "org.apache.kafka.common.security"
    return {
        "listener.security.protocol.map": f"{_SECURE}:{_SECURE},CONTROLLER:{_SECURE}",
        "sasl.enabled.mechanisms": SASL_MECHANISM,
        "sasl.mechanism.inter.broker.protocol": SASL_MECHANISM,
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.controller.sasl.enabled.mechanisms": "PLAIN",
        "listener.name.controller.plain.sasl.jaas.config": (
            f'{security}.plain.PlainLoginModule {login} user_{BROKER}="{password}";'
        ),
        f"listener.name.{client}.{SASL_MECHANISM.lower()}.sasl.jaas.config": (
            f"{security}.scram.ScramLoginModule {login};"
        ),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": ";".join(f"User:{user}" for user in SUPER_USERS),
        "allow.everyone.if.no.acl.found": "false",
    }


def java_command(java: Path, class_path: str) -> list[str]:
    """Return how to run a class of Kafka."""
    return [
        str(java),
        HEAP,
        "-XX:+UseSerialGC",
        "-Djava.net.preferIPv4Stack=true",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.showDateTime=true",
        # Java's pattern letter X, three times: the zone's distance from UTC, as in +08:00.
        "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
        "-cp",
        class_path,
    ]


def new_cluster_id() -> str:
    """Return a cluster id as Kafka writes them, never one that looks like an option."""
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not text.startswith("-"):
            return text


def prepare(
    brokers: Sequence[Broker],
    java: Sequence[str],
    cluster_id: str,
    passwords: Mapping[str, str] | None = None,
) -> None:
    """Write every broker's settings; format the storage of those that never ran.

    With `passwords` (by Kafka user, the brokers' own among them) the brokers are secure.

    Raises:
        LocalStackError: the formatting failed.
    """
    for broker in brokers:
        broker.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        settings = properties(broker, brokers, passwords[BROKER] if passwords else None)
        lines = [f"{key}={value}\n" for key, value in settings.items()]
        write_whole(broker.config_file, "".join(lines), 0o600)
    new = [b for b in brokers if not (b.home / "data" / "meta.properties").exists()]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda broker: _format(broker, java, cluster_id, passwords or {}), new))


def _format(
    broker: Broker, java: Sequence[str], cluster_id: str, passwords: Mapping[str, str]
) -> None:
    command = [*java, "kafka.tools.StorageTool", "format", "--ignore-formatted"]
    command += ["-t", cluster_id, "-c", str(broker.config_file)]
    if passwords:
        write_whole(broker.users_file, storage_arguments(passwords), 0o600)
        command.append(f"@{broker.users_file}")
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    finally:
        broker.users_file.unlink(missing_ok=True)
    if done.returncode != 0:
        # Not what it printed to standard output: that has the users' salted hashes.
        raise LocalStackError(
            f"Kafka could not format its storage in {broker.home}:\n{done.stderr}",
            "Remedy: is the disk full, or the folder not ours to write?",
        )


def broker_spec(broker: Broker, java: Sequence[str], access: KafkaAccess) -> ChildSpec:
    """Describe the process of one broker; `access` is whom to ask as whether it is ready."""
    return ChildSpec(
        name=broker.name,
        command=[*java, "kafka.Kafka", str(broker.config_file)],
        ready=broker_ready(broker, access),
        address=broker.address,
        stop_signals=_STOP,
        cwd=broker.home,
    )


def broker_ready(broker: Broker, access: KafkaAccess) -> Callable[[], str | None]:
    """Return a check that this broker answers, and names itself a member of the cluster."""
    kept: list[AdminClient] = []

    def ready() -> str | None:
        if not kept:
            settings = client_config(replace(access, bootstrap=broker.address))
            kept.append(AdminClient({**settings, "log_level": 0}))
        try:
            known = kept[0].list_topics(timeout=1.0).brokers
        except KafkaException as error:
            return f"Kafka does not answer: {error.args[0]}"
        if broker.node not in known:
            return f"broker {broker.node} has not joined the cluster yet"
        kept.clear()  # a client keeps threads and connections: none is needed while all is well
        return None

    return ready
