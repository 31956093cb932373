"""Two routers with different rules show in the packs that dispatches name."""

from __future__ import annotations

from hutong_projections.packs import PackWatch

from hutong.events.headers import Source
from hutong.issue.record import Record


def dispatch(pack: str, partition: int = 0, offset: int = 0, origin: str = "live") -> Record:
    return Record(
        name="hutong.issue.IssueDispatched",
        body={"pack": pack},
        received_at=0,
        recorded_at=0,
        principal="router",
        origin=origin,
        rules="1",
        source=Source("reports-app", partition, offset),
        partition=partition,
        offset=offset,
    )


def packs(watch: PackWatch, *names: str, partition: int = 0) -> list[str]:
    found = watch.returns(dispatch(name, partition) for name in names)
    return [record.body["pack"] for record in found]


def test_row_97_two_routers_with_different_rules_are_noticed() -> None:
    """Two routers that route by different rules at the same time.

    Gets: the pack's hash is on every dispatch, so projections count each one that goes back to a
    pack already left (`hutong_projections_pack_returns_total`, a warning in the log), and
    `hutong doctor` names dispatches that were not by the pack in force.

    Why: the rules of a record follow from its received time alone, so that routers cannot differ
    by themselves; what is left are another version or a broken one, and a person must look.
    """
    watch = PackWatch()
    assert packs(watch, "a", "a", "b", "a", "b", "b") == ["a", "b"]


def test_a_promotion_is_none() -> None:
    watch = PackWatch()
    assert packs(watch, "a", "a") == []
    assert packs(watch, "b", "b", "c") == []
    assert packs(watch, "a", "b", partition=1) == []


def test_taking_a_pack_back_is_one_for_each_partition() -> None:
    assert packs(PackWatch(), "a", "b", "a", "a") == ["a"]


def test_imported_history_says_nothing_about_routers_of_today() -> None:
    watch = PackWatch()
    records = [dispatch(pack, origin="imported") for pack in ("a", "b", "a")]
    assert watch.returns(records) == []
