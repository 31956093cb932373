"""PostgreSQL: connections, migrations, offsets, outbox. Needs the `store` extra."""

from psycopg import OperationalError

from hutong.store import outbox
from hutong.store.built import RebuildNeededError, read_built, require_built, write_built
from hutong.store.city_packs import KeptPack, keep_packs, kept_pack
from hutong.store.connection import SCHEMA, Connection, connect, pool, use_schema
from hutong.store.migrations import MigrationError, migrate, require_migrated
from hutong.store.moment import one_moment
from hutong.store.offsets import FencedError, move_offsets, read_offsets
from hutong.store.outbox import OutboxRow
from hutong.store.positions import read_positions, write_positions
from hutong.store.reading import DatabaseDownError, check_readable, snapshot

__all__ = [
    "SCHEMA",
    "Connection",
    "DatabaseDownError",
    "FencedError",
    "KeptPack",
    "MigrationError",
    "OperationalError",
    "OutboxRow",
    "RebuildNeededError",
    "check_readable",
    "connect",
    "keep_packs",
    "kept_pack",
    "migrate",
    "move_offsets",
    "one_moment",
    "outbox",
    "pool",
    "read_built",
    "read_offsets",
    "read_positions",
    "require_built",
    "require_migrated",
    "snapshot",
    "use_schema",
    "write_built",
    "write_positions",
]
