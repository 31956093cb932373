"""The generator: the same on every machine, plausible in its figures, true about itself."""

import hashlib
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest

from hutong.city import City, load_city
from hutong.city.geometry import Rings, contains
from hutong.demo import GeneratedReport, as_json, generate_reports
from hutong.demo.library import CHANNELS
from hutong.demo.places import AreaLike

START = int(datetime(2024, 12, 31, 16, tzinfo=UTC).timestamp()) * 1000
"""New Year 2025 in China."""
YEAR = 365 * 86_400_000
CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Area:
    code: str
    level: str
    parent: str | None
    zh: str
    polygon: Rings | None = None


def square(west: float, south: float) -> Rings:
    return (
        (
            (west, south),
            (west + 0.01, south),
            (west + 0.01, south + 0.01),
            (west, south + 0.01),
            (west, south),
        ),
    )


@dataclass(frozen=True)
class SmallTown:
    """A city of four square grids, so that the digest does not hang on the sample pack."""

    timezone: str = "Asia/Shanghai"
    areas: Mapping[str, AreaLike] = field(
        default_factory=lambda: {
            area.code: area
            for area in (
                Area("town", "city", None, "小城"),
                Area("north", "street", "town", "北街道"),
                Area("well", "community", "north", "水井社区"),
                *(
                    Area(f"well-{n}", "grid", "well", f"水井第{n}网格", square(120 + n / 100, 30))
                    for n in range(1, 5)
                ),
            )
        }
    )


def reports_of(seed: int, count: int, end: int = START + YEAR) -> list[GeneratedReport]:
    return list(generate_reports(seed, count, START, end, SmallTown()))


@pytest.fixture(scope="module")
def year() -> list[GeneratedReport]:
    return reports_of(7, 12_000)


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


def test_the_same_seed_gives_the_same_bytes_everywhere() -> None:
    text = "\n".join(repr(report) for report in reports_of(42, 3_000))

    digest = hashlib.sha256(text.encode()).hexdigest()

    # A change of texts or rhythm changes it: read a sample, then put the new one in.
    assert digest == "4b59bc58ff9b44abe77a6fa1e18e8998b63aa4bfee727db41734d2a5e7d93139"


def test_another_seed_tells_another_year() -> None:
    assert [r.body for r in reports_of(1, 50)] != [r.body for r in reports_of(2, 50)]


@pytest.mark.parametrize("count", [0, 1, 7, 399, 400, 1_500])
@pytest.mark.parametrize("span", [1, 3_600_000, 5 * 86_400_000, YEAR])
def test_exactly_as_many_as_asked_in_time_order_within_the_span(count: int, span: int) -> None:
    reports = reports_of(3, count, START + span)

    assert [report.number for report in reports] == list(range(1, count + 1))
    times = [report.occurred_at for report in reports]
    assert times == sorted(times)
    assert all(START <= when < START + span for when in times)


def test_what_cannot_be_generated_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="before end"):
        generate_reports(1, 1, START, START, SmallTown())
    with pytest.raises(ValueError, match="negative"):
        generate_reports(1, -1, START, START + 1, SmallTown())
    with pytest.raises(ValueError, match="no grids"):
        generate_reports(1, 1, START, START + 1, SmallTown(areas={}))


def test_channels_have_believable_shares(year: list[GeneratedReport]) -> None:
    shares = Counter(report.channel for report in year)

    expected = {"hotline": 55, "app": 20, "grid": 18, "mailbox": 4, "open311": 2, "sensor": 1}
    assert set(shares) == set(CHANNELS) == set(expected)
    for channel, percent in expected.items():
        assert shares[channel] / len(year) * 100 == pytest.approx(percent, abs=0.5 + percent / 12)


def test_bodies_are_as_long_as_people_write(year: list[GeneratedReport]) -> None:
    lengths = [len(report.body) for report in year]

    assert min(lengths) >= 20
    assert max(lengths) <= 400
    assert max(lengths) > 250
    assert 75 <= median(lengths) <= 105


def test_hardly_any_two_read_the_same(year: list[GeneratedReport]) -> None:
    assert len({report.body for report in year}) > 0.93 * len(year)
    assert not any(brace in report.body + report.subject for report in year for brace in "{}@|")


def test_points_lie_in_their_grid(city: City) -> None:
    for report in generate_reports(5, 3_000, START, START + YEAR, city):
        assert (report.lon is None) == (report.lat is None)
        if report.lon is not None and report.lat is not None:
            found = city.locate(report.lon, report.lat)
            assert found is not None
            assert report.area in (None, found.code)
        if report.area is not None:
            polygon = city.areas[report.area].polygon
            assert polygon is not None
            if report.lon is not None and report.lat is not None:
                assert contains(polygon, report.lon, report.lat)


def test_who_cannot_say_where_is_on_the_telephone(year: list[GeneratedReport]) -> None:
    lost = Counter(r.channel for r in year if r.area is None and r.lon is None)

    assert set(lost) <= {"hotline", "mailbox"}
    assert lost["hotline"] > 0


def test_the_truth_names_items_of_the_duty_list(year: list[GeneratedReport], city: City) -> None:
    known = {item.code for item in city.duty_list}
    seen = {report.item for report in year}

    assert seen <= known
    assert len(seen) >= 100


