"""Rules of the production profile: whatever could lose or expose a record refuses the start.

The same findings are warnings where one machine, one copy and no passwords will do.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

from hutong.checks.facts import KafkaFacts, PostgresFacts, TopicFacts
from hutong.checks.finding import Finding, Level
from hutong.variables import is_loopback

COPIES: Final = 3
IN_SYNC: Final = 2
"""Three copies of which two must have a record before it counts: one broker may be lost at any
moment, its disk included, without losing a record or stopping writes."""

GUESSED: Final = frozenset(
    {
        *("", "hutong", "postgres", "password", "passwort", "secret", "changeme", "change-me"),
        *("admin", "kafka", "root", "test", "local", "123456", "12345678", "123456789", "qwerty"),
    }
)
"""Passwords that are in our own examples or in everybody's list."""

SHORTEST: Final = 12
LOCAL_KEY: Final = "local-"
"""How `hutong up` names the API keys that it makes."""

_Maker = Callable[[str, str, str], Finding]


def _maker(production: bool) -> _Maker:
    level = Level.FAULT if production else Level.WARNING
    return lambda subject, text, remedy: Finding(level, subject, text, remedy)


def kafka_findings(
    facts: KafkaFacts, names: Iterable[str], *, production: bool
) -> Iterator[Finding]:
    """On the cluster and those of its topics that concern us."""
    unsafe = _maker(production)
    if len(facts.brokers) < COPIES:
        yield unsafe(
            "kafka",
            f"{len(facts.brokers)} broker{'s' * (len(facts.brokers) != 1)}: what one disk loses"
            " is lost",
            f"run at least {COPIES}",
        )
    yield from _topics({n: facts.topics[n] for n in names if n in facts.topics}, unsafe)
    internal = facts.topics.get("__consumer_offsets")
    if internal is not None and internal.copies < COPIES:
        yield unsafe(
            "kafka",
            f"__consumer_offsets has {internal.copies} of {COPIES} copies",
            "set offsets.topic.replication.factor=3 and reassign it",
        )
    for broker, config in facts.brokers.items():
        yield from _broker(f"kafka broker {broker}", config, unsafe)


def _topics(topics: Mapping[str, TopicFacts], unsafe: _Maker) -> Iterator[Finding]:
    rules: tuple[tuple[str, str, Callable[[TopicFacts], bool]], ...] = (
        (
            f"fewer than {COPIES} copies of each record",
            "reassign the partitions with kafka-reassign-partitions.sh",
            lambda topic: topic.copies < COPIES,
        ),
        (
            f"min.insync.replicas below {IN_SYNC}: a record counts as safe with one copy",
            f"kafka-configs.sh --alter --add-config min.insync.replicas={IN_SYNC}",
            lambda topic: _number(topic.config.get("min.insync.replicas")) < IN_SYNC,
        ),
        (
            "unclean.leader.election.enable=true: a stale copy may become the log",
            "kafka-configs.sh --alter --delete-config unclean.leader.election.enable",
            lambda topic: topic.config.get("unclean.leader.election.enable") == "true",
        ),
    )
    for text, remedy, applies in rules:
        names = sorted(name for name, topic in topics.items() if topic.config and applies(topic))
        if names:
            yield unsafe("kafka", f"{_many(names)}: {text}", remedy)
    hidden = sorted(name for name, topic in topics.items() if not topic.config)
    if hidden:
        yield unsafe(
            "kafka",
            f"{_many(hidden)}: the broker does not show their settings",
            "allow this principal DescribeConfigs on them",
        )


