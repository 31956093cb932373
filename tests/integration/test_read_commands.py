"""`hutong issue show`, `circular` and `lag` on a real log and database."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from hutong.city import load_city
from hutong.demo.account import wait_until_visible
from hutong.events.receipt import Receipt
from hutong.events.topics import load_topics
from hutong.issue.record import Record
from hutong.kafka import producer_config
from hutong.kafka.admin import create_topics
from hutong.store import Connection, migrate
from tests.fixtures.database import database
from tests.fixtures.histories import History, append, whole_life
from tests.fixtures.names import unique_topic
from tests.fixtures.projectors import Place


@dataclass
class Stage:
    """A place with some issues projected."""

    place: Place

    def run(self, *arguments: str, **more: str) -> tuple[int, str, str]:
        """Exit code, output and errors of a command."""
        return self.run_in(self.place.environment(**more), *arguments)

    def run_in(self, environment: dict[str, str], *arguments: str) -> tuple[int, str, str]:
        """The same with no other settings than these."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("HUTONG_")}
        done = subprocess.run(
            [sys.executable, "-m", "hutong.cli.main", *arguments],
            env={"COLUMNS": "80", **kept, **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def read(self, *arguments: str) -> Any:
        """What a command prints as JSON."""
        code, output, said = self.run(*arguments, "--json")
        assert code == 0, said
        return json.loads(output)


@pytest.fixture(scope="module")
def stage(
    kafka: str,
    postgres_server: str,
    make_topic: Callable[..., str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Stage]:
    with database(postgres_server) as url:
        migrate(url)
        logs = tmp_path_factory.mktemp("logs")
        place = Place(kafka, make_topic("issues", 3), url, unique_topic("group"), logs)
        records = told()
        append(kafka, place.topic, records)
        with place.projector():
            place.wait(len(records))
        yield Stage(place)


def send_keys(kafka: str, topic: str, keys: Sequence[str | None]) -> list[tuple[int, int]]:
    """Records with these keys on a topic of the catalogue; partition and offset of each."""
    create_topics(kafka, [load_topics(())[topic]])
    places: list[tuple[int, int]] = []
    producer = Producer(producer_config(kafka))
    for key in keys:
        producer.produce(
            topic,
            # Without a key it would go anywhere, also where the receipts of `told` point to.
            **({} if key is not None else {"partition": 7}),
            key=key,
            value=b"x",
            on_delivery=lambda _, m: places.append((m.partition() or 0, m.offset() or 0)),
        )
    producer.flush(30)
    return places


def told() -> list[Record]:
    """A closed issue, one at the desk, an imported one, and one with a refused act."""
    queued = History(2)
    refused = History(4)
    return [
        *whole_life(1),
        queued.reported(area="west-bell-01"),
        queued.queued(),
        *whole_life(3, origin="imported"),
        refused.reported(),
        refused.dispatched(),
        refused.by_lead("IssueAccepted", lead="parks", hop=1),
    ]


def test_show_by_receipt_and_by_id(stage: Stage) -> None:
    by_receipt = stage.read("issue", "show", "03-03-00000001-3")
    by_id = stage.read("issue", "show", History(1).issue_id)
    assert by_receipt == by_id
    assert by_id["issue"]["status"] == "closed"
    assert [entry["verdict"] for entry in by_id["timeline"]] == ["applied"] * 6


def test_show_prints_the_three_times_in_the_city_s_time_zone(stage: Stage) -> None:
    code, output, _ = stage.run("issue", "show", History(4).issue_id)
    assert code == 0
    assert "2026-06-01 08:00:00.000" in output
    assert "not-the-lead" in output
    assert "Asia/Shanghai" in output
    assert "陈安" not in output


def test_show_says_what_is_wrong_with_a_number(stage: Stage) -> None:
    code, _, said = stage.run("issue", "show", "03-03-00000001-4")
    assert code == 2
    assert "a digit was misread or mistyped. An issue id is a UUID." in said
    assert stage.run("issue", "show", History(99).issue_id)[0] == 1


@pytest.mark.parametrize(
    "command",
    [["issue", "show", "03-03-00000001-3"], ["circular"], ["circular", "--json"], ["migrate"]],
)
def test_what_reads_the_database_alone_needs_no_kafka(
    stage: Stage, command: list[str], tmp_path: Path
) -> None:
    only = {"HUTONG_DATABASE_URL": stage.place.url, "HUTONG_DATA": str(tmp_path)}
    code, _, said = stage.run_in(only, *command)
    assert (code, said) == (0, "")


def test_a_later_receipt_of_a_retried_report_finds_its_issue(stage: Stage, kafka: str) -> None:
    [place] = send_keys(kafka, "reports-app", [History(1).issue_id])
    receipt = str(Receipt(3, *place))
    code, output, said = stage.run("issue", "show", receipt)
    assert code == 0, said
    assert f"{receipt} is another receipt of the same report" in output
    assert "03-03-00000001-3" in output
    only = {"HUTONG_DATABASE_URL": stage.place.url, "HUTONG_DATA": "/nonexistent"}
    code, _, said = stage.run_in(only, "issue", "show", receipt)
    assert code == 1
    assert "HUTONG_KAFKA is needed" in said


@pytest.mark.parametrize("key", ["no issue", "03-03-00000001-3", None])
def test_the_receipt_of_a_record_that_is_no_report_is_not_found(
    stage: Stage, kafka: str, key: str | None
) -> None:
    [place] = send_keys(kafka, "reports-app", [key])
    code, output, said = stage.run("issue", "show", str(Receipt(3, *place)))
    assert (code, output) == (1, "")
    assert said.startswith("hutong: no issue ")


def test_the_circular_counts_origins_apart_and_names_its_place(stage: Stage) -> None:
    edition = stage.read("circular")
    assert edition["period"] == "2026-W23"
    assert edition["pack"] == load_city().hash
    assert sum(edition["position"].values()) == 17
    live, imported = edition["figures"]["live"], edition["figures"]["imported"]
    assert (live["total"][""]["reported"], live["total"][""]["queued"]) == (3, 1)
    assert imported["total"][""]["closed"] == 1
    assert set(live["street"]) == {"east", "west"}
    assert "utilities.water" in live["category"]


def test_the_circular_speaks_chinese_and_english(stage: Stage) -> None:
    code, output, _ = stage.run("circular", "--week", "2026-W23")
    assert code == 0
    assert "每周通报 2026-W23" in output
    assert "历史导入" in output
    assert "Imported (counted apart)" in stage.run("circular", "--en")[1]
    assert "每月通报 2026-06" in stage.run("circular", "--month", "2026-06")[1]
    assert "季度通报 2026-Q2" in stage.run("circular", "--quarter", "2026-Q2")[1]


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["--week", "2026-W01"], 1, "nothing was reported in 2026-W01"),
        (["--week", "last"], 2, "a period is an ISO week (2026-W47)"),
        (["--week", "2026-06"], 2, "that is a month, use --month"),
        (["--week", "2026-W23", "--month", "2026-06"], 2, "one of them"),
        (["--week", "2026-W23", "--edition", "7"], 1, "has no edition 7"),
    ],
)
def test_a_circular_that_cannot_be_says_why(
    stage: Stage, arguments: list[str], code: int, says: str
) -> None:
    found, _, said = stage.run("circular", *arguments)
    assert (found, says in said) == (code, True), said


