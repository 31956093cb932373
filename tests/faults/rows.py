"""The faults themselves, by row of the list in docs/faults.md: each does its harm and mends it."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from typing import Final

import psutil
import psycopg
from confluent_kafka import Producer

from hutong.events.topics import DEAD_LETTERS
from hutong.issue.notices import MOST_ATTEMPTS
from hutong.kafka import producer_config
from hutong.kafka.acls import ROUTER_GROUP
from hutong.kafka.lag import topic_ends
from hutong.store import connect
from tests.faults.altered.sitecustomize import BURY, POISON, SEGFAULT, SHIFT
from tests.faults.arena import ALTERED, BROKERS, SERVICES, TWINS, Arena
from tests.faults.facts import Place
from tests.faults.journal import read_lines

ROUTER_POINTS: Final = (
    "after-read",
    "after-route",
    "after-log-send",
    "after-log-confirmed",
    "after-orders-confirmed",
    "in-dead-letter",
)
PROJECTOR_POINTS: Final = ("before-sql", "in-sql", "before-commit", "after-commit")
_JUNK: Final = "reports-sensor"
_IN_SYNC: Final = 180.0
"""Seconds that copies may take to be level again; two cores are shared by eleven processes."""
_NEW_LEADER: Final = 60.0
_TWO_DAYS: Final = 2 * 86_400_000
_THREE_HOURS: Final = 3 * 3_600_000
_CLASSIFIER_FAILED: Final = "the classifier failed, the desk decides"
_TOO_EARLY: Final = (
    "SELECT count(*) AS times FROM issue_timeline WHERE reason = 'not-due-yet'"
    " GROUP BY issue_id, name, occurred_at, data ->> 'clock' ORDER BY times DESC"
)
_BURIED: Final = 20
"""Dead letters to be redriven, at least."""
_LIMIT: Final = 100
"""Dead letters in a row after which a router stops; the default."""
_MOST_MEMORY: Final = 512 << 20

Fault = Callable[[Arena, random.Random], None]


def chase(arena: Arena, times: int) -> None:
    """F1: kill the leader of the busiest partition, then the one that follows it."""
    topic, partition = arena.busiest()
    for _ in range(times):
        leader = arena.leader(topic, partition)
        arena.signal(leader)
        arena.mended()
        _until(lambda: arena.leader(topic, partition) != leader, _NEW_LEADER)  # noqa: B023
        _until(arena.in_sync, _IN_SYNC)


def kill_controller(arena: Arena, _: random.Random) -> None:
    """F2."""
    old = arena.controller()
    arena.signal(old)
    arena.mended()
    _until(lambda: arena.controller() != old, _NEW_LEADER)
    _until(arena.in_sync, _IN_SYNC)


def zombie_leader(arena: Arena, _: random.Random) -> None:
    """F3: the leader sleeps past its session, and wakes to a cluster that has gone on."""
    leader = arena.leader(*arena.busiest())
    arena.signal(leader, signal.SIGSTOP)
    time.sleep(20)
    arena.signal(leader, signal.SIGCONT)
    arena.mended()
    _until(arena.in_sync, _IN_SYNC)


def two_of_three(arena: Arena, chance: random.Random) -> None:
    """F4: two brokers are down for 20 s; nothing can be confirmed."""
    victims = chance.sample(BROKERS, 2)
    _down(arena, victims, 20)


def all_three(arena: Arena, _: random.Random) -> None:
    """F5: every broker dies at once."""
    _down(arena, list(BROKERS), 1)


def group_coordinator(arena: Arena, _: random.Random) -> None:
    """F7: the broker that keeps the router's group."""
    partition = _java_hash(ROUTER_GROUP) % 8  # as many as hutong.local makes
    leader = arena.leader("__consumer_offsets", partition)
    arena.signal(leader)
    arena.mended()
    _until(lambda: arena.leader("__consumer_offsets", partition) != leader, _NEW_LEADER)
    _until(arena.in_sync, _IN_SYNC)


def router_points(arena: Arena, _: random.Random) -> None:
    """F8: a router dies at each named place, with another's partitions in hand."""
    for point in ROUTER_POINTS:
        if point == "in-dead-letter":
            process = arena.extra("router", point)
            for _turn in range(60):
                junk(arena, 24)
                if process.poll() is not None:
                    break
                time.sleep(0.5)
            assert process.poll() == -signal.SIGKILL, process.poll()
        else:
            arena.dies_at("router", f"{point}:3")


