"""The SDK's outbox on a disk that is really full: refused in words, nothing lost or doubled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hutong.city import load_city
from hutong.events.topics import load_topics
from hutong.sdk import Client, DiskFullError, Outbox, State, new_id, store
from hutong.sdk.draft import report_draft
from tests.fixtures.intake_process import IntakeProcess, make_topics
from tests.fixtures.router_process import Places
from tests.fixtures.small_disk import SmallDisk, small_disk

_TEXT = "槐荫路自来水管爆裂，附近三栋楼停水。" * 20
_PAGE = 4096


#: The last one has blocks smaller than a page of memory, as small file systems do.
KINDS = ("tmpfs", "ext4-4096", "ext4-1024")


@pytest.fixture
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(request.param, tmp_path, 4) as mounted:
        yield mounted


@pytest.fixture(scope="module")
def intake(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IntakeProcess]:
    make_topics(kafka)
    running = IntakeProcess(kafka, tmp_path_factory.mktemp("intake")).start()
    yield running
    running.stop()


@pytest.mark.parametrize("disk", KINDS, indirect=True)
def test_with_little_room_nothing_is_begun(disk: SmallDisk) -> None:
    outbox = Outbox(disk.path / "o.db")
    kept = put(outbox)
    disk.fill(but=100_000)
    for call in (lambda: put(outbox), lambda: outbox.claim(1), lambda: Outbox(disk.path / "n.db")):
        with pytest.raises(DiskFullError):
            call()
    assert [receipt.event_id for receipt in outbox.receipts()] == [kept]
    disk.clear()
    assert [message.event_id for message in outbox.claim(1)] == [kept]


@pytest.mark.parametrize("disk", KINDS[:2], indirect=True)
def test_a_report_is_kept_or_refused_whichever_page_is_the_last_one(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up after the look at it: at every write that keeping can come to."""
    monkeypatch.setattr(store, "_LEAST_ROOM", 1)
    refused_at_once = 0
    for pages in range(40):
        path = disk.path / f"{pages}.db"
        disk.fill(but=pages * _PAGE)
        kept: set[str] = set()
        try:
            outbox = Outbox(path)
        except DiskFullError:
            refused_at_once += 1
        else:
            refused = until_refused(lambda: kept.add(put(outbox)))  # noqa: B023 - called here
            assert "Make room" in refused.en
            assert "磁盘已满" in refused.zh
            assert {receipt.event_id for receipt in outbox.receipts()} == kept
            outbox.store.close()
        disk.clear()

        outbox = Outbox(path)
        assert {receipt.event_id for receipt in outbox.receipts()} == kept
        assert outbox.store.execute("PRAGMA integrity_check") == [("ok",)]
        again = put(outbox)
        assert {message.event_id for message in outbox.claim(1_000)} == {*kept, again}
        outbox.store.close()
        for file in disk.path.glob(f"{pages}.db*"):
            file.unlink()
    assert 0 < refused_at_once < 40


@pytest.mark.parametrize("disk", KINDS, indirect=True)
def test_an_app_whose_disk_fills_up_goes_on_when_there_is_room(
    disk: SmallDisk, intake: IntakeProcess, kafka: str
) -> None:
    places = Places(kafka, load_topics(load_city().departments))
    path, key = disk.path / "o.db", intake.secrets["app"]
    nobody = "http://127.0.0.1:9"
    kept, tried = [], []

    def report(client: Client) -> None:
        tried.append(new_id())
        kept.append(client.report_issue(body=_TEXT, event_id=tried[-1]).event_id)

    outbox = Outbox(path, lease_seconds=2)
    with Client(nobody, key, outbox=outbox) as offline:
        for _ in range(50):
            report(offline)
        disk.fill()
        until_refused(lambda: report(offline))
    assert disk.is_full()

    with pytest.raises(DiskFullError):
        Outbox(path)

    with Client(intake.url, key, outbox=outbox) as client:
        client.flush(timeout=3)  # what is sent and cannot be written down is sent again
        until_refused(lambda: report(client))
        assert {r.event_id for r in outbox.receipts()} == set(kept)
        disk.clear()
        for refused in set(tried) - set(kept):
            client.report_issue(body=_TEXT, event_id=refused)
        assert client.flush(timeout=60) == 0
        states = {receipt.state for receipt in outbox.receipts()}

    assert states == {State.ACCEPTED}
    records = places.written("reports-app")
    assert {record.event_id for record in records} == set(tried)
    assert len({(record.event_id, record.value) for record in records}) == len(tried)


def until_refused(call: Callable[[], object]) -> DiskFullError:
    """Call until there is no room."""
    while True:
        try:
            call()
        except DiskFullError as error:
            return error


def put(outbox: Outbox) -> str:
    fields = {"body": _TEXT}
    return outbox.put(report_draft(event_id=None, occurred_at=None, fields=fields)).event_id
