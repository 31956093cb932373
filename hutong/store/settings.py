"""Settings of commands that need PostgreSQL and no Kafka."""

from hutong.settings import DatabaseSettings


class StoreSettings(DatabaseSettings):
    """Where PostgreSQL is; Kafka need not be named."""

    kafka: str = ""