def projector_points(arena: Arena, _: random.Random) -> None:
    """F9: the same of a projector, before, in and after its transaction."""
    for point in PROJECTOR_POINTS:
        arena.dies_at("projections", f"{point}:3")


def kill_services(arena: Arena, chance: random.Random, seconds: float) -> None:
    """F10: any service, every 1 to 20 s."""
    until = time.monotonic() + seconds
    names = ("intake", "router", "projections", "processes", *TWINS)
    while time.monotonic() < until:
        arena.all_up()
        arena.signal(chance.choice(names))
        time.sleep(chance.uniform(1, 20))


def storm(arena: Arena, times: int, zombie: bool = True) -> None:
    """F11: workers come and go; then a projector and a router sleep past their sessions."""
    for turn in range(times):
        process = arena.extra("router" if turn % 2 else "projections")
        time.sleep(3)
        arena.end(process)
    if zombie:
        for name in ("projections", "router"):
            arena.signal(name, signal.SIGSTOP)
        time.sleep(12)
        for name in ("projections", "router"):
            arena.signal(name, signal.SIGCONT)
        time.sleep(3)


def slow_consumer(arena: Arena, _: random.Random) -> None:
    """F12: both projectors crawl: stopped 9 s of every 10, for a minute."""
    for _turn in range(6):
        for name in ("projections", "projections-2"):
            arena.signal(name, signal.SIGSTOP)
        time.sleep(9)
        for name in ("projections", "projections-2"):
            arena.signal(name, signal.SIGCONT)
        time.sleep(1)


def postgres(arena: Arena, asleep: float) -> None:
    """F13: immediate stop, a backend killed, and all of it asleep."""
    arena.signal("postgres", signal.SIGQUIT)
    time.sleep(2)
    arena.stack.wait_ready("postgres", 60)
    time.sleep(3)
    with connect(arena.stack.database_url, autocommit=True) as connection:
        backends = [
            pid
            for (pid,) in connection.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
        ]
    if backends:
        os.kill(backends[0], signal.SIGKILL)
    time.sleep(3)
    arena.stack.wait_ready("postgres", 60)
    main = psutil.Process(arena.pid("postgres"))
    everyone = [main, *main.children(recursive=True)]
    for process in everyone:
        process.suspend()
    time.sleep(asleep)
    for process in everyone:
        process.resume()


def locks_and_connections(arena: Arena, _: random.Random) -> None:
    """F16: a table locked for 30 s, sessions thrown out meanwhile, then no connection left."""
    with connect(arena.stack.database_url) as connection:
        connection.execute("LOCK TABLE department_load IN ACCESS EXCLUSIVE MODE")
        for _turn in range(6):
            time.sleep(5)
            with connect(arena.stack.database_url, autocommit=True) as other:
                other.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE wait_event_type = 'Lock'"
                )
        connection.rollback()
    with connect(arena.stack.database_url, autocommit=True) as connection:
        [(most,)] = connection.execute("SHOW max_connections").fetchall()
    held = []
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(psycopg.OperationalError):  # there is none left
            for _turn in range(int(most)):
                held.append(stack.enter_context(connect(arena.stack.database_url)))  # noqa: PERF401
        assert held
        arena.signal("projections")
        arena.signal("projections-2")
        time.sleep(10)


def spoiled_line(arena: Arena, _: random.Random) -> None:
    """F20."""
    assert arena.line is not None
    arena.line.spoil(True)
    time.sleep(30)
    arena.line.spoil(False)


def sigterm_all(arena: Arena, _: random.Random) -> None:
    """F25: every service is asked to end, under load, and is started again."""
    names = ("intake", "router", "projections", "processes", *TWINS)
    for name in names:
        arena.signal(name, signal.SIGTERM)
    time.sleep(10)


def rebuild_meanwhile(arena: Arena, chance: random.Random) -> None:
    """F24: five rebuilds are cancelled while a leader, a projector and PostgreSQL die."""
    for turn in range(5):
        process = arena.rebuild()
        time.sleep(chance.uniform(0.5, 4))
        if turn == 1:
            arena.signal(arena.leader(*arena.busiest()))
        if turn == 2:
            arena.signal("projections")
        if turn == 3:
            arena.signal("postgres", signal.SIGQUIT)
        process.kill()
        process.wait(10)
    _until(arena.in_sync, _IN_SYNC)
    arena.all_up()
    process = arena.rebuild()
    assert process.wait(300) == 0, "the last rebuild, left alone, did not find live equal"


