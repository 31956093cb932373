"""Where a replay may write: nowhere that anybody could name."""

from __future__ import annotations

import inspect

from hutong.cli.main import build_app
from hutong.events.topics import load_topics
from hutong.kafka.acls import REPLAY, expected_acls

_TARGETS = {"target", "schema", "topic", "database", "kafka"}


def test_row_82_no_replay_can_be_aimed_at_live() -> None:
    """A replay aimed at the live schema or a live topic.

    Gets: there is no such option on any command of `hutong replay`. Rows are made in the schema
    `hutong_rebuild` alone and get to live only as a whole, by the swap of `rebuild`; the Kafka
    user `replay` is denied to write to every topic.

    Why: What cannot be named needs no `--i-know`.
    """
    groups = {group.name: group.typer_instance for group in build_app().registered_groups}
    replay = groups["replay"]
    assert replay is not None
    commands = {command.name: command.callback for command in replay.registered_commands}
    assert {"rebuild", "verify", "dump", "trace", "as-of", "export"} <= set(commands)
    for name, callback in commands.items():
        assert callback is not None
        assert not _TARGETS & set(inspect.signature(callback).parameters), name
    rights = [acl for acl in expected_acls(load_topics(["water-co"])) if acl.user == REPLAY]
    assert {(a.resource, a.name) for a in rights if a.permission == "deny"} == {("topic", "*")}
    allowed = {acl.operation for acl in rights if acl.permission == "allow"}
    assert allowed <= {"read", "describe", "describe_configs"}
