"""A bad line between a client and intake: an asyncio proxy on loopback, in a thread.

Each connection is seeded to be well (slow by 200 ms ± 100), to be cut before its request has gone
on, to be cut after it (the event is in the log, the answer is lost), to send the request twice, or
to be half-open: nothing comes back, and nobody is told.
"""

from __future__ import annotations

import asyncio
import random
import threading
from contextlib import suppress
from typing import Final, Literal

Kind = Literal["slow", "cut-before", "cut-after", "twice", "half-open"]
_KINDS: Final[tuple[Kind, ...]] = ("slow", "cut-before", "cut-after", "twice", "half-open")
_SHARES: Final = (6, 1, 1, 1, 1)
_MOST: Final = 65_536


class BadLine:
    """As a context manager it listens at `url`; until `spoil` it only passes bytes on."""

    def __init__(self, port: int, seed: int) -> None:
        self._to = port
        self._chance = random.Random(seed)
        self._bad = False
        self._loop = asyncio.new_event_loop()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bad-line", daemon=True)
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    @property
    def url(self) -> str:
        """Where clients send to."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> BadLine:
        self._thread.start()
        assert self._started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def spoil(self, bad: bool) -> None:
        """Be bad, or good again, to connections made from now on; every one that is open ends."""
        self._bad = bad
        self._loop.call_soon_threadsafe(lambda: [task.cancel() for task in self._tasks])

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        self._loop.run_forever()
        server.close()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(OSError, asyncio.CancelledError):
                await self._carry(client, answer)
        finally:
            self._tasks.discard(task)
            answer.close()

    async def _carry(self, client: asyncio.StreamReader, answer: asyncio.StreamWriter) -> None:
        [kind] = self._chance.choices(_KINDS, _SHARES)
        intake, out = await asyncio.open_connection("127.0.0.1", self._to)
        try:
            if not self._bad:
                await self._both(client, answer, intake, out, 0.0)
            elif kind == "slow":
                await self._both(client, answer, intake, out, self._chance.uniform(0.1, 0.3))
            else:
                await self._harm(kind, client, answer, intake, out)
        finally:
            out.close()

    async def _harm(
        self,
        kind: Kind,
        client: asyncio.StreamReader,
        answer: asyncio.StreamWriter,
        intake: asyncio.StreamReader,
        out: asyncio.StreamWriter,
    ) -> None:
        request = await _request(client)
        if kind == "cut-before":
            out.write(request[: len(request) // 2])
            await out.drain()
            return
        out.write(request)
        await out.drain()
        first = await intake.read(_MOST)  # so it was done; what the client hears is another thing
        if kind == "half-open":
            await asyncio.sleep(30)
        if kind == "twice":
            out.write(request)
            await out.drain()
            await intake.read(_MOST)
            answer.write(first)
            await answer.drain()

    async def _both(
        self,
        client: asyncio.StreamReader,
        answer: asyncio.StreamWriter,
        intake: asyncio.StreamReader,
        out: asyncio.StreamWriter,
        delay: float,
    ) -> None:
        ways = [
            asyncio.ensure_future(_pump(client, out, delay)),
            asyncio.ensure_future(_pump(intake, answer, 0.0)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)


async def _pump(source: asyncio.StreamReader, to: asyncio.StreamWriter, delay: float) -> None:
    while data := await source.read(_MOST):
        await asyncio.sleep(delay)
        to.write(data)
        await to.drain()


async def _request(client: asyncio.StreamReader) -> bytes:
    """One whole request with a Content-Length, as the load client sends them."""
    try:
        head = await client.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length:")
            ),
            0,
        )
        return head + await client.readexactly(length)
    except asyncio.IncompleteReadError as error:
        raise ConnectionError("the client left") from error
