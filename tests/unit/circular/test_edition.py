"""Editions: the same bytes for the same figures, and what a later one corrects."""

from __future__ import annotations

from hutong.circular.edition import Correction, Edition, corrections
from hutong.circular.export import correction_line
from hutong.circular.tables import Change, Column, Mean, Share, TableView, ranking, tables_of
from tests.unit.circular.editions import AT, CITY, WEEK, full, some


def table(edition: Edition, key: str, origin: str = "live") -> TableView:
    [found] = [each for each in tables_of(edition, CITY, origin) if each.key == key]
    return found


def test_an_edition_comes_back_from_its_text_with_its_digest() -> None:
    for edition in (some(), full()):
        again = Edition.from_text(edition.to_text())
        assert again == edition
        assert again.digest == edition.digest
        assert again.to_text() == edition.to_text()


def test_the_digest_holds_every_figure_and_the_place_in_the_log() -> None:
    made = some()
    other_place = Edition(WEEK, AT, {0: 129}, made.pack, made.figures)
    assert len({made.digest, some(reported=13).digest, other_place.digest}) == 3


def test_corrections_name_each_figure_that_changed() -> None:
    assert corrections(some(), some()) == ()
    assert corrections(some(), some(reported=14)) == (
        Correction("live", "total", "", "reported", 12, 14),
    )
    gone = Edition(WEEK, AT, {0: 1}, CITY.hash, {})
    found = corrections(some(), gone)
    assert all(each.after == 0 for each in found)
    assert ("live", "kind", "service", "reported") in {each[:4] for each in map(_tuple, found)}


def _tuple(each: Correction) -> tuple[str, str, str, str, int, int]:
    return (each.origin, each.table, each.code, each.column, each.before, each.after)


def test_a_correction_has_words_in_both_languages_wherever_it_is() -> None:
    for correction in corrections(Edition(WEEK, AT, {}, CITY.hash, {}), full()):
        for language in (0, 1):
            assert all(str(part) for part in correction_line(correction, CITY, language))


def test_rates_are_on_time_over_what_was_due() -> None:
    total = table(some(), "total")
    rows = {row.code: row.cells for row in total.rows}
    assert rows["response"] == (Share(9, 12), Share(0, 0), None)
    assert rows["reported"] == (12, 9, Change(3))
    assert Share(9, 12).permille == 750
    assert Share(0, 0).permille is None
    assert Share(999_999, 1_000_000).permille == 999


def test_a_mean_is_in_hours() -> None:
    assert Mean(5_400_000, 1).tenths_of_hours == 15
    assert Mean(0, 0).tenths_of_hours is None


def test_every_table_has_a_cell_for_every_column_and_names_in_both_languages() -> None:
    for made in tables_of(full(), CITY, "live"):
        for row in made.rows:
            assert len(row.cells) == len(made.columns), made.key
            assert row.name.zh
            assert row.name.en
        for each in made.columns:
            assert isinstance(each, Column)
            assert each.name.zh
            assert each.name.en


def test_totals_of_kinds_by_week_are_sums() -> None:
    total, *kinds = table(full(), "kind_week").rows
    for n, cell in enumerate(total.cells):
        assert cell == sum(row.cells[n] for row in kinds)  # type: ignore[misc]


def test_ranking_goes_by_what_was_kept_and_leaves_the_small_ones_last() -> None:
    def kept(on_time: int, late: int, **more: int) -> dict[str, int]:
        return {"hops": 10, "resolve_on_time": on_time, "resolve_late": late, **more}

    rows = {
        "half": kept(5, 5),
        "all": kept(10, 0),
        "half-but-quick": kept(5, 5, respond_on_time=9, respond_late=1),
        "nothing-due": {"hops": 10},
        "small": {**kept(4, 0), "hops": 4},
    }
    assert ranking(rows) == ["all", "half-but-quick", "half", "nothing-due", "small"]


def test_the_rank_of_a_small_department_is_not_given() -> None:
    made = full()
    figures = {"live": {**made.figures["live"]}}
    figures["live"]["department"] = {"water": {"hops": 4}, "fire": {"hops": 5}}
    edition = Edition(WEEK, AT, {}, CITY.hash, figures)
    assert [(row.code, row.cells[0]) for row in table(edition, "department").rows] == [
        ("fire", 1),
        ("water", None),
    ]
