"""Becomes a child of the local stack: ties its life to the supervisor's, drops root, then execs.

Run as a file by a fresh interpreter (`python -I -S launch.py JSON`), never imported by the
supervisor for its effect: doing this between fork and exec of a process with threads could hang.
Standard library only. The process id stays the same through the exec.
"""

from __future__ import annotations

import ctypes
import json
import os
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_KEEPCAPS = 8
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_RAISE = 2
_CAPABILITY_VERSION_3 = 0x20080522
_CAP_DAC_OVERRIDE = 1
_CAP_DAC_READ_SEARCH = 2


class _CapHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapData(ctypes.Structure):
    _fields_ = (
        ("effective", ctypes.c_uint32),
        ("permitted", ctypes.c_uint32),
        ("inheritable", ctypes.c_uint32),
    )


def main(argument: str) -> None:
    """Do what the JSON object `argument` says and exec its `argv`.

    Keys: argv, parent (pid), death_signal, and uid, gid, reach_paths when root is to be dropped.
    `reach_paths` keeps the right to go through folders closed to that user (such as /root).
    """
    order = json.loads(argument)
    linux = sys.platform == "linux"
    libc = ctypes.CDLL(None, use_errno=True) if linux else None
    if order.get("uid") is not None:
        _become(libc, order["uid"], order["gid"], order["reach_paths"])
    if libc is not None:  # after the change of user, which clears it
        libc.prctl(_PR_SET_PDEATHSIG, order["death_signal"], 0, 0, 0)
    if os.getppid() != order["parent"]:
        sys.exit("the supervisor has gone")
    argv = order["argv"]
    try:
        os.execvp(argv[0], argv)
    except OSError as error:
        sys.exit(f"cannot run {argv[0]}: {error}")


def _become(libc: ctypes.CDLL | None, uid: int, gid: int, reach_paths: bool) -> None:
    try:
        os.setgroups([])
        os.setgid(gid)
        if libc is not None and reach_paths:
            libc.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0)
        os.setuid(uid)
    except OSError as error:
        sys.exit(f"cannot become user {uid}: {error}")
    if libc is not None and reach_paths:
        _keep_reach(libc)


def _keep_reach(libc: ctypes.CDLL) -> None:
    """Keep what is there of the two capabilities that open closed folders, through exec too."""
    header = _CapHeader(_CAPABILITY_VERSION_3, 0)
    data = (_CapData * 2)()
    if libc.capget(ctypes.byref(header), data) != 0:
        return
    wanted = (1 << _CAP_DAC_OVERRIDE) | (1 << _CAP_DAC_READ_SEARCH)
    kept = data[0].permitted & wanted
    data[0] = _CapData(kept, kept, kept)
    data[1] = _CapData(0, 0, 0)
    if libc.capset(ctypes.byref(header), data) != 0:
        return
    for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
        if kept & (1 << capability):
            libc.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, capability, 0, 0)


if __name__ == "__main__":
    main(sys.argv[1])
