"""Three brokers, PostgreSQL and the real services, two of router and projections; under load."""

from __future__ import annotations

import itertools
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import psutil
import psycopg
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from hutong.city import load_city
from hutong.events.topics import ISSUES, load_topics
from hutong.kafka import client_config
from hutong.kafka.acls import ROUTER_GROUP
from hutong.kafka.lag import group_lag, log_lag, topic_ends
from hutong.local.ports import choose_ports
from hutong.local.services import hutong_command, service_spec
from hutong.local.stack import Stack
from hutong.local.state import ChildStatus
from hutong.local.supervisor import Supervisor
from hutong.ops.failpoint import VARIABLE
from hutong.store import connect, outbox, read_offsets
from tests.faults.altered import sitecustomize as altered
from tests.faults.checker import Violation, check, doubled, lost
from tests.faults.facts import Place, Sent
from tests.faults.journal import Try, read_lines, sent_of, tries
from tests.faults.load import CHANNELS, HOME, NAME, PHONE
from tests.faults.proxy import BadLine
from tests.faults.reading import Where, collect

ALTERED: Final = {"PYTHONPATH": str(Path(altered.__file__).parent)}
"""With these settings a service heeds its `Arena.switches`."""
BROKERS: Final = ("kafka-1", "kafka-2", "kafka-3")
TWINS: Final = ("router-2", "projections-2")
SERVICES: Final = ("intake", "router", "projections", "processes")
_PARTS: Final = ("kafka", "postgres", *SERVICES)
_DRAIN_SECONDS: Final = 180.0
_LEADER_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Report:
    """What a row did. Times in seconds: from the start of the load to the last event accepted, the
    longest that nothing was, from the heal to the first accepted after it, and from the end of the
    load until all was read.
    """

    accepted: int
    refused: int
    unknown: int
    lost: int
    doubled: int
    loaded: float
    longest_gap: float
    accepts_again: float
    drained: float
    violations: list[Violation]


