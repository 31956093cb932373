"""Photos in a real S3-compatible store: the same suite as the folder.

The store comes from ``HUTONG_TEST_S3`` (``http://access:secret@host:port/bucket``, a bucket that
this test empties), else from the program `versitygw` on the path (Apache-2.0; `go install
github.com/versity/versitygw/cmd/versitygw@v1.8.0`), else the tests are skipped.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from hutong.local.ports import HOST, choose_ports
from hutong.media import MediaDownError
from hutong.media.s3 import S3Store
from tests.fixtures.media_suite import ONE, MediaSuite, name_of

ACCESS, SECRET, BUCKET = "hutong-test", "hutong-test-secret", "photos"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the store is, as in HUTONG_TEST_S3."""
    given = os.environ.get("HUTONG_TEST_S3")
    program = shutil.which("versitygw")
    if given:
        yield given
        return
    if program is None:
        pytest.skip("no S3-compatible store: set HUTONG_TEST_S3, or put versitygw on the path")
    folder = tmp_path_factory.mktemp("s3")
    (folder / BUCKET).mkdir()
    port = choose_ports(["s3"], given={}, remembered={}, preferred={})["s3"]
    command = [program, "--access", ACCESS, "--secret", SECRET, "--port", f"{HOST}:{port}"]
    with subprocess.Popen([*command, "posix", str(folder)], stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for(port, process)
            yield f"http://{ACCESS}:{SECRET}@{HOST}:{port}/{BUCKET}"
        finally:
            process.terminate()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while True:
        assert process.poll() is None, "versitygw ended"
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            assert time.monotonic() < until, "versitygw does not listen"
            time.sleep(0.1)
        else:
            return


def store_at(address: str) -> S3Store:
    parts = urlsplit(address)
    return S3Store(
        f"{parts.hostname}:{parts.port}",
        parts.path.strip("/"),
        access_key=parts.username or "",
        secret_key=parts.password or "",
        secure=parts.scheme == "https",
    )


class TestS3Store(MediaSuite):
    @pytest.fixture
    def store(self, address: str) -> S3Store:
        store = store_at(address)
        for file in list(store.all()):
            store.remove(file.sha256, file.since + 1)
        return store

    def test_a_wrong_key_is_a_store_that_is_down(self, store: S3Store, address: str) -> None:
        secret = urlsplit(address).password or ""
        with pytest.raises(MediaDownError) as caught:
            store_at(address.replace(secret, "wrong" * 4)).put(name_of(ONE), ONE)
        assert "wrong" not in str(caught.value)

    def test_a_store_that_is_gone_is_down(self, tmp_path: Path) -> None:
        port = choose_ports(["s3"], given={}, remembered={}, preferred={})["s3"]
        with pytest.raises(MediaDownError):
            store_at(f"http://a:b@{HOST}:{port}/photos").keep(name_of(ONE))
