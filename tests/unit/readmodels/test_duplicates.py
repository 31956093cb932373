"""Given suspicions and merges, then these pairs."""

from __future__ import annotations

from hutong.readmodels.duplicates import MODEL
from tests.fixtures.cases import Case
from tests.fixtures.lives import OLDER, YOUNGER
from tests.fixtures.model_rows import rows_of


def suspect(issue_id: str, score: int) -> dict[str, object]:
    return {"issue_id": issue_id, "metres": 12, "minutes": 30, "text_score": score}


def test_a_newer_suspicion_takes_the_place_of_an_older_one() -> None:
    case = Case().reported()
    case.does("DuplicateSuspected", suspects=[suspect(OLDER, 60), suspect(YOUNGER, 70)])
    case.at(9).does("DuplicateSuspected", suspects=[suspect(OLDER, 90)])
    rows = rows_of(MODEL, case, table="duplicate_pair")
    mine = case.is_.issue_id
    assert {key: row["text_score"] for key, row in rows.items()} == {
        (mine, OLDER): 90,
        (mine, YOUNGER): 70,
    }
    assert rows[(mine, OLDER)]["suspected_at"] == case.ms(9)


def test_each_side_tells_of_a_merge_and_of_its_undoing() -> None:
    child = Case().reported()
    child.does("IssueMerged", master_id=OLDER, master_reported_at=child.start - 1)
    master = Case(2).reported()
    master.does("IssueAbsorbed", child_id=YOUNGER, child_reported_at=master.start + 1)
    rows = rows_of(MODEL, child, master, table="duplicate_merge")
    assert {key: (row["role"], row["merged"]) for key, row in rows.items()} == {
        (child.is_.issue_id, OLDER): ("child", True),
        (master.is_.issue_id, YOUNGER): ("master", True),
    }
    child.does("IssueUnmerged", other_id=OLDER)
    rows = rows_of(MODEL, child, table="duplicate_merge")
    assert [(row["role"], row["merged"]) for row in rows.values()] == [("child", False)]
