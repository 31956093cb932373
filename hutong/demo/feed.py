"""Feeds the demo's reports in: a year of history by the simulator's topic, today's over HTTP."""

import asyncio
import time
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from hutong.demo.crew import GRID, worker
from hutong.demo.generate import GeneratedReport, as_json
from hutong.events.codec import Codec, default_codec
from hutong.events.fields import HandledOnTheSpot, Head, Place
from hutong.events.headers import CE_TYPE, RECEIVED
from hutong.events.ids import derived_id
from hutong.events.lifecycle import IssueReported
from hutong.events.topics import reports_topic
from hutong.kafka.access import Brokers
from hutong.kafka.send import OutRecord, send_confirmed

#: Most requests under way at once.
_PARALLEL = 32


class DemoFailedError(Exception):
    """Something that the demo needs did not happen; the message says what and where to look."""


def simulate(bootstrap: Brokers, seed: int, reports: Iterable[GeneratedReport]) -> list[str]:
    """Send reports through the simulator's topic, each with its own time; their issue ids.

    Without who reported them: intake alone has the key that seals it. Ids follow from the seed, so
    that running it again changes nothing.
    """
    codec = default_codec()
    records = [report_record(codec, seed, report) for report in reports]
    send_confirmed(bootstrap, records)
    return [record.key.decode() for record in records]


def report_record(codec: Codec, seed: int, report: GeneratedReport) -> OutRecord:
    """A report as the simulator sends it."""
    event = _event(report, derived_id("simulator", str(seed), str(report.number)))
    headers = {CE_TYPE: event.avro_name, RECEIVED: str(report.occurred_at)}
    key = event.head.issue_id.encode()
    return OutRecord(reports_topic("simulator"), key, codec.encode(event), headers)


def _event(report: GeneratedReport, issue_id: str) -> IssueReported:
    body = as_json(report)
    place, spot = body.get("place"), body.get("handled_on_the_spot")
    return IssueReported(
        head=Head(
            event_id=issue_id,
            issue_id=issue_id,
            occurred_at=report.occurred_at,
            actor=_actor(report),
            area=report.area,
        ),
        channel=report.channel,
        place=Place(lon=place.get("lon"), lat=place.get("lat"), address=place.get("address"))
        if place
        else None,
        intent=report.intent,
        handled_on_the_spot=HandledOnTheSpot(**spot) if spot else None,
        subject=report.subject,
        body=report.body,
    )


def _actor(report: GeneratedReport) -> str:
    """Whom the simulator plays. Who patrols has a name; residents are in `reporter` only."""
    if report.channel == GRID and report.area is not None:
        return f"channel:{GRID}:{worker(report.area, report.number)}"
    return f"channel:{report.channel}"


@dataclass(slots=True)
class Posted:
    """What intake said to the live reports."""

    issue_ids: list[str] = field(default_factory=list)
    receipts: list[str] = field(default_factory=list)
    #: Seconds from request to 202.
    seconds: list[float] = field(default_factory=list)


def post_live(
    intake_url: str, client_keys: Path, reports: Sequence[GeneratedReport], per_second: float
) -> Posted:
    """Post reports to intake at a steady rate, each with the key of its channel."""
    keys = tomllib.loads(client_keys.read_text("utf-8"))
    return asyncio.run(_post_all(intake_url, keys, reports, per_second))


async def _post_all(
    url: str, keys: Mapping[str, str], reports: Sequence[GeneratedReport], per_second: float
) -> Posted:
    posted = Posted()
    run = str(time.time_ns())
    places = asyncio.Semaphore(_PARALLEL)
    async with httpx.AsyncClient(base_url=url, timeout=40, trust_env=False) as client:

        async def post(report: GeneratedReport) -> None:
            async with places:
                started = time.perf_counter()
                answer = await client.post(
                    "/v1/reports",
                    json=as_json(report),
                    headers={
                        "Authorization": f"Bearer {keys[report.channel]}",
                        "Idempotency-Key": f"{run}-{report.number}",
                    },
                )
            if answer.status_code != httpx.codes.ACCEPTED:
                raise DemoFailedError(f"intake answered {answer.status_code}: {_why(answer)}")
            posted.seconds.append(time.perf_counter() - started)
            body = answer.json()
            posted.issue_ids.append(body["issue_id"])
            posted.receipts.append(body["receipt"])

        start = time.perf_counter()
        try:
            async with asyncio.TaskGroup() as tasks:
                for number, report in enumerate(reports):
                    await asyncio.sleep(max(0.0, start + number / per_second - time.perf_counter()))
                    tasks.create_task(post(report))
        except* DemoFailedError as failures:
            raise failures.exceptions[0] from None
    return posted


def _why(answer: httpx.Response) -> str:
    """The faults that intake lists, else the start of what it said."""
    try:
        faults = answer.json()["errors"]
    except (ValueError, KeyError, TypeError):
        return answer.text[:500]
    return "; ".join(f"{fault['field']}: {fault['message_en']}" for fault in faults)
