"""A small month on the real stack: judged as it was played, and played twice it is played once."""

from __future__ import annotations

from collections import Counter

import pytest

from hutong.city import load_city
from hutong.demo.acts import Acts, act, first_states, wait_until_judged
from hutong.demo.circulars import as_circulars_say, compare
from hutong.demo.feed import simulate
from hutong.demo.generate import generate_reports
from hutong.demo.log import read_issues
from hutong.demo.recount import Recount
from hutong.demo.report import GeneratedReport
from hutong.events.ids import derived_id
from hutong.events.topics import department_topic, load_topics
from hutong.issue.consequences import order_id
from hutong.issue.rules import Rules
from hutong.readmodels.projection import load_states
from hutong.store import connect, one_moment
from tests.fixtures.router_process import wait_until
from tests.fixtures.whole import Whole

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

DAY = 86_400_000
END = 1_782_835_200_000
SEED = 41
CITY = load_city()
CATALOGUE = load_topics(CITY.departments)


def played(whole: Whole, reports: list[GeneratedReport], ids: list[str]) -> Acts:
    access, simulator = whole.stack.access(), whole.stack.access("simulator")
    acts = act(access, simulator, CATALOGUE, CITY, SEED, reports, ids, END)
    judged = wait_until_judged(whole.stack.database_url, acts, 60, lambda: whole.stack.wait(0))
    assert judged == acts.verdicts
    return acts


def test_a_month_is_judged_as_it_was_played_and_played_again_changes_nothing(whole: Whole) -> None:
    reports = list(generate_reports(SEED, 180, END - 3 * DAY, END, CITY))
    ordered = whole.places()
    ids = simulate(whole.stack.access("simulator"), SEED, reports)
    whole.wait(ids)

    first = played(whole, reports, ids)

    assert first.count > 1_000
    assert {verdict for verdict, _ in first.verdicts} <= {"applied", "refused"}
    with connect(whole.stack.database_url, autocommit=True) as connection:
        states = load_states(connection, ids)
    begun = first_states(whole.stack.access(), CATALOGUE, Rules.of(CITY), ids)
    assert all(states[issue_id].applied >= begun[issue_id].applied for issue_id in ids)
    assert len({state.status for state in states.values()}) >= 6
    everybody = {entry.principal for id_ in ids for entry in whole.timeline(id_)}
    assert everybody == {"simulator", "router"}  # and no process of ours: see decision 0013

    # Orders follow from the desk's dispatches, after returns too.
    wanted = {
        order_id(hop.ordered_by, hop.lead)
        for state in states.values()
        for hop in state.hops
        if hop.number > 1 or hop.ordered_by != derived_id(state.issue_id, "IssueDispatched")
    }
    inboxes = [department_topic(code) for code in CITY.departments]

    def orders() -> set[str]:
        return {record.headers["ce_id"] for record in ordered.written(*inboxes)}

    assert len(wanted) > 20
    wait_until(lambda: wanted <= orders(), 60, lambda: f"{len(wanted - orders())} orders missing")

    places = whole.places()
    second = played(whole, reports, ids)

    assert second == first
    wait_until(lambda: len(places.written("issues")) >= first.count, 60, lambda: "not routed again")
    ends = {record.partition: record.offset + 1 for record in places.written("issues")}
    wait_until(lambda: whole.has_folded(ends), 60, lambda: "the projector is behind")
    with connect(whole.stack.database_url, autocommit=True) as connection:
        assert load_states(connection, ids) == states
    assert Counter(state.origin for state in states.values()) == {"simulated": len(ids)}

    recount = Recount(CITY)
    for record in read_issues(whole.stack.access(), CATALOGUE):
        recount.take(record)
    with connect(whole.stack.database_url) as connection, one_moment(connection):
        figures = compare(as_circulars_say(connection, CITY, END), recount.weeks(END))
    assert [figure for figure in figures if not figure.agrees] == []
    assert sum(f.recounted for f in figures if f.name == "respond_on_time") > 50
