"""Cloudflare R2, or any S3, by boto3: the store behind `storage.make` when R2_BUCKET and its keys are set.

R2 (2026-11) has the region `auto`, no ACLs and no tags. It answers boto3's default checksums with 501 or even Unauthorized, so a
checksum is sent only where an operation demands one (`delete_objects` does). Listing is in byte order. One delete takes 1,000
keys.
"""

import os
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

import clock
import config
import errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONNECT_TIMEOUT_S = 10
READ_TIMEOUT_S = 60
MAX_ATTEMPTS = 5

#: The same for somebody who waits before a screen (one try more); and seconds for a whole object.
HURRIED_CONNECT_S, HURRIED_READ_S, HURRIED_ATTEMPTS, HURRIED_OBJECT_S = 3, 5, 1, 15

BLOCK_BYTES = 256 * 1024
CONNECTIONS = 50  # of one process, at most
DELETE_BATCH = 1000

#: Key of the object that `verify` writes.
PROBE = "trawl-probe"

BAD_KEYS = {"InvalidAccessKeyId", "SignatureDoesNotMatch", "Unauthorized", "AccessDenied", "InvalidToken", "401", "403"}
BAD_REGION = {"InvalidRegionName", "AuthorizationHeaderMalformed", "InvalidLocationConstraint"}
KEYS_REMEDY = "check R2_ACCESS_KEY_ID, R2_SECRET_ACCESS_KEY and what they may do in R2_BUCKET"


@dataclass(frozen=True, slots=True)
class Access:
    """A bucket and the credentials for it."""

    endpoint_url: str
    bucket: str
    region: str
    key_id: str
    secret: SecretStr


def access(settings: config.Settings) -> Access | None:
    """The access that the settings name; None if no R2_ setting is set. Raises ConfigError that names the missing ones."""
    secret = settings.r2_secret_access_key
    endpoint = settings.r2_endpoint_url
    if endpoint is None and settings.r2_account_id:
        endpoint = f"https://{settings.r2_account_id}.r2.cloudflarestorage.com"
    if endpoint and settings.r2_bucket:  # Cloudflare shows the address with the bucket behind it
        endpoint = endpoint.rstrip("/").removesuffix(f"/{settings.r2_bucket}")
    given = {
        "R2_ACCOUNT_ID (or R2_ENDPOINT_URL)": endpoint,
        "R2_BUCKET": settings.r2_bucket,
        "R2_ACCESS_KEY_ID": settings.r2_access_key_id,
        "R2_SECRET_ACCESS_KEY": secret and secret.get_secret_value(),
    }
    missing = [name for name, value in given.items() if not value]
    if len(missing) == len(given):
        return None
    if missing or not (endpoint and settings.r2_bucket and settings.r2_access_key_id and secret):
        raise errors.ConfigError(f"R2 is half configured: set {', '.join(missing)}, or no R2_ setting at all for local files")
    return Access(endpoint, settings.r2_bucket, settings.r2_region, settings.r2_access_key_id, secret)