def clocks(arena: Arena, chance: random.Random) -> None:
    """F19: each service's wall clock is wrong by +2 d or -3 h, then steps every 5 s; no two alike.

    That it was felt, the date in intake's answers says. Order and times then are held by I3 and I7.
    """
    switches = {name: arena.switches(name) for name in (*SERVICES, *TWINS)}
    for turn in range(7):
        for name, each in switches.items():
            wrong = (_TWO_DAYS, -_THREE_HOURS, 0)[: 2 if turn == 0 or name == "intake" else 3]
            each[SHIFT] = chance.choice(wrong)
        time.sleep(2)  # uvicorn looks at the clock once a second
        with urllib.request.urlopen(f"{arena.stack.intake_url}/healthz", timeout=10) as answer:
            said = parsedate_to_datetime(answer.headers["Date"]).timestamp()
        assert abs(said - time.time()) > 3_600, "intake's clock is not wrong"
        time.sleep(8 if turn == 0 else 3)
    for each in switches.values():
        each[SHIFT] = 0
    arena.mended()
    with connect(arena.stack.database_url, autocommit=True) as connection:
        refused = connection.execute(_TOO_EARLY).fetchall()
    sys.stderr.write(f"notices refused as too early: {len(refused)}, at most {refused[:1]} times\n")
    assert not refused or refused[0][0] < MOST_ATTEMPTS, "notices were given up, and never come"


def poison(arena: Arena, _: random.Random) -> None:
    """F21: reports that make the classifier raise, one in a hundred and then all; a router dies of
    one by SIGSEGV; a sender of nothing but junk stops both; what a bad release buried is redriven.
    """
    routers = ("router", "router-2")
    switches = [arena.switches(name) for name in routers]
    for percent, seconds in ((1, 10), (100, 5)):
        before = _said(arena, routers, _CLASSIFIER_FAILED)
        for each in switches:
            each[POISON] = percent
        time.sleep(seconds)
        assert _said(arena, routers, _CLASSIFIER_FAILED) > before, f"{percent} %: none failed"
    for each in switches:
        each[POISON] = 0
    switches[0][SEGFAULT] = 1
    _until(lambda: not switches[0][SEGFAULT], 60)
    arena.stack.wait_restarted("router", 1)
    assert arena.child("router").last_exit == -signal.SIGSEGV

    for each in switches:
        each[BURY] = 1
    _until(lambda: _said(arena, routers, '"unknown-schema"') >= _BURIED, 60)
    for each in switches:
        each[BURY] = 0
    _stopped_by_junk(arena, routers)
    arena.hutong("dead-letters", "redrive", "--reason", "unknown-schema")


def _stopped_by_junk(arena: Arena, routers: tuple[str, str]) -> None:
    """More dead letters in a row than the limit; then a person lets one router bury them."""
    for name in routers:
        arena.restart_allowed(name, False)
    before, said = _parked(arena), _said(arena, routers, "dead letters in a row")
    junk(arena, 3 * _LIMIT, key="junk")
    _until(lambda: all(arena.child(name).state == "stopped" for name in routers), 60)
    assert _said(arena, routers, "dead letters in a row") > said
    assert _parked(arena) < before + 3 * _LIMIT, "all of it was parked"
    braver = arena.extra("router", HUTONG_ROUTER_DEAD_LETTERS_IN_A_ROW="100000")
    _until(lambda: _parked(arena) >= before + 3 * _LIMIT, 60)
    for name in routers:
        arena.restart_allowed(name, True)
    arena.all_up()
    arena.end(braver)


