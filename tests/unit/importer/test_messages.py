"""Another system's file: what is sound comes through, what is not is named with its line."""

import gzip
import logging
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from hutong.importer.messages import BadRow, ImportedMessage, MessagesError, read_messages

HEADER = "message_id,submitted_at,subject,body"
GOOD = "1,2019-03-01T08:30:00+08:00,路灯不亮,晚上太黑"
#: A file of real letters, which are nobody's to publish.
REAL = os.environ.get("HUTONG_TEST_MESSAGES")


Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(*lines: str, encoding: str = "utf-8") -> Path:
        file = tmp_path / "in.csv"
        file.write_bytes(("\n".join(lines) + "\n").encode(encoding))
        return file

    return write


def only(rows: list[ImportedMessage | BadRow]) -> ImportedMessage:
    assert len(rows) == 1
    assert isinstance(rows[0], ImportedMessage), rows[0]
    return rows[0]


def test_a_row(write: Write) -> None:
    message = only(list(read_messages(write(HEADER, GOOD))))

    assert message == ImportedMessage(
        line=2,
        message_id="1",
        submitted_at=int(datetime.fromisoformat("2019-03-01T00:30:00Z").timestamp()) * 1000,
        subject="路灯不亮",
        body="晚上太黑",
    )


def test_optional_columns_in_any_order(write: Write) -> None:
    file = write(
        "lat,lon,area,channel,user_id,body,subject,submitted_at,message_id",
        "36.4,116.0,west-bell-01,app,u7,正文,题目,2019-03-01T08:30:00Z,9",
    )

    message = only(list(read_messages(file)))

    assert (message.lon, message.lat, message.area) == (116.0, 36.4, "west-bell-01")
    assert (message.channel, message.user_id, message.message_id) == ("app", "u7", "9")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_byte_order_mark_changes_nothing(write: Write, encoding: str) -> None:
    assert only(list(read_messages(write(HEADER, GOOD, encoding=encoding)))).message_id == "1"


def test_gzip_is_known_by_its_bytes(write: Write, tmp_path: Path) -> None:
    packed = tmp_path / "named.csv"
    packed.write_bytes(gzip.compress(write(HEADER, GOOD).read_bytes()))

    assert only(list(read_messages(packed))).subject == "路灯不亮"


def test_a_body_of_many_lines_keeps_them_and_the_next_row_its_line(write: Write) -> None:
    file = write(
        HEADER, '1,2019-03-01T08:30:00Z,题,"一\n\n三, ""好"""', "", "2,2019-03-01T08:30:00Z,题,文"
    )

    first, second = read_messages(file)

    assert isinstance(first, ImportedMessage)
    assert first.body == '一\n\n三, "好"'
    assert isinstance(second, ImportedMessage)
    assert (second.line, second.message_id) == (6, "2")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2,2019-03-01T08:30:00+08:00, \t, \u3000 ", "no text"),
        ("2,2019-03-01T08:30:00,题,文", "no zone; write it as 2019-03-01T08:30:00+08:00"),
        ("2,2019/3/1 8:30,题,文", "not an ISO 8601 time"),
        ("2,,题,文", "not an ISO 8601 time"),
        ("2,1931-01-01T00:00:00Z,题,文", "before 1970"),
        (",2019-03-01T08:30:00Z,题,文", "message_id is empty"),
        ("1,2019-03-01T08:30:00Z,题,文", "already on line 2"),
        (f"{'x' * 201},2019-03-01T08:30:00Z,题,文", "longer than 200"),
        ("2,2019-03-01T08:30:00Z,题", "has 3 cells, the first line names 4"),
        ("2,2019-03-01T08:30:00Z,题,文,多", "has 5 cells"),
        ("2,2019-03-01T08:30:00Z,题,a\x00b", "NUL"),
    ],
)
def test_one_bad_row_never_takes_its_neighbours_along(write: Write, row: str, words: str) -> None:
    file = write(HEADER, GOOD, row, "3,2019-03-01T08:30:00Z,题,文")

    before, bad, after = read_messages(file)

    assert isinstance(before, ImportedMessage)
    assert isinstance(bad, BadRow)
    assert bad.line == 3
    assert words in bad.reason
    assert isinstance(after, ImportedMessage)
    assert (after.line, after.message_id) == (4, "3")


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("west bell,,", "not an area code"),
        (",116.0,", "fill in both or neither"),
        (",东经,北纬", "not both numbers"),
        (",190.0,36.4", "not on the globe"),
        (",nan,36.4", "not on the globe"),
    ],
)
def test_a_place_that_is_none(write: Write, place: str, words: str) -> None:
    (bad,) = read_messages(write(f"{HEADER},area,lon,lat", f"{GOOD},{place}"))

    assert isinstance(bad, BadRow)
    assert words in bad.reason


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["message_id,subject,body", "1,题,文"], ":1: no column submitted_at"),
        ([], ":1: no column message_id, submitted_at, subject, body"),
        ([f"{HEADER},body", GOOD], ":1: column body is there twice"),
        ([HEADER, GOOD, '2,2019-03-01T08:30:00Z,题,"文'], ":3: not well-formed CSV"),
    ],
)
def test_a_file_without_sense_says_where(write: Write, lines: list[str], words: str) -> None:
    with pytest.raises(MessagesError) as caught:
        list(read_messages(write(*lines)))

    assert words in str(caught.value)


def test_gbk_is_named_with_its_line_and_the_way_out(write: Write) -> None:
    file = write(HEADER, "1,2019-03-01T08:30:00Z,a,b", GOOD, encoding="gbk")

    with pytest.raises(MessagesError, match=r":3: not UTF-8 .* iconv -f GB18030 -t UTF-8"):
        list(read_messages(file))


@pytest.mark.parametrize("damage", [lambda b: b[:-30], lambda b: b[:40] + b"\xff" * 9 + b[49:]])
def test_a_damaged_archive(write: Write, damage: Callable[[bytes], bytes]) -> None:
    rows = [f"{n},2019-03-01T08:30:00Z,题,{n * 7919}" for n in range(500)]
    file = write(HEADER, *rows)
    file.write_bytes(damage(gzip.compress(file.read_bytes())))

    with pytest.raises(MessagesError, match=r"gzip -t FILE"):
        list(read_messages(file))


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(MessagesError, match="cannot be read: No such file"):
        list(read_messages(tmp_path / "none.csv"))


def test_other_columns_are_named_once(write: Write, caplog: pytest.LogCaptureFixture) -> None:
    file = write(f"{HEADER},likes,dislikes", f"{GOOD},1,2", GOOD.replace("1", "2", 1) + ",1,2")

    with caplog.at_level(logging.WARNING):
        assert len(list(read_messages(file))) == 2

    assert [record.getMessage() for record in caplog.records] == [
        f"{file}: columns ignored: likes, dislikes"
    ]


def test_a_huge_letter_is_no_obstacle(write: Write) -> None:
    message = only(
        list(read_messages(write(HEADER, f"1,2019-03-01T08:30:00Z,题,{'长' * 200_000}")))
    )

    assert len(message.body) == 200_000


@pytest.mark.skipif(not REAL, reason="no file of real letters: HUTONG_TEST_MESSAGES names one")
def test_a_real_year_is_read_whole() -> None:
    rows = list(read_messages(Path(str(REAL))))

    assert len(rows) >= 1_000
    assert all(isinstance(row, ImportedMessage) for row in rows)
