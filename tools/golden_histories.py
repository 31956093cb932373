"""Make golden histories for the present version of the rules: tests/golden/v<version>.ndjson.

    python tools/golden_histories.py            write the file if there is none
    python tools/golden_histories.py --draft    make it anew: only before a version is released

Afterwards the histories must give the same verdicts and ends for ever, whatever the code becomes;
a change of the rules is a new version with a file of its own. All of it is made up.
"""

import argparse
import random
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from hutong.city import load_city  # noqa: E402
from hutong.issue.rules import VERSION  # noqa: E402
from tests.fixtures import golden  # noqa: E402
from tests.fixtures.cases import (  # noqa: E402
    DAY,
    Case,
    accepted_case,
    dispatched_case,
    resolved_case,
)
from tests.fixtures.lifecycle import RULES  # noqa: E402
from tests.fixtures.lives import LEADS, NAMES, OLDER, Act  # noqa: E402

_RANDOM_LIVES = 12
_ACTS = 14


def _whole() -> Case:
    case = resolved_case().does("SiteCheckPassed").does("IssueClosed", ground="verified")
    return case.at(4 * DAY).does("FollowUpCalled").does("IssueRated", by="channel:app")


def _on_the_spot() -> Case:
    spot = {"result": "fixed", "text": "已清理"}
    case = Case().reported(channel="grid", handled_on_the_spot=spot).dispatched()
    return case.does("SiteCheckFailed").dispatched()


def _returns() -> Case:
    case = dispatched_case().returned().return_refused().at(60).returned()
    case.does("DutyAdjudicated", lead="housing")
    case.dispatched("housing").refuses("IssueReturned")
    return case


def _suspended() -> Case:
    case = accepted_case().at(100).does("IssueSuspended")
    return case.at(3 * DAY).does("IssueResumed").resolved()


def _extended() -> Case:
    case = accepted_case().does("ExtensionRequested").does("ExtensionDecided")
    case.refuses("ExtensionRequested")
    return case.at(2 * DAY).resolved()


def _law() -> Case:
    case = accepted_case(law=True).resolved(result="enforced", file_number="2026-12")
    return case.does("IssueClosed").at(30 * DAY).resolved()


def _merged() -> Case:
    case = accepted_case()
    case.does("IssueMerged", master_id=OLDER, master_reported_at=case.start - 1)
    return case.does("IssueRated").does("IssueUnmerged", other_id=OLDER).resolved()


def _dismissed() -> Case:
    suspect = {"issue_id": OLDER, "metres": 20, "minutes": 30, "text_score": 88}
    case = accepted_case().does("DuplicateSuspected", suspects=[suspect])
    case.does("DuplicateDismissed", other_id=OLDER).refuses("DuplicateDismissed", other_id=OLDER)
    return case.does("IdentityRevealed", by="desk").does("IdentityRevealed", by="dept:water-co")


def _overdue() -> Case:
    case = accepted_case().at(2 * DAY)
    due = case.clock("resolve").due_at
    case.does("ClockDue", clock="resolve", due_at=due, attempt=1)
    case.does("IssueEscalated", clock="resolve", level="community").resolved()
    later = due + 2 * DAY * 60_000
    return case.does("DueRevised", clock="resolve", due_at=later, ground="outage-excused")


def _reopened() -> Case:
    case = resolved_case().does("IssueClosed").at(5 * DAY)
    case.does("IssueReopened", reason="recurred").resolved()
    return case.at(6 * DAY).does("IssueReopened", reason="false-result")


def _withdrawn() -> Case:
    case = accepted_case().does("IssueWithdrawn")
    case.refuses("IssueResolved")
    return case


_NAMED: Mapping[str, Callable[[], Case]] = {
    "from the report to the rating": _whole,
    "solved by the patrol, and then not": _on_the_spot,
    "returned twice and ruled": _returns,
    "suspended for three days": _suspended,
    "extended once": _extended,
    "a case of the law": _law,
    "merged for a while": _merged,
    "suspected, found to be another matter, and asked about": _dismissed,
    "overdue by our own fault": _overdue,
    "reopened twice": _reopened,
    "withdrawn": _withdrawn,
}


def _histories() -> Iterator[golden.Golden]:
    for name, tell in _NAMED.items():
        yield golden.judged(name, tell().records, RULES)
    backwards = _whole().records[::-1]
    yield golden.judged("told backwards", backwards, RULES)
    for number in range(_RANDOM_LIVES):
        chance = random.Random(number)
        case = Case(100 + number).reported()
        for _ in range(_ACTS):
            _act(chance).told(case)
        yield golden.judged(f"random {number}", case.records, RULES)


def _act(chance: random.Random) -> Act:
    return Act(
        name=chance.choice(NAMES),
        wait=chance.choice([1, 30, 120, DAY]),
        flag=chance.random() < 0.5,
        lead=chance.choice(LEADS),
        pick=chance.randrange(21),
    )


def main() -> int:
    """Write the file; 1 when it is there and --draft is not given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--draft", action="store_true", help="make it anew: nothing is released")
    draft = parser.parse_args().draft
    path = golden.FOLDER / f"v{VERSION}.ndjson"
    if path.exists() and not draft:
        print(f"{path} is there: a change of the rules needs a new version")
        return 1
    histories = list(_histories())
    golden.write(path, golden.pack_of(load_city()), histories)
    print(f"{path}: {len(histories)} histories, {path.stat().st_size // 1024} KiB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