def burst(arena: Arena, _: random.Random) -> None:
    """F22: twenty times the load for 30 s. Intake says 429 or 503, and no service takes 512 MB."""
    most: Counter[str] = Counter()
    with arena.more_load(19 * arena.rate) as journal:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            most |= Counter(arena.memory())
            time.sleep(0.5)
        arena.mended()
    statuses = Counter(line["status"] for line in read_lines(journal) if "status" in line)
    held = {name: taken >> 20 for name, taken in most.items()}
    sys.stderr.write(f"answers {dict(statuses)}; MiB held {held}\n")
    assert statuses[429] + statuses[503] > 0, f"nothing was turned away: {statuses}"
    assert not statuses.keys() - {400, 404, 409, 429, 503}, statuses
    assert max(most.values()) < _MOST_MEMORY, most


def mixed(arena: Arena, chance: random.Random) -> None:
    """F26: four times one of the brokers' faults, one of ours at the same time."""
    for _ in range(4):
        theirs = chance.choice((kill_controller, group_coordinator, zombie_leader))
        for name in chance.sample(("router", "projections", "intake", "processes", *TWINS), 2):
            arena.signal(name)
        theirs(arena, chance)
        arena.all_up()


def junk(arena: Arena, count: int, key: str = "") -> None:
    """Records that can only become dead letters; with a ``key``, all on one partition."""
    producer = Producer(producer_config(arena.stack.kafka))
    places: list[Place] = []

    def sent(error: object, message: object) -> None:
        assert error is None, error
        places.append(Place(message.topic(), message.partition(), message.offset()))  # type: ignore[attr-defined]

    for number in range(count):
        producer.produce(_JUNK, key=key or f"junk-{number}", value=b"no event", on_delivery=sent)
    assert producer.flush(30) == 0
    arena.known_bad.update(places)


def _down(arena: Arena, victims: list[str], seconds: float) -> None:
    for name in victims:
        arena.stack.restart_allowed(name, False)
    for name in victims:
        arena.signal(name)
    time.sleep(seconds)
    for name in victims:
        arena.stack.restart_allowed(name, True)
        arena.stack.start_child(name, wait=False)
    arena.mended()
    _until(arena.in_sync, _IN_SYNC)


def _java_hash(text: str) -> int:
    """`String.hashCode`, made positive as Kafka does."""
    value = 0
    for character in text:
        value = (31 * value + ord(character)) & 0xFFFF_FFFF
    return value & 0x7FFF_FFFF


def _until(holds: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, f"not healed within {seconds} s"
        time.sleep(0.5)


def _said(arena: Arena, names: tuple[str, ...], words: str) -> int:
    """How often services' logs have said it."""
    return sum(arena.stack.log(name).read_text("utf-8").count(words) for name in names)


def _parked(arena: Arena) -> int:
    """How many dead letters there are."""
    ends = topic_ends(arena.stack.kafka, [DEAD_LETTERS])
    return sum(end - start for start, end in ends.values())


BAD_LINE: Final = frozenset({"F20"})
"""Rows in which the client reaches intake by way of a proxy."""

ROWS: Final[Mapping[str, Fault]] = {
    "F1": lambda arena, _: chase(arena, 5),
    "F2": kill_controller,
    "F3": zombie_leader,
    "F4": two_of_three,
    "F5": all_three,
    "F7": group_coordinator,
    "F8": router_points,
    "F9": projector_points,
    "F10": lambda arena, chance: kill_services(arena, chance, 120),
    "F11": lambda arena, _: storm(arena, 20),
    "F12": slow_consumer,
    "F13": lambda arena, _: postgres(arena, 30),
    "F16": locks_and_connections,
    "F19": clocks,
    "F20": spoiled_line,
    "F21": poison,
    "F22": burst,
    "F24": rebuild_meanwhile,
    "F25": sigterm_all,
    "F26": mixed,
}

SETTINGS: Final[Mapping[str, Mapping[str, str]]] = {
    "F19": ALTERED,
    "F21": ALTERED,
    "F22": {"HUTONG_INTAKE_IN_FLIGHT": "200", "HUTONG_INTAKE_KEY_PER_MINUTE": "12000"},
}
"""What a row's services are told besides."""

BOUNDS: Final[Mapping[str, float]] = {
    **dict.fromkeys(("F8", "F9", "F13", "F19", "F20", "F21"), 20),
    **dict.fromkeys(("F1", "F2", "F3", "F7", "F16"), 30),
    **dict.fromkeys(("F5", "F10", "F11", "F12", "F22", "F24"), 60),
    "F4": 45,
    "F25": 15,
    "F26": 120,
}
"""Seconds in which all must have recovered (I9)."""