def _broker(subject: str, config: Mapping[str, str], unsafe: _Maker) -> Iterator[Finding]:
    if config.get("auto.create.topics.enable") == "true":
        yield unsafe(
            subject,
            "auto.create.topics.enable=true: a misspelt name becomes a topic without our settings",
            "set it to false in server.properties",
        )
    if config.get("unclean.leader.election.enable") == "true":
        yield unsafe(
            subject,
            "unclean.leader.election.enable=true: a stale copy may become the log",
            "set it to false in server.properties",
        )
    if "authorizer.class.name" in config and not config["authorizer.class.name"]:
        yield unsafe(
            subject,
            "no authorizer: whoever reaches the broker may write to every topic",
            "set authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        )
    elif config.get("allow.everyone.if.no.acl.found") == "true":
        yield unsafe(
            subject,
            "allow.everyone.if.no.acl.found=true: a topic without a rule is open to all",
            "set it to false in server.properties",
        )
    for listener in _plaintext_listeners(config):
        yield unsafe(
            subject,
            f"the listener {listener} is not encrypted",
            "map it to SSL or SASL_SSL in listener.security.protocol.map",
        )


def _plaintext_listeners(config: Mapping[str, str]) -> Iterator[str]:
    """Listeners beyond loopback without TLS, as ``NAME://host:port``."""
    mapped = config.get("listener.security.protocol.map", "").split(",")
    pairs = (pair.split(":") for pair in mapped)
    protocol = {pair[0].strip().upper(): pair[1].strip() for pair in pairs if len(pair) == 2}
    for listener in filter(None, config.get("listeners", "").split(",")):
        name, _, address = listener.strip().partition("://")
        host = address.rpartition(":")[0]
        if not protocol.get(name.upper(), name).endswith("SSL") and not is_loopback(host):
            yield listener.strip()


def client_findings(config: Mapping[str, Any], *, production: bool) -> Iterator[Finding]:
    """On the settings of a client of ours, as it was made."""
    unsafe = _maker(production)
    protocol = str(config.get("security.protocol", "plaintext")).lower()
    if not protocol.endswith("ssl"):
        yield unsafe(
            "kafka client",
            f"speaks {protocol} to {config.get('bootstrap.servers')}: anybody on the way can read"
            " and change records",
            "use a listener with TLS",
        )
    password = config.get("sasl.password")
    if password is not None and (why := weak(str(password), str(config.get("sasl.username", "")))):
        yield unsafe("kafka client", f"its password {why}", "choose a long random one")


def producer_findings(config: Mapping[str, Any]) -> Iterator[Finding]:
    """On the settings of a producer. In every profile: each of them loses, doubles or splits."""
    rules = (
        ("acks", ("all", "-1"), "records count before all copies have them"),
        ("enable.idempotence", ("true",), "a retry may double or reorder records"),
        ("partitioner", ("murmur2_random",), "keys go to other partitions than Java's clients"),
    )
    for name, good, why in rules:
        value = str(config.get(name, "not set")).lower()
        if value not in good:
            yield Finding(Level.FAULT, "kafka producer", f"{name}={value}: {why}", f"use {good[0]}")


def postgres_findings(facts: PostgresFacts, *, production: bool) -> Iterator[Finding]:
    """On the server and the role."""
    unsafe = _maker(production)
    reasons = {
        "fsync": "a crash of the machine corrupts the database",
        "full_page_writes": "a crash of the machine corrupts the database",
        "synchronous_commit": "a crash forgets rows whose commit was confirmed",
    }
    for name, why in reasons.items():
        if facts.settings.get(name) == "off":
            yield unsafe("postgresql", f"{name}=off: {why}", f"ALTER SYSTEM SET {name} = on")
    if facts.superuser:
        yield unsafe(
            "postgresql",
            f"our role {facts.role} is a superuser: one flaw of ours would own the server",
            "CREATE ROLE … LOGIN NOSUPERUSER, owner of the database",
        )
    if not facts.encrypted and not facts.loopback:
        yield unsafe(
            "postgresql",
            "the connection leaves this machine and is not encrypted",
            "add sslmode=verify-full to HUTONG_DATABASE_URL",
        )


def database_url_findings(url: str, *, production: bool) -> Iterator[Finding]:
    """On the password in the address."""
    user, password = _credentials(url)
    why = weak(password, user) if password is not None else ""
    if why:
        yield _maker(production)(
            "postgresql", f"the password in HUTONG_DATABASE_URL {why}", "choose a long random one"
        )


def key_findings(ids: Iterable[str], *, production: bool) -> Iterator[Finding]:
    """On the names of the API keys."""
    local = sorted(name for name in ids if name.startswith(LOCAL_KEY))
    if local:
        yield _maker(production)(
            "keys",
            f"{_many(local)}: made by `hutong up` for this machine",
            "issue keys of your own",
        )


def identity_findings(
    ids: Iterable[str] | None, *, private: bool, production: bool
) -> Iterator[Finding]:
    """On the file of identity keys: their ids (None: there is no file), who may read it."""
    unsafe = _maker(production)
    if ids is None:
        yield unsafe(
            "identity keys",
            "HUTONG_IDENTITY_KEYS_FILE is not set: names and phones of reporters are refused",
            "`hutong identity new-key FILE`, and keep a copy of it in another place",
        )
        return
    if not private:
        yield unsafe(
            "identity keys",
            "others may read the file: with it and the log they can read every identity",
            "chmod 600 it, owned by the user of intake",
        )
    local = sorted(name for name in ids if name.startswith(LOCAL_KEY))
    if local:
        yield unsafe(
            "identity keys",
            f"{_many(local)}: made by `hutong up` for this machine",
            "`hutong identity new-key FILE` makes a key of your own",
        )


def weak(password: str, user: str) -> str:
    """Why the password is no protection, or empty."""
    if not password:
        return "is empty"
    if password.lower() in GUESSED or password == user:
        return "is a default one"
    if len(password) < SHORTEST:
        return f"is shorter than {SHORTEST} characters"
    return ""


def _credentials(url: str) -> tuple[str, str | None]:
    """User and password of an address; no password: None (a certificate, .pgpass or trust)."""
    if "://" in url:
        parts = urlsplit(url)
        asked = parse_qs(parts.query).get("password", [None])[0]
        password = asked if parts.password is None else unquote(parts.password)
        return unquote(parts.username or ""), password
    pairs = dict(word.split("=", 1) for word in url.split() if "=" in word)
    password = pairs.get("password")
    return pairs.get("user", ""), None if password is None else password.strip("'")


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isdecimal() else 0


def _many(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} others"
