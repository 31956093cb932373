"""Findings come in the order in which a person would mend things, whatever else is broken."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Generator, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from hutong.checks.finding import Finding, Level, ok
from hutong.doctor import examine
from hutong.events.schemas import load_schemas
from hutong.local.keys import ensure_keys

NOW = 1_795_343_504_000
#: The function of the package has the name of its module.
MODULE = import_module("hutong.doctor.examine")
STANDING = {0: 7}


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("HUTONG_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Any, ...]]:
    """Stands in for all that is outside the process; what each part was given."""
    given: dict[str, tuple[Any, ...]] = {}

    def part(name: str) -> Callable[..., Iterator[Finding]]:
        def look(*arguments: Any) -> Iterator[Finding]:
            given[name] = arguments
            yield ok(name, "")

        return look

    def postgres(place: Any) -> Generator[Finding, None, Mapping[int, int] | None]:
        yield from part("postgresql")(place)
        return STANDING

    monkeypatch.setattr(MODULE, "examine_postgres", postgres)
    monkeypatch.setattr(MODULE, "examine_kafka", part("kafka"))
    monkeypatch.setattr(MODULE, "registry_findings", part("registry"))
    monkeypatch.setattr(MODULE, "service_findings", part("services"))
    return given


def subjects(found: list[Finding]) -> list[str]:
    """Each once where it comes several times in a row."""
    return [subject for subject, _ in itertools.groupby(found, lambda finding: finding.subject)]


def test_findings_are_sorted_as_a_person_would_mend_them(
    given: dict[str, tuple[Any, ...]], tmp_path: Path
) -> None:
    ensure_keys(tmp_path)
    found = list(examine({"HUTONG_KEYS_FILE": str(tmp_path / "keys.toml")}, NOW))
    assert subjects(found) == [
        "python",
        "packages",
        "settings",
        "city pack",
        "keys",
        "identity keys",
        "postgresql",
        "kafka",
        "services",
    ]
    _, city, standing, now = given["kafka"]
    assert city.hash.startswith("sha256:")
    assert (standing, now) == (STANDING, NOW)


def test_a_registry_is_asked_where_the_city_has_one(given: dict[str, tuple[Any, ...]]) -> None:
    url = "http://registry.test/apis/ccompat/v7"
    found = list(examine({"HUTONG_REGISTRY_URL": url}, NOW))
    assert subjects(found)[-2:] == ["registry", "services"]
    asked, schemas = given["registry"]
    assert asked == url
    assert {schema.name for schema in schemas} == load_schemas().names


def test_a_broken_pack_and_broken_keys_keep_nothing_else_from_being_looked_at(
    given: dict[str, tuple[Any, ...]], tmp_path: Path
) -> None:
    (tmp_path / "keys.toml").write_text("key = 5\n")
    environment = {"HUTONG_KEYS_FILE": str(tmp_path / "keys.toml"), "HUTONG_CITY": str(tmp_path)}
    found = list(examine(environment, NOW))
    levels = {finding.subject: finding.level for finding in found}
    assert levels["city pack"] == levels["keys"] == Level.FAULT
    assert subjects(found)[-2:] == ["postgresql", "services"]
    assert "kafka" not in given, "which topics there should be is not known without a pack"


def test_faults_have_a_remedy_and_what_is_well_has_none(
    given: dict[str, tuple[Any, ...]], tmp_path: Path
) -> None:
    found = list(examine({"HUTONG_CITY": str(tmp_path), "HUTONG_WEB_PORT": "x"}, NOW))
    for finding in found:
        assert bool(finding.remedy) is (finding.level is not Level.OK), finding
