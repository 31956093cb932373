from __future__ import annotations

from pathlib import Path

from hutong.local.kafka import make_brokers, port_names, properties
from hutong.local.users import ensure_passwords, storage_arguments

PORTS = {name: 9000 + index for index, name in enumerate(port_names(3))}


def test_passwords_are_random_kept_and_only_ours_to_read(tmp_path: Path) -> None:
    first = ensure_passwords(tmp_path, ["broker", "router"])
    assert ensure_passwords(tmp_path, ["broker", "router", "intake"]).items() >= first.items()
    assert first["broker"] != first["router"]
    folder = tmp_path / "kafka-users"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_users_are_given_to_the_formatting_one_argument_a_line() -> None:
    assert storage_arguments({"a": "x", "b-c": "y"}) == (
        "--add-scram\nSCRAM-SHA-512=[name=a,password=x]\n"
        "--add-scram\nSCRAM-SHA-512=[name=b-c,password=y]\n"
    )


def test_a_secure_broker_lets_nobody_in_unasked() -> None:
    for broker in (brokers := make_brokers(Path("/data"), 3, PORTS)):
        found = properties(broker, brokers, "pw")
        assert "PLAINTEXT://" not in found["listeners"].replace("SASL_PLAINTEXT://", "")
        protocols = found["listener.security.protocol.map"].split(",")
        assert all(protocol.endswith(":SASL_PLAINTEXT") for protocol in protocols)
        assert found["allow.everyone.if.no.acl.found"] == "false"
        assert found["super.users"] == "User:broker;User:break-glass"
        assert found["authorizer.class.name"].endswith(".StandardAuthorizer")
        assert found["sasl.enabled.mechanisms"] == "SCRAM-SHA-512"


def test_an_open_broker_is_as_before() -> None:
    [broker] = make_brokers(Path("/data"), 1, PORTS)
    assert not [n for n in properties(broker, [broker]) if "sasl" in n or "authorizer" in n]
