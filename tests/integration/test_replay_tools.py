"""`hutong replay trace | as-of | verify | export` on a real log, and on an archive without one."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, LiteralString

import duckdb
import pytest

from hutong.events.receipt import Receipt
from hutong.events.topics import DEAD_LETTERS, load_topics
from hutong.issue.record import Record
from hutong.kafka.admin import create_topics
from hutong.kafka.lag import topic_ends
from hutong.store import Connection, connect, migrate
from tests.fixtures.commands import run_cli
from tests.fixtures.histories import START, History, append, interleaved, whole_life
from tests.fixtures.names import unique_topic
from tests.fixtures.projectors import Place
from tests.fixtures.small_disk import small_disk

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

REFUSED = History(4)
RECORDS = 20 * 6 + 3 + 1
#: A repeat has no row of its own in the timeline.
ROWS = RECORDS - 1


@pytest.fixture(scope="module")
def log(kafka: str, make_topic: Callable[..., str]) -> str:
    """A log of closed issues, one with a refused act; the closing of one is there twice."""
    name = make_topic("issues", 3)
    lives = [whole_life(number) for number in range(10, 30)]
    records: list[Record] = list(interleaved(lives))
    records += [REFUSED.reported(), REFUSED.dispatched()]
    records += [REFUSED.by_lead("IssueAccepted", lead="parks", hop=1), lives[0][-1]]
    append(kafka, name, records)
    return name


@pytest.fixture
def place(kafka: str, log: str, fresh_database: str, make_topic: Any, tmp_path: Path) -> Place:
    migrate(fresh_database)
    return Place(kafka, log, fresh_database, unique_topic("group"), tmp_path)


def run(place: Place, *arguments: str, broker: bool = True) -> tuple[int, str, str]:
    """A command with the settings of the place; without a broker its Kafka is nowhere."""
    environment = place.environment()
    if not broker:
        environment["HUTONG_KAFKA"] = "127.0.0.1:1"
    return run_cli("replay", *arguments, environment=environment)


def test_trace_shows_every_record_with_its_verdict_from_the_log_alone(place: Place) -> None:
    code, output, said = run(place, "trace", REFUSED.issue_id, "--json")
    assert code == 0, said
    chain = json.loads(output)
    assert [(link["name"], link["verdict"], link["reason"]) for link in chain] == [
        ("IssueReported", "applied", ""),
        ("IssueDispatched", "applied", ""),
        ("IssueAccepted", "refused", "not-the-lead"),
    ]
    assert chain[1]["answers"] == chain[0]["event_id"]
    assert chain[1]["pack"].startswith("sha256:")
    assert "陈安" not in output
    _, shown, _ = run(place, "trace", REFUSED.issue_id)
    assert "not-the-lead: dept:parks does not lead, water-co does" in shown
    assert "3 records, 1 refused; times: Asia/Shanghai" in shown


def test_a_repeat_is_shown_as_one(place: Place) -> None:
    _, output, _ = run(place, "trace", History(10).issue_id, "--json")
    assert [link["verdict"] for link in json.loads(output)] == ["applied"] * 6 + ["repeat"]


def test_an_issue_is_found_by_its_receipt(place: Place) -> None:
    code, output, said = run(place, "trace", str(Receipt(3, 3, 12)), "--json")
    assert code == 0, said
    assert json.loads(output)[0]["event_id"] == History(12).issue_id


def test_what_is_no_receipt_and_what_is_not_there_are_told_apart(place: Place) -> None:
    receipt = str(Receipt(3, 3, 12))
    wrong = f"{receipt[:-1]}{(int(receipt[-1]) + 1) % 10}"
    code, _, said = run(place, "trace", wrong)
    assert (code, "a digit was misread or mistyped" in said) == (2, True)
    code, _, said = run(place, "trace", History(999).issue_id)
    assert (code, "no issue" in said) == (1, True)


def test_a_log_that_is_not_there_is_refused(place: Place) -> None:
    place.topic = "nowhere"
    for arguments in (
        ("trace", REFUSED.issue_id),
        ("as-of", "2026-12-01", "--department", "parks"),
        ("dump", str(place.logs / "no"), "--rebuilt"),
        ("verify",),
    ):
        code, _, said = run(place, *arguments)
        assert (code, "there is no topic nowhere" in said) == (2, True), said


def test_as_of_shows_what_was_recorded_then(place: Place, kafka: str) -> None:
    _, output, _ = run(place, "trace", History(11).issue_id, "--json")
    chain = json.loads(output)
    # Append times may be equal, so the moment is taken from the chain: all up to the dispatch.
    moment = chain[1]["recorded_at"]
    known = sum(link["recorded_at"] <= moment for link in chain)
    stamp = f"{moment / 1000:.3f}"
    then = _iso(float(stamp))
    code, shown, said = run(place, "as-of", then, "--issue", History(11).issue_id, "--json")
    assert code == 0, said
    found = json.loads(shown)
    assert len(found["timeline"]) == known
    assert found["issue"]["applied"] == known
    _, shown, _ = run(place, "as-of", then, "--issue", History(11).issue_id)
    assert f".{moment % 1000:03} (Asia/Shanghai), by what was recorded then" in shown
    before = _iso(START / 1000)
    code, _, said = run(place, "as-of", before, "--issue", History(11).issue_id)
    assert (code, "the log had nothing of" in said) == (1, True)


def test_verify_names_what_was_changed_and_changes_nothing(place: Place) -> None:
    with place.projector():
        place.wait(ROWS)
    code, output, said = run(place, "verify")
    assert (code, "live was what the log says: no row differs" in output) == (0, True), said
    with connect(place.url) as connection:
        connection.execute("UPDATE issue_current SET status = 'closed' WHERE status <> 'closed'")
    code, output, _ = run(place, "verify", "--json")
    report = json.loads(output)
    assert (code, report["swapped"], report["equal"]) == (1, False, False)
    assert run(place, "verify")[0] == 1, "it is as it was"


def test_verify_names_table_row_column_and_both_values(place: Place) -> None:
    with place.projector():
        place.wait(ROWS)
    with connect(place.url) as connection:
        clocks = _rows(connection, "SELECT issue_id, clock, due_at FROM clock_due ORDER BY 1, 2")
        loads = _rows(connection, "SELECT department, origin FROM department_load ORDER BY 1, 2")
        [*_, (partition, offset, name)] = _rows(
            connection, 'SELECT partition, "offset", name FROM issue_timeline ORDER BY 1, 2'
        )
        # A changed value, in more rows than are shown; a missing row; an extra row; a changed key,
        # which is one of each; and a value within a column of JSON.
        connection.execute("UPDATE clock_due SET due_at = due_at + 7")
        connection.execute("DELETE FROM department_load WHERE department = %s", [loads[0][0]])
        connection.execute(
            "INSERT INTO area_weekly VALUES ('2026-W01', '2026-01', 'live', 'nowhere', 3)"
        )
        connection.execute(
            'UPDATE issue_timeline SET "offset" = 9999, name = \'IssueClosed\''
            ' WHERE partition = %s AND "offset" = %s', [partition, offset],
        )  # fmt: skip
        connection.execute(
            "UPDATE issue_state SET state = jsonb_set(state, '{subject}', '\"垃圾\"')"
            " WHERE issue_id = %s", [REFUSED.issue_id],
        )  # fmt: skip
    code, output, said = run(place, "verify", "--json")
    assert code == 1, said
    found = {each["table"]: each for each in json.loads(output)["comparisons"] if each["differing"]}
    assert {table: each["differing"] for table, each in found.items()} == {
        "clock_due": len(clocks),
        "department_load": 1,
        "area_weekly": 1,
        "issue_timeline": 2,
        "issue_state": 1,
    }
    shown = [
        (each["key"], each["columns"], each["live"]["due_at"], each["rebuilt"]["due_at"])
        for each in found["clock_due"]["first"]
    ]
    assert shown == [
        ({"issue_id": issue, "clock": clock}, ["due_at"], due + 7, due)
        for issue, clock, due in clocks[:3]
    ]
    [missing] = found["department_load"]["first"]
    assert (missing["live"], missing["key"]) == (
        None, {"department": loads[0][0], "origin": loads[0][1]},
    )  # fmt: skip
    [extra] = found["area_weekly"]["first"]
    assert (extra["rebuilt"], extra["live"]["reported"], extra["key"]["area"]) == (
        None, 3, "nowhere",
    )  # fmt: skip
    keys = [
        (each["key"]["offset"], each["live"] is None) for each in found["issue_timeline"]["first"]
    ]
    assert keys == [(offset, True), (9999, False)]

    code, output, _ = run(place, "verify")
    assert code == 1
    words = " ".join(output.split())
    rows = len(clocks) + 5
    assert f"live was not what the log says: {rows} rows in 5 tables" in words
    issue, clock, due = clocks[0]
    assert f'issue_id="{issue}" clock="{clock}"' in words
    assert f"due_at: live {due + 7} rebuilt {due}" in words
    assert f'department="{loads[0][0]}" origin="{loads[0][1]}" live (no such row) rebuilt' in words
    assert 'area="nowhere" live {"area": "nowhere"' in words
    assert f"last record issues/{partition}/{offset} live (no such row)" in words
    assert f'"name": "{name}"' in words
    assert 'state.subject: live "垃圾" rebuilt "' in words
    assert "state.text" not in words, "parts that are equal are left out"


def _rows(connection: Connection, query: LiteralString) -> list[tuple[Any, ...]]:
    return connection.execute(query).fetchall()


@pytest.fixture
def archive(place: Place) -> Path:
    # It holds whatever other tests left on the broker that they share; it only has to be there.
    create_topics(place.kafka, [load_topics(())[DEAD_LETTERS]])
    folder = place.logs / "kept"
    code, output, said = run(place, "export", str(folder))
    assert code == 0, said
    assert "records and" in output
    return folder


def test_an_archive_answers_like_the_log_without_a_broker(place: Place, archive: Path) -> None:
    with place.projector():
        place.wait(ROWS)
    live = run(place, "trace", REFUSED.issue_id, "--json")[1]
    kept = run(place, "trace", REFUSED.issue_id, "--json", "--from-archive", str(archive),
               broker=False)  # fmt: skip
    assert (kept[0], kept[1]) == (0, live), kept[2]
    code, _, said = run(place, "verify", "--from-archive", str(archive), broker=False)
    assert code == 0, said
    code, output, said = run(
        place, "rebuild", "--all", "--json", "--from-archive", str(archive), broker=False
    )
    assert (code, json.loads(output)["swapped"]) == (0, True), said
    dumps = {}
    for name, more in {
        "live": (),
        "log": ("--rebuilt",),
        "archive": ("--from-archive", str(archive)),
    }.items():
        folder = place.logs / name
        code, _, said = run(place, "dump", str(folder), *more, broker=name != "archive")
        assert code == 0, said
        dumps[name] = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert dumps["live"] == dumps["log"] == dumps["archive"]
    moment = _iso(json.loads(live)[1]["recorded_at"] / 1000)
    then = ("as-of", moment, "--issue", REFUSED.issue_id, "--json")
    kept = run(place, *then, "--from-archive", str(archive), broker=False)
    assert (kept[0], kept[1]) == (0, run(place, *then)[1]), kept[2]


def test_what_if_reads_the_log_or_an_archive_and_writes_the_files_that_are_named(
    place: Place, archive: Path
) -> None:
    pack = place.logs / "pack"
    shutil.copytree(str(files("hutong.city") / "default"), pack)
    day = ("--from", _iso(START / 1000 - 60), "--to", _iso(START / 1000 + 86_400))
    before = topic_ends(place.kafka, [place.topic])
    html, csv = place.logs / "out.html", place.logs / "out.csv"
    asked = ("what-if", "--pack", str(pack), *day, "--html", str(html), "--csv", str(csv))
    code, output, said = run(place, *asked, "--json")
    assert code == 0, said
    found = json.loads(output)
    assert found["reports"] == 21
    assert "</html>" in html.read_text("utf-8")
    assert len(csv.read_text("utf-8-sig").splitlines()) == 1 + len(found["differences"])
    kept = run(place, *asked, "--json", "--from-archive", str(archive), broker=False)
    assert (kept[0], kept[1]) == (0, output), kept[2]
    assert "回放的上报" in run(place, *asked)[1]
    assert "reports compared" in run(place, *asked, "--en")[1]
    assert topic_ends(place.kafka, [place.topic]) == before
    with connect(place.url) as connection:
        assert connection.execute("SELECT count(*) FROM issue_state").fetchone() == (0,)
    assert not list(place.logs.glob("*.part-*"))


def test_row_81_what_if_says_which_range_there_is(place: Place, tmp_path: Path) -> None:
    """A range for `replay what-if` that ends before it begins, or in which nothing was received.

    Gets: exit code 2, the range that the log has, and no file.
    """
    pack = str(files("hutong.city") / "default")
    html = tmp_path / "out.html"
    for start, end, why in (
        ("2026-06-02", "2026-06-01", "--from 2026-06-02 is not before --to 2026-06-01"),
        ("1999-01-01", "1999-02-01", "no report was received then: the log's are from 2026-"),
    ):
        code, _, said = run(
            place, "what-if", "--pack", pack, "--from", start, "--to", end, "--html", str(html)
        )
        assert (code, why in said) == (2, True), said
    assert not html.exists()
    full = ("--from", "2026-05-01", "--to", "2026-07-01", "--csv", "/dev/full/out.csv")
    code, _, said = run(place, "what-if", "--pack", pack, *full)
    assert (code, "cannot be written" in said) == (2, True)
    code, _, said = run(place, "what-if", "--pack", str(tmp_path / "no"), *full)
    assert (code, "is no city pack" in said) == (2, True)


def test_duckdb_opens_it(archive: Path) -> None:
    query = f"SELECT count(*), count(DISTINCT key) FROM '{archive}/issues/*.parquet'"
    [(count, issues)] = duckdb.connect().execute(query).fetchall()
    assert (count, issues) == (RECORDS, 21)


def test_row_92_a_segment_that_changed_is_named(place: Place, archive: Path) -> None:
    """A file of an archive that is cut, changed or gone.

    Gets: the command ends with 1 and names the file.
    """
    with place.projector():
        place.wait(ROWS)
    victim = sorted((archive / "issues").iterdir())[0]
    whole = victim.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for content in (whole[:-9], bytes(flipped), None):
        if content is None:
            victim.unlink()
        else:
            victim.write_bytes(content)
        code, _, said = run(place, "verify", "--from-archive", str(archive), broker=False)
        assert code == 1
        assert victim.name in said


def test_row_93_nothing_is_left_of_an_export_that_failed(place: Place, archive: Path) -> None:
    """No room, or a folder that is there already, when an archive is written.

    Gets: exit code 2, and nothing under the final name.
    """
    code, _, said = run(place, "export", str(archive))
    assert (code, "is there already" in said) == (2, True)
    full = Path("/dev/full") / "kept"
    code, _, said = run(place, "export", str(full))
    assert (code, "cannot be written" in said) == (2, True)
    assert not list(place.logs.glob("*.part-*"))


def test_row_93_nothing_is_left_of_an_export_or_page_that_filled_the_disk(
    place: Place, archive: Path, tmp_path: Path
) -> None:
    """A disk that is full when half of an archive, or of what-if's CSV or page, is written.

    Gets: exit code 2 that says so, and nothing under the final name; what stood there stays.
    """
    sizes = [file.stat().st_size for file in archive.rglob("*") if file.is_file()]
    [segments] = [sum(f.stat().st_size for f in (archive / "issues").iterdir())]
    assert segments < sum(sizes) // 2, "they are written before the disk is full"
    pack = str(files("hutong.city") / "default")
    asked = ("what-if", "--pack", pack, "--from", "2026-05-01", "--to", "2026-07-01")
    with small_disk("tmpfs", tmp_path, 4) as disk:
        disk.fill(but=sum(sizes) // 2)
        folder = disk.path / "kept"
        code, _, said = run(place, "export", str(folder))
        assert (code, f"{folder} cannot be written: No space left" in said) == (2, True), said
        assert [each.name for each in disk.path.iterdir()] == ["ballast"]
        disk.clear()
        for option in ("--csv", "--html"):
            out = disk.path / option
            out.write_text("an earlier one")
            disk.fill()
            code, _, said = run(place, *asked, option, str(out))
            assert (code, f"{out} cannot be written: No space left" in said) == (2, True), said
            assert sorted(each.name for each in disk.path.iterdir()) == [option, "ballast"]
            assert out.read_text() == "an earlier one"
            disk.clear()
            out.unlink()


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()
