"""The files of contacts in an S3-compatible bucket: Amazon's, MinIO, R2, Ceph … Needs the extra `flowbot[s3]`.

Who may use it is told by the usual AWS ways (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a role), and
nothing of it is ours to keep. It may get, put, delete and list; nobody else is ever given an address of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from ..errors import FilesUnavailable, SettingsError
from ..media.look import mime_of
from .files import HEAD, INBOUND, Opened, is_ours, of_contact

if TYPE_CHECKING:
    from botocore.client import BaseClient

CONNECT_SECONDS, READ_SECONDS, TRIES = 5, 20, 3
UNKNOWN = "application/octet-stream"
_NONE = ("404", "NoSuchKey", "NotFound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What FLOWBOT_FILES says.

    >>> Place.of("s3://media/acme?endpoint=https://minio.test:9000&region=eu-1")
    Place(bucket='media', prefix='acme/', endpoint='https://minio.test:9000', region='eu-1')
    >>> Place.of("s3://media").prefix, Place.of("s3://media/a/b/").prefix
    ('', 'a/b/')
    """

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""

    @classmethod
    def of(cls, url: str) -> Place:
        parts, prefix = urlsplit(url), urlsplit(url).path.strip("/")
        more = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return cls(bucket=parts.netloc, prefix=f"{prefix}/" if prefix else "", **more)


class Bucket:
    """One object a file; its content type is what its content says."""

    def __init__(self, client: BaseClient, place: Place) -> None:
        self._client: Any = client
        self._place = place

    def save(self, path: str, data: bytes) -> None:
        if not is_ours(path):
            raise ValueError(path)
        kind = mime_of(data[:HEAD]) or UNKNOWN
        with _told():
            self._client.put_object(**self._object(path), Body=data, ContentType=kind)

    def read(self, path: str) -> bytes | None:
        opened = self.open(path)
        if opened is None:
            return None
        try:
            with _told():
                return b"".join(opened.chunks())
        finally:
            opened.close()

    def open(self, path: str) -> Opened | None:
        if not is_ours(path):
            return None
        with _told():
            try:
                found = self._client.get_object(**self._object(path))
            except self._client.exceptions.ClientError as error:
                if error.response.get("Error", {}).get("Code") in _NONE:
                    return None
                raise
        kind = found.get("ContentType", "")
        return Opened(size=found["ContentLength"], mime="" if kind == UNKNOWN else kind, stream=found["Body"])

    def forget(self, account: str, contact_id: str) -> None:
        start = of_contact(account, contact_id)
        if start:
            with _told():
                for one in self._listed(start):
                    self._remove(one["Key"])

    def sweep(self, before: float, account: str = "") -> int:
        gone = 0
        with _told():
            for one in self._listed(f"{INBOUND}{account}/" if account else INBOUND):
                if one["LastModified"].timestamp() < before:
                    self._remove(one["Key"])
                    gone += 1
        return gone

    def _object(self, path: str) -> dict[str, str]:
        return {"Bucket": self._place.bucket, "Key": self._place.prefix + path}

    def _listed(self, start: str) -> Iterator[dict[str, Any]]:
        pages = self._client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self._place.bucket, Prefix=self._place.prefix + start):
            yield from page.get("Contents", ())

    def _remove(self, key: str) -> None:
        """One by one: what many servers want beside a request to remove many, they do not agree on."""
        self._client.delete_object(Bucket=self._place.bucket, Key=key)


def bucket_at(url: str) -> Bucket:
    """The bucket that FLOWBOT_FILES names; nothing is asked of it yet. SettingsError without the extra."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise SettingsError("FLOWBOT_FILES names a bucket: that needs `pip install 'flowbot[s3]'`") from None
    place = Place.of(url)
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=READ_SECONDS,
        retries={"max_attempts": TRIES, "mode": "standard"},
        s3={"addressing_style": "path" if place.endpoint else "auto"},
        # Amazon's newer check sums are unknown to many servers that speak its protocol.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    region = place.region or ("us-east-1" if place.endpoint else None)
    client = boto3.client("s3", endpoint_url=place.endpoint or None, region_name=region, config=config)
    return Bucket(client, place)


@contextmanager
def _told() -> Iterator[None]:
    """What goes wrong is said by its code alone: an object's address names a contact."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        raise FilesUnavailable(f"the bucket refuses: {code}", reason=code) from None
    except BotoCoreError as error:
        word = type(error).__name__
        raise FilesUnavailable(f"the bucket does not answer: {word}", reason=word) from None