class R2Store:
    """Objects in one bucket; see `storage.Store` for the promises."""

    def __init__(self, access: Access, *, check: Callable[[str], str], hurried: bool = False) -> None:
        """`check` returns a valid key, and raises DataError for an invalid one. `hurried`: fail within seconds."""
        self._access = access
        self._check = check
        self._hurried = hurried
        self._lock = threading.Lock()
        self._client: S3Client | None = None
        self._pid = 0

    def __repr__(self) -> str:
        return f"<R2Store {self.describe()}>"

    def put(self, key: str, body: bytes, *, content_type: str, content_encoding: str | None = None) -> None:
        """Write an object, or replace it whole."""
        encoding = {"ContentEncoding": content_encoding} if content_encoding else {}
        with self._translated(key):
            self._connected().put_object(
                Bucket=self._access.bucket,
                Key=self._check(key),
                Body=body,
                ContentType=content_type,
                **encoding,  # type: ignore[arg-type]
            )

    def get(self, key: str, most_bytes: int | None = None) -> bytes | None:
        """The object's bytes as written; None = no such object."""
        try:
            with self._translated(key):
                reply = self._connected().get_object(Bucket=self._access.bucket, Key=self._check(key))
                with reply["Body"]:
                    found = self._read(reply["Body"], most_bytes)
        except errors.NotFound:
            return None
        return bounded(key, found, most_bytes)

    def _read(self, body: Any, most_bytes: int | None) -> bytes:
        """The body of a reply, of one that is too large its beginning. A hurried store ends one that trickles."""
        found, until = bytearray(), clock.monotonic() + HURRIED_OBJECT_S
        for block in body.iter_chunks(BLOCK_BYTES):
            found += block
            if most_bytes is not None and len(found) > most_bytes:
                break
            if self._hurried and clock.monotonic() > until:
                raise errors.NetworkError(f"{self.describe()} is too slow: the object did not come within {HURRIED_OBJECT_S} s")
        return bytes(found)

    def exists(self, key: str) -> bool:
        """Whether there is such an object."""
        try:
            with self._translated(key):
                self._connected().head_object(Bucket=self._access.bucket, Key=self._check(key))
        except errors.NotFound:
            return False
        return True

    def delete(self, keys: Iterable[str]) -> None:
        """Remove these objects, 1,000 a request. Missing objects are ignored."""
        rest = iter(keys)
        while batch := [self._check(key) for key in islice(rest, DELETE_BATCH)]:
            with self._translated(batch[0]):
                reply = self._connected().delete_objects(
                    Bucket=self._access.bucket, Delete={"Objects": [{"Key": key} for key in batch], "Quiet": True}
                )
            failed = reply.get("Errors", [])
            if failed:  # the reply has status 200 all the same
                raise self._refused(failed[0].get("Key", ""), failed[0].get("Code", ""), status=500)

    def keys(self, prefix: str) -> Iterator[str]:
        """All keys that begin with `prefix`, in byte order; 1,000 a request."""
        with self._translated(prefix):
            pages = self._connected().get_paginator("list_objects_v2").paginate(Bucket=self._access.bucket, Prefix=prefix)
            for page in pages:
                for entry in page.get("Contents", []):
                    yield entry["Key"]

    def verify(self) -> None:
        """Check that the bucket exists and our key may write to it: two requests. A key that may not delete leaves an object."""
        self.put(PROBE, b"", content_type="text/plain")
        with suppress(errors.TrawlError):
            self.delete([PROBE])

    def look(self) -> None:
        """Check that the bucket exists and admits us: one HEAD. If HEAD is denied, a write decides: some keys may only write."""
        try:
            with self._translated(""):
                self._connected().head_bucket(Bucket=self._access.bucket)
        except errors.NotFound:  # the reply to HEAD has no body that names the error
            problem = self._refused("", "NoSuchBucket", 404)
        except (errors.ConfigError, errors.DataError):
            return self.verify()
        else:
            return None
        raise problem

    def describe(self) -> str:
        """`bucket <name> at <endpoint>`."""
        return f"bucket {self._access.bucket} at {self._access.endpoint_url}"

    def _connected(self) -> "S3Client":
        """The client of this process. A client is safe for threads, but not across a fork."""
        with self._lock:
            if self._client is None or self._pid != os.getpid():
                self._client, self._pid = _client(self._access, self._hurried), os.getpid()
            return self._client

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        """Turn errors of boto3 into ours. NotFound is for the callers in this file only."""
        from botocore import exceptions  # boto3 takes 0.3 s to import; most commands never store anything

        problem: errors.TrawlError
        try:
            yield
        except exceptions.ClientError as exc:
            problem = self._refused(key, exc.response["Error"].get("Code", ""), _status(exc.response))
        except exceptions.ParamValidationError:
            problem = errors.DataError(f"{key[:100]!r} cannot be an object key")
        except (exceptions.HTTPClientError, exceptions.ConnectionError) as exc:
            url = self._access.endpoint_url
            problem = errors.NetworkError(f"{url} does not answer ({type(exc).__name__}): check the network and R2_ENDPOINT_URL")
        except exceptions.BotoCoreError as exc:
            problem = errors.NetworkError(f"{self.describe()} failed ({type(exc).__name__})")
        else:
            return
        raise problem

    def _refused(self, key: str, code: str, status: int) -> errors.TrawlError:
        if code == "NoSuchBucket":
            return errors.ConfigError(f"There is no {self.describe()}: create it, or correct R2_BUCKET")
        if status == 404:
            return errors.NotFound(f"{key[:100]!r} is not in {self.describe()}")
        if code in BAD_KEYS or status in (401, 403):
            return errors.ConfigError(f"{self.describe()} refuses us ({code}): {KEYS_REMEDY}")
        if code in BAD_REGION:
            return errors.ConfigError(f"{self.describe()} does not take region {self._access.region!r}: correct R2_REGION")
        if code == "RequestTimeTooSkewed":
            return errors.ConfigError("The clock of this machine is wrong by minutes, so its signatures are refused: set it")
        if status == 429 or status >= 500:
            return errors.NetworkError(f"{self.describe()} failed ({code or status})")
        return errors.DataError(f"{self.describe()} does not take {key[:100]!r} ({code or status})")


def bounded(key: str, body: bytes, most_bytes: int | None) -> bytes:
    """The body. Raises DataError for one of more than `most_bytes`."""
    if most_bytes is not None and len(body) > most_bytes:
        raise errors.DataError(f"The stored object {key[:200]} has more than {most_bytes:,} bytes: it is not read.")
    return body


def _client(access: Access, hurried: bool) -> "S3Client":
    import boto3  # see _translated
    from botocore.config import Config

    settings = Config(
        signature_version="s3v4",
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"mode": "standard", "max_attempts": HURRIED_ATTEMPTS if hurried else MAX_ATTEMPTS},
        connect_timeout=HURRIED_CONNECT_S if hurried else CONNECT_TIMEOUT_S,
        read_timeout=HURRIED_READ_S if hurried else READ_TIMEOUT_S,
        max_pool_connections=CONNECTIONS,
        s3={"addressing_style": "path"},
    )
    try:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=access.endpoint_url,
            region_name=access.region,
            aws_access_key_id=access.key_id,
            aws_secret_access_key=access.secret.get_secret_value(),
            config=settings,
        )
    except ValueError:  # "Invalid endpoint"
        problem = errors.ConfigError(f"{access.endpoint_url} is no address of a store: correct R2_ENDPOINT_URL or R2_ACCOUNT_ID")
    raise problem


def _status(response: object) -> int:
    metadata = response.get("ResponseMetadata", {}) if isinstance(response, dict) else {}
    return int(metadata.get("HTTPStatusCode", 0))
