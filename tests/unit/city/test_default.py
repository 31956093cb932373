"""The built-in sample district holds what the domain names, under the codes that last for ever."""

from __future__ import annotations

from datetime import date

import pytest

from hutong.city import City, ClockLength, city_from_files, load_city, read_folder


def test_it_has_the_28_departments(city: City) -> None:
    assert len(city.departments) == 28
    assert city.departments["urban-mgmt"].zh == "城市管理局(综合执法局)"
    assert city.departments["power-co"].hours == "always"


def test_it_has_18_first_level_and_119_second_level_categories(city: City) -> None:
    levels = [category.level for category in city.categories.values()]
    assert levels.count(1) == 18
    assert levels.count(2) == 119
    assert city.categories["cityscape.waste"].zh == "生活垃圾"
    assert city.categories["facilities.manholes.missing"].kind == "hazard"
    assert city.categories["safety.lifts.trapped"].maps_to == "商贸旅游"
    assert all(category.kind in city.kinds for category in city.categories.values())


def test_every_second_level_category_has_a_duty_item(city: City) -> None:
    reached = {".".join(item.category.split(".")[:2]) for item in city.duty_list}
    second = {code for code, category in city.categories.items() if category.level == 2}
    assert second - reached == {"governance.other"}  # the desk's own, by its definition


def test_tiers_are_in_minutes(city: City) -> None:
    assert city.tiers["urgent"].clocks["respond"] == ClockLength(120, "natural")
    assert city.tiers["general"].clocks["resolve"] == (1440, "natural")
    assert city.tiers["hard"].clocks["resolve"].minutes == 72 * 60
    assert city.tiers["consultation"].clocks["resolve"] == (5 * 420, "working")


def test_a_duty_item_may_have_a_term_of_the_law_beside_its_promises(city: City) -> None:
    promised = city.promises("hard", "wages-unpaid")
    assert promised["resolve"] == (72 * 60, "natural")
    assert promised["statutory"] == ClockLength(60 * 420, "working")
    assert city.promises("general", "street-lamp") == city.tiers["general"].clocks
    terms = {item.code for item in city.duty_list if item.statutory}
    assert terms >= {"consumer", "food", "civil-dispute", "petition"}


def test_reasons_are_unique_in_their_group_only(city: City) -> None:
    assert city.reasons["return"]["not-our-duty"].evidence_required
    assert not city.reasons["return"]["emergency-line"].evidence_required
    assert "emergency-line" in city.reasons["refusal"]
    assert city.reasons["result"]["enforced"].evidence_required


def test_the_22_rulings_decide_whose_a_matter_is(city: City) -> None:
    assert list(city.rulings) == [f"D{number:02}" for number in range(1, 23)]
    assert city.rulings["D08"].lead == "urban-mgmt"
    assert city.rulings["D06"].lead == ""  # by surface
    manhole = city.ruling_for("facilities.manholes.missing")
    assert manhole is city.rulings["D08"]
    assert city.ruling_for("order.dogs.barking") is city.rulings["D03"]
    assert city.ruling_for("governance.other") is None


def test_the_calendar_knows_make_up_workdays(city: City) -> None:
    calendar = city.calendar
    assert calendar.years == {2024, 2025, 2026}
    assert calendar.minutes_per_day == 420
    assert not calendar.is_working_day(date(2026, 2, 23))  # Monday of the Spring Festival
    assert calendar.is_working_day(date(2026, 2, 28))  # a Saturday worked for it
    assert not calendar.is_working_day(date(2026, 3, 1))
    assert all(day.isoweekday() > 5 for day in calendar.workdays)


def test_the_area_tree(city: City) -> None:
    levels = [area.level for area in city.areas.values()]
    assert [levels.count(level) for level in ("city", "district", "street")] == [1, 1, 2]
    assert [levels.count(level) for level in ("community", "grid")] == [6, 24]
    path = [area.code for area in city.area_path("east-canal-03")]
    assert path == ["hening", "huaili", "east", "east-canal", "east-canal-03"]
    assert city.area_path("nowhere") == ()


@pytest.mark.parametrize(
    ("area", "office"),
    [
        ("west", "street-west"),
        ("east-canal", "street-east"),
        ("west-bell-01", "street-west"),
        ("huaili", None),
        ("nowhere", None),
    ],
)
def test_street_office(city: City, area: str, office: str | None) -> None:
    assert city.street_office(area) == office


def test_the_hash_is_the_bytes_and_nothing_else(city: City) -> None:
    from importlib.resources import files

    folder = read_folder(files("hutong.city") / "default")
    assert city.hash.startswith("sha256:")
    assert len(city.hash) == 7 + 64
    assert load_city().hash == city.hash
    turned = dict(reversed(folder.items()))
    assert city_from_files(turned).hash == city.hash
    turned["exceptions.csv"] += b"east-canal,street-lamp,housing,,new road\n"
    changed = city_from_files(turned)
    assert changed.hash != city.hash
    assert changed.exceptions[0].lead == "housing"
