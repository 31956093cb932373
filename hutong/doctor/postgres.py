"""PostgreSQL: reachable, recent, migrated, safe, with room."""

import shutil
import time
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Final

from hutong.checks.facts import PostgresFacts
from hutong.checks.finding import Finding, fault, ok, warning
from hutong.checks.safety import database_url_findings, postgres_findings
from hutong.doctor.place import Place

OLDEST: Final = 150000
"""Version 15, the oldest that is tried."""

LEAST_FREE: Final = 0.10
"""Of the disk. PostgreSQL stops by design when it is full."""

_SKEW_MS: Final = 1_000


def examine_postgres(place: Place) -> Generator[Finding, None, Mapping[int, int] | None]:
    """Findings; returns where the projections stand, None when that cannot be known."""
    from hutong.store import DatabaseDownError
    from hutong.store.facts import read_facts, read_standing

    if place.database_url is None:
        return None
    yield from database_url_findings(place.database_url, production=place.production)
    asked = time.time_ns() // 1_000_000
    try:
        facts = read_facts(place.database_url)
    except DatabaseDownError as error:
        yield fault(
            "postgresql",
            f"does not answer: {_first_line(error)}",
            "is it running, and is HUTONG_DATABASE_URL right?",
        )
        return None
    answered = time.time_ns() // 1_000_000
    yield from _about(facts, place)
    yield from _clock(facts.clock - asked, answered - asked)
    if facts.problem:
        yield fault("postgresql", facts.problem, "")
        return None
    return read_standing(place.database_url)


def _about(facts: PostgresFacts, place: Place) -> Iterator[Finding]:
    version = f"{facts.version // 10000}.{facts.version % 10000}"
    if facts.version < OLDEST:
        yield fault(
            "postgresql", f"version {version} is too old", f"use {OLDEST // 10000} or newer"
        )
    else:
        megabytes = facts.database_bytes / 1_000_000
        yield ok("postgresql", f"version {version}, {megabytes:,.0f} MB of ours")
    yield from postgres_findings(facts, production=place.production)
    folder = Path(facts.data_directory) if facts.data_directory else None
    if facts.loopback and folder is not None and folder.is_dir():
        usage = shutil.disk_usage(folder)
        free = f"{usage.free / 1e9:,.1f} GB free of {usage.total / 1e9:,.1f} under {folder}"
        if usage.free < LEAST_FREE * usage.total:
            yield warning("disk", free, "make room: PostgreSQL stops when it is full")
        else:
            yield ok("disk", free)


def _clock(ahead: int, spent: int) -> Iterator[Finding]:
    """``ahead`` of our clock when we asked; the answer took ``spent`` ms, all in milliseconds."""
    if not -_SKEW_MS <= ahead <= spent + _SKEW_MS:
        how = "ahead of" if ahead > 0 else "behind"
        yield warning(
            "clock",
            f"PostgreSQL's is {abs(ahead) / 1000:.1f} s {how} ours",
            "set both by NTP; due times do not depend on it, people's reading does",
        )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