def test_an_edition_is_issued_once_and_kept(stage: Stage, tmp_path: Path) -> None:
    code, output, said = stage.run("circular", "issue", "--week", "2026-W23", "--by", "王主任")
    assert code == 0, said
    assert output.startswith("edition 1 of 2026-W23, sha256:")
    kept = stage.run("circular", "--week", "2026-W23", "--edition", "0", "--json")[1]
    assert hashlib.sha256(kept.rstrip("\n").encode()).hexdigest() in output
    code, _, said = stage.run("circular", "issue", "--week", "2026-W23", "--by", "王主任")
    assert (code, "says the same" in said) == (1, True)
    [line] = stage.run("circular", "editions")[1].splitlines()
    assert line.split()[:2] == ["2026-W23", "1"]
    file = tmp_path / "circular.xlsx"
    assert stage.run("circular", "--edition", "1", "--xlsx", str(file))[0] == 0
    assert file.read_bytes().startswith(b"PK")


def test_the_lag_of_projections_is_that_of_their_own_offsets(stage: Stage) -> None:
    lines = stage.read("lag")
    assert {line["reader"] for line in lines} <= {"router", "projections"}
    mine = [line for line in lines if line["reader"] == "projections"]
    assert len(mine) == 3
    assert sum(line["position"] or 0 for line in mine) == len(told())
    assert [line["lag"] for line in mine] == [0, 0, 0]


def test_waiting_counts_rows_only_after_offsets_have_moved(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = []

    def count(_connection: Connection, _ids: Sequence[str]) -> int:
        counted.append(1)
        return 0

    looks = iter([None] * 5)

    def alive() -> None:
        if next(looks, StopIteration) is StopIteration:
            raise InterruptedError

    monkeypatch.setattr("hutong.demo.account.current.count_routed", count)
    with pytest.raises(InterruptedError):
        wait_until_visible(stage.place.url, ["x"], 60, alive)
    assert counted == [1]
