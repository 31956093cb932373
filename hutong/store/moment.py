"""Several questions answered as of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from hutong.store.connection import Connection


@contextmanager
def one_moment(connection: Connection) -> Iterator[Connection]:
    """All queries in the block see the rows, and the offsets that go with them, of one moment."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection
