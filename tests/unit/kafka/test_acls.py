"""Rights as a function of the catalogue. Against a real broker: integration/test_acl_matrix.py."""

from __future__ import annotations

from hutong_intake.settings import IntakeSettings
from hutong_projections.settings import ProjectionsSettings
from hutong_router.settings import RouterSettings

from hutong.events.topics import load_topics
from hutong.kafka.acls import (
    BREAK_GLASS,
    BROKER,
    Acl,
    expected_acls,
    kafka_user,
    kafka_users,
    surprises,
    writers,
)

CATALOGUE = load_topics(["water", "housing"])
EXPECTED = expected_acls(CATALOGUE)


def test_nobody_may_make_delete_or_change_anything() -> None:
    operations = {acl.operation for acl in EXPECTED if acl.permission == "allow"}
    assert operations == {"read", "write", "describe", "describe_configs"}


def test_no_right_is_for_every_name_or_for_super_users() -> None:
    allowed = [acl for acl in EXPECTED if acl.permission == "allow"]
    assert not [acl for acl in allowed if acl.name == "*"]
    assert not {acl.user for acl in allowed} & {BROKER, BREAK_GLASS, "*"}


def test_each_topic_is_written_by_its_principal_and_intake_where_it_speaks_for_it() -> None:
    for topic in CATALOGUE:
        found = {acl.user for acl in EXPECTED if _allows(acl, "write", topic.name)}
        assert found == set(writers(topic))
        assert found - {"intake"} == {kafka_user(topic.writer)}
    assert writers(CATALOGUE["issues"]) == ("router",)
    assert writers(CATALOGUE["reports-import"]) == ("importer",)


def test_each_topic_is_read_by_its_readers() -> None:
    for topic in CATALOGUE:
        found = {acl.user for acl in EXPECTED if _allows(acl, "read", topic.name)}
        assert found == set(map(kafka_user, topic.readers))


def test_replay_never_writes() -> None:
    assert Acl("replay", "write", "topic", "*", permission="deny") in EXPECTED


def test_every_department_has_a_user_and_none_else_is_there() -> None:
    users = set(kafka_users(CATALOGUE))
    assert {u for u in users if u.startswith("dept-")} == {"dept-water", "dept-housing"}
    assert {acl.user for acl in EXPECTED} <= users


def test_services_default_to_the_users_and_groups_that_have_the_rights() -> None:
    may_join = {acl.user: acl.name for acl in EXPECTED if (acl.resource, acl.operation) == GROUP}
    router = RouterSettings.model_fields["router_group"].default
    projections = ProjectionsSettings.model_fields["projections_group"].default
    assert may_join[RouterSettings.speaks_as] == router
    assert may_join[ProjectionsSettings.speaks_as] == projections
    assert IntakeSettings.speaks_as in kafka_users(CATALOGUE)


GROUP = ("group", "read")


class TestSurprises:
    def found(self, *acls: Acl) -> list[Acl]:
        return surprises({*EXPECTED, *acls}, EXPECTED, CATALOGUE)

    def test_none_where_all_is_as_it_should_be(self) -> None:
        assert self.found() == []

    def test_a_rule_on_a_topic_of_ours_by_name_prefix_or_wildcard(self) -> None:
        rules = [
            Acl("mallory", "read", "topic", "issues"),
            Acl("mallory", "read", "topic", "dept-", "prefixed"),
            Acl("mallory", "read", "topic", "*"),
        ]
        assert self.found(*rules) == sorted(rules)

    def test_a_rule_for_a_user_of_ours(self) -> None:
        rule = Acl("router", "delete", "topic", "of-others")
        assert self.found(rule) == [rule]

    def test_a_rule_on_the_cluster(self) -> None:
        rule = Acl("others", "alter", "cluster", "kafka-cluster")
        assert self.found(rule) == [rule]

    def test_not_what_others_do_with_theirs(self) -> None:
        assert self.found(Acl("others", "write", "topic", "of-others")) == []
        assert self.found(Acl("others", "read", "group", "of-others", "prefixed")) == []


def _allows(acl: Acl, operation: str, topic: str) -> bool:
    what = (acl.permission, acl.operation, acl.resource, acl.name)
    return what == ("allow", operation, "topic", topic)
