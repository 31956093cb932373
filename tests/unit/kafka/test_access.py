from __future__ import annotations

from pathlib import Path

import pytest

from hutong.kafka import client_config, consumer_config, producer_config
from hutong.kafka.access import KafkaAccess
from hutong.settings import Settings, read_settings

SECURE = {"HUTONG_KAFKA": "k:9092", "HUTONG_KAFKA_SECURITY": "sasl_ssl"}


class AppSettings(Settings):
    speaks_as = "app"


def settings(monkeypatch: pytest.MonkeyPatch, **variables: str) -> KafkaAccess:
    for name, value in {"HUTONG_KAFKA": "k:9092", **variables}.items():
        monkeypatch.setenv(name, value)
    return read_settings(AppSettings).access


def test_a_bare_address_is_a_broker_that_asks_nobody() -> None:
    assert client_config("k:9092")["bootstrap.servers"] == "k:9092"
    assert not [name for name in client_config("k:9092") if "sasl" in name or "security" in name]


def test_every_kind_of_client_says_who_it_is() -> None:
    access = KafkaAccess("k:9092", "sasl_ssl", "app", "secret", Path("/ca.pem"))
    for config in (client_config(access), producer_config(access), consumer_config(access, "g")):
        assert config["security.protocol"] == "sasl_ssl"
        assert config["sasl.mechanism"] == "SCRAM-SHA-512"
        assert (config["sasl.username"], config["sasl.password"]) == ("app", "secret")
        assert config["ssl.ca.location"] == "/ca.pem"
        assert config["ssl.endpoint.identification.algorithm"] == "https"


def test_its_text_has_no_password() -> None:
    assert "secret" not in f"{KafkaAccess('k:1', 'sasl_ssl', 'app', 'secret')!r}"


def test_without_security_there_is_nobody_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings(monkeypatch) == KafkaAccess("k:9092")


def test_the_password_comes_from_a_file_or_from_a_folder_by_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "app").write_text("one\n")
    (tmp_path / "other").write_text("two\n")
    file, folder = str(tmp_path / "app"), str(tmp_path)
    assert settings(monkeypatch, **SECURE, HUTONG_KAFKA_PASSWORD_FILE=file).password == "one"
    found = settings(monkeypatch, **SECURE, HUTONG_KAFKA_PASSWORD_FILE=folder)
    assert (found.user, found.password) == ("app", "one")
    found = settings(monkeypatch, HUTONG_KAFKA_USER="other")
    assert (found.user, found.password) == ("other", "two")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (SECURE, "HUTONG_KAFKA_PASSWORD_FILE must name the file"),
        ({**SECURE, "HUTONG_KAFKA_PASSWORD_FILE": "/nowhere"}, "No such file"),
        ({"HUTONG_KAFKA_PASSWORD": "hush-hush"}, "asks for none"),
        (
            {**SECURE, "HUTONG_KAFKA_PASSWORD": "hush-hush", "HUTONG_KAFKA_PASSWORD_FILE": "/x"},
            "not both",
        ),
        (
            {**SECURE, "HUTONG_KAFKA_PASSWORD": "hush-hush", "HUTONG_KAFKA_CA": "/nowhere"},
            "there is no file /nowhere",
        ),
        ({"HUTONG_KAFKA_SECURITY": "sasl"}, "HUTONG_KAFKA_SECURITY"),
        ({**SECURE, "HUTONG_KAFKA_USER": "a b"}, "HUTONG_KAFKA_USER"),
    ],
)
def test_what_does_not_fit_ends_the_process_and_is_said_without_the_password(
    variables: dict[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as end:
        settings(monkeypatch, **variables)
    assert end.value.code == 2
    error = capsys.readouterr().err
    assert said in error
    assert "hush-hush" not in error
