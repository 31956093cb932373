"""`hutong replay as-of --department | --week`: what a stack that stopped then would still show."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from hutong.circular.making import make_edition
from hutong.city import load_city
from hutong.events.codec import default_codec
from hutong.events.topics import DEAD_LETTERS, load_topics
from hutong.kafka.admin import create_topics
from hutong.kafka.lag import topic_ends
from hutong.readmodels.periods import Period
from hutong.replay.archive import Archive
from hutong.replay.as_of import STAGE, department_then
from hutong.replay.log import Replayer
from hutong.store import connect, migrate
from tests.fixtures.commands import run_cli
from tests.fixtures.histories import START, append, sent_on, whole_life
from tests.fixtures.names import unique_topic
from tests.fixtures.projectors import Place

pytestmark = [pytest.mark.kafka, pytest.mark.postgres]

BEFORE = [record for number in range(40, 46) for record in whole_life(number)[: number - 39]]
AFTER = [record for number in range(40, 46) for record in whole_life(number)[number - 39 :]]
AFTER += [record for number in range(50, 53) for record in sent_on(number)]
WEEK = Period.week_of(datetime.fromtimestamp(START / 1000, UTC).date()).name


def run(place: Place, *arguments: str, broker: bool = True) -> tuple[int, str, str]:
    environment = place.environment() | ({} if broker else {"HUTONG_KAFKA": "127.0.0.1:1"})
    return run_cli("replay", *arguments, environment=environment)


def test_as_of_is_what_a_stack_that_stopped_then_has(
    kafka: str, make_topic: Callable[..., str], fresh_database: str, tmp_path: Path
) -> None:
    topic = make_topic("issues", 3)
    migrate(fresh_database)
    place = Place(kafka, topic, fresh_database, unique_topic("group"), tmp_path)
    append(kafka, topic, BEFORE)
    with place.projector():
        place.wait(len(BEFORE))
    time.sleep(0.01)  # append times are whole milliseconds
    instant = time.time_ns() // 1_000_000
    stood_at = {partition: end for (_, partition), (_, end) in topic_ends(kafka, [topic]).items()}
    time.sleep(0.01)
    append(kafka, topic, AFTER)

    with connect(fresh_database) as stopped:
        edition = make_edition(stopped, load_city(), Period.parse(WEEK), instant)
        then = department_then(stopped, "water-co")
    assert len(then.issues) == 4, "some open, some closed"
    assert then.clocks
    assert then.scorecard

    moment = datetime.fromtimestamp(instant / 1000, UTC).isoformat()
    create_topics(kafka, [load_topics(())[DEAD_LETTERS]])
    archive = str(tmp_path / "kept")
    assert run(place, "export", archive)[0] == 0
    log = Replayer(kafka, topic, default_codec())
    for source in (log, Archive.open(tmp_path / "kept", default_codec())):
        assert source.ends_at(0) == dict.fromkeys(stood_at, 0)
        assert source.ends_at(instant) == stood_at, "what came later is not read"
        assert source.ends_at(instant + 3_600_000) == source.ends() != stood_at
    log.close()
    for more, broker in (((), True), (("--from-archive", archive), False)):
        code, output, said = run(
            place, "as-of", moment, "--week", WEEK, "--json", *more, broker=broker
        )
        assert (code, output) == (0, edition.to_text() + "\n"), said
        code, output, said = run(
            place, "as-of", moment, "--department", "water-co", "--json", *more, broker=broker
        )
        assert code == 0, said
        found = json.loads(output)
        scorecard = [{"week": week, **asdict(score)} for week, score in then.scorecard]
        expected = json.loads(json.dumps({"at": instant, **asdict(then), "scorecard": scorecard}))
        assert found == expected

    _, shown, _ = run(place, "as-of", moment, "--department", "water-co")
    assert "未办结工单 4 件" in shown
    assert f".{instant % 1000:03} (Asia/Shanghai)，以当时已入库为准" in shown
    assert then.issues[0].receipt in shown
    _, shown, _ = run(place, "as-of", moment, "--department", "water-co", "--en")
    assert "4 open issues" in shown
    _, shown, _ = run(place, "as-of", moment, "--week", WEEK)
    assert "上报" in shown
    with connect(fresh_database) as live:
        [(left,)] = live.execute(
            "SELECT count(*) FROM information_schema.schemata WHERE schema_name = %s", [STAGE]
        ).fetchall()
        assert left == 0
        assert department_then(live, "water-co") == then, "live is as it was"

    later = datetime.fromtimestamp(time.time(), UTC).isoformat()
    code, output, _ = run(place, "as-of", later, "--department", "housing", "--json")
    assert (code, len(json.loads(output)["issues"])) == (0, 3)


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ((), 2, "say one of --issue, --department, --week"),
        (("--week", "2026-W48", "--department", "parks"), 2, "say one of"),
        (("--week", "2026-48"), 2, "a period is an ISO week"),
        (("--week", "2026-11"), 2, "that is no week"),
        (("--department", "nobody"), 2, "has no department nobody; it has"),
        (("--week", "1999-W01"), 1, "nothing was known to be reported"),
    ],
)
def test_what_cannot_be_asked(
    kafka: str,
    make_topic: Callable[..., str],
    fresh_database: str,
    tmp_path: Path,
    arguments: tuple[Any, ...],
    status: int,
    says: str,
) -> None:
    topic = make_topic("issues", 1)
    place = Place(kafka, topic, fresh_database, unique_topic("group"), tmp_path)
    code, _, said = run(place, "as-of", "2026-12-01T08:00", *arguments)
    assert (code, says in " ".join(said.split())) == (status, True), said
