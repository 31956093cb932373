"""The supervisor with small made-up children: no broker needed, but real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from hutong.local.errors import ChildFailedError
from hutong.local.process import ChildSpec
from hutong.local.state import ChildStatus, Identity
from hutong.local.supervisor import Supervisor

SLEEPER = "import time; time.sleep(600)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf'); time.sleep(600)"
PARENT = (
    "import subprocess, sys, time;"
    "print('grandchild', subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'],"
    " start_new_session=True).pid, flush=True); time.sleep(600)"
)


def python(name: str, code: str, **more: object) -> ChildSpec:
    return ChildSpec(name, [sys.executable, "-c", code], **more)  # type: ignore[arg-type]


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    made = Supervisor(tmp_path, say=said.append, backoff=(0.05, 0.05))
    yield made
    made.close()


def until(true: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come to be in time"
        time.sleep(0.02)


def child(supervisor: Supervisor, name: str) -> ChildStatus:
    return next(one for one in supervisor.status() if one.name == name)


def pid(supervisor: Supervisor, name: str) -> int:
    process = child(supervisor, name).process
    assert process is not None
    return process.pid


def test_a_killed_child_is_started_again_and_counted(
    supervisor: Supervisor, said: list[str]
) -> None:
    supervisor.start([python("sleeper", SLEEPER)])
    first = pid(supervisor, "sleeper")
    os.kill(first, signal.SIGKILL)
    until(lambda: child(supervisor, "sleeper").restarts == 1)
    supervisor.wait_ready("sleeper")
    assert pid(supervisor, "sleeper") != first
    assert child(supervisor, "sleeper").last_exit == -signal.SIGKILL
    assert any("sleeper was killed by SIGKILL" in line for line in said)


def test_the_log_of_a_running_child_is_bounded(tmp_path: Path) -> None:
    """Given a child that writes on and on, its log and the one old one stay small and whole."""
    code = (
        "import itertools, time\n"
        "for n in itertools.count():\n"
        "    print(f'line {n:09d}', flush=True); time.sleep(0.0005)"
    )
    supervisor = Supervisor(tmp_path, log_limit=5_000, log_look_every=0.1)
    try:
        supervisor.start([python("talker", code)])
        log, old = tmp_path / "talker.log", tmp_path / "talker.log.1"
        until(lambda: old.exists() and old.read_bytes() > b"line 000001000")
        until(lambda: b"line" in log.read_bytes())
        first = pid(supervisor, "talker")
        assert b"\0" not in log.read_bytes()  # no hole where the old text was
        assert log.stat().st_size < 100_000
        assert old.stat().st_size < 100_000
        assert child(supervisor, "talker").restarts == 0
        assert pid(supervisor, "talker") == first
    finally:
        supervisor.close()


def test_one_that_keeps_dying_has_failed_and_its_last_lines_are_said(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    code = "import time; print('no luck today', flush=True); time.sleep(0.4); raise SystemExit(3)"
    supervisor.start([python("unlucky", code)])
    until(lambda: child(supervisor, "unlucky").state == "failed")
    found = child(supervisor, "unlucky")
    assert (found.restarts, found.last_exit) == (2, 3)
    assert "no luck today" in said[-1]


def test_a_configuration_fault_is_not_tried_again(supervisor: Supervisor) -> None:
    supervisor.start([python("wrong", "import time; time.sleep(0.5); raise SystemExit(2)")])
    until(lambda: child(supervisor, "wrong").state == "failed")
    assert child(supervisor, "wrong").restarts == 0


def test_one_that_was_never_ready_fails_the_start(supervisor: Supervisor) -> None:
    code = "print('port in use'); raise SystemExit(1)"
    with pytest.raises(ChildFailedError, match="ended with exit code 1") as caught:
        supervisor.start([python("early", code, ready=lambda: "not yet")])
    assert "port in use" in str(caught.value)


def test_one_that_is_not_ready_in_time_fails_the_start(supervisor: Supervisor) -> None:
    slow = python("slow", SLEEPER, ready=lambda: "still warming up", ready_seconds=0.3)
    with pytest.raises(ChildFailedError, match="still warming up"):
        supervisor.start([slow])


def test_a_command_that_fails_says_its_last_lines(supervisor: Supervisor) -> None:
    supervisor.run_once(python("good", "print('fine')"))
    with pytest.raises(ChildFailedError, match="table missing"):
        supervisor.run_once(python("bad", "raise SystemExit('table missing')"))


def test_restarting_can_be_forbidden(supervisor: Supervisor) -> None:
    supervisor.start([python("sleeper", SLEEPER)])
    supervisor.allow_restart("sleeper", False)
    supervisor.send_signal("sleeper", signal.SIGKILL)
    until(lambda: child(supervisor, "sleeper").state == "stopped")
    time.sleep(0.3)
    assert child(supervisor, "sleeper").restarts == 0
    supervisor.start_again("sleeper")
    supervisor.wait_ready("sleeper")


def test_stopping_goes_backwards_by_batches(tmp_path: Path) -> None:
    ends = tmp_path / "ends"
    code = textwrap.dedent(f"""
        import signal, sys, time
        def end(*_):
            open({str(ends)!r}, "a").write(sys.argv[1] + " ")
            sys.exit()
        signal.signal(15, end)
        open(sys.argv[2], "w").close()
        time.sleep(600)
    """)

    def spec(name: str) -> ChildSpec:
        flag = tmp_path / f"{name}.ready"
        command = [sys.executable, "-c", code, name, str(flag)]
        return ChildSpec(name, command, ready=lambda: None if flag.exists() else "starting")

    supervisor = Supervisor(tmp_path)
    supervisor.start([spec("store")])
    supervisor.start([spec("service")])
    supervisor.start([spec("page")])
    supervisor.close()
    assert ends.read_text().split() == ["page", "service", "store"]


def test_what_ignores_sigterm_or_was_halted_is_ended_all_the_same(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    short = ((signal.SIGTERM, 0.3),)
    deaf = tmp_path / "deaf.log"
    ready = lambda: None if deaf.exists() and b"deaf\n" in deaf.read_bytes() else "no"  # noqa: E731
    supervisor.start(
        [
            python("deaf", STUBBORN, stop_signals=short, ready=ready),
            python("halted", SLEEPER, stop_signals=short),
        ]
    )
    supervisor.send_signal("halted", signal.SIGSTOP)
    pids = [pid(supervisor, "deaf"), pid(supervisor, "halted")]
    supervisor.close()
    assert not any(psutil.pid_exists(one) for one in pids)


def test_grandchildren_of_other_sessions_go_too(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    log = tmp_path / "parent.log"
    ready = lambda: None if log.exists() and b"grandchild" in log.read_bytes() else "no"  # noqa: E731
    supervisor.start([python("parent", PARENT, ready=ready)])
    grandchild = int(log.read_text().split("grandchild ")[1].split()[0])
    assert psutil.pid_exists(grandchild)
    supervisor.close()
    assert not psutil.pid_exists(grandchild)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_a_supervisor_that_is_killed_leaves_no_child(tmp_path: Path) -> None:
    code = textwrap.dedent(f"""
        import sys, time
        from pathlib import Path
        from hutong.local.process import ChildSpec
        from hutong.local.supervisor import Supervisor
        supervisor = Supervisor(Path({str(tmp_path)!r}))
        supervisor.start([ChildSpec("one", [sys.executable, "-c", {SLEEPER!r}])])
        print(supervisor.status()[0].process.model_dump_json(), flush=True)
        time.sleep(600)
    """)
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        orphan = Identity.model_validate_json(process.stdout.readline())
        assert orphan.is_alive()
        process.kill()
    until(lambda: not orphan.is_alive())
