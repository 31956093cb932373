"""What the demo says of a simulated history: 80 columns, and no difference unseen."""

from __future__ import annotations

import io
from collections import Counter

from rich.console import Console

from hutong.city import load_city
from hutong.demo.acts import Acts
from hutong.demo.circulars import compare, share
from hutong.demo.recount import FIGURES
from hutong.demo.shown import print_acts, print_departments, print_figures

CITY = load_city()


def console() -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=80, highlight=False, color_system=None), out


def test_a_figure_that_differs_is_named_with_its_week() -> None:
    said = {"2026-W23": {"reported": 7, "returned": 1}, "2026-W24": {"reported": 3}}
    counted = {"2026-W23": Counter(reported=7, returned=2), "2026-W24": Counter(reported=3)}

    figures = compare(said, counted)

    assert len(figures) == 2 * len(FIGURES)
    assert [(f.week, f.name) for f in figures if not f.agrees] == [("2026-W23", "returned")]
    to, out = console()
    print_figures(to, figures)
    assert "2026-W23: returned 1 in the circular, 2 in the log" in out.getvalue()
    assert out.getvalue().count("DIFFER") == 1


def test_a_week_that_only_one_of_them_knows_differs() -> None:
    only_in_log = compare({}, {"2026-W23": Counter(reported=1)})
    only_said = compare({"2026-W23": {"reported": 1}}, {})

    for figures in (only_in_log, only_said):
        assert [f.name for f in figures if not f.agrees] == ["reported"]


def test_verdicts_that_were_not_meant_are_marked() -> None:
    acts = Acts(["a", "b"], dispatched=1, events=Counter(IssueAccepted=3))
    acts.verdicts.update({("applied", ""): 3})
    to, out = console()

    print_acts(to, acts, Counter({("applied", ""): 2, ("refused", "not-now"): 1}))

    assert "50 % of them dispatched by the router" in out.getvalue()
    assert "applied: 2 but 3 were meant to be" in out.getvalue()
    assert "refused (not-now): 1 but 0 were meant to be" in out.getvalue()


def test_departments_are_ranked_and_every_name_is_whole_in_80_columns() -> None:
    found = {
        code: Counter(reported=1_000, resolve_late=number, resolve_on_time=100, returned=4)
        for number, code in enumerate(CITY.departments)
    }
    found["civil"]["resolve_late"] = 900
    found["culture"] = Counter(reported=2)
    to, out = console()

    print_departments(to, CITY, found)

    lines = out.getvalue().splitlines()
    assert "…" not in out.getvalue()
    assert "civil" in next(line for line in reversed(lines) if "1,000" in line)
    assert not any("culture" in line for line in lines)


def test_nothing_has_no_share() -> None:
    assert share(0) == "–"
    assert share(1, 2, 1) == "25 %"
