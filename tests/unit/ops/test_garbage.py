from __future__ import annotations

import subprocess
import sys

_WORK = """
import gc
from hutong.ops.garbage import collect_seldom
looks = []
gc.callbacks.append(lambda phase, info: looks.append(phase))
batch = [[n] for n in range(50_000)]
before = len(looks)
looks.clear()
collect_seldom()
looks.clear()
batch = [[n] for n in range(50_000)]
after = len(looks)
for _ in range(2_000_000):
    ring = []
    ring.append(ring)
print(before, after, gc.get_freeze_count(), len(looks))
"""


def test_a_batch_is_made_without_a_look() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WORK], capture_output=True, text=True, check=True, timeout=60
    )
    before, after, frozen, later = map(int, done.stdout.split())
    assert before > 50
    assert after == 0
    assert frozen > 0
    assert later > 0, "rings are still found, or memory would grow"
