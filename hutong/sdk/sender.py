"""The thread that sends what is in an outbox, for as long as a client is open."""

import logging
import os
import random
import threading
import time
from typing import Final

from hutong.ops.failpoint import Failpoints
from hutong.sdk.errors import OutboxError, Problem, StoppedError
from hutong.sdk.outbox import Outbox
from hutong.sdk.outcome import Later, Outcome, Taken, Transport
from hutong.sdk.retry import MOST_ASKED_SECONDS, jittered

BATCH: Final = 200
"""Messages claimed at once: a round trip for each would make a drain twenty times as long."""

#: How often to look for what another process has put in, or left behind when it died.
_LOOK_SECONDS: Final = 1.0
_FORGET_SECONDS: Final = 60.0
#: How long to wait at most for a full disk: to look at it again burdens nobody else.
_DISK_SECONDS: Final = 5.0

_log = logging.getLogger("hutong.sdk")


class Sender:
    """Sends from an outbox by a transport, in a thread of its own.

    When nothing gets through, everything pauses, longer each time, and at least as long as the
    other side asks for.
    """

    def __init__(
        self, outbox: Outbox, transport: Transport, *, random_: random.Random | None = None
    ) -> None:
        self._outbox = outbox
        self._transport = transport
        self._random = random_ or random.Random()
        self._wake = threading.Event()
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._failpoints = Failpoints.of(os.environ)
        self._failed_rounds = 0
        self._limit = BATCH
        self._hurried = threading.Event()
        self._forgot_at = time.monotonic()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="hutong-sender", daemon=True)

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def wake(self) -> None:
        """There is something new."""
        self._wake.set()

    def hurry(self) -> None:
        """Try again now: the caller knows that the network is back."""
        self._outbox.hurry()
        self._hurried.set()
        self._wake.set()

    def wait_for_change(self, seconds: float) -> None:
        """Until something was settled, at most so long; StoppedError when it has stopped."""
        with self._changed:
            self.check()
            self._changed.wait(seconds)
        self.check()

    def check(self) -> None:
        """StoppedError when the thread has stopped by a fault of its own."""
        if self._failure is not None:
            zh = "发送线程因内部错误停止；已保存的内容仍在，请重新启动。"
            en = "The sender stopped by a fault of its own; what was kept is kept. Start anew."
            raise StoppedError(Problem("sender-stopped", zh, en)) from self._failure

    def close(self, seconds: float) -> None:
        """End after what is on its way now, at most so long; the rest stays in the outbox."""
        self._stopping.set()
        self._hurried.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(seconds)
        if not self._thread.is_alive():
            self._transport.close()

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                self._pause(self._round())
        except BaseException as error:  # noqa: BLE001 - it stops here; every caller is told
            self._failure = error
            _log.exception("the sender has stopped; what was kept is kept")
        finally:
            with self._changed:
                self._changed.notify_all()

    def _round(self) -> float:
        """Send once; the seconds to wait before the next time."""
        self._wake.clear()
        try:
            messages = self._outbox.claim(self._limit)
            if not messages:
                self._tidy()
                due = self._outbox.next_due()
                return _LOOK_SECONDS if due is None else min(_LOOK_SECONDS, max(due, 0.01))
            self._failpoints.reach("claimed")
            outcomes = self._transport.deliver(messages)
            self._failpoints.reach("sent")
            self._outbox.settle(zip(messages, outcomes, strict=True))
            self._failpoints.reach("settled")
        except OutboxError as error:
            # Whatever was sent will be sent again, and counts once all the same.
            self._failed_rounds += 1
            _log.warning("the outbox cannot be written now: %s", error.code)
            return min(jittered(self._failed_rounds, self._random), _DISK_SECONDS)
        with self._changed:
            self._changed.notify_all()
        return self._after(outcomes)

    def _after(self, outcomes: list[Outcome]) -> float:
        stopped = [o for o in outcomes if isinstance(o, Later) and o.everyone]
        if not stopped:
            self._failed_rounds = 0
            self._limit = min(BATCH, self._limit * 2)
            return 0.0
        # A weak line may carry one message where it does not carry two hundred.
        self._limit = max(1, self._limit // 4)
        got_through = any(isinstance(outcome, Taken) for outcome in outcomes)
        self._failed_rounds = 1 if got_through else self._failed_rounds + 1
        asked = max((o.after or 0.0) for o in stopped)
        _log.info("nothing gets through now: %s", stopped[0].problem.code)
        return max(jittered(self._failed_rounds, self._random), min(asked, MOST_ASKED_SECONDS))

    def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            return
        if self._failed_rounds:
            # What is new does not end this pause, or a busy caller would undo it.
            self._hurried.wait(seconds)
            self._hurried.clear()
        else:
            self._wake.wait(seconds)

    def _tidy(self) -> None:
        if time.monotonic() - self._forgot_at > _FORGET_SECONDS:
            self._forgot_at = time.monotonic()
            self._outbox.forget()
