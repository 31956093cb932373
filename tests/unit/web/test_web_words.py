"""Times, receipt numbers, filters and the two languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import asdict, fields
from importlib.resources import files
from string import Formatter

import pytest
from hutong_web import names
from hutong_web.acts.table import VERBS
from hutong_web.case_fields import SHOWN
from hutong_web.filters import BadFilterError, Filters
from hutong_web.language import Language, pick_language
from hutong_web.search import Fault, read_receipt
from hutong_web.times import CityTime, week_before
from hutong_web.wording import Wording, wording
from hutong_web.work_wording import WorkWording, work_wording

from hutong.classify import classifier
from hutong.events import lifecycle
from hutong.events.base import Event
from hutong.events.catalogue import event_classes
from hutong.issue import fold
from hutong.issue.state import Status
from tests.unit.web.rows import ISSUE, NOW

ZH = CityTime("Asia/Shanghai", Language.ZH)
EN = CityTime("Asia/Shanghai", Language.EN)


def _lifecycle_events() -> dict[str, type[Event]]:
    return {
        name.rpartition(".")[2]: cls
        for name, cls in event_classes().items()
        if cls.__module__ == lifecycle.__name__
    }


def _source(module: object) -> str:
    package, _, name = str(getattr(module, "__name__", "")).rpartition(".")
    return (files(package) / f"{name}.py").read_text("utf-8")


# -- times -------------------------------------------------------------------------------------


def test_times_are_in_the_citys_zone_with_the_weekday() -> None:
    assert ZH.full(NOW) == "2026年6月1日 周一 08:00:00"
    assert EN.full(NOW) == "Mon 1 Jun 2026 08:00:00"
    assert ZH.short(NOW) == "6月1日 周一 08:00"
    assert ZH.iso(NOW) == "2026-06-01T08:00:00.000+08:00"


def test_weeks_begin_on_monday_in_the_city() -> None:
    midnight = NOW - 8 * 3_600_000

    assert ZH.week(midnight) == "2026-W23"
    assert ZH.week(midnight - 1) == "2026-W22"
    assert week_before("2027-W01") == "2026-W53"


@pytest.mark.parametrize(
    ("millis", "zh", "en"),
    [
        (0, "0 毫秒", "0 ms"),
        (840, "840 毫秒", "840 ms"),
        (1_540, "1.5 秒", "1.5 s"),
        (59_999, "59 秒", "59 s"),
        (380_000, "6 分 20 秒", "6 min 20 s"),
        (7_200_000, "2 小时", "2 h"),
        (183_600_000, "2 天 3 小时", "2 d 3 h"),
        (-90_000, "−1 分 30 秒", "−1 min 30 s"),
    ],
)
def test_durations_use_the_two_units_that_matter(millis: int, zh: str, en: str) -> None:
    assert (ZH.duration(millis), EN.duration(millis)) == (zh, en)


# -- receipt numbers ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        "02-07-00128431-5",
        "0207001284315",
        " 02 07 00128431 5 ",
        "０２－０７－００１２８４３１－５",
        "02—07—00128431—5",
        "02–07–00128431–5\u200b",
        "02.07.00128431.5",
    ],
)
def test_receipt_numbers_are_read_however_they_are_typed(typed: str) -> None:
    assert read_receipt(typed) == "02-07-00128431-5"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("02-07-00128431-4", Fault.CHECK),
        ("20-07-00128431-5", Fault.CHECK),
        ("", Fault.SHAPE),
        ("abc", Fault.SHAPE),
        ("02-07-1-5", Fault.SHAPE),
        ("<script>", Fault.SHAPE),
        ("9" * 200, Fault.SHAPE),
    ],
)
def test_a_wrong_number_says_what_is_wrong(typed: str, fault: Fault) -> None:
    assert read_receipt(typed) is fault


# -- filters -----------------------------------------------------------------------------------


def test_filters_go_into_addresses_and_come_back() -> None:
    filters = Filters.parse({"status": "desk", "street": "west", "lang": "en", "other": "x"})

    assert filters.address() == "/?status=desk&street=west"
    assert filters.address(street="") == "/?status=desk"
    assert filters.statuses == {"queued", "returned", "disputed"}


def test_another_choice_starts_the_list_anew() -> None:
    filters = Filters.parse({"before": f"{NOW}_{ISSUE}"})

    assert filters.cursor == (NOW, ISSUE)
    assert filters.address(status="open") == "/?status=open"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "nonsense"),
        ("origin", "made-up"),
        ("category", "' OR 1=1"),
        ("department", "x" * 65),
        ("street", "<b>"),
        ("before", "yesterday"),
    ],
)
def test_what_can_match_nothing_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadFilterError):
        Filters.parse({name: value})


# -- languages ---------------------------------------------------------------------------------


def test_the_language_asked_for_wins_then_the_one_kept_then_chinese() -> None:
    assert pick_language("en", "zh") is Language.EN
    assert pick_language(None, "en") is Language.EN
    assert pick_language("fr", None) is Language.ZH


@pytest.mark.parametrize(
    ("catalogue", "name"),
    [
        (catalogue, field.name)
        for catalogue, kind in ((wording, Wording), (work_wording, WorkWording))
        for field in fields(kind)
    ],
)
def test_every_text_is_there_twice_with_the_same_blanks_and_is_used(
    catalogue: Callable[[Language], object], name: str
) -> None:
    zh, en = (str(getattr(catalogue(language), name)) for language in Language)

    assert zh.strip()
    assert en.strip()
    assert _blanks(zh) <= _blanks(en) | {"month", "day"}
    assert _blanks(en) <= _blanks(zh) | {"month_name"}
    package = files("hutong_web")
    texts = [f.read_text("utf-8") for f in (package / "templates").iterdir()]
    texts += [
        f.read_text("utf-8")
        for folder in (package, package / "acts", package / "work")
        for f in folder.iterdir()
        if f.name.endswith(".py") and "wording" not in f.name
    ]
    used = rf"\b(t|words|say)\.{name}\b"
    assert any(re.search(used, text) for text in texts), f"{name} is unused"


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_english_pages_hold_no_chinese_but_the_switch() -> None:
    english = asdict(wording(Language.EN)) | asdict(work_wording(Language.EN))
    chinese = {name for name, text in english.items() if re.search(r"[\u4e00-\u9fff]", text)}

    assert chinese == {"switch_language"}


def test_every_status_event_and_reason_of_the_core_has_names() -> None:
    events = set(_lifecycle_events())
    unsure = set(re.findall(r'return "([a-z-]+)"', _source(classifier)))
    unsure |= set(re.findall(r'unsure_reason="([a-z-]+)"', _source(classifier)))

    assert set(names.STATUSES) == set(names.STAGES) == set(names.TONES) == set(Status)
    assert set(names.EVENTS) == events
    assert set(names.ACTS) == {verb.event for verb in VERBS}
    assert set(names.OUTCOMES) == set(fold.Outcome)
    assert unsure & {"weak", "no-match"}
    assert unsure - {"dispute", "hazard", "opinion", "service"} <= set(names.QUEUE_REASONS)


@pytest.mark.parametrize("event", sorted(SHOWN))
def test_the_timeline_shows_fields_that_exist_and_nothing_of_the_person(event: str) -> None:
    known = _lifecycle_events()[event].model_fields

    assert set(SHOWN[event]) <= set(known) & set(names.FIELDS)
    assert not set(SHOWN[event]) & {"reporter", "contact", "head", "place", "checker"}


def test_every_event_was_thought_of() -> None:
    assert set(SHOWN) == set(names.EVENTS)
