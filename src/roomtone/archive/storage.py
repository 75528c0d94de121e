"""Where finished sound is kept besides this machine: a port of four verbs, and a bucket of S3 behind it (obstore).

Blocks; callers use a thread of their own. The library is loaded with the first use. Whatever goes wrong is an `OSError`.

Sources: Amazon S3 API (multipart uploads, ranges); obstore.
"""

from __future__ import annotations

import errno
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from obstore.store import S3Config, S3Store

_PART_BYTES = 8 << 20
_PARTS_AT_ONCE = 2
_FETCHED_BYTES = 4 << 20
_DIGEST = "sha256"
"""What a file's digest is called among what is kept with it."""


class Storage(Protocol):
    """A place for files, by keys of two words: ``HEX/name``."""

    def put(self, key: str, path: Path, sha256: str) -> None:
        """Keep a copy of a file, in place of what was kept there; with its digest, to tell it by."""

    def fetch(self, key: str, file: BinaryIO) -> None:
        """Write what is kept to a file."""

    def read(self, key: str, first: int, last: int, sha256: str) -> bytes:
        """Give bytes `first` to the one before `last` of the file that has this digest.

        Raises:
            OSError: Among others: another file has taken its place.
        """

    def remove_all(self, beginning: str) -> None:
        """Remove everything below a word. Idempotent."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where a bucket is, and how it is entered."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    """URL of a service that speaks S3; empty: Amazon's."""

    region: str = ""
    """Empty: as the environment says (``AWS_REGION``), else us-east-1."""

    key_id: str = ""
    """Empty: as the environment says (``AWS_ACCESS_KEY_ID`` …), else by the machine's own role."""

    secret: str = field(default="", repr=False)
    patience_s: float = 60.0
    """How long a request is tried again before that counts as a fault, in seconds."""


def read_url(text: str) -> Bucket:
    """Read ``s3://bucket/prefix``.

    Raises:
        ValueError: It is something else.
    """
    parts = urlsplit(text)
    if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("takes s3://BUCKET or s3://BUCKET/PREFIX")
    return Bucket(parts.netloc, parts.path.strip("/"))


class S3:
    """A bucket."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def put(self, key: str, path: Path, sha256: str) -> None:
        """Upload in parts; each is tried again by itself."""
        import obstore

        with _told(key), path.open("rb") as file:
            obstore.put(
                self._store,
                key,
                file,
                attributes={_DIGEST: sha256},
                chunk_size=_PART_BYTES,
                max_concurrency=_PARTS_AT_ONCE,
            )

    def fetch(self, key: str, file: BinaryIO) -> None:
        """Download, a piece at a time."""
        import obstore

        with _told(key):
            file.writelines(obstore.get(self._store, key).stream(min_chunk_size=_FETCHED_BYTES))

    def read(self, key: str, first: int, last: int, sha256: str) -> bytes:
        """Download a range; each answer says which file it is of."""
        import obstore

        with _told(key):
            found = obstore.get(self._store, key, options={"range": (first, last)})
            if found.attributes.get(_DIGEST, sha256) != sha256:  # none: an earlier version brought it
                raise OSError(errno.ESTALE, f"another {key} has taken its place")
            return bytes(found.bytes())

    def remove_all(self, beginning: str) -> None:
        """Remove what is below a word."""
        import obstore

        with _told(beginning):
            for found in obstore.list(self._store, prefix=f"{beginning}/"):
                obstore.delete(self._store, [one["path"] for one in found])

    @cached_property
    def _store(self) -> S3Store:
        from obstore.store import S3Store

        bucket = self._bucket
        config: S3Config = {}
        if bucket.endpoint:
            config["endpoint"] = bucket.endpoint
        if bucket.region:
            config["region"] = bucket.region
        if bucket.key_id:
            config["access_key_id"], config["secret_access_key"] = bucket.key_id, bucket.secret
        return S3Store(
            bucket.name,
            prefix=bucket.prefix or None,
            config=config,
            client_options={"allow_http": bucket.endpoint.startswith("http://"), "timeout": "5m"},
            retry_config={"max_retries": 5, "retry_timeout": timedelta(seconds=bucket.patience_s)},
        )


@contextmanager
def _told(key: str) -> Iterator[None]:
    """Tell whatever goes wrong as an `OSError`, in one line without what the service says at length."""
    from obstore.exceptions import BaseError

    try:
        yield
    except FileNotFoundError as fault:
        raise FileNotFoundError(errno.ENOENT, f"the bucket has no {key}: {_short(fault)}") from fault
    except BaseError as fault:
        raise OSError(errno.EIO, f"the bucket did not serve {key}: {_short(fault)}") from fault


def _short(fault: Exception) -> str:
    first = str(fault).partition("\n")[0]
    return f"{type(fault).__name__}: {first[:300]}"
