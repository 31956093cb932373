"""Issues at every place where somebody has to do something, told as cases."""

from __future__ import annotations

from tests.fixtures.cases import DAY, HOUR, Case

#: A photo's content hash.
PHOTO = "9f" * 32


def queued(number: int = 1) -> Case:
    """The router was unsure."""
    case = Case(number).reported(subject="路灯不亮", body="槐里路的路灯不亮，晚上太黑。")
    candidates = [
        {
            "item": "street-lamp",
            "category": "facilities.lighting",
            "department": "urban-mgmt",
            "score": 90,
        },
        {
            "item": "power-outage",
            "category": "utilities.power",
            "department": "power-co",
            "score": 70,
        },
    ]
    return case.does(
        "IssueQueued",
        by="router",
        reason="close-candidates",
        candidates=candidates,
        answers=case.history.issue_id,
    )


def dispatched(number: int = 2) -> Case:
    """To be signed by the water company."""
    return Case(number).reported(subject="水管爆裂").at(10).dispatched()


def accepted(number: int = 3) -> Case:
    """In work."""
    return dispatched(number).at(20).accepted()


def returned(number: int = 4) -> Case:
    """Its desk must decide."""
    return dispatched(number).at(40).returned(reason="wrong-owner", proposed="water")


def disputed(number: int = 5) -> Case:
    """Returned twice."""
    case = returned(number).at(60).return_refused()
    return case.at(80).returned(reason="wrong-owner", proposed="water")


def extension(number: int = 6) -> Case:
    """More time is asked for."""
    return accepted(number).at(50).does("ExtensionRequested", reason="testing", minutes=2 * DAY)


def suspended(number: int = 7) -> Case:
    """On hold for a week."""
    case = accepted(number).at(90)
    return case.does(
        "IssueSuspended",
        reason="construction-plan",
        condition="列入三季度施工计划",
        review_at=case.ms(7 * DAY),
    )


def assigned(number: int = 8) -> Case:
    """Somebody below the department has it."""
    case = accepted(number).at(30)
    return case.does("IssueAssigned", assignee="李巡", level="grid", due=case.ms(5 * HOUR))


def resolved(number: int = 9) -> Case:
    """Claimed; to be checked, called, closed."""
    return accepted(number).at(100).does("IssueResponded").at(300).resolved(result="fixed")


def reworked(number: int = 10) -> Case:
    """Found not solved."""
    return resolved(number).at(400).does("SiteCheckFailed", checker="赵查", place=None)


def suspected() -> tuple[Case, Case]:
    """Two reports of one leak, the younger under suspicion."""
    older = Case(20).reported(subject="水管爆裂", body="井巷口水管爆裂")
    younger = Case(21).at(5).reported(subject="井巷漏水", body="井巷口漏水严重")
    suspect = {"issue_id": older.is_.issue_id, "metres": 12, "minutes": 5, "text_score": 90}
    return older, younger.does("DuplicateSuspected", suspects=[suspect])


def every_case() -> list[Case]:
    """One of each."""
    makers = (
        queued, dispatched, accepted, returned, disputed, extension, suspended, assigned, resolved,
        reworked,
    )  # fmt: skip
    return [make() for make in makers]
