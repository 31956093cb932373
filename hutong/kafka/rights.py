"""The rights of the catalogue on a real broker: read, added to, compared; never taken away."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)

from hutong.events.topics import TopicCatalogue
from hutong.kafka import client_config
from hutong.kafka.access import Brokers
from hutong.kafka.acls import Acl, expected_acls, surprises

_SECONDS = 30.0
_LOOK_EVERY = 0.1
_RESOURCES = {
    "topic": ResourceType.TOPIC,
    "group": ResourceType.GROUP,
    "cluster": ResourceType.BROKER,  # what librdkafka calls the cluster
}
_USER = "User:"


class RightsError(Exception):
    """The broker did not take or tell the rights; the message says why."""


@dataclass(frozen=True, slots=True)
class RightsReport:
    """How the broker's rules compare with the catalogue. ``secured``: it asks who is calling."""

    secured: bool
    missing: tuple[Acl, ...] = ()
    present: int = 0
    surprises: tuple[Acl, ...] = ()


def compare_rights(kafka: Brokers, catalogue: TopicCatalogue) -> RightsReport:
    """Look only. Raises RightsError when the broker does not tell."""
    return _compare(AdminClient(client_config(kafka)), catalogue)


def apply_rights(kafka: Brokers, catalogue: TopicCatalogue) -> RightsReport:
    """Give what is missing; safe to run again. Removes nothing: what is not ours is reported.

    In the report, ``missing`` is what was missing before. Raises RightsError.
    """
    admin = AdminClient(client_config(kafka))
    report = _compare(admin, catalogue)
    if report.missing:
        for future in admin.create_acls([_binding(acl) for acl in report.missing]).values():
            try:
                future.result(_SECONDS)
            except KafkaException as error:
                # Only this tells that nobody is asked: reading the rules gives none, not an error.
                if error.args[0].code() == KafkaError.SECURITY_DISABLED:
                    return RightsReport(secured=False)
                raise RightsError(f"cannot give a right: {error.args[0].str()}") from error
        _wait_until_known(admin, catalogue)
    return report


def _wait_until_known(admin: AdminClient, catalogue: TopicCatalogue) -> None:
    """The controller confirms a right before the brokers heed it: seconds, after many topics."""
    until = time.monotonic() + _SECONDS
    while _compare(admin, catalogue).missing:
        if time.monotonic() > until:
            raise RightsError(f"the broker does not show the rights after {_SECONDS:.0f} s")
        time.sleep(_LOOK_EVERY)


def _compare(admin: AdminClient, catalogue: TopicCatalogue) -> RightsReport:
    expected = expected_acls(catalogue)
    found = _read(admin)
    if found is None:
        return RightsReport(secured=False, missing=())
    missing = tuple(sorted(expected - found))
    unasked = tuple(surprises(found, expected, catalogue))
    return RightsReport(True, missing, len(expected) - len(missing), unasked)


def _read(admin: AdminClient) -> frozenset[Acl] | None:
    """Every rule of the broker; None where it has no authorizer."""
    everything = AclBindingFilter(
        ResourceType.ANY,
        None,
        ResourcePatternType.ANY,
        None,
        None,
        AclOperation.ANY,
        AclPermissionType.ANY,
    )
    try:
        bindings: Iterable[Any] = admin.describe_acls(everything).result(_SECONDS)
    except KafkaException as error:
        if error.args[0].code() == KafkaError.SECURITY_DISABLED:
            return None
        raise RightsError(f"cannot read the rights: {error.args[0].str()}") from error
    found = frozenset(map(_acl, bindings))
    if not found:
        _require_sight(admin)
    return found


def _require_sight(admin: AdminClient) -> None:
    """librdkafka gives no rules, and no error, to a user that may not see them."""
    cluster = admin.describe_cluster(include_authorized_operations=True).result(_SECONDS)
    if AclOperation.DESCRIBE not in (cluster.authorized_operations or ()):
        raise RightsError(
            "this Kafka user may not see the rights: speak as `monitor` or `break-glass`, "
            "and run `hutong topics create` once if this is the first time"
        )


def _binding(acl: Acl) -> AclBinding:
    return AclBinding(
        _RESOURCES[acl.resource],
        acl.name,
        ResourcePatternType[acl.pattern.upper()],
        _USER + acl.user,
        acl.host,
        AclOperation[acl.operation.upper()],
        AclPermissionType[acl.permission.upper()],
    )


def _acl(binding: Any) -> Acl:
    resource = next((n for n, t in _RESOURCES.items() if t == binding.restype), None)
    return Acl(
        user=binding.principal.removeprefix(_USER),
        operation=binding.operation.name.lower(),
        resource=resource or binding.restype.name.lower(),
        name=binding.name,
        pattern=binding.resource_pattern_type.name.lower(),
        permission=binding.permission_type.name.lower(),
        host=binding.host,
    )
