"""What leaves through the outbox: given a case, when something happens, then these orders."""

from __future__ import annotations

from dataclasses import replace

from hutong.events.codec import default_codec
from hutong.events.ids import derived_id
from hutong.events.orders import ActRefused, OrderIssued, OrderWithdrawn
from hutong.issue.consequences import consequences, order_id
from tests.fixtures.cases import GENERAL, Case, accepted_case, dispatched_case, resolved_case
from tests.fixtures.lives import OLDER


def receipt_of(source: str) -> str:
    return f"receipt of {source}"


def told(case: Case) -> list[tuple[str, str, int]]:
    """Kind, department and hop of what the last step sends."""
    found = []
    for event in consequences(case.steps[-1], receipt_of):
        hop = event.hop if isinstance(event, OrderIssued | OrderWithdrawn) else 0
        found.append((type(event).__name__, event.department, hop))
        default_codec().encode(event)
    return found


def by_router(case: Case) -> Case:
    record = case.make(
        "IssueDispatched", by="router", hop=1, lead="water-co", co_owners=["water"], clocks=GENERAL
    )
    case.tell(replace(record, source=case.records[0].source))
    return case


def test_the_routers_own_orders_are_not_sent_again() -> None:
    assert told(by_router(Case().reported())) == []


def test_an_order_from_here_has_the_id_that_the_router_would_give_it() -> None:
    assert order_id("x", "water") == derived_id("x", "order", "water")


def test_orders_and_refusals_leave_masked() -> None:
    written = "电话13800138000"
    case = Case().reported(subject=written, body=written, contact="13800138000")
    case.does("IssueQueued", by="router").dispatched("housing")
    order = consequences(case.steps[-1], receipt_of)[0]
    assert isinstance(order, OrderIssued)
    assert (order.subject, order.body) == ("电话138******00", "电话138******00")
    assert order.contact == "138******00"
    assert case.is_.text == written


def test_the_desks_dispatch_orders_lead_and_co_owners() -> None:
    case = Case().reported(contact="c-1").does("IssueQueued", by="router")
    case.does("IssueAmended", subject="更正", body=None, contact=None)
    case.dispatched("housing", co_owners=["water", "housing"])
    assert told(case) == [("OrderIssued", "housing", 1), ("OrderIssued", "water", 1)]
    lead, co_owner = consequences(case.steps[-1], receipt_of)
    assert isinstance(lead, OrderIssued)
    assert isinstance(co_owner, OrderIssued)
    assert (lead.role, co_owner.role, co_owner.lead) == ("lead", "co-owner", "housing")
    assert (lead.subject, lead.contact) == ("更正", "c-1")
    assert lead.order_id == lead.head.event_id == order_id(case.records[-1].event_id, "housing")
    assert lead.head.causation_id == case.records[-1].event_id
    assert lead.receipt == f"receipt of {case.is_.source}"
    assert {length.clock: length.minutes for length in lead.clocks} == {
        "dispatch": 60,
        "accept": 60,
        "respond": 120,
        "resolve": 1440,
    }


def test_an_accepted_return_withdraws_and_the_next_dispatch_orders() -> None:
    case = by_router(Case().reported()).returned()
    assert told(case) == []
    case.return_accepted("housing")
    assert told(case) == [("OrderWithdrawn", "water-co", 1), ("OrderWithdrawn", "water", 1)]
    withdrawn, _ = consequences(case.steps[-1], receipt_of)
    assert isinstance(withdrawn, OrderWithdrawn)
    assert withdrawn.order_id == order_id(case.records[1].event_id, "water-co")
    assert withdrawn.ground == "ReturnDecided accepted-reassigned"
    case.dispatched("housing")
    assert told(case) == [("OrderIssued", "housing", 2), ("OrderIssued", "water", 2)]


def test_a_refused_return_leaves_the_order_where_it_is() -> None:
    assert told(dispatched_case().returned().return_refused()) == []


def test_a_reassignment_withdraws_before_it_orders() -> None:
    case = accepted_case().dispatched("housing", co_owners=[])
    assert told(case) == [
        ("OrderWithdrawn", "water-co", 1),
        ("OrderWithdrawn", "water", 1),
        ("OrderIssued", "housing", 2),
    ]


def test_rework_reaches_the_department_as_an_order_of_a_new_hop() -> None:
    case = resolved_case().does("SiteCheckFailed")
    assert told(case)[-2:] == [("OrderIssued", "water-co", 2), ("OrderIssued", "water", 2)]


def test_ends_and_merges_withdraw_and_an_unmerge_orders_anew() -> None:
    assert told(accepted_case().does("IssueWithdrawn"))[0] == ("OrderWithdrawn", "water-co", 1)
    assert told(resolved_case().does("IssueClosed")) == []
    case = accepted_case()
    case.does("IssueMerged", master_id=OLDER, master_reported_at=case.start - 1)
    assert told(case)[0] == ("OrderWithdrawn", "water-co", 1)
    case.does("IssueUnmerged", other_id=OLDER)
    assert told(case)[0] == ("OrderIssued", "water-co", 2)


def test_a_refused_act_comes_back_to_its_sender_with_the_reason() -> None:
    case = dispatched_case()
    case.refuses("IssueAccepted", by="dept:parks")
    [sent] = consequences(case.steps[-1], receipt_of)
    assert isinstance(sent, ActRefused)
    assert (sent.department, sent.reason, sent.refused_id) == (
        "parks",
        "not-the-lead",
        case.records[-1].event_id,
    )
    assert sent.text


def test_the_desk_gets_its_refusals_by_other_ways() -> None:
    case = Case().reported()
    case.refuses("IssueClosed")
    assert told(case) == []


def test_orders_of_a_dispatch_of_the_router_that_was_refused_are_withdrawn() -> None:
    case = Case().reported().dispatched("housing", co_owners=[])
    record = case.make("IssueDispatched", by="router", hop=1, lead="water-co", co_owners=[])
    case.tell(replace(record, source=case.records[0].source))
    assert told(case) == [("OrderWithdrawn", "water-co", 1)]


def test_what_waits_sends_nothing_until_it_takes_effect() -> None:
    case = Case().reported()
    dispatched = case.make("IssueDispatched", lead="water-co", co_owners=[], hop=1, clocks=GENERAL)
    accepted = case.make("IssueAccepted", by="dept:parks", hop=1)
    case.tell(accepted)
    assert told(case) == []
    case.tell(dispatched)
    sent = [event for step in case.steps for event in consequences(step, receipt_of)]
    assert [type(event).__name__ for event in sent] == ["OrderIssued", "ActRefused"]


def test_whatever_leaves_says_whether_the_issue_is_live_or_simulated() -> None:
    case = dispatched_case()
    record = case.make("IssueAccepted", by="simulator", hop=9)
    head = {**record.body["head"], "actor": "dept:water-co:sim"}
    step = case.tell(replace(record, origin="simulated", body={**record.body, "head": head}))
    [refused] = consequences(step, receipt_of)
    assert isinstance(refused, ActRefused)
    assert (refused.origin, refused.reason) == ("simulated", "wrong-hop")
    case.dispatched("parks")
    withdrawn, issued = consequences(case.steps[-1], receipt_of)[:2]
    assert isinstance(withdrawn, OrderWithdrawn)
    assert isinstance(issued, OrderIssued | OrderWithdrawn)
    assert (withdrawn.origin, issued.origin) == ("live", "live")
