"""The city packs that count, as projections read them on `city`: for whoever has no broker."""

from collections.abc import Sequence
from typing import NamedTuple

from hutong.city import City, city_from_files
from hutong.city.archive import read_archive
from hutong.store.connection import Connection


class KeptPack(NamedTuple):
    """Counts from ``since`` (milliseconds UTC) on; ``archive`` is as its promotion has it."""

    since: int
    pack: str
    archive: bytes

    def city(self) -> City:
        """The pack itself. Raises ArchiveError or CityError where this program cannot use it."""
        return city_from_files(read_archive(self.archive, self.pack))


def keep_packs(connection: Connection, packs: Sequence[KeptPack]) -> None:
    """Keep these and no others, in the caller's transaction. Projections alone call it."""
    connection.execute("DELETE FROM city_pack WHERE since <> ALL(%s)", [[p.since for p in packs]])
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO city_pack VALUES (%s, %s, %s) ON CONFLICT (since) DO UPDATE"
            " SET pack = EXCLUDED.pack, archive = EXCLUDED.archive",
            sorted(packs),
        )


def kept_pack(connection: Connection, at: int) -> KeptPack | None:
    """The one in force at an instant; None while projections have kept none."""
    row = connection.execute(
        "SELECT since, pack, archive FROM city_pack WHERE since <= %s ORDER BY since DESC LIMIT 1",
        [at],
    ).fetchone()
    return None if row is None else KeptPack(row[0], row[1], bytes(row[2]))
