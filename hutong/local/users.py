"""The Kafka users of a secure stack: a random password each, in a file that only we can read."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import (
    AdminClient,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from hutong.kafka import client_config
from hutong.kafka.access import SASL_MECHANISM, KafkaAccess
from hutong.local.errors import LocalStackError
from hutong.local.folder import write_whole

FOLDER = "kafka-users"
_SECRET_BYTES = 32
_SECONDS = 30.0
_ITERATIONS = 4096
"""The least that Kafka takes: these passwords have 256 random bits, nobody will guess them."""


def ensure_passwords(data: Path, users: Iterable[str]) -> dict[str, str]:
    """Make the password of each user that has none; return all of them.

    One file a user, mode 0600, in a folder of mode 0700. Those that are there stay as they are.
    """
    folder = data / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    found = {}
    for user in users:
        path = folder / user
        if not path.exists():
            write_whole(path, secrets.token_urlsafe(_SECRET_BYTES) + "\n", 0o600)
        found[user] = path.read_text("utf-8").strip()
    return found


def storage_arguments(passwords: Mapping[str, str]) -> str:
    """What `kafka-storage format` is given in a file, one argument a line, to make the users.

    In a file, because every user of the machine can read a command line.
    """
    mechanism = SASL_MECHANISM
    return "".join(
        f"--add-scram\n{mechanism}=[name={user},password={password}]\n"
        for user, password in passwords.items()
    )


def add_users(access: KafkaAccess, passwords: Mapping[str, str]) -> list[str]:
    """Make the users that a running broker does not know yet; return their names.

    A folder keeps the users it was formatted with; a city pack may have got a new department.

    Raises:
        LocalStackError: the broker did not take them.
    """
    admin = AdminClient(client_config(access))
    try:
        missing = _unknown(admin, passwords.keys())
        info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ITERATIONS)
        new = [
            UserScramCredentialUpsertion(user, info, passwords[user].encode()) for user in missing
        ]
        for future in admin.alter_user_scram_credentials(new).values() if new else ():
            future.result(_SECONDS)
    except KafkaException as error:
        raise LocalStackError(
            f"Kafka did not take the users: {error.args[0].str()}",
            "Remedy: see the log of kafka-1; a folder whose `kafka-users` was changed by hand must "
            "be made anew (hutong down --wipe).",
        ) from error
    return missing


def _unknown(admin: AdminClient, users: Collection[str]) -> list[str]:
    missing = []
    for user, future in admin.describe_user_scram_credentials(list(users)).items():
        try:
            future.result(_SECONDS)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.RESOURCE_NOT_FOUND:
                raise
            missing.append(user)
    return sorted(missing)
