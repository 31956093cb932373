"""The intake takes what the generator writes, with nothing to complain of."""

from datetime import UTC, datetime

from hutong_intake.check import check_report

from hutong.city import load_city
from hutong.demo import as_json, generate_reports

START = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()) * 1000


def test_strictly_and_without_a_warning() -> None:
    city = load_city()
    now = START + 365 * 86_400_000

    for report in generate_reports(11, 2_000, START, now, city):
        checked = check_report(as_json(report), city, report.channel, now=now, strict=True)
        assert checked.warnings == (), report
