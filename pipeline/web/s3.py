"""Objects on S3 and on servers that speak as it does, by boto3."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache, partial
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)
from botocore.parsers import ResponseParserError
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import HTTPError

from pipeline.base.version import __version__
from pipeline.config.sources import Read
from pipeline.web.attempts import Patience, persist
from pipeline.web.remote import (
    Fields,
    Stat,
    Trouble,
    Version,
    extent,
    failure,
    is_transient,
    refusal,
)

_SCHEME = "s3://"
_WILD = frozenset("*?[")
#: In a pattern, any number of folders.
_ANY_DEPTH = "**"
_NO_CREDENTIALS = (
    "no AWS credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY, or give the machine a role; what is open to all needs none "
    "with anonymous = true in [read.s3]"
)


class S3File:
    """An object at an ``s3://bucket/key`` address."""

    def __init__(self, path: str, settings: Read) -> None:
        self.path = path
        self.settings = settings
        self._bucket, self._key = _bucket_and_key(path)

    def head(self) -> Version:
        answer = self._ask("head_object", reached=False)["ResponseMetadata"]
        return extent(answer["HTTPStatusCode"], answer["HTTPHeaders"], 0, None).version

    def get(
        self, start: int, end: int | None, known: Version | None
    ) -> tuple[int, Fields, BaseHTTPResponse]:
        fields = {}
        if start or end is not None:
            fields["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        if known is not None and known.strong_etag:
            fields["IfMatch"] = known.strong_etag
        answer = self._ask("get_object", reached=known is not None, **fields)
        metadata = answer["ResponseMetadata"]
        # Entering botocore's body gives urllib3's own, which can be read as bytes come.
        return metadata["HTTPStatusCode"], metadata["HTTPHeaders"], answer["Body"].__enter__()

    def _ask(self, operation: str, *, reached: bool, **fields: str) -> dict[str, Any]:
        if not self._key:
            raise Trouble("the address names a bucket, and no object in it", lasting=True)
        return _ask(self.settings, operation, reached, self._bucket, Key=self._key, **fields)


# --- Requests -----------------------------------------------------------------


def client(settings: Read) -> Any:
    """boto3's client for S3, one a process and settings. Raises a lasting ``Trouble``."""
    try:
        return _client(os.getpid(), settings)
    except (BotoCoreError, ValueError) as error:
        raise Trouble(
            f"AWS's configuration cannot be used: {_one_line(error)}", lasting=True
        ) from error


@lru_cache(maxsize=8)
def _client(_pid: int, settings: Read) -> Any:
    """A child that was forked must not talk through its parent's sockets, so each has its own."""
    s3 = settings.s3
    config = Config(
        signature_version=UNSIGNED if s3.anonymous else None,
        # Attempts are made elsewhere, and go on in mid-file, which botocore's do not.
        retries={"total_max_attempts": 1, "mode": "standard"},
        connect_timeout=settings.timeout_seconds,
        read_timeout=settings.timeout_seconds,
        max_pool_connections=settings.machine_connections,
        s3={"addressing_style": "path"} if s3.endpoint else None,
        # Checksums are of whole objects, and read to their end few of ours are.
        response_checksum_validation="when_required",
        user_agent_extra=f"mathmine/{__version__}",
    )
    return boto3.session.Session().client(
        "s3", endpoint_url=s3.endpoint or None, region_name=s3.region or None, config=config
    )


def _ask(
    settings: Read, operation: str, reached: bool, bucket: str, **fields: Any
) -> dict[str, Any]:
    if settings.s3.requester_pays:
        fields["RequestPayer"] = "requester"
    call = getattr(client(settings), operation)
    try:
        answer: dict[str, Any] = call(Bucket=bucket, **fields)
        return answer
    except ClientError as error:
        raise _refused(error.response, bucket, settings) from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise Trouble(_NO_CREDENTIALS, lasting=True) from error
    except (ConnectionError, HTTPClientError, HTTPError, OSError) as error:
        raise failure(error, settings, reached=reached) from error
    except ResponseParserError as error:
        raise Trouble("the server's answer is not S3's") from error
    except BotoCoreError as error:
        raise Trouble(_one_line(error), lasting=True) from error


def _refused(answer: dict[str, Any], bucket: str, settings: Read) -> Trouble:
    metadata = answer.get("ResponseMetadata", {})
    status, code = metadata.get("HTTPStatusCode", 0), answer.get("Error", {}).get("Code", "")
    answered = f"{status} {code}" if code != str(status) else code
    cause = _cause(status, code, answered, bucket, settings)
    return refusal(status, metadata.get("HTTPHeaders", {}), cause)


def _cause(status: int, code: str, answered: str, bucket: str, settings: Read) -> str:
    """What a refusal means and what to do about it, in a sentence."""
    s3 = settings.s3
    if is_transient(status):
        return f"the server answered {answered}"
    if code == "NoSuchBucket":
        where = f" at {s3.endpoint}" if s3.endpoint else ""
        return f"there is no bucket {bucket}{where}: correct the address, or endpoint in [read.s3]"
    if code == "RequestTimeTooSkewed":
        return f"this machine's clock is wrong ({answered})"
    if code in ("ExpiredToken", "TokenRefreshRequired"):
        return f"the credentials have expired ({answered}): renew them"
    if code in ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken"):
        return f"the server does not accept these credentials ({answered})"
    if code in ("PermanentRedirect", "AuthorizationHeaderMalformed"):
        return f"the bucket is in another region ({answered}): set region in [read.s3]"
    if code == "InvalidObjectState":
        return f"the object is archived ({answered}): have it restored first"
    if status == 404:
        return f"there is no such object ({answered}): correct the address"
    if status == 403 and s3.anonymous:
        return (
            f"it is not there, or not open to all ({answered}): set anonymous = false in [read.s3]"
        )
    if status == 403:
        pays = "" if s3.requester_pays else "; if readers have to pay, set requester_pays = true"
        return f"it is not there, or these credentials may not read it ({answered}){pays}"
    return f"the server answered {answered}"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _bucket_and_key(path: str) -> tuple[str, str]:
    bucket, _, key = path.removeprefix(_SCHEME).partition("/")
    return bucket, key


# --- Listings -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Page:
    objects: list[tuple[str, Stat]]
    folders: list[str]


def list_objects(path: str, settings: Read) -> Iterator[tuple[str, Stat]]:
    """The objects whose address begins with ``path``, or that the pattern ``path`` fits.

    In a pattern ``*``, ``?`` and ``[...]`` stand for what is within a folder's or an
    object's name, ``**`` for any number of folders. They come as the pages of the
    listing do, folder by folder, and of folders only what may fit is listed. Empty
    objects that stand for folders are left out. Raises ``ReadFailed``.
    """
    bucket, key = _bucket_and_key(path)
    objects: Iterator[tuple[str, Stat]]
    if _WILD.isdisjoint(key):
        objects = (item for page in _pages(bucket, key, "", settings) for item in page.objects)
    else:
        *folders, last = key.split("/")
        objects = _fitting(bucket, "", [*folders, last or _ANY_DEPTH], settings)
    for name, version in objects:
        if not name.endswith("/"):
            yield f"{_SCHEME}{bucket}/{name}", version


def _fitting(
    bucket: str, folder: str, pattern: Sequence[str], settings: Read
) -> Iterator[tuple[str, Stat]]:
    """The objects under ``folder``, which is empty or ends with ``/``, that the pattern fits."""
    while len(pattern) > 1 and _WILD.isdisjoint(pattern[0]):
        folder, pattern = f"{folder}{pattern[0]}/", pattern[1:]
    first, rest = pattern[0], pattern[1:]
    if first == _ANY_DEPTH:
        for page in _pages(bucket, folder, "", settings):
            for name, version in page.objects:
                if fits(name.removeprefix(folder).split("/"), pattern):
                    yield name, version
        return
    stem = first[: next((at for at, sign in enumerate(first) if sign in _WILD), None)]
    for page in _pages(bucket, folder + stem, "/", settings):
        if not rest:
            yield from (item for item in page.objects if fnmatchcase(item[0][len(folder) :], first))
        for below in page.folders if rest else ():
            if fnmatchcase(below[len(folder) : -1], first):
                yield from _fitting(bucket, below, rest, settings)


def fits(names: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path fits a pattern; both are given as what stands between their slashes."""
    if not pattern:
        return not names
    if pattern[0] == _ANY_DEPTH:
        if len(pattern) == 1:
            return bool(names)
        return any(fits(names[at:], pattern[1:]) for at in range(len(names)))
    return bool(names) and fnmatchcase(names[0], pattern[0]) and fits(names[1:], pattern[1:])


def _pages(bucket: str, prefix: str, delimiter: str, settings: Read) -> Iterator[_Page]:
    fields = {"Prefix": prefix, "Delimiter": delimiter}
    while True:
        attempt = partial(_page, settings, bucket, fields)
        answer = persist(attempt, f"{_SCHEME}{bucket}/{prefix}", settings)
        yield _Page(
            [(it["Key"], Stat(it["Size"], it["ETag"])) for it in answer.get("Contents", ())],
            [it["Prefix"] for it in answer.get("CommonPrefixes", ())],
        )
        if not answer.get("IsTruncated"):
            return
        fields["ContinuationToken"] = answer["NextContinuationToken"]


def _page(
    settings: Read, bucket: str, fields: dict[str, str], patience: Patience
) -> dict[str, Any]:
    with patience.connect():
        return _ask(settings, "list_objects_v2", False, bucket, **fields)
