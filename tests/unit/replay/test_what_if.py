"""Real history under a pack that differs in one row of the duty list, and in one clock."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path

import pytest

from hutong.city import City, load_city
from hutong.classify import Classifier
from hutong.issue.record import Record
from hutong.issue.rules import Rules
from hutong.replay.progress import Progress
from hutong.replay.source import Wanted
from hutong.replay.what_if import EmptyRangeError, WhatIf, what_if
from hutong.replay.what_if_pages import to_csv, to_html
from tests.fixtures.cases import Case
from tests.fixtures.histories import START

CITY = load_city()
HOUR = 3_600_000
PONDING = {
    "subject": "暴雨积水严重",
    "body": "<b>大雨</b>后路面积水严重，车都被淹，电话13900001234",
}
WASTE = {"subject": "生活垃圾无人清理", "body": "垃圾成堆，没人清理，垃圾遍地"}
UNKNOWN = {"subject": "你好", "body": "请问今天几点"}


class Listed:
    """A `Source` over records that are at hand."""

    def __init__(self, records: list[Record]) -> None:
        self._records = records
        self._next = 0
        self.read = 0

    @property
    def position(self) -> Mapping[int, int]:
        return {0: self._next}

    def ends(self) -> dict[int, int]:
        return {0: len(self._records)}

    def ends_at(self, instant: int) -> dict[int, int]:
        later = (n for n, record in enumerate(self._records) if record.recorded_at > instant)
        return {0: next(later, len(self._records))}

    def require(self, ends: Mapping[int, int]) -> None:
        assert ends == self.ends()

    def read_to(
        self, ends: Mapping[int, int], most: int, wanted: Wanted | None = None
    ) -> Iterator[list[Record]]:
        for start in range(self._next, ends.get(0, 0), most):
            batch = self._records[start : start + most]
            self.read += len(batch)
            self._next += len(batch)
            yield batch

    @property
    def identity(self) -> str:
        return "listed"

    def seek(self, position: Mapping[int, int]) -> None:
        self._next = position[0]

    def restart(self) -> None:
        self._next = 0

    def close(self) -> None:
        pass


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., City]:
    """The sample pack with one text put in place of another in a file."""

    def edit(file: str, before: str, after: str) -> City:
        folder = tmp_path / f"pack-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(str(files("hutong.city") / "default"), folder)
        text = (folder / file).read_text("utf-8")
        assert text.count(before) == 1
        (folder / file).write_text(text.replace(before, after), "utf-8")
        return load_city(folder)

    return edit


def routed(number: int, text: Mapping[str, str], *, start: int = START) -> Case:
    """Reported at 0 and answered at minute 1, as the router does by the sample pack."""
    case = Case(number, start=start).reported(**text).at(1)
    said = Classifier(CITY).classify(text["subject"], text["body"], channel="app", area=None)
    if not said.confident:
        return case.does("IssueQueued", by="router")
    assert said.lead is not None
    assert said.item is not None
    clocks = [
        {"clock": name, "minutes": length.minutes, "calendar": length.calendar}
        for name, length in CITY.promises(said.tier, said.item).items()
    ]
    return case.dispatched(
        said.lead, tier=said.tier, item=said.item, category=said.category, clocks=clocks,
        co_owners=[], by="router",
    )  # fmt: skip


def history() -> list[Case]:
    wrong = routed(1, PONDING)  # the water authority sends it back after 89 minutes
    wrong.at(90).returned().at(241).return_accepted("urban-mgmt")
    wrong.at(241).dispatched("urban-mgmt", co_owners=[]).at(250).accepted().at(300).resolved()
    fine = routed(2, PONDING).at(20).accepted().at(60).resolved()
    other = routed(3, WASTE).at(20).accepted().at(1000).resolved()
    return [wrong, fine, other, routed(4, UNKNOWN)]


def run(pack: City, *, start: int = START, end: int = START + 24 * HOUR) -> WhatIf:
    records = [record for case in history() for record in case.records]
    return what_if(Listed(records), Rules.of(CITY), pack, start=start, end=end)


def test_the_same_pack_makes_no_difference() -> None:
    found = run(CITY)
    assert (found.reports, found.differences, found.saved_ms) == (4, [], 0)
    assert found.right == found.right_then == 2, "the desk's has no lead, one was sent on"
    assert all(was == then for was, then in found.late.values())


def test_one_row_that_names_another_department(edited: Callable[..., City]) -> None:
    found = run(edited("duty_list.csv", "ponding,water,urban-mgmt emergency,urgent",
                       "ponding,urban-mgmt,water emergency,urgent"))  # fmt: skip
    assert found.flows == [("water", "urban-mgmt", 2, 1)]
    wrong, fine = found.differences
    assert (wrong.corrected, wrong.agrees, wrong.returned) == (True, True, 1)
    assert (fine.corrected, fine.agrees) == (False, False), "nobody objected to the first one"
    assert wrong.saved_ms == 4 * HOUR, "until the department that the pack names had it"
    assert fine.saved_ms == 0
    assert found.saved_ms == 4 * HOUR
    assert not any(each.other_tier for each in found.differences)
    assert (found.right, found.right_then) == (2, 2)


def test_one_row_of_another_tier_judges_the_real_acts_by_its_clocks(
    edited: Callable[..., City],
) -> None:
    found = run(edited("tiers.toml", 'respond = "2 hours"\nresolve = "24 hours"\n\n[general]',
                       'respond = "2 hours"\nresolve = "50 minutes"\n\n[general]'))  # fmt: skip
    assert found.flows == []
    late = {each.source: (each.late, each.late_then) for each in found.differences}
    assert late["reports-app/3/2"] == ((), ("resolve",)), "60 minutes were enough, 50 are not"
    assert "reports-app/3/3" not in late
    tier = run(edited("duty_list.csv", "ponding,water,urban-mgmt emergency,urgent",
                      "ponding,water,urban-mgmt emergency,hard"))  # fmt: skip
    assert [each.was.tier for each in tier.differences if each.other_tier] == ["urgent"] * 2
    assert [each.would.tier for each in tier.differences if each.other_tier] == ["hard"] * 2


def test_what_came_before_the_range_is_not_read_and_all_that_came_after_it_is() -> None:
    day = 24 * HOUR
    days = [routed(n, PONDING, start=START + n * day).at(20).accepted() for n in range(4)]
    source = Listed([record for case in days for record in case.records])
    seen: list[Progress] = []
    found = what_if(
        source, Rules.of(CITY), CITY, start=START + day, end=START + 2 * day, watch=seen.append
    )
    assert found.reports == 1
    assert source.read == sum(len(case.records) for case in days[1:])
    assert seen[-1].start == {0: len(days[0].records)}
    assert seen[-1].position == seen[-1].ends == found.offsets


def test_a_range_without_reports_says_where_there_are_some() -> None:
    with pytest.raises(EmptyRangeError) as caught:
        run(CITY, start=START + 24 * HOUR, end=START + 25 * HOUR)
    assert (caught.value.first, caught.value.last) == (START, START)
    with pytest.raises(EmptyRangeError, match="from None"):
        what_if(Listed([]), Rules.of(CITY), CITY, start=0, end=1)


def test_the_files_show_it_masked_and_harmless(edited: Callable[..., City]) -> None:
    pack = edited("duty_list.csv", "ponding,water,urban-mgmt emergency,urgent",
                  "ponding,urban-mgmt,water emergency,urgent")  # fmt: skip
    found = run(pack)
    lines = list(csv.DictReader(to_csv(found, pack).decode("utf-8-sig").splitlines()))
    assert [line["lead_then"] for line in lines] == ["urban-mgmt"] * 2
    assert [line["hours_saved_at_most"] for line in lines] == ["4.0", "0.0"]
    page = to_html(found, pack).decode()
    assert page.startswith('<!doctype html><html lang="zh-CN">')
    for forbidden in ("<script", "http://", "https://", "src=", "<link", "13900001234"):
        assert forbidden not in page
    assert page.index("曾被退单或改类的工单") < page.index("其余有差异的工单")
    assert "最多节省小时（上限）" in page
    assert (
        f"日志读至 log read up to issues 0:{sum(len(case.records) for case in history())}" in page
    )
    tiers = (CITY.tiers["urgent"].zh, CITY.tiers["hard"].zh)
    assert f"<td>{tiers[0]}</td>" in page, "the same before and after is said once"
    harder = edited("duty_list.csv", "ponding,water,urban-mgmt emergency,urgent",
                    "ponding,water,urban-mgmt emergency,hard")  # fmt: skip
    assert f"<td>{tiers[0]} → {tiers[1]}</td>" in to_html(run(harder), harder).decode()


def test_texts_of_citizens_are_text_on_the_page(edited: Callable[..., City]) -> None:
    pack = edited("duty_list.csv", "ponding,water,urban-mgmt emergency,urgent",
                  "ponding,urban-mgmt,water emergency,urgent")  # fmt: skip
    case = routed(9, PONDING | {"subject": "=积水严重<img onerror=x>"})
    found = what_if(Listed(case.records), Rules.of(CITY), pack, start=START, end=START + HOUR)
    assert "<img" not in to_html(found, pack).decode()
    assert "\"'=积水" in to_csv(found, pack).decode()
