"""Both halves of a merge or none, whatever gets lost: the fold judges, `mend` says what is owed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hutong_processes.merging import Age, Half, Side, Told, mend, merge, told
from hypothesis import given, settings
from hypothesis import strategies as st

from hutong.events.headers import Source
from hutong.events.ids import derived_id
from hutong.issue.fold import Step
from tests.fixtures.cases import Case
from tests.fixtures.histories import START

MASTER, CHILD = Age(START, derived_id("issue", "m")), Age(START + 1, derived_id("issue", "c"))


class District:
    """Issues that are merged and unmerged, each folded alone; some halves get lost."""

    def __init__(self, count: int) -> None:
        self.cases = [Case(n, start=START + n).reported().dispatched() for n in range(count)]
        self.now = 100
        self.serial = 0

    def age(self, number: int) -> Age:
        return Age(self.cases[number].is_.reported_at, self.cases[number].is_.issue_id)

    def hears(self, half: Half) -> Step | None:
        """An event arrives; None when it was heard before."""
        case = next(c for c in self.cases if c.is_.issue_id == half.head.issue_id)
        self.now += 1
        case.at(self.now)
        if half.head.event_id in case.is_.seen:
            return None
        last = case.records[-1]
        record = replace(
            last,
            name=type(half).__name__,
            body=half.to_body(),
            received_at=case.ms(self.now),
            recorded_at=case.ms(self.now),
            principal="processes",
            source=Source("clock", 0, self.now),
            offset=last.offset + 1,
            content="",
        )
        return case.tell(record)

    def merges(self, one: int, other: int, *, lost: str = "") -> None:
        self.serial += 1
        master, child = sorted((self.age(one), self.age(other)))
        pair = merge(
            child, master, derived_id("merge", str(self.serial)), at=START, reason="same-incident"
        )
        for half, role in zip(pair, ("master", "child"), strict=True):
            if role != lost:
                self.hears(half)

    def unmerges(self, one: int, other: int, *, lost: str = "") -> None:
        for number, role in ((max(one, other), "child"), (min(one, other), "master")):
            if role != lost:
                self.now += 1
                case = self.cases[number].at(self.now)
                other_id = self.age(one + other - number).issue_id
                case.tell(case.make("IssueUnmerged", other_id=other_id, ground="x"))

    def side(self, number: int, other: int) -> Side:
        case, other_id = self.cases[number], self.age(other).issue_id
        about = []
        for step in case.steps:
            body = step.record.body
            named = body.get("master_id") or body.get("child_id") or body.get("other_id")
            if named == other_id:
                about.append(
                    told(
                        step.record.event_id,
                        step.record.name,
                        step.verdict.outcome.value,
                        step.record.recorded_at,
                        body,
                    )
                )
        linked = other_id == case.is_.master or other_id in case.is_.children
        return Side(case.is_.issue_id, self.age(number), linked, about)

    def mended(self) -> int:
        """Look at all pairs until nothing is owed; how many rounds it took."""
        for round_ in range(5):
            owed = [
                half
                for one in range(len(self.cases))
                for other in range(one + 1, len(self.cases))
                if (half := mend(self.side(one, other), self.side(other, one))) is not None
            ]
            if not owed:
                return round_
            for half in owed:
                self.hears(half)
        raise AssertionError("it does not come to an end")

    def links(self) -> set[tuple[str, str]]:
        """(master, child), as the children say."""
        return {(str(c.is_.master), c.is_.issue_id) for c in self.cases if c.is_.master is not None}

    def links_of_masters(self) -> set[tuple[str, str]]:
        return {(c.is_.issue_id, child) for c in self.cases for child in c.is_.children}


@pytest.mark.parametrize("lost", ["master", "child"])
def test_a_lost_half_of_a_merge_is_said_again(lost: str) -> None:
    district = District(2)
    district.merges(0, 1, lost=lost)
    assert district.mended() == 1
    assert (
        district.links()
        == district.links_of_masters()
        == {(district.age(0).issue_id, district.age(1).issue_id)}
    )


@pytest.mark.parametrize("lost", ["master", "child"])
def test_a_lost_half_of_an_unmerge_is_said_again(lost: str) -> None:
    district = District(2)
    district.merges(0, 1)
    district.unmerges(0, 1, lost=lost)
    assert district.mended() == 1
    assert district.links() == district.links_of_masters() == set()


@pytest.mark.parametrize("lost", ["master", "child"])
def test_merged_again_after_an_unmerge(lost: str) -> None:
    district = District(2)
    district.merges(0, 1)
    district.unmerges(0, 1)
    district.merges(0, 1, lost=lost)
    assert district.mended() == 1
    assert len(district.links()) == len(district.links_of_masters()) == 1


def test_a_child_that_was_answered_meanwhile_is_let_go() -> None:
    district = District(2)
    district.cases[1].accepted().resolved()
    district.merges(0, 1)
    assert district.links_of_masters()
    assert district.mended() == 2  # said again, refused again, then undone
    assert district.links() == district.links_of_masters() == set()


def test_a_master_that_was_closed_meanwhile_lets_its_child_go() -> None:
    district = District(2)
    district.cases[0].accepted().resolved().does("IssueClosed", ground="policy")
    district.merges(0, 1)
    assert district.links()
    district.mended()
    assert district.links() == district.links_of_masters() == set()


def test_a_chain_holds_and_two_masters_of_one_child_become_one() -> None:
    district = District(4)
    district.merges(2, 3)
    district.merges(1, 2)
    district.merges(0, 1)
    assert district.mended() == 0
    assert len(district.links()) == 3
    district = District(3)
    district.merges(0, 2, lost="child")
    district.merges(1, 2)
    district.mended()
    assert district.links() == district.links_of_masters()
    assert len(district.links()) == 1


def test_a_master_that_nobody_reported_is_left() -> None:
    half = Told(derived_id("half"), "IssueMerged", True, START, "same-incident")
    owed = mend(Side(CHILD.issue_id, CHILD, True, [half]), Side(MASTER.issue_id, None, False))
    assert owed is not None
    assert (type(owed).__name__, owed.head.issue_id) == ("IssueUnmerged", CHILD.issue_id)


def test_it_always_says_the_same() -> None:
    half = Told(derived_id("half"), "IssueAbsorbed", True, START, "same-incident")
    sides = Side(MASTER.issue_id, MASTER, True, [half]), Side(CHILD.issue_id, CHILD, False)
    assert mend(*sides) == mend(*sides)
    assert mend(*sides) is not None


numbers = st.integers(0, 4)
moves = st.lists(
    st.tuples(
        st.sampled_from(["merges", "merges", "unmerges", "resolves", "withdraws", "mends"]),
        numbers,
        numbers,
        st.sampled_from(["", "", "master", "child"]),
    ),
    max_size=20,
)


@settings(max_examples=150, deadline=None)
@given(moves)
def test_whatever_happens_both_sides_agree_in_the_end_and_nothing_goes_round(
    moves: list[tuple[str, int, int, str]],
) -> None:
    district = District(5)
    for move, one, other, lost in moves:
        if move in ("merges", "unmerges") and one != other:
            act: Any = getattr(district, move)
            act(one, other, lost=lost)
        elif move in ("resolves", "withdraws"):
            district.now += 1
            case = district.cases[one].at(district.now)
            name = "IssueResolved" if move == "resolves" else "IssueWithdrawn"
            case.tell(case.make(name))
        elif move == "mends":
            district.mended()
    district.mended()
    assert district.links() == district.links_of_masters()
    ages = {case.is_.issue_id: district.age(n) for n, case in enumerate(district.cases)}
    assert all(ages[master] < ages[child] for master, child in district.links())