def test_seasons(year: list[GeneratedReport]) -> None:
    def months(item: str) -> Counter[int]:
        return Counter(
            (datetime.fromtimestamp(r.occurred_at / 1000, UTC) + timedelta(hours=8)).month
            for r in year
            if r.item == item
        )

    heating, barbecue, school = months("heating"), months("bbq"), months("admission")
    assert all(heating[month] == 0 for month in (5, 6, 7, 8))
    assert sum(heating[month] for month in (11, 12, 1, 2)) > 0.85 * heating.total()
    assert sum(barbecue[month] for month in (5, 6, 7, 8, 9)) > 0.65 * barbecue.total()
    assert school[8] + school[9] > 0.25 * school.total()


def test_ponding_comes_on_a_few_days(year: list[GeneratedReport]) -> None:
    days = Counter(r.occurred_at // 86_400_000 for r in year if r.item == "ponding")

    ten_worst = sum(count for _, count in days.most_common(10))
    assert ten_worst > 0.4 * days.total()


def test_people_sleep_and_patrols_keep_office_hours(year: list[GeneratedReport]) -> None:
    hours = Counter((r.occurred_at // 3_600_000 + 8) % 24 for r in year)
    patrols = Counter((r.occurred_at // 3_600_000 + 8) % 24 for r in year if r.channel == "grid")

    assert hours[3] < hours[10] / 6
    assert sum(patrols[hour] for hour in range(1, 6)) < 0.02 * patrols.total()


def test_a_water_main_breaks_and_thirty_people_call_within_two_hours(
    year: list[GeneratedReport],
) -> None:
    matters: dict[int, list[GeneratedReport]] = {}
    for report in year:
        if report.item == "water-supply":
            matters.setdefault(report.matter, []).append(report)

    burst = max(matters.values(), key=len)
    early = [r for r in burst if r.occurred_at < burst[0].occurred_at + 2 * 3_600_000]
    assert len(early) >= 25
    assert len({report.area for report in early if report.area}) >= 2
    assert burst[0].number == burst[0].matter


def test_some_come_back_and_some_write_all_the_time(year: list[GeneratedReport]) -> None:
    first = {report.number: report for report in year}
    again = [r for r in year if r.matter != r.number]
    same_person = [r for r in again if r.contact and r.contact == first[r.matter].contact]
    writers = Counter(r.contact for r in year if r.contact and r.contact.startswith("resident"))

    assert 0.1 < len(again) / len(year) < 0.3
    assert same_person
    assert writers.most_common(1)[0][1] >= 8
    assert all(r.item == first[r.matter].item for r in again)
    assert all(first[r.matter].occurred_at <= r.occurred_at for r in again)


def test_every_intent_and_manner_occurs(year: list[GeneratedReport]) -> None:
    intents = {report.intent for report in year}
    bodies = "".join(report.body for report in year)

    assert intents == {None, "consult", "help", "complain", "report", "suggest", "praise"}
    assert 0.005 < sum(report.vague for report in year) / len(year) < 0.03
    assert any(report.handled_on_the_spot for report in year if report.channel == "grid")
    assert not any(report.handled_on_the_spot for report in year if report.channel != "grid")
    for sign in ("來", "扰民", "没由", "３", "来电人", "尊敬的领导", "巡查发现", "dB(A)"):
        assert sign in bodies


def test_telephone_numbers_are_nobodys(year: list[GeneratedReport]) -> None:
    phones = {report.phone for report in year if report.phone}

    assert phones
    assert all(len(p) == 11 and p.isdigit() and p.startswith("154") for p in phones)


def test_the_request_holds_what_the_intake_takes_and_not_the_truth() -> None:
    report = next(r for r in reports_of(9, 500) if r.channel == "app" and r.phone and r.intent)

    body = as_json(report, CHINA)

    assert set(body) <= {"occurred_at", "area", "place", "reporter", "intent", "subject", "body"}
    moment = datetime.fromisoformat(body["occurred_at"])
    assert moment.utcoffset() == timedelta(hours=8)
    assert int(moment.timestamp() * 1000) in range(report.occurred_at - 1, report.occurred_at + 2)
    assert body["place"]["datum"] == "WGS84"
    assert body["reporter"] == {"name": report.reporter, "phone": report.phone}
    assert report.item not in str(body)


def test_a_city_without_polygons_still_has_reports() -> None:
    town = SmallTown()
    bare = {
        code: Area(area.code, area.level, area.parent, area.zh) for code, area in town.areas.items()
    }

    reports = list(generate_reports(1, 600, START, START + YEAR, SmallTown(areas=bare)))

    assert len(reports) == 600
    assert all(report.lon is None for report in reports)


def test_it_is_fast_enough_to_fill_a_benchmark() -> None:
    reports_of(1, 10)  # texts are read once
    started = time.process_time()

    count = sum(1 for _ in generate_reports(1, 20_000, START, START + YEAR, SmallTown()))

    # 20,000 a second of a free processor; a shared one gets half of that.
    assert count / (time.process_time() - started) > 10_000
