"""A broker and a database of a measurement of its own, with all that a city needs, and empty."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hutong.city import City, load_city
from hutong.events.topics import load_topics
from hutong.kafka.admin import create_topics
from hutong.local.stack import Stack
from hutong.store import migrate


@contextmanager
def empty_stores() -> Iterator[tuple[Stack, City]]:
    """Kafka with the sample city's topics and PostgreSQL with our tables; gone at the end."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Stack(Path(folder) / "data", only=("kafka", "postgres")) as stack,
    ):
        city = load_city()
        create_topics(stack.kafka, load_topics(city.departments))
        migrate(stack.database_url)
        yield stack, city
