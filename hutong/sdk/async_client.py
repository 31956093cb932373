"""The client for apps that report and for systems that act, async. `client.py` is made of it."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

from hutong.events.acts import REPORT
from hutong.events.faults import FieldFault
from hutong.events.fields import HandledOnTheSpot, Place, Reporter
from hutong.sdk.async_acts import AsyncActs
from hutong.sdk.draft import Draft, act_draft, invalid, report_draft
from hutong.sdk.http import Api, AsyncApi, HttpTransport
from hutong.sdk.options import ActOptions
from hutong.sdk.outbox import Outbox
from hutong.sdk.outcome import Transport
from hutong.sdk.receipt import Receipt, State
from hutong.sdk.requests import get_issue, get_report, get_verdict
from hutong.sdk.sender import Sender
from hutong.sdk.waiting import in_thread

#: How long `wait` and `flush` sleep at most before they look again.
_LOOK_SECONDS = 0.5


class AsyncClient(AsyncActs):
    """Keeps reports and acts in an outbox on this device and sends them until the log has them.

    A call returns once its message is on disk, with or without a network; a thread sends it. Use
    it as a context manager. What is unsent at the end is sent by the next client of that outbox.

    Args:
        url: address of intake, https. None where ``transport`` is given and nothing is asked.
        key: the API key, ``hk_…``. It is in no text, log or error of the SDK.
        outbox: the file, made when it is not there, or an `Outbox`.
        transport: another way to the log, such as `hutong.sdk.KafkaTransport`.
        api: how questions travel; for tests.
    """

    def __init__(
        self,
        url: str | None = None,
        key: str | None = None,
        *,
        outbox: Outbox | Path | str,
        transport: Transport | None = None,
        api: AsyncApi | None = None,
    ) -> None:
        if (url is None) != (key is None) or (url is None and transport is None):
            zh, en = (
                "须同时给出 url 与 key，或给出 transport。",
                "Give url and key, or a transport.",
            )
            raise invalid([FieldFault("url", "missing", zh, en)])
        if url is not None and key is not None:
            api = api or AsyncApi(url, key)
            transport = transport or HttpTransport(Api(url, key))
        assert transport is not None
        self._api = api
        self.outbox = outbox if isinstance(outbox, Outbox) else Outbox(outbox)
        self._sender = Sender(self.outbox, transport)
        self._sender.start()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._api!r}, {self.outbox!r})"

    async def report_issue(
        self,
        *,
        body: str,
        subject: str | None = None,
        occurred_at: datetime | None = None,
        area: str | None = None,
        place: Place | None = None,
        intent: str | None = None,
        contact: str | None = None,
        reporter: Reporter | None = None,
        actor: str | None = None,
        reference: str | None = None,
        media: Sequence[str] | None = None,
        handled_on_the_spot: HandledOnTheSpot | None = None,
        event_id: str | None = None,
    ) -> Receipt:
        """Report an issue. Returns once it is on disk; the receipt says `queued`.

        InvalidError names every fault, and nothing was kept; DiskFullError likewise. To be safe
        against a crash of your own before this returns, make ``event_id`` yourself
        (`hutong.sdk.new_id`), keep it, and call again with it: that is one report.

        Args:
            body: what is the matter, in the reporter's words; at most 10,000 characters.
            subject: a short title.
            occurred_at: when it was reported, aware; default now.
            area: a code of the city's area tree.
            place: WGS84 degrees and words.
            intent: what the reporter wants, if known.
            contact: a token by which the channel can reach the reporter. No phone number.
            reporter: name, phone, home; goes neither to departments nor into read models.
            actor: who took it in.
            reference: the channel's own number for it.
            media: SHA-256 of each photo or recording.
            handled_on_the_spot: result of a patrol that solved it at once.
            event_id: the id, made once; the issue has the same.
        """
        draft = report_draft(
            event_id=event_id,
            occurred_at=occurred_at,
            fields={
                "subject": subject,
                "area": area,
                "place": place,
                "intent": intent,
                "contact": contact,
                "reporter": reporter,
                "actor": actor,
                "reference": reference,
                "media": media,
                "handled_on_the_spot": handled_on_the_spot,
                "body": body,
            },
        )
        return await self.keep(draft)

    async def act(
        self, verb: str, issue_id: str, fields: dict[str, Any], **options: Unpack[ActOptions]
    ) -> Receipt:
        """Any act by its verb (`hutong.events.acts`); the methods named after verbs are typed."""
        return await self.keep(act_draft(verb, issue_id, fields, **options))

    async def receipt(self, event_id: str) -> Receipt | None:
        """What has become of a message, as far as this device knows; asks nobody."""
        return await in_thread(self.outbox.receipt, event_id)

    async def wait(self, receipt: Receipt, *, timeout: float) -> Receipt:
        """The receipt once its message is in the log or dead, or as it is after ``timeout`` s."""
        deadline = time.monotonic() + timeout
        while True:
            found = await in_thread(self.outbox.receipt, receipt.event_id)
            left = deadline - time.monotonic()
            if found is None or found.state is not State.QUEUED or left <= 0:
                return found or receipt
            await in_thread(self._sender.wait_for_change, min(left, _LOOK_SECONDS))

    async def flush(self, *, timeout: float) -> int:
        """Wait until everything is in the log or dead, at most so long; how many still wait."""
        deadline = time.monotonic() + timeout
        while left := await in_thread(self.outbox.waiting):
            rest = deadline - time.monotonic()
            if rest <= 0:
                return left
            await in_thread(self._sender.wait_for_change, min(rest, _LOOK_SECONDS))
        return 0

    async def hurry(self) -> None:
        """Send what waits for a connection now: call it when the network is back."""
        await in_thread(self._sender.hurry)

    def wake(self) -> None:
        """Something was put into the outbox by another way."""
        self._sender.wake()

    async def refresh(self, receipt: Receipt) -> Receipt:
        """The receipt as intake knows it: `routed` once the router has read the message.

        ApiError when intake cannot say; what is not in the log yet comes back as this device
        knows it.
        """
        known = await in_thread(self.outbox.receipt, receipt.event_id) or receipt
        if not known.in_log:
            return known
        if known.verb == REPORT:
            if known.number is None:
                return known
            found = await self._asking().ask(get_report(known.number))
            if found.get("status") == State.ACCEPTED:
                return known
            return replace(known, state=State.ROUTED, status=str(found.get("status")))
        found = await self._asking().ask(get_verdict(known.issue_id, known.log_id))
        effect = found.get("effect") or {}
        if not effect.get("judged"):
            return known
        answer = {**known.answer, "effect": effect}
        return replace(known, state=State.ROUTED, status=str(effect["verdict"]), answer=answer)

    async def report(self, number: str) -> dict[str, Any]:
        """What became of a report of this channel, by its receipt number. ApiError."""
        return await self._asking().ask(get_report(number))

    async def issue(self, issue_id: str) -> dict[str, Any]:
        """An issue as this key may see it: state, clocks, what may be done now. ApiError."""
        return await self._asking().ask(get_issue(issue_id))

    async def close(self, *, timeout: float = 5.0) -> None:
        """Stop sending, after what is on its way now; the rest stays in the outbox."""
        await in_thread(self._sender.close, timeout)
        if self._api is not None:
            await self._api.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def keep(self, draft: Draft) -> Receipt:
        """Keep a draft, and have it sent."""
        receipt = await in_thread(self.outbox.put, draft)
        self._sender.wake()
        return receipt

    def _asking(self) -> AsyncApi:
        if self._api is None:
            zh, en = "没有给出 intake 的地址，无法查询。", "No address of intake was given to ask."
            raise invalid([FieldFault("url", "missing", zh, en)])
        return self._api
