"""Files on web servers, by urllib3."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3 import BaseHTTPResponse, PoolManager
from urllib3.exceptions import (
    HTTPError,
    LocationValueError,
    MaxRetryError,
    ProxySchemeUnknown,
    ResponseError,
    URLSchemeUnknown,
)

from pipeline.base.version import __version__
from pipeline.config.sources import Read
from pipeline.web.remote import Fields, Trouble, Version, extent, failure, refusal

#: The bytes are wanted as they are stored.
_FIELDS = {"Accept-Encoding": "identity", "User-Agent": f"mathmine/{__version__}"}
#: Attempts are made elsewhere; here it is only redirections that are followed.
_REDIRECTIONS = urllib3.Retry(
    connect=0, read=0, status=0, other=0, redirect=5, respect_retry_after_header=False
)
#: A refusal is read up to so many bytes: what it says, and that its connection can serve again.
_SHORT = 65_536
_CAUSES: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "the server wants a password (401): only open files can be read",
    HTTPStatus.FORBIDDEN: "the server refuses it (403 Forbidden): it is not there or not open "
    "to all",
    HTTPStatus.NOT_FOUND: "there is no such file (404 Not Found): correct the address",
    HTTPStatus.GONE: "the file has been removed (410 Gone)",
}


class WebFile:
    """A file at an ``https://`` or ``http://`` address."""

    def __init__(self, path: str, settings: Read) -> None:
        self.path = path
        self.settings = settings
        self.address = path
        self.own_fields: dict[str, str] = {}

    def _where(self) -> tuple[str, dict[str, str]]:
        """The address that is asked, and header fields beside the usual ones."""
        return self.address, self.own_fields

    def head(self) -> Version:
        status, fields, body = self._answer("HEAD", {}, reached=False)
        body.drain_conn()
        body.release_conn()
        return extent(status, fields, 0, None).version

    def get(
        self, start: int, end: int | None, known: Version | None
    ) -> tuple[int, Fields, BaseHTTPResponse]:
        fields = {}
        if start or end is not None:
            fields["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        if known is not None and known.strong_etag:
            fields["If-Match"] = known.strong_etag
        return self._answer("GET", fields, reached=known is not None)

    def _answer(
        self, method: str, fields: Mapping[str, str], *, reached: bool
    ) -> tuple[int, Fields, BaseHTTPResponse]:
        address, own_fields = self._where()
        try:
            body = _pool(os.getpid(), self.settings, _proxy(address)).request(
                method,
                address,
                headers={**_FIELDS, **own_fields, **fields},
                preload_content=False,
                retries=_REDIRECTIONS,
                timeout=self.settings.timeout_seconds,
            )
        except (LocationValueError, URLSchemeUnknown, ProxySchemeUnknown) as error:
            raise Trouble(f"the address is none: {error}", lasting=True) from error
        except (HTTPError, OSError) as error:
            if isinstance(error, MaxRetryError) and isinstance(error.reason, ResponseError):
                raise Trouble("the server redirects without end", lasting=True) from error
            raise failure(error, self.settings, reached=reached) from error
        if not 200 <= body.status < 300:
            page = _page_of(body)
            trouble = refusal(body.status, body.headers, _CAUSES.get(body.status, ""), page)
            # Servers that know no HEAD say that they will never know it.
            trouble.lasting |= method == "HEAD" and body.status == HTTPStatus.NOT_IMPLEMENTED
            raise trouble
        return body.status, body.headers, body


def _page_of(refused: BaseHTTPResponse) -> bytes:
    """What a refusal says, as far as it comes; its connection can serve again."""
    try:
        page = refused.read(_SHORT, decode_content=False)
    except (HTTPError, OSError):
        page = b""
    refused.close()
    refused.release_conn()
    return page


def _proxy(address: str) -> str:
    """The proxy that the environment names for an address, if any."""
    parts = urlsplit(address)
    if proxy_bypass(parts.hostname or ""):
        return ""
    return getproxies().get(parts.scheme, "")


@lru_cache(maxsize=8)
def _pool(_pid: int, settings: Read, proxy: str) -> PoolManager:
    """One a process: a child that was forked must not talk through its parent's sockets."""
    if proxy:
        return urllib3.ProxyManager(proxy, maxsize=settings.machine_connections)
    return PoolManager(maxsize=settings.machine_connections)
