"""A believable district: generated reports, classified for real, and the lives that follow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from hutong.city import City
from hutong.classify import Classification, Classifier
from hutong.demo.generate import generate_reports
from hutong.demo.report import GeneratedReport
from hutong.events.headers import Source
from hutong.issue.record import ROUTER, Record

DAY: Final = 86_400_000
MINUTE: Final = 60_000
HOSTILE: Final = "<script>alert(1)</script>\u202e倒着的字\u200b零宽 & \"引号\" 'x'\n第二行\x07"
#: Nobody may ever see these on a page.
SECRET_NAME: Final = "保密姓名甲"
SECRET_BOX: Final = "sealed_box_of_a_reporter-" * 5
SECRET_CONTACT: Final = "c-SECRET"


class Log:
    """Numbers records as `issues` and the reports topics would."""

    def __init__(self, city: City, seed: int) -> None:
        self.city = city
        self.random = Random(seed)
        self._classifier = Classifier(city)
        self._next = dict.fromkeys(range(12), 0)
        self._sources: dict[tuple[str, int], int] = {}
        self._count = 0

    def offsets(self) -> dict[int, int]:
        """Next offset of each partition that was written."""
        return {p: n for p, n in self._next.items() if n}

    def report(self, report: GeneratedReport, origin: str = "live") -> Record:
        """The first record of an issue."""
        channel = report.channel
        topic = {"simulated": "simulator", "imported": "import"}.get(origin, channel)
        principal = {"simulated": "simulator", "imported": "importer"}.get(
            origin, f"channel:{channel}"
        )
        body: dict[str, Any] = {
            "channel": channel,
            "reference": None,
            "place": {"lon": report.lon, "lat": report.lat, "address": report.address},
            "contact": SECRET_CONTACT,
            "intent": report.intent,
            "media": [],
            "handled_on_the_spot": None,
            "reporter": {"key": "local-1", "box": SECRET_BOX},
            "subject": report.subject,
            "body": report.body,
        }
        issue_id = self._uuid()
        return self._record(
            "IssueReported",
            issue_id,
            issue_id,
            None,
            report.occurred_at,
            report.occurred_at + self.random.randrange(300, 90_000),
            principal,
            f"reports-{topic}",
            origin,
            body,
            area=report.area,
            actor=SECRET_NAME,
        )

    def route(self, first: Record) -> Record:
        """What the router says to a report."""
        found = self._classifier.classify(
            first.body["subject"],
            first.body["body"],
            channel=first.body["channel"],
            area=first.body["head"]["area"],
        )
        common = {
            "confidence": found.confidence,
            "pack": self.city.hash,
            "model": found.model,
        }
        if not found.confident:
            candidates = [
                {"item": c.item, "category": c.category, "department": c.lead, "score": c.score}
                for c in found.candidates
            ]
            body = {
                **common,
                "reason": found.unsure_reason,
                "candidates": candidates,
                "text": "",
            }
            return self.answer(first, "IssueQueued", body, 40, ROUTER)
        evidence = [
            {"keyword": e.keyword, "field": e.field, "weight": e.weight} for e in found.evidence
        ]
        body = {**common, **self._dispatch(found), "evidence": evidence, "hop": 1}
        return self.answer(first, "IssueDispatched", body, 40, ROUTER)

    def answer(
        self, cause: Record, name: str, body: dict[str, Any], after: int, principal: str
    ) -> Record:
        """A record that answers another, `after` ms later."""
        origin = cause.origin if principal == ROUTER else "live"
        topic = cause.source.topic
        if principal != ROUTER:
            topic = principal.replace("dept:", "handling-")
        at = cause.received_at + after
        actor = {ROUTER: ROUTER, "desk": "desk:07"}.get(principal, "worker:0417")
        record = self._record(
            name,
            self._uuid(),
            cause.issue_id,
            cause.event_id,
            cause.received_at
            if principal == ROUTER
            else at - self.random.randrange(0, 20 * MINUTE),
            cause.received_at if principal == ROUTER else at,
            principal,
            topic,
            origin,
            body,
            actor=actor,
            recorded_at=at + self.random.randrange(20, 900),
        )
        return replace(record, source=cause.source) if principal == ROUTER else record

    def _dispatch(self, found: Classification) -> dict[str, Any]:
        return {
            "item": found.item,
            "category": found.category,
            "kind": found.kind,
            "intent": found.intent,
            "tier": found.tier,
            "lead": found.lead,
            "co_owners": list(found.co_owners),
            "clocks": [
                {"clock": clock, "minutes": length.minutes, "calendar": length.calendar}
                for clock, length in self.city.promises(found.tier, found.item).items()
            ],
        }

    def _record(
        self,
        name: str,
        event_id: str,
        issue_id: str,
        causation_id: str | None,
        occurred_at: int,
        received_at: int,
        principal: str,
        topic: str,
        origin: str,
        body: dict[str, Any],
        *,
        actor: str,
        area: str | None = None,
        recorded_at: int | None = None,
    ) -> Record:
        partition = UUID(issue_id).int % 12
        offset = self._next[partition]
        self._next[partition] += 1
        place = (topic, partition if topic.startswith("reports-") else 0)
        source = self._sources.get(place, 120_000)
        self._sources[place] = source + 1
        head = {
            "event_id": event_id,
            "issue_id": issue_id,
            "occurred_at": occurred_at,
            "actor": actor,
            "area": area,
            "causation_id": causation_id,
        }
        return Record(
            name=name,
            body={"head": head, **body},
            received_at=received_at,
            recorded_at=received_at + 35 if recorded_at is None else recorded_at,
            principal=principal,
            origin=origin,
            rules="1",
            source=Source(*place, source),
            partition=partition,
            offset=offset,
        )

    def _uuid(self) -> str:
        self._count += 1
        return str(uuid5(NAMESPACE_URL, f"hutong-test/{self._count}"))


def make_history(log: Log, count: int, now: int, *, origin: str = "live") -> Iterator[Record]:
    """`count` issues of the weeks that the chart shows, each as far along as its age suggests."""
    for report in generate_reports(7, count, now - 49 * DAY, now - MINUTE, log.city):
        yield from _life(log, report, now, origin)


def _life(log: Log, report: GeneratedReport, now: int, origin: str) -> Iterator[Record]:
    first = log.report(report, origin)
    yield first
    last = log.route(first)
    yield last
    if last.name == "IssueQueued" or origin != "live":
        return
    lead = f"dept:{last.body['lead']}"
    random = log.random
    steps: list[tuple[str, dict[str, Any], int, str]] = [
        ("IssueAccepted", {"hop": 1, "handler": "值班员"}, 25, lead),
        ("IssueResponded", {"means": "phone", "text": "已电话联系诉求人。"}, 60, lead),
        (
            "IssueResolved",
            {"hop": 1, "result": "fixed", "media": [], "file_number": None, "text": "现场已处理。"},
            700,
            lead,
        ),
        ("IssueClosed", {"ground": "policy", "text": "回访满意"}, 2000, "desk"),
    ]
    if random.random() < 0.06:
        returned = {
            "hop": 1,
            "reason": "not-our-duty",
            "proposed": "urban-mgmt",
            "media": ["9f" * 32],
            "text": "经现场查看，该设施不属我单位管养。",
        }
        steps = [steps[0], ("IssueReturned", returned, 90, lead)]
    for name, body, minutes, principal in steps:
        after = int(minutes * MINUTE * (0.3 + 2.4 * random.random()))
        if last.received_at + after > now or random.random() < 0.04:
            return
        last = log.answer(last, name, body, after, principal)
        yield last


def hostile_issue(log: Log, now: int) -> Iterator[Record]:
    """Text that tries everything, then a refused act, a waiting one, a return and a correction."""
    report = next(generate_reports(3, 1, now - 3 * DAY, now - 2 * DAY, log.city))
    first = log.report(
        replace(
            report,
            channel="hotline",
            subject=f"<b>路灯不亮</b> {HOSTILE}",
            body=f"槐里路路灯不亮，晚上太黑。{HOSTILE}",
        )
    )
    yield first
    routed = log.route(first)
    yield routed
    lead = f"dept:{routed.body['lead']}"
    accepted = {"hop": 1, "handler": "王工"}
    wrong = log.answer(routed, "IssueAccepted", accepted, 9 * MINUTE, "dept:water")
    yield wrong
    right = log.answer(routed, "IssueAccepted", accepted, 21 * MINUTE, lead)
    yield right
    missing = replace(
        right, body={**right.body, "head": {**right.body["head"], "event_id": log._uuid()}}
    )
    progress = {"media": [], "text": "配件已到，今晚更换灯具。\n<img src=x onerror=alert(2)>"}
    yield log.answer(missing, "ProgressNoted", progress, 40 * MINUTE, lead)
    responded = {"means": "phone", "text": "已与诉求人联系，说明抢修安排。"}
    yield log.answer(right, "IssueResponded", responded, 55 * MINUTE, lead)
