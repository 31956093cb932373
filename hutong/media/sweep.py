"""Which photos may go: those that no event names, an hour after they were last sent or named.

Intake counts the hour anew when it takes a report or an act that names a photo. So an event that is
not in the read models yet protects its photos for an hour, and the sweep only has to be sure that
the read models know everything that is older: see `hutong.cli.media`.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from hutong.media.store import MediaStore, Stored

HOUR_MS: Final = 3_600_000
_AT_A_TIME: Final = 500


def orphans(
    store: MediaStore, named: Callable[[Sequence[str]], set[str]], now: int
) -> Iterator[Stored]:
    """The files that may go. ``named``: which of these files an event names."""
    old = (file for file in store.all() if file.since < now - HOUR_MS)
    while some := list(islice(old, _AT_A_TIME)):
        known = named([file.sha256 for file in some])
        yield from (file for file in some if file.sha256 not in known)
