"""Where photos are stored, from settings."""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator

from hutong.media.folder import FolderStore
from hutong.media.store import MediaStore
from hutong.replay.settings import LagSettings
from hutong.settings import Settings


class MediaSettings(Settings):
    """A folder or an S3-compatible store; neither: photos are not taken."""

    media_dir: Path | None = Field(
        default=None, description="Folder of photos; made when it is not there."
    )
    media_s3_endpoint: str = Field(
        default="", description="Instead of a folder, an S3-compatible store: host:port."
    )
    media_s3_bucket: str = Field(default="", description="Its bucket, which must be there.")
    media_s3_access_key: str = Field(default="", description="Name of the key to it.")
    media_s3_secret_key: SecretStr = Field(default=SecretStr(""), description="The key itself.")
    media_s3_secure: bool = Field(default=True, description="Whether to speak HTTPS to it.")

    @model_validator(mode="after")
    def _one_store(self) -> Self:
        if self.media_s3_endpoint:
            if self.media_dir is not None:
                raise ValueError("give HUTONG_MEDIA_DIR or HUTONG_MEDIA_S3_ENDPOINT, not both")
            if not (self.media_s3_bucket and self.media_s3_access_key):
                raise ValueError(
                    "HUTONG_MEDIA_S3_ENDPOINT needs HUTONG_MEDIA_S3_BUCKET and "
                    "HUTONG_MEDIA_S3_ACCESS_KEY with its HUTONG_MEDIA_S3_SECRET_KEY"
                )
        return self

    @property
    def media(self) -> MediaStore | None:
        """The store; None where none was named. Connects to nothing yet."""
        if self.media_s3_endpoint:
            from hutong.media.s3 import S3Store

            return S3Store(
                self.media_s3_endpoint,
                self.media_s3_bucket,
                access_key=self.media_s3_access_key,
                secret_key=self.media_s3_secret_key.get_secret_value(),
                secure=self.media_s3_secure,
            )
        return None if self.media_dir is None else FolderStore(self.media_dir)


class SweepSettings(MediaSettings, LagSettings):
    """For removing photos: it sees every topic's ends and no record."""
