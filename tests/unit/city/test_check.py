"""Every fault is found, at the file and line where a person mends it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hutong.city import CityError, Fault, check_city, load_city
from hutong.classify import Classifier

Change = Callable[[str, str, str], int]
Add = Callable[[str, str], int]


def the_fault(pack: Path, file: str, line: int, words: str) -> Fault:
    """The fault at that place with those words; there must be exactly one."""
    faults = check_city(pack)
    found = [f for f in faults if (f.file, f.line) == (file, line) and words in f.message]
    assert len(found) == 1, "\n".join(str(fault) for fault in faults)
    return found[0]


def test_the_built_in_pack_has_no_fault(pack: Path) -> None:
    assert check_city(pack) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (
            "duty_list.csv",
            ",power-co,street,urgent,",
            ",powr-co,street,urgent,",
            "department 'powr-co'",
        ),
        ("duty_list.csv", "street-lamp,路灯", "street-stall,路灯", "'street-stall' is there twice"),
        ("duty_list.csv", "labor.wages.unpaid", "labor.wagess", "category 'labor.wagess'"),
        ("duty_list.csv", "labor.wages.unpaid", "labor", "too broad"),
        ("duty_list.csv", "housing police,hard", "housing police,harder", "tier 'harder'"),
        ("duty_list.csv", "housing police,hard", "labor police,hard", "named twice"),
        ("duty_list.csv", "60 working days,D18", "60 workdays,D18", "statutory '60 workdays'"),
        ("duty_list.csv", "60 working days,D18", "0 days,D18", "must read like '60 days'"),
        ("duty_list.csv", "讨薪:8", "讨薪:12", "'讨薪:12' in keywords"),
        ("duty_list.csv", "讨薪:8", "讨薪:8 讨薪:2", "'讨薪' is twice"),
        ("duty_list.csv", "教师 退休工资", "欠薪 退休工资", "clashes with not-word '欠薪'"),
        ("departments.csv", "fire,消防", "Fire!,消防", "not a slug"),
        ("departments.csv", "fire,消防", "police,消防", "'police' is there twice"),
        ("departments.csv", "Fire and Rescue,always", "Fire and Rescue,mostly", "hours 'mostly'"),
        (
            "departments.csv",
            "code,zh,en,hours,note",
            "code,zh,en,hours",
            "column 'note' is missing",
        ),
        ("categories.csv", "labor.wages,", "labour.wages,", "parent 'labour'"),
        (
            "categories.csv",
            "safety,公共安全,Public safety and hazards,hazard",
            "safety,a,b,dangr",
            "",
        ),
        ("areas.csv", "huaili,district,hening", "huaili,district,west-bell", "its own ancestor"),
        ("areas.csv", "west-bell,community,west,", "west-bell,community,wst,", "parent 'wst'"),
        ("areas.csv", "west-bell,community,", "west-bell,street,", "a level is skipped"),
        ("areas.csv", "street-west", "street-north", "office 'street-north'"),
        ("areas.geojson", '"code": "west-bell-01"', '"code": "west-bell-91"', "not in areas.csv"),
        ("tiers.toml", 'dispatch = "1 hour"', 'dispatch = "0 hours"', "dispatch has length zero"),
        ("tiers.toml", 'resolve = "72 hours"', 'resolve = "soon"', "resolve must read like"),
        ("tiers.toml", 'resolve = "72 hours"', 'resolve = "72 hours', "cannot be read as TOML"),
        ("tiers.toml", 'resolve = "72 hours"', 'resolve = "-72 hours"', "resolve must read like"),
        ("escalation.toml", 'to = "district"', 'to = "county"', "to 'county' is not a rung"),
        ("escalation.toml", 'to = "district"', 'to = "community"', "'street' leads back to itself"),
        ("escalation.toml", 'after = "24 hours"', 'after = "-24 hours"', "after must read like"),
        ("escalation.toml", 'after = "24 hours"', 'after = "0 hours"', "after is zero"),
        ("escalation.toml", 'level = "street"', 'level = "strasse"', "level 'strasse' is none"),
        ("escalation.toml", "[district]", "[county]", "second beginning"),
        ("calendar.toml", '"13:30-17:30"', '"11:30-17:30"', "in order, not overlapping"),
        ("city.toml", '"Asia/Shanghai"', '"Asia/Hening"', "timezone 'Asia/Hening' is not known"),
        ("calendar.toml", "2025-10-01/2025-10-08", "2025-10-01/2025-09-08", "days of 2025"),
        ("calendar.toml", '"2026-10-10"', '"2026-10-01"', ""),
        (
            "channels.csv",
            "app,市民应用,Citizen app,complain",
            "app,市民应用,Citizen app,moan",
            "moan",
        ),
        ("city.toml", 'within = "4 hours"', 'within = "soon"', "rule 2: 'within' must read like"),
        ("city.toml", 'within = "4 hours"', 'within = "90 days"', "at most 60 days"),
        ("city.toml", "text = 80", "text = 180", "rule 4: 'text' must be a whole number"),
        ("city.toml", 'place = "same"', 'place = "here"', "rule 3: 'place' must be one of"),
        ("city.toml", "text = 30", "where = 1\ntext = 30", "rule 2: 'where' is not known"),
        ("city.toml", "auto_merge = false", 'auto_merge = "no"', "'auto_merge' must be true or"),
        ("city.toml", "same_place_metres = 10", "same_place_metres = -1", "from 0 to 10000"),
        ("city.toml", "min_score = 80", "min_score = 8.5", "'min_score' must be a whole number"),
        ("city.toml", 'timezone = "Asia/Shanghai"', "timezone = 8", "'timezone' must be a text"),
        ("intents.csv", "praise,表扬", "prase,表扬", ""),
        ("reasons.csv", "Not our duty,yes", "Not our duty,maybe", "yes"),
        ("rulings.csv", "D08,井盖", "d8,井盖", "'d8' is not like D08"),
        ("rulings.csv", "D08,井盖", "D07,井盖", "'D07' is there twice"),
        ("rulings.csv", "fire,street traffic-police", "fir,street traffic-police", "'fir'"),
        ("rulings.csv", "street,police,", "street,street,", "named twice"),
        ("rulings.csv", "facilities.manholes,", "facilities.holes,", "category 'facilities.holes'"),
        ("rulings.csv", ",environment.fumes ", ",facilities.manholes ", "has two rulings"),
        ("rulings.csv", ",各地公开通报", ",", "'basis' is empty"),
    ],
)
def test_a_spoilt_line_is_named(
    pack: Path, change: Change, file: str, old: str, new: str, words: str
) -> None:
    line = change(file, old, new)
    faults = check_city(pack)
    assert any(fault.file == file and words in fault.message for fault in faults)
    if words:
        the_fault(pack, file, line, words)


def test_a_cycle_names_every_area_in_it(pack: Path, change: Change) -> None:
    change("areas.csv", "huaili,district,hening", "huaili,district,west-bell")
    found = [f.message for f in check_city(pack) if "its own ancestor" in f.message]
    assert found == [
        "'huaili' is its own ancestor",
        "'west' is its own ancestor",
        "'west-bell' is its own ancestor",
    ]


def test_excel_s_byte_order_mark_and_line_ends_do_not_matter(pack: Path) -> None:
    before = load_city(pack).hash
    path = pack / "departments.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert load_city(pack).hash == before


def test_a_byte_order_mark_in_the_middle_is_a_fault(pack: Path, change: Change) -> None:
    line = change("departments.csv", "fire,", "\ufefffire,")
    the_fault(pack, "departments.csv", line, "byte-order mark in the middle")


def test_a_gbk_file_is_named_with_its_line_and_the_remedy(pack: Path) -> None:
    path = pack / "reasons.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gbk"))
    the_fault(pack, "reasons.csv", 2, "CSV UTF-8")


def test_a_utf16_file_is_a_fault(pack: Path) -> None:
    path = pack / "reasons.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))
    the_fault(pack, "reasons.csv", 1, "UTF-16")


def test_a_missing_and_a_misnamed_file(pack: Path) -> None:
    (pack / "tiers.toml").rename(pack / "tier.toml")
    the_fault(pack, "tiers.toml", 1, "is missing")
    the_fault(pack, "tier.toml", 1, "not a file of a pack")


def test_a_row_with_a_cell_too_many(pack: Path, add: Add) -> None:
    line = add("kinds.csv", "rumour,传闻,Rumour,extra")
    the_fault(pack, "kinds.csv", line, "has 4 cells, the header 3")


def test_a_word_that_many_items_share_tells_none_apart(pack: Path, add: Add) -> None:
    for number in range(7):
        line = add(
            "duty_list.csv",
            f"extra-{number},额外,Extra,order.disputes,street,,general,,某某 词{number},,,,,,",
        )
    the_fault(pack, "duty_list.csv", line, "'某某' is shared by 7 items")


def test_two_items_with_the_same_words_clash(pack: Path, add: Add) -> None:
    add("duty_list.csv", "extra-a,甲,A,order.disputes,street,,general,,某某 某甲,,,,,,")
    line = add("duty_list.csv", "extra-b,乙,B,order.dogs,police,,general,,某甲 某某,,,,,,")
    the_fault(pack, "duty_list.csv", line, "same keywords as 'extra-a'")


def test_grids_that_overlap(pack: Path, change: Change) -> None:
    first, second = _two_grids(pack)
    line = change("areas.geojson", second, first.replace("west-bell-01", "west-bell-02"))
    the_fault(pack, "areas.geojson", line, "'west-bell-01' and 'west-bell-02' overlap")


def _two_grids(pack: Path) -> tuple[str, str]:
    lines = (pack / "areas.geojson").read_text(encoding="utf-8").splitlines()
    found = [line for line in lines if '"west-bell-01"' in line or '"west-bell-02"' in line]
    return found[0], found[1]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("nowhere,street-lamp,housing,,", "area 'nowhere'"),
        ("east-canal,street-lmp,housing,,", "target 'street-lmp'"),
        ("east-canal,street-lamp,houses,,", "department 'houses'"),
    ],
)
def test_a_routing_exception_is_checked(pack: Path, add: Add, row: str, words: str) -> None:
    line = add("exceptions.csv", row)
    the_fault(pack, "exceptions.csv", line, words)


def test_all_faults_are_shown_at_once(pack: Path, change: Change) -> None:
    change("tiers.toml", 'dispatch = "1 hour"', 'dispatch = "0 hours"')
    change("departments.csv", "Fire and Rescue,always", "Fire and Rescue,mostly")
    with pytest.raises(CityError) as caught:
        load_city(pack)
    assert {fault.file for fault in caught.value.faults} == {"tiers.toml", "departments.csv"}
    assert "departments.csv:8: hours 'mostly'" in str(caught.value)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert [fault.message for fault in check_city(tmp_path / "none")] == ["is not a folder"]


def test_row_98_a_cycle_in_the_ladder_names_every_rung_in_it(pack: Path, change: Change) -> None:
    line = change("escalation.toml", 'to = "district"', 'to = "street"')
    the_fault(pack, "escalation.toml", line, "'street' leads back to itself")
    change("escalation.toml", 'to = "street"', 'to = "district"')
    change("escalation.toml", 'after = "24 hours"', 'after = "24 hours"\nto = "community"')
    found = [f.message for f in check_city(pack) if "leads back to itself" in f.message]
    assert [message.split()[0] for message in found] == ["'community'", "'street'", "'district'"]


def test_row_98_a_pattern_is_no_word_and_nothing_is_searched_for_by_one(
    pack: Path, change: Change
) -> None:
    line = change("duty_list.csv", "讨薪:8", "讨薪:8 (a+)+$:5 [a-:5")
    the_fault(pack, "duty_list.csv", line, "'(a+)+$:5' in keywords is not a word")
    the_fault(pack, "duty_list.csv", line, "'[a-:5' in keywords is not a word")
    change("duty_list.csv", "(a+)+$:5 [a-:5", "aaaa:5")
    classifier = Classifier(load_city(pack))
    started = time.monotonic()
    classifier.classify("", "a" * 9_999 + "!", channel="app", area=None)
    assert time.monotonic() - started < 1.0


def test_merging_by_itself_needs_its_reason(pack: Path, change: Change) -> None:
    change("reasons.csv", "merge,same-incident,", "merge,same-event,")
    assert check_city(pack) == []
    change("city.toml", "auto_merge = false", "auto_merge = true")
    the_fault(pack, "reasons.csv", 1, "'same-incident' is missing")