class Arena:
    """The stack of a run; rows are run on it one after the other, and each looks at all of it."""

    def __init__(self, folder: Path, *, rate: float, more: Mapping[str, str] | None = None) -> None:
        """``more``: settings of the services; `ALTERED` lets a row change what runs."""
        self.folder = folder
        self.rate = rate
        self.catalogue = load_topics(load_city().departments)
        self.stack = Stack(
            folder / "data",
            brokers=3,
            only=_PARTS,
            environment={
                "HUTONG_ROUTER_SESSION_SECONDS": "6",
                "HUTONG_ROUTER_IDLE_SECONDS": "20",
                "HUTONG_PROJECTIONS_BATCH": "500",
                **(more or {}),
                altered.FOLDER: str(folder),
            },
        )
        self.known_bad: set[Place] = set()
        self.line: BadLine | None = None
        self._twins: Supervisor | None = None
        self._extras: list[subprocess.Popen[bytes]] = []
        self._sent: list[Sent] = []
        self._journals: list[Path] = []
        self._counted = 0
        self._mended = 0

    def __enter__(self) -> Arena:
        self.stack.start()
        try:
            self._twins = Supervisor(self.stack.folder.logs)
            self._twins.start(
                [
                    replace(
                        service_spec(
                            name.partition("-")[0],
                            port := self._port(),
                            self._environment(name.partition("-")[0], port) | {altered.NAME: name},
                            self.stack.data,
                            90.0,
                        ),
                        name=name,
                    )
                    for name in TWINS
                ]
            )
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop everything; logs and journals stay."""
        for process in self._extras:
            self.end(process)
        if self._twins is not None:
            self._twins.close()
        self.stack.stop()

    # -- processes -----------------------------------------------------------------------------

    def signal(self, name: str, number: signal.Signals = signal.SIGKILL) -> None:
        """To a child of the stack or a twin; one that is just dead is let be."""
        if name in TWINS:
            assert self._twins is not None
            self._twins.send_signal(name, number)
        else:
            self.stack.kill(name, number)

    def pid(self, name: str) -> int:
        """Of a child of the stack."""
        process = self.stack.child(name).process
        assert process is not None
        return process.pid

    def child(self, name: str) -> ChildStatus:
        """A child of the stack or a twin, as it was last seen."""
        assert self._twins is not None
        everybody = (*self.stack.status().children, *self._twins.status())
        return next(child for child in everybody if child.name == name)

    def restart_allowed(self, name: str, allowed: bool) -> None:
        """Whether a child of the stack or a twin is started again when it dies."""
        if name in TWINS:
            assert self._twins is not None
            self._twins.allow_restart(name, allowed)
        else:
            self.stack.restart_allowed(name, allowed)

    def hutong(self, *arguments: str) -> None:
        """Run a command on this stack; it must succeed."""
        done = subprocess.run(
            hutong_command(*arguments),
            env={**os.environ, **self.stack.environment()},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, f"hutong {' '.join(arguments)}: {done.stdout}{done.stderr}"

    def extra(self, service: str, failpoint: str = "", **more: str) -> subprocess.Popen[bytes]:
        """One more router or projector, that nobody starts again."""
        environment = self._environment(service, self._port()) | more
        if failpoint:
            environment[VARIABLE] = failpoint
        log = self.stack.folder.logs / f"extra-{service}-{len(self._extras)}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                hutong_command("serve", service),
                env={**os.environ, **environment},
                cwd=self.stack.data,
                stdout=file,
                stderr=file,
            )
        self._extras.append(process)
        return process

    def end(self, process: subprocess.Popen[bytes]) -> None:
        """End an extra that may be asleep, or gone."""
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)

    def dies_at(self, service: str, failpoint: str, seconds: float = 60) -> None:
        """An extra that dies at a named place, as it must."""
        process = self.extra(service, failpoint)
        code = process.wait(seconds)
        assert code == -signal.SIGKILL, f"{service} at {failpoint} ended with {code}"

    def rebuild(self) -> subprocess.Popen[bytes]:
        """`hutong replay rebuild --all`, begun."""
        log = self.stack.folder.logs / f"rebuild-{time.time_ns()}.log"
        with log.open("wb") as file:
            process = subprocess.Popen(
                hutong_command("replay", "rebuild", "--all"),
                env={**os.environ, **self.stack.environment()},
                stdout=file,
                stderr=file,
            )
        self._extras.append(process)
        return process

    def all_up(self, seconds: float = 120) -> None:
        """Wait until every child runs again; one that was given up on is started anew."""
        for child in self.stack.status().children:
            if child.state in ("failed", "stopped"):
                self.stack.start_child(child.name, wait=False)
        for child in self.stack.status().children:
            self.stack.wait_ready(child.name, seconds)
        assert self._twins is not None
        for name in TWINS:
            if self.child(name).state in ("failed", "stopped"):
                self._twins.start_again(name)
            self._twins.wait_ready(name, seconds)

    def switches(self, name: str) -> altered.Switches:
        """Of a service that was started with `ALTERED`."""
        return altered.Switches(self.folder / name)

    def memory(self) -> dict[str, int]:
        """Bytes that each service holds (resident), with what it started."""
        found = {}
        for name in (*SERVICES, *TWINS):
            process = self.child(name).process
            with suppress(psutil.NoSuchProcess):
                if process is not None:
                    main = psutil.Process(process.pid)
                    family = (main, *main.children(recursive=True))
                    found[name] = sum(each.memory_info().rss for each in family)
        return found

    # -- Kafka ---------------------------------------------------------------------------------

    @cached_property
    def _admin(self) -> AdminClient:
        # Its complaints of brokers that are away are what we are here for.
        return AdminClient({**client_config(self.stack.kafka), "log_level": 2})

    def busiest(self) -> tuple[str, int]:
        """The partition of `issues` that holds most."""
        ends = topic_ends(self.stack.kafka, [ISSUES])
        return max(ends, key=lambda place: ends[place][1])

    def leader(self, topic: str, partition: int) -> str:
        """The broker that leads a partition, once the cluster answers and has one."""
        until = time.monotonic() + _LEADER_SECONDS
        while True:
            with suppress(KafkaException):
                found = self._admin.list_topics(timeout=10).topics[topic].partitions[partition]
                if found.leader >= 0:
                    return f"kafka-{found.leader}"
            assert time.monotonic() < until, f"nobody leads {topic}/{partition}"
            time.sleep(0.2)

    def in_sync(self) -> bool:
        """Whether every partition has all its copies."""
        try:
            topics = self._admin.list_topics(timeout=10).topics.values()
        except KafkaException:
            return False
        return all(len(p.isrs) == 3 for topic in topics for p in topic.partitions.values())

    def controller(self) -> str:
        """The active controller, as the newest of the quorum's own files says."""
        files = self.stack.data.glob("kafka/node*/data/__cluster_metadata-0/quorum-state")
        states = [json.loads(file.read_text()) for file in files]
        newest = max(states, key=lambda state: int(state["leaderEpoch"]))
        return f"kafka-{newest['leaderId']}"

    # -- a row -----------------------------------------------------------------------------------

    def mended(self) -> None:
        """A fault says that its harm ends now; what it does later is waiting. Else its return."""
        self._mended = _now()

    @contextmanager
    def more_load(self, rate: float) -> Iterator[Path]:
        """So much more of it meanwhile, by a client of its own: its journal."""
        journal = self.folder / f"journal-{time.time_ns()}-more.ndjson"
        self._journals.append(journal)
        with self._load(journal, self._counted, self.stack.intake_url, rate):
            yield journal

    def run(
        self,
        fault: Callable[[Arena, random.Random], None],
        seed: int,
        *,
        warm_up: float = 3.0,
        after: float = 3.0,
        bad_line: bool = False,
        bound: float = float("inf"),
    ) -> Report:
        """Warm-up, fault, heal, drain, check. The same seed gives the same schedule.

        ``bound``: seconds within which it must have recovered (I9). With ``bad_line`` the client
        reaches intake by `line`, which a fault may spoil.
        """
        sys.stderr.write(f"seed {seed}\n")
        journal = self.folder / f"journal-{time.time_ns()}-{seed}.ndjson"
        self._journals = [journal]
        self._mended = 0
        began = _now()
        with ExitStack() as stack:
            url = self.stack.intake_url
            if bad_line:
                port = int(url.rpartition(":")[2])
                self.line = stack.enter_context(BadLine(port, seed))
                url = self.line.url
            stack.enter_context(self._load(journal, seed, url, self.rate))
            time.sleep(warm_up)
            fault(self, random.Random(seed))
            healed = self._mended or _now()
            self.all_up()
            self._wait(
                lambda: any(t.result == "ok" and t.at > healed for t in _tries(journal)), 120
            )
            time.sleep(after)
        found = _tries(journal)
        stopped = time.monotonic()
        self._wait(self._drained, _DRAIN_SECONDS)
        drained = time.monotonic() - stopped
        new: list[Sent] = []
        for each in self._journals:
            new += sent_of(read_lines(each), len(self._sent) + len(new))
        self._sent += new
        with self._no_clocks():
            history = collect(
                self._where(),
                self._sent,
                known_bad=frozenset(self.known_bad),
                written_by_us=frozenset(f"reports-{channel}" for channel in CHANNELS)
                | {"handling-water-co"},
                personal=(PHONE, NAME, HOME),
            )
        oks = [began, *(t.at for t in found if t.result == "ok")]
        accepts_again = (next((at for at in oks if at > healed), healed) - healed) / 1000
        recovered = {"accepted again": accepts_again, "all read": drained}
        history = replace(history, recovered=recovered, bound=bound)
        report = Report(
            accepted=sum(sent.result == "ok" for sent in new),
            refused=sum(sent.result == "refused" for sent in new),
            unknown=sum(sent.result == "unknown" for sent in new),
            lost=lost(history),
            doubled=doubled(history),
            loaded=(oks[-1] - began) / 1000,
            longest_gap=max((b - a for a, b in itertools.pairwise(oks)), default=0) / 1000,
            accepts_again=accepts_again,
            drained=drained,
            violations=check(history),
        )
        with (self.folder / "reports.ndjson").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"seed": seed, **as_json(report)}) + "\n")
        return report

    @contextmanager
    def _load(self, journal: Path, seed: int, url: str, rate: float) -> Iterator[None]:
        command = [sys.executable, "-m", "tests.faults.load", url]
        command += [str(self.stack.data), str(journal)]
        # The seed alone would give the keys of an earlier row with the same seed again.
        command += ["--rate", str(rate), "--seed", str(seed * 1_000 + self._counted)]
        self._counted += 1
        with journal.with_suffix(".log").open("wb") as log:
            process = subprocess.Popen(command, cwd=_ROOT, stdout=log, stderr=log)
        try:
            yield
            assert process.poll() is None, journal.with_suffix(".log").read_text()
            process.terminate()
            assert process.wait(120) == 0, journal.with_suffix(".log").read_text()
        finally:
            if process.poll() is None:
                process.kill()
                process.wait(10)

    @contextmanager
    def _no_clocks(self) -> Iterator[None]:
        """All is quiet: the processes, which write notices as time goes on, are stopped.

        What they wrote last is read. The last of it may put orders into the outbox; they lie there.
        """
        self.stack.stop_child("processes")
        try:
            self._wait(self._routed_and_read, _DRAIN_SECONDS)
            yield
        finally:
            self.stack.start_child("processes", wait=False)

    def _drained(self) -> bool:
        try:
            with connect(self.stack.database_url, autocommit=True) as connection:
                waiting = outbox.oldest(connection, 1)
        except psycopg.OperationalError:
            return False
        return not waiting and self._routed_and_read()

    def _routed_and_read(self) -> bool:
        return not self._behind()

    def _behind(self) -> list[str]:
        """Where the router or the projections have something to read; why that is not known."""
        topics = [topic.name for topic in self.catalogue.routed]
        try:
            lags = group_lag(self.stack.kafka, topics, ROUTER_GROUP)
            with connect(self.stack.database_url, autocommit=True) as connection:
                at = read_offsets(connection)
            lags += log_lag(self.stack.kafka, ISSUES, "projections", at)
        except (KafkaException, psycopg.OperationalError) as error:
            return [str(error)]
        return [
            f"{lag.reader} at {lag.position} of {lag.end} in {lag.topic}/{lag.partition}"
            for lag in lags
            if lag.lag
        ]

    def _wait(self, holds: Callable[[], bool], seconds: float) -> None:
        until = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > until:
                down = [c.name for c in self.stack.status().children if c.state != "up"]
                why = [*(f"{name} is down" for name in down), *self._behind()]
                raise AssertionError(f"not within {seconds:.0f} s: {'; '.join(why)}")
            time.sleep(0.5)

    def _where(self) -> Where:
        return Where(
            self.stack.kafka,
            self.stack.database_url,
            self.catalogue,
            self.stack.folder.logs,
            self.stack.environment(),
        )

    def _environment(self, service: str, port: int) -> dict[str, str]:
        return {**self.stack.environment(), f"HUTONG_{service.upper()}_PORT": str(port)}

    def _port(self) -> int:
        return choose_ports(["p"], given={}, remembered={}, preferred={})["p"]


_ROOT: Final = Path(__file__).parents[2]


def _tries(journal: Path) -> list[Try]:
    with suppress(FileNotFoundError):
        return tries(read_lines(journal))
    return []


def _now() -> int:
    return time.time_ns() // 1_000_000


def as_json(report: Report) -> dict[str, Any]:
    """For the file of results."""
    found = {name: getattr(report, name) for name in Report.__dataclass_fields__}
    return found | {"violations": [str(violation) for violation in report.violations]}
