"""Photos in a bucket of an S3-compatible store. Needs the extra `s3`."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from minio import Minio
from minio.error import MinioException, S3Error
from urllib3 import PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from hutong.media.store import MediaDownError, Stored, type_of

#: A store that does not answer must not hold up whoever sends a photo.
_TIMEOUT = Timeout(connect=3, read=10)
_NAME = re.compile(r"[0-9a-f]{2}/([0-9a-f]{64})").fullmatch
_ABSENT = frozenset({"NoSuchKey", "NoSuchObject", "NotFound"})


class S3Store:
    """`MediaStore` in a bucket, which must be there. ``ab/abcdef…``, as in a folder.

    Args:
        endpoint: ``host:port`` or ``host``.
        secure: HTTPS.
    """

    def __init__(
        self, endpoint: str, bucket: str, *, access_key: str, secret_key: str, secure: bool
    ) -> None:
        self._bucket = bucket
        self._client: Any = Minio(
            endpoint,
            access_key=access_key,
            secret_key=secret_key,
            secure=secure,
            region="us-east-1",  # else the client asks the store for it, which few of them know
            http_client=PoolManager(timeout=_TIMEOUT, retries=Retry(total=1), maxsize=8),
        )

    def put(self, sha256: str, data: bytes) -> None:
        """See `MediaStore.put`."""
        kind = type_of(data)
        with _faults():
            self._client.put_object(
                self._bucket,
                _key(sha256),
                io.BytesIO(data),
                len(data),
                content_type=kind.value if kind else "application/octet-stream",
            )

    def keep(self, sha256: str) -> bool:
        """See `MediaStore.keep`. Written again: a copy of an object onto itself, which renews its
        time in Amazon's S3, renews it in others not.
        """
        data = self.get(sha256)
        if data is None:
            return False
        self.put(sha256, data)
        return True

    def get(self, sha256: str) -> bytes | None:
        """See `MediaStore.get`."""
        with _faults():
            try:
                answer = self._client.get_object(self._bucket, _key(sha256))
            except S3Error as error:
                if error.code in _ABSENT:
                    return None
                raise
            try:
                return bytes(answer.read())
            finally:
                answer.close()
                answer.release_conn()

    def all(self) -> Iterator[Stored]:
        """See `MediaStore.all`."""
        with _faults():
            for found in self._client.list_objects(self._bucket, recursive=True):
                name = _NAME(found.object_name)
                if name is not None:
                    yield Stored(name[1], _millis(found.last_modified))

    def remove(self, sha256: str, before: int) -> bool:
        """See `MediaStore.remove`. S3 has no such condition: it is looked at just before."""
        key = _key(sha256)
        with _faults():
            try:
                found = self._client.stat_object(self._bucket, key)
            except S3Error as error:
                if error.code in _ABSENT:
                    return False
                raise
            if _millis(found.last_modified) >= before:
                return False
            self._client.remove_object(self._bucket, key)
        return True


def _millis(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _key(sha256: str) -> str:
    key = f"{sha256[:2]}/{sha256}"
    if _NAME(key) is None:
        raise ValueError(f"{sha256!r} is no SHA-256")
    return key


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (MinioException, HTTPError) as error:
        raise MediaDownError(str(error)) from error
