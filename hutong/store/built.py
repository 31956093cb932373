"""With which versions the rows in the database were made."""

from collections.abc import Mapping

from hutong.store.connection import Connection


class RebuildNeededError(Exception):
    """The rows were made by other rules than this program's; the message names the command."""


def read_built(connection: Connection) -> dict[str, str]:
    """Part -> version; empty before the first start."""
    return dict(connection.execute("SELECT part, version FROM projection_built"))


def write_built(connection: Connection, versions: Mapping[str, str]) -> None:
    """Note that these parts were made with these versions."""
    for part, version in versions.items():
        connection.execute(
            "INSERT INTO projection_built VALUES (%s, %s)"
            " ON CONFLICT (part) DO UPDATE SET version = EXCLUDED.version",
            [part, version],
        )


def require_built(connection: Connection, versions: dict[str, str], later: dict[str, str]) -> None:
    """Raise RebuildNeededError unless all rows were made with these versions.

    An empty database is noted as made with them. ``later`` are parts that come by and by (packs
    that are promoted): one that is not noted yet has no row made with it, and is noted now.
    """
    with connection.transaction():
        found = read_built(connection)
        if not found:
            connection.execute("LOCK TABLE projection_built IN EXCLUSIVE MODE")
            found = read_built(connection)  # another may have been first
        if not found:
            write_built(connection, versions)
            found = dict(versions)
        new = {part: version for part, version in later.items() if part not in found}
        write_built(connection, new)
    differing = [
        f"{part} (rows: {found.get(part, 'none')}, program: {version})"
        for part, version in (versions | later).items()
        if part not in new and found.get(part) != version
    ]
    if differing:
        raise RebuildNeededError(
            f"these were made by other rules than this program's: {', '.join(differing)}; "
            "run `hutong replay rebuild --all`, then start again"
        )
