"""Rows become reports with ids that do not depend on the file."""

from dataclasses import replace

from hutong.events.codec import default_codec
from hutong.importer.messages import ImportedMessage
from hutong.importer.send import to_event

ROW = ImportedMessage(
    line=2, message_id="17", submitted_at=1_546_272_000_000, subject="路灯不亮", body="太黑了"
)


def test_a_row_becomes_a_valid_report_with_its_own_time() -> None:
    event = to_event(ROW)
    codec = default_codec()
    codec.check(codec.decode(codec.encode(event)))
    assert (event.channel, event.reference, event.head.occurred_at) == (
        "import", "17", 1_546_272_000_000,
    )  # fmt: skip
    assert event.head.event_id == event.head.issue_id


def test_the_id_follows_from_number_and_time_and_from_nothing_else() -> None:
    other_line = replace(ROW, line=99, body="又不亮了")
    other_time = replace(ROW, submitted_at=ROW.submitted_at + 1)
    assert to_event(other_line).head.issue_id == to_event(ROW).head.issue_id
    assert to_event(other_time).head.issue_id != to_event(ROW).head.issue_id
