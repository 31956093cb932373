"""Who is said to repeat whom: given issues that were looked at, when one more is, then this."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hutong_processes.candidates import Issue, may_be_merged
from hutong_processes.duplicates import compare, said_of
from hutong_processes.likeness import MOST, Matter

from hutong.city import City, load_city
from hutong.events.ids import derived_id
from hutong.events.lifecycle import DuplicateSuspected, IssueAbsorbed, IssueMerged
from hutong.issue.state import Status
from hutong.readmodels.issue_timeline.queries import TimelineEntry

NOON = 1_764_000_000_000
S = Status


@pytest.fixture(scope="module")
def city() -> City:
    return load_city()


def issue(number: int, status: Status = S.DISPATCHED) -> Issue:
    matter = Matter(
        derived_id("issue", str(number)),
        NOON + number,
        item="water-supply",
        area="west-bell-01",
        lon=None,
        lat=None,
        address=None,
        subject="水管爆裂",
        text="果园大街自来水管爆裂，路面全是水",
    )
    return Issue(matter, status, frozenset(), frozenset())


OLD, NEW = issue(1), issue(2)


@pytest.mark.parametrize(
    ("case", "old", "new", "expected"),
    [
        ("both are open", OLD, NEW, True),
        ("the older is answered, but open", replace(OLD, status=S.RESOLVED), NEW, True),
        ("the older is a child itself", replace(OLD, status=S.MERGED), NEW, True),
        ("the older is closed", replace(OLD, status=S.CLOSED), NEW, False),
        ("the older was withdrawn", replace(OLD, status=S.WITHDRAWN), NEW, False),
        ("the younger is answered", OLD, replace(NEW, status=S.RESOLVED), False),
        ("the younger is merged already", OLD, replace(NEW, status=S.MERGED), False),
        (
            "a person said that they differ",
            OLD,
            replace(NEW, dismissed=frozenset([OLD.issue_id])),
            False,
        ),
    ],
)
def test_which_pairs_may_be_merged(
    case: str, old: Issue, new: Issue, expected: bool, city: City
) -> None:
    assert may_be_merged(old, new) is may_be_merged(new, old) is expected, case
    assert bool(list(compare(new, [old], city))) is expected, case
    assert bool(list(compare(old, [new], city))) is expected, case


def test_whichever_comes_last_the_younger_is_said_to_repeat_the_older(city: City) -> None:
    for last, first in ((NEW, OLD), (OLD, NEW)):
        [(child, [suspect])] = compare(last, [first], city)
        assert (child, suspect.issue_id) == (NEW, OLD.issue_id)


def test_what_was_said_is_not_said_again(city: City) -> None:
    said = replace(NEW, suspects=frozenset([OLD.issue_id]))
    assert list(compare(said, [OLD], city)) == []
    assert list(compare(OLD, [said], city)) == []


def test_what_was_said_counts_among_the_few(city: City) -> None:
    crowd = [issue(number) for number in range(20)]
    last = crowd.pop()
    [(_, first)] = compare(last, crowd, city)
    assert len(first) == MOST
    said = replace(last, suspects=frozenset(suspect.issue_id for suspect in first))
    assert list(compare(said, crowd, city)) == []


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_in_any_order_all_hang_together(order: tuple[int, ...], city: City) -> None:
    crowd = [issue(number) for number in range(4)]
    looked_at: list[Issue] = []
    pairs: set[frozenset[str]] = set()
    for number in order:
        for child, found in compare(crowd[number], looked_at, city):
            pairs |= {frozenset((child.issue_id, suspect.issue_id)) for suspect in found}
        looked_at.append(crowd[number])
    assert len(pairs) == 6


def entry(number: int, name: str = "IssueDispatched") -> TimelineEntry:
    return TimelineEntry(
        0, number, OLD.issue_id, derived_id("entry", str(number)), name, "router", "router", "live",
        "applied", "", "", NOON, NOON, NOON + number, "reports-app/0/0", None, {},
    )  # fmt: skip


def test_two_suspicions_share_an_id_only_when_they_say_the_same(city: City) -> None:
    """Else the second would be refused as an altered repeat, and alert somebody."""
    known = {OLD.issue_id: OLD}
    [(_, pairs)] = compare(NEW, [OLD], city)
    other = [pairs[0].model_copy(update={"text_score": 99})]
    [one] = said_of(NEW, pairs, entry(1), known, city)
    assert [one] == list(said_of(NEW, pairs, entry(1), known, city))
    different = [
        *said_of(NEW, other, entry(1), known, city),
        *said_of(NEW, pairs, entry(2), known, city),
        *said_of(OLD, pairs, entry(1), known, city),
    ]
    assert len({event.head.event_id for event in (one, *different)}) == 4


def test_only_a_pack_that_says_so_merges_what_is_at_the_same_place(city: City) -> None:
    here = replace(OLD, matter=replace(OLD.matter, address="果园大街12号"))
    there = replace(NEW, matter=replace(NEW.matter, address="果园大街 12 号"))
    merging = replace(city, duplicates=replace(city.duplicates, auto_merge=True))
    [(child, pairs)] = compare(there, [here], city)
    known = {here.issue_id: here}
    assert len(list(said_of(child, pairs, entry(1), known, city))) == 1
    suspected, absorbed, merged = said_of(child, pairs, entry(1), known, merging)
    assert isinstance(suspected, DuplicateSuspected)
    assert isinstance(absorbed, IssueAbsorbed)
    assert isinstance(merged, IssueMerged)
    assert (absorbed.head.issue_id, absorbed.child_id) == (here.issue_id, there.issue_id)
    assert (merged.head.issue_id, merged.master_id) == (there.issue_id, here.issue_id)
    [(child, pairs)] = compare(NEW, [OLD], merging)
    assert len(list(said_of(child, pairs, entry(1), {OLD.issue_id: OLD}, merging))) == 1
