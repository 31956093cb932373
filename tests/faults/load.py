"""The load client, a process of its own: ``python -m tests.faults.load URL KEYS JOURNAL``.

Reports come by four channels, at a pace that does not wait for answers. After some of them the
channel amends its report twice, and after some the water company signs, and notes twice. A sender
sends its next act on an issue only when the last one was answered. What has no clear answer is sent
again with the same Idempotency-Key, until it has one or the patience ends. One report in a hundred
lacks its text and must be refused. SIGTERM: no more is begun; what is on its way is finished.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import random
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from pathlib import Path
from typing import Any, Final

import aiohttp

from hutong.city import load_city
from hutong.demo.generate import generate_reports
from hutong.demo.report import as_json, as_time
from hutong.events.ids import derived_id
from hutong.events.receipt import Receipt
from hutong.local.keys import read_secrets
from tests.faults.facts import Result
from tests.faults.journal import Journal

CHANNELS: Final = ("grid", "hotline", "app", "open311")
WATER: Final = "dept:water-co"
PHONE, NAME, HOME = "13912345678", "欧阳试探", "井巷十七号院三单元"
"""What some reporters tell of themselves: it may be readable nowhere."""

_REFUSED: Final = 0.01
_TELLING: Final = 0.05
_AMENDED: Final = 0.25
_HANDLED: Final = 0.05
_PER_ISSUE: Final = 1 + 2 * _AMENDED + 3 * _HANDLED
_BEFORE_ACTS: Final = 3.0
_AGAIN: Final = 0.5
_AGAIN_AT_MOST: Final = 4.0
_MOST_TASKS: Final = 3_000
_ANSWER: Final = aiohttp.ClientTimeout(total=15)


@dataclass
class Load:
    """What all tasks share."""

    url: str
    secrets: Mapping[str, str]
    journal: Journal
    run: str
    patience: float
    chance: random.Random
    session: aiohttp.ClientSession
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    stop_by: float = float("inf")

    async def send(
        self,
        who: tuple[str, str],
        path: str,
        body: Mapping[str, Any],
        ids: tuple[str, str, str],
        mark: str = "",
    ) -> Result:
        """One event until it is answered; ``who`` is (sender, holder of the key), ``ids`` are
        (issue, event, Idempotency-Key).
        """
        number = self.journal.number()
        issue_id, event_id, key = ids
        names = {"sender": who[0], "issue_id": issue_id, "event_id": event_id, "mark": mark}
        await self.journal.keep({"n": number, "t": _now(), "what": "intent", **names})
        headers = {
            "X-API-Key": self.secrets[who[1]],
            "Content-Type": "application/json",
            "Idempotency-Key": key,
        }
        data = json.dumps(body, ensure_ascii=False).encode()
        until = time.monotonic() + self.patience
        wait = _AGAIN
        while True:
            result, more = await self._try(path, data, headers)
            again = result == "unknown" or more.get("status") == 429
            await self.journal.keep({"n": number, "t": _now(), "what": result, **more})
            if not again or time.monotonic() > min(until, self.stop_by):
                return result
            await asyncio.sleep(wait * self.chance.uniform(0.5, 1.5))
            wait = min(wait * 2, _AGAIN_AT_MOST)

    async def _try(
        self, path: str, data: bytes, headers: Mapping[str, str]
    ) -> tuple[Result, dict[str, Any]]:
        try:
            async with self.session.post(
                self.url + path, data=data, headers=headers, timeout=_ANSWER
            ) as answer:
                text = await answer.read()
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return "unknown", {"why": type(error).__name__}
        if answer.status == 202:
            return "ok", {"place": _place(json.loads(text))}
        if answer.status == 409 or answer.status >= 500:
            return "unknown", {"status": answer.status}
        return "refused", {"status": answer.status}

    async def issue(self, number: int, body: dict[str, Any]) -> None:
        """A report, and what is done about it."""
        channel = self.chance.choice(CHANNELS)
        key = f"{self.run}-{number}"
        mark = f"{key}."
        issue_id = derived_id("report", channel, key)
        water = self.chance.random() < _HANDLED
        if water:
            body |= {"body": f"{body['place'].get('address', '')}自来水管爆裂，路面积水，附近停水"}
        body["subject"] = mark
        body.pop("reporter", None)
        if self.chance.random() < _TELLING:
            body["reporter"] = {"name": NAME, "phone": PHONE, "home": HOME}
        if self.chance.random() < _REFUSED:
            del body["body"]
        who = f"channel:{channel}", channel
        result = await self.send(who, "/v1/reports", body, (issue_id, issue_id, key), mark)
        if result != "ok" or not (water or self.chance.random() < _AMENDED):
            return
        await asyncio.sleep(_BEFORE_ACTS)
        acts = [("amend", {"subject": f"{key}-{n}."}) for n in (1, 2)]
        if water:
            who = WATER, WATER
            acts = [("accept", {"by": "clerk:7"})]
            acts += [("note", {"text": f"{key}-{n}."}) for n in (1, 2)]
        for number, (verb, act) in enumerate(acts):
            if self.stopping.is_set():
                return
            if not await self._act(who, issue_id, verb, act, f"{key}-a{number}"):
                return

    async def _act(
        self, who: tuple[str, str], issue_id: str, verb: str, act: dict[str, Any], key: str
    ) -> bool:
        event_id = derived_id("act", who[0], issue_id, verb, key)
        act["occurred_at"] = as_time(_now(), UTC)
        path = f"/v1/issues/{issue_id}/actions/{verb}"
        mark = act.get("subject", act.get("text", ""))
        return await self.send(who, path, act, (issue_id, event_id, key), mark) != "unknown"


async def run(
    url: str, keys: Path, journal: Path, *, rate: float, seed: int, patience: float
) -> int:
    """Until SIGTERM; how many issues could not be begun because too much was waiting."""
    connector = aiohttp.TCPConnector(limit=256)
    async with aiohttp.ClientSession(connector=connector) as session:
        load = Load(
            url,
            read_secrets(keys),
            Journal(journal),
            f"k{seed:x}",
            patience,
            random.Random(seed),
            session,
        )
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, load.stopping.set)
        held_back = 0
        tasks: set[asyncio.Task[None]] = set()
        start = loop.time()
        for number, body in enumerate(_bodies(seed)):
            wait = start + number * _PER_ISSUE / rate - loop.time()
            if wait > 0:
                await asyncio.sleep(wait)
            if load.stopping.is_set():
                break
            if len(tasks) >= _MOST_TASKS:
                held_back += 1
                continue
            task = asyncio.create_task(load.issue(number, body))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        load.stop_by = time.monotonic() + patience
        for finished in asyncio.as_completed(tuple(tasks)):
            await finished
    return held_back


def _bodies(seed: int) -> Iterator[dict[str, Any]]:
    """Reports of now, in a district's own words, without end."""
    for more in itertools.count():
        now = _now()
        span = now - 3_600_000, now
        for report in generate_reports(seed + 1_000_003 * more, 5_000, *span, load_city()):
            yield {"place": {}, **as_json(report)}


def _place(answer: Mapping[str, Any]) -> str:
    if "place" in answer:
        return str(answer["place"])
    receipt = Receipt.parse(answer["receipt"])
    channel = {1: "grid", 2: "hotline", 3: "app", 5: "open311"}[receipt.channel]
    return f"reports-{channel}/{receipt.partition}/{receipt.offset}"


def _now() -> int:
    return time.time_ns() // 1_000_000


def main() -> int:
    """As the harness starts it."""
    parser = argparse.ArgumentParser(description="Sends, and keeps account of it.")
    parser.add_argument("url")
    parser.add_argument("keys", type=Path, help="data folder of the stack")
    parser.add_argument("journal", type=Path)
    parser.add_argument("--rate", type=float, default=300.0, help="events a second")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=60.0, help="seconds of trying again")
    given = parser.parse_args()
    held_back = asyncio.run(
        run(
            given.url,
            given.keys,
            given.journal,
            rate=given.rate,
            seed=given.seed,
            patience=given.patience,
        )
    )
    sys.stdout.write(json.dumps({"held_back": held_back}) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
