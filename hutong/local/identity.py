"""Which user a child runs as: PostgreSQL refuses to be root."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from hutong.local.errors import LocalStackError


@dataclass(frozen=True)
class RunAs:
    """A user to become.

    `reach_paths` keeps the right to go through folders that are closed to that user (the data
    folder of root may be below /root).
    """

    uid: int
    gid: int
    reach_paths: bool

    def own(self, path: Path) -> None:
        """Give `path`, a file or an empty folder, to this user."""
        os.chown(path, self.uid, self.gid)


def unprivileged_user(*reached: Path) -> RunAs | None:
    """Return whom to run as so as not to be root, or None when we are not root.

    `reached` are the files and folders this user must be able to get to.
    """
    if os.name != "posix" or os.geteuid() != 0:
        return None
    import pwd

    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        closed = any(not _open_to_all(path) for path in reached)
        return RunAs(entry.pw_uid, entry.pw_gid, reach_paths=closed)
    raise LocalStackError(
        "PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it.",
        "Remedy: run as an ordinary user, or give a database with HUTONG_DATABASE_URL.",
    )


def _open_to_all(path: Path) -> bool:
    """Tell whether any user may go through the folders above `path`."""
    return all(
        parent.stat().st_mode & stat.S_IXOTH for parent in path.resolve().parents if parent.exists()
    )
