"""The topic catalogue: one writer a topic, known events, kept for ever."""

import re

import pytest

from hutong.events.catalogue import event_classes
from hutong.events.topics import Topic, load_topics

CATALOGUE = load_topics(["water", "housing"])


@pytest.mark.parametrize("topic", list(CATALOGUE), ids=lambda t: t.name)
class TestTopic:
    def test_name_is_plain(self, topic: Topic) -> None:
        assert re.fullmatch(r"[a-z0-9-]+", topic.name)

    def test_is_kept_for_ever_in_append_time(self, topic: Topic) -> None:
        assert topic.config == {
            "message.timestamp.type": "LogAppendTime",
            "retention.ms": "-1",
            "retention.bytes": "-1",
            "cleanup.policy": "delete",
        }

    def test_allows_only_events_of_the_contract(self, topic: Topic) -> None:
        exact = {name for name in topic.events if not name.endswith("*")}
        assert exact <= set(event_classes())

    def test_has_readers(self, topic: Topic) -> None:
        assert topic.readers

    def test_only_importer_and_simulator_bring_their_own_time(self, topic: Topic) -> None:
        brings = topic.received == "header" and topic.name != "issues"
        assert brings == (topic.writer in {"importer", "simulator", "redrive"})


def test_the_topic_is_the_identity() -> None:
    """No two inputs of the router share a writer, but the processes' and the simulator's two."""
    writers = [t.writer for t in CATALOGUE.routed if t.writer not in {"processes", "simulator"}]
    assert len(writers) == len(set(writers))


def test_the_router_alone_writes_what_it_does_not_read() -> None:
    assert all((t.writer == "router") == (not t.is_routed) for t in CATALOGUE)


def test_reports_and_issues_have_twelve_partitions_and_the_small_ones_one() -> None:
    for topic in CATALOGUE:
        many = topic.name.startswith("reports-") or topic.name in {"issues", "acts-simulator"}
        expected = 12 if many else 1
        assert topic.partitions == expected, topic.name


def test_channel_numbers_are_fixed() -> None:
    """They are in receipts that people hold: a change here would misread every one of them."""
    assert CATALOGUE.channels == {
        "grid": 1, "hotline": 2, "app": 3, "mailbox": 4, "open311": 5, "sensor": 6,
        "import": 8, "simulator": 9,
    }  # fmt: skip


def test_every_event_has_a_topic_to_come_in_by() -> None:
    allowed = {name for topic in CATALOGUE for name in topic.events}
    routers_own = {"hutong.issue.IssueQueued"}
    assert set(event_classes()) - routers_own <= allowed


def test_the_simulator_may_play_whatever_happens_after_a_report() -> None:
    lives = {name for name in event_classes() if name.startswith("hutong.issue.")}
    routers_answer = {"hutong.issue.IssueQueued"}
    told = {"hutong.issue.IdentityRevealed"}  # by intake alone, and nobody simulated has a name
    reports = {"hutong.issue.IssueReported"}
    assert CATALOGUE["acts-simulator"].events == lives - routers_answer - told - reports
