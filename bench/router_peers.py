"""The router against a plain loop and a Kafka Streams program, in turns on one broker.

    python -m bench.router_peers [--reports 60000] [--copies 1000000] [--rounds 3] [--keep]

Two jobs. The real one: decode, validate, classify by the duty list, the report and its dispatch to
the log and an order to each department, all confirmed. And one record out for each record in, which
the peers do as a copy of bytes and the router, which can do nothing less, with a department's act:
decoded, validated, stamped.

The broker runs on core 0, whoever is measured on core 1 alone, all its threads. All take the same
records from the start, one after the other and round by round. A rate counts from a quarter of the
way on, so that a JVM is warm and nobody's start is in it, up to when the last record is in the log:
both are seen from outside, as offsets. After the real job the departments of every report are
compared.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from bench.figures import Figure, command_line, cpu_seconds, keep
from bench.peers.rules import write_rules
from bench.peers.streams import class_path
from hutong.city import City, load_city, read_pack
from hutong.demo.generate import GeneratedReport, generate_reports
from hutong.events.codec import default_codec
from hutong.events.ids import derived_id
from hutong.events.topics import ISSUES, Topic, TopicCatalogue, load_topics
from hutong.kafka import client_config, consumer_config
from hutong.kafka.admin import create_topics
from hutong.kafka.lag import topic_ends
from hutong.kafka.read import read_ranges
from hutong.kafka.send import OutRecord, send_confirmed
from hutong.local.java import find_java
from hutong.local.ports import choose_ports
from hutong.local.stack import Stack
from hutong.promotions.promote import promote_base

REPORTED = "hutong.issue.IssueReported"
ACCEPTED = "hutong.issue.IssueAccepted"
DISPATCHED = "hutong.issue.IssueDispatched"
CHANNELS = ("grid", "hotline", "app", "mailbox")
COPIES = "copies"
YEAR = (1_735_660_800_000, 1_767_196_800_000)
WARM = 0.25
_LONGEST_SECONDS = 240.0
SETTLE_SECONDS = 1.5
BROKER_CORE, CORE = 0, 1
PARTITIONS = 12
#: Departments that act: each has a topic of one partition.
ACTING = 6
QUIET = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"


@dataclass(frozen=True, slots=True)
class Contestant:
    """Who is measured at a job: its program for a round, the topic that it writes to, how many
    records in, and how many of them come out there for each."""

    name: str
    command: Callable[[int], list[str]]
    log: str
    records: int
    out: int = 1
    environment: Mapping[str, str] = field(default_factory=dict)
    feed: Callable[[int], None] = lambda _round: None


@dataclass(frozen=True, slots=True)
class Run:
    """Records in for each second; cores in use, by itself and by the broker."""

    rate: float
    cpu: float
    broker_cpu: float


def main() -> None:
    """Print and, with --keep, keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--reports", type=int, default=60_000)
    parser.add_argument("--copies", type=int, default=1_000_000)
    parser.add_argument("--acts", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--keep", action="store_true", help="Append to bench/results.")
    arguments = parser.parse_args()
    city = load_city()
    with broker() as (stack, folder):
        kafka = stack.kafka
        prepare(kafka, city)
        write_rules(city, folder / "rules.json")
        java = [str(find_java().path), "-Xmx1g", QUIET, "-cp", class_path(folder), "Peer"]
        made = generate_reports(1, arguments.reports, *YEAR, city)
        send_confirmed(kafka, report_records(made))
        real = real_job(kafka, folder, java, arguments.reports)
        figures = figures_of("real job", in_turns(kafka, real, arguments.rounds))
        figures.append(same_departments(kafka))
        send_confirmed(kafka, copied(arguments.copies))
        plain = one_out(kafka, java, city, arguments.copies, arguments.acts)
        figures += figures_of("one in, one out", in_turns(kafka, plain, arguments.rounds))
    for figure in figures:
        print(figure)
    if arguments.keep:
        keep("router", command_line(), figures)


@contextmanager
def broker() -> Iterator[tuple[Stack, Path]]:
    """A Kafka of its own on the broker's core, and a folder that goes with it."""
    everywhere = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory(prefix="hutong-bench-") as name:
        os.sched_setaffinity(0, {BROKER_CORE})
        with Stack(Path(name) / "data", only=("kafka",)) as stack:
            os.sched_setaffinity(0, everywhere)
            yield stack, Path(name)


def prepare(kafka: str, city: City) -> None:
    """Topics of ours and of the peers, and a pack in force."""
    catalogue = load_topics(city.departments)
    create_topics(kafka, catalogue)
    promote_base(
        kafka, default_codec(), read_pack(), lead_ms=60_000, now=time.time_ns() // 1_000_000
    )
    issues = catalogue[ISSUES]
    names = [COPIES, "loop-log", "streams-log", "loop-copy", "streams-copy"]
    names += [f"{peer}-dept-{code}" for peer in ("loop", "streams") for code in city.departments]
    create_topics(kafka, TopicCatalogue([_named(issues, name) for name in names], {}))


def _named(like: Topic, name: str) -> Topic:
    return Topic(
        name,
        like.key,
        like.partitions,
        like.writer,
        like.readers,
        like.received,
        like.origin,
        like.events,
    )


def real_job(kafka: str, folder: Path, java: list[str], count: int) -> list[Contestant]:
    """Reports in, two records to the log and the orders out."""
    inputs = ",".join(f"reports-{channel}" for channel in CHANNELS)
    rules = str(folder / "rules.json")

    def loop(turn: int) -> list[str]:
        where = [kafka, f"loop-route-{turn}", inputs, "loop-log", "loop-dept-"]
        return [sys.executable, "-m", "bench.peers.loop", "route", *where]

    def streams(turn: int) -> list[str]:
        where = [kafka, f"streams-route-{turn}", inputs, "streams-log", "streams-dept-", rules]
        return [*java, "route", *where]

    return [
        Contestant("router", router, ISSUES, count, 2, router_environment(kafka, "route-{}")),
        Contestant("plain loop", loop, "loop-log", count, 2),
        Contestant("Kafka Streams", streams, "streams-log", count, 2),
    ]


def one_out(kafka: str, java: list[str], city: City, count: int, acts: int) -> list[Contestant]:
    """Bytes copied by the peers; by the router acts, new ones for each round."""

    def loop(turn: int) -> list[str]:
        where = [kafka, f"loop-copy-{turn}", COPIES, "loop-copy", ""]
        return [sys.executable, "-m", "bench.peers.loop", "copy", *where]

    def streams(turn: int) -> list[str]:
        return [*java, "copy", kafka, f"streams-copy-{turn}", COPIES, "streams-copy", "", ""]

    def feed(turn: int) -> None:
        send_confirmed(kafka, act_records(list(city.departments)[:ACTING], turn, acts))

    # The group that has done the reports.
    environment = router_environment(kafka, "route-0")
    return [
        Contestant("router", router, ISSUES, acts, 1, environment, feed),
        Contestant("plain loop", loop, "loop-copy", count),
        Contestant("Kafka Streams", streams, "streams-copy", count),
    ]


def router(_turn: int) -> list[str]:
    """The real process."""
    return [sys.executable, "-m", "hutong_router.main"]


def router_environment(kafka: str, group: str) -> dict[str, str]:
    """Its settings; ``{}`` in the group stands for the round."""
    port = choose_ports(["router"], given={}, remembered={}, preferred={})["router"]
    return {
        "HUTONG_KAFKA": kafka,
        "HUTONG_ROUTER_PORT": str(port),
        "HUTONG_ROUTER_GROUP": group,
        "HUTONG_LOG_LEVEL": "WARNING",
    }


def in_turns(kafka: str, contestants: list[Contestant], rounds: int) -> dict[str, list[Run]]:
    """Each once a round, in the same order: A B C A B C."""
    runs: dict[str, list[Run]] = {each.name: [] for each in contestants}
    for turn in range(rounds):
        for each in contestants:
            each.feed(turn)
            runs[each.name].append(run := measure(kafka, each, turn))
            print(f"{turn} {each.name:14} {run.rate:>10,.0f}/s", run, flush=True)
    return runs


def measure(kafka: str, contestant: Contestant, turn: int) -> Run:
    """From a quarter of the way on to the last record."""
    admin = AdminClient(client_config(kafka))
    start = ends_of(admin, contestant.log)
    wanted = contestant.records * contestant.out
    environment = {
        **os.environ,
        **{name: value.format(turn) for name, value in contestant.environment.items()},
    }
    command = ["taskset", "-c", str(CORE), *contestant.command(turn)]
    process = subprocess.Popen(command, env=environment, cwd=Path(__file__).parents[1])
    broker_pid = java_child()
    warm: tuple[float, int, float, float] | None = None
    limit = time.monotonic() + _LONGEST_SECONDS
    try:
        while (done := ends_of(admin, contestant.log) - start) < wanted:
            now = time.monotonic()
            if process.poll() is not None or now > limit:
                raise SystemExit(f"{contestant.name} ended or is too slow: {done} of {wanted}")
            if warm is None and done >= wanted * WARM:
                warm = now, done, cpu_seconds(process.pid), cpu_seconds(broker_pid)
            time.sleep(0.02)
        end, used, of_broker = time.monotonic(), cpu_seconds(process.pid), cpu_seconds(broker_pid)
        if warm is None:
            raise SystemExit(f"{contestant.name} was done before it was warm: give it more records")
        seconds = end - warm[0]
        rate = (wanted - warm[1]) / contestant.out / seconds
        time.sleep(SETTLE_SECONDS)  # orders and offsets, which come after the log
        return Run(rate, (used - warm[2]) / seconds, (of_broker - warm[3]) / seconds)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()


def ends_of(admin: AdminClient, topic: str) -> int:
    """The sum of the end offsets of a topic of `PARTITIONS`."""
    wanted = {TopicPartition(topic, n): OffsetSpec.latest() for n in range(PARTITIONS)}
    return sum(answer.result().offset for answer in admin.list_offsets(wanted).values())


def java_child() -> int:
    """The broker: the only java among the processes that descend from this one by now."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().rpartition(")")
        except OSError:
            continue
        if name.endswith("(java") and int(rest.split()[1]) == os.getpid():
            return int(stat.parent.name)
    raise SystemExit("where is the broker?")


def figures_of(job: str, runs: Mapping[str, list[Run]]) -> list[Figure]:
    """Rates, and the router's as a multiple of each peer's in the same round."""
    found = []
    for name, of_one in runs.items():
        cpu, of_broker = (
            statistics.median(getattr(run, which) for run in of_one)
            for which in ("cpu", "broker_cpu")
        )
        note = f"uses {cpu:.0%} of core {CORE}, the broker {of_broker:.0%} of core {BROKER_CORE}"
        rates = tuple(round(run.rate) for run in of_one)
        found.append(Figure(f"{job}: {name}", "records in/s", rates, note))
    for name in list(runs)[1:]:
        ratios = tuple(
            round(ours.rate / theirs.rate, 3)
            for ours, theirs in zip(runs["router"], runs[name], strict=True)
        )
        found.append(Figure(f"{job}: router against {name}", "ratio", ratios, "same round"))
    return found


def same_departments(kafka: str) -> Figure:
    """Reports of which the router and Kafka Streams say another lead, or only one a lead."""
    ours, theirs = leads(kafka, ISSUES), leads(kafka, "streams-log")
    differing = sum(ours[issue] != theirs.get(issue) for issue in ours)
    note = f"of {len(ours)} reports, {sum(lead != '' for lead in ours.values())} of them dispatched"
    return Figure("reports that Kafka Streams sends elsewhere", "reports", (differing,), note)


def leads(kafka: str, topic: str) -> dict[str, str]:
    """Issue -> the department that its dispatch names, '' where it was queued."""
    codec, found = default_codec(), {}
    consumer = Consumer(consumer_config(kafka, f"leads-{topic}", enable_partition_eof=True))
    for messages in read_ranges(consumer, topic_ends(kafka, [topic])):
        for message in messages:
            decoded = codec.decode(message.value())
            if decoded.schema.name != REPORTED:
                found[message.key().decode()] = str(decoded.body.get("lead", ""))
    consumer.close()
    return found


def copied(count: int) -> Iterator[OutRecord]:
    """Records of about 500 bytes."""
    value = default_codec().encode_body(ACCEPTED, accepted(derived_id("bench"), 0)) * 3
    for number in range(count):
        yield OutRecord(COPIES, str(number).encode(), value, {"ce_type": ACCEPTED})


def act_records(departments: list[str], turn: int, count: int) -> Iterator[OutRecord]:
    """Acceptances by some departments."""
    codec = default_codec()
    for number in range(count):
        issue = derived_id("bench", "act", str(number % 10_000))
        value = codec.encode_body(ACCEPTED, accepted(issue, turn * count + number))
        topic = f"handling-{departments[number % len(departments)]}"
        yield OutRecord(topic, issue.encode(), value, {"ce_type": ACCEPTED})


def report_records(reports: Iterable[GeneratedReport]) -> Iterator[OutRecord]:
    """Generated reports as intake would write them, by several channels in turn."""
    codec = default_codec()
    for number, report in enumerate(reports):
        issue = derived_id("bench", "report", str(number))
        channel = CHANNELS[number % len(CHANNELS)]
        place = None
        if report.lon is not None:
            place = {"lon": report.lon, "lat": report.lat, "address": report.address}
        body: dict[str, Any] = {
            "head": _head(issue, issue, report.occurred_at, report.area, None),
            "channel": channel,
            "reference": None,
            "place": place,
            "contact": report.contact,
            "intent": report.intent,
            "media": [],
            "handled_on_the_spot": None,
            "reporter": None,
            "subject": report.subject,
            "body": report.body,
        }
        value = codec.encode_body(REPORTED, body)
        yield OutRecord(f"reports-{channel}", issue.encode(), value, {"ce_type": REPORTED})


def accepted(issue: str, number: int) -> dict[str, object]:
    """The body of an acceptance."""
    event = derived_id(issue, "accepted", str(number))
    head = _head(event, issue, YEAR[0] + number, None, issue)
    return {"head": head, "hop": 1, "handler": "bench"}


def _head(
    event: str, issue: str, at: int, area: str | None, cause: str | None
) -> dict[str, object]:
    return {
        "event_id": event,
        "issue_id": issue,
        "occurred_at": at,
        "actor": "bench",
        "area": area,
        "causation_id": cause,
    }


if __name__ == "__main__":
    main()
