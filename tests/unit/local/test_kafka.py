from __future__ import annotations

from pathlib import Path

import pytest

from hutong.local.errors import LocalStackError
from hutong.local.kafka import bootstrap, make_brokers, new_cluster_id, port_names, properties

PORTS = {name: 9000 + index for index, name in enumerate(port_names(3))}


@pytest.mark.parametrize(("count", "copies", "in_sync"), [(1, "1", "1"), (3, "3", "2")])
def test_copies_follow_the_number_of_brokers(count: int, copies: str, in_sync: str) -> None:
    brokers = make_brokers(Path("/data"), count, PORTS)
    found = properties(brokers[0], brokers)
    for name in (
        "default.replication.factor",
        "offsets.topic.replication.factor",
        "transaction.state.log.replication.factor",
    ):
        assert found[name] == copies
    assert found["min.insync.replicas"] == in_sync


def test_a_topic_made_by_hand_keeps_everything_with_the_brokers_time() -> None:
    brokers = make_brokers(Path("/data"), 1, PORTS)
    found = properties(brokers[0], brokers)
    assert found["log.message.timestamp.type"] == "LogAppendTime"
    assert found["log.retention.ms"] == found["log.retention.bytes"] == "-1"
    assert found["auto.create.topics.enable"] == "false"


def test_all_listen_on_loopback_alone() -> None:
    for broker in (brokers := make_brokers(Path("/data"), 3, PORTS)):
        listeners = properties(broker, brokers)["listeners"].split(",")
        assert all("://127.0.0.1:" in listener for listener in listeners)
    assert bootstrap(brokers) == "127.0.0.1:9000,127.0.0.1:9002,127.0.0.1:9004"


def test_two_brokers_are_refused() -> None:
    with pytest.raises(LocalStackError, match="1 or 3 brokers, not 2"):
        make_brokers(Path("/data"), 2, PORTS)


def test_a_cluster_id_is_22_characters_and_never_an_option() -> None:
    ids = {new_cluster_id() for _ in range(200)}
    assert len(ids) == 200
    assert all(len(one) == 22 and not one.startswith("-") for one in ids)
