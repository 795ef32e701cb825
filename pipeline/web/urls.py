"""What a URL says about where a page lives: host, registered domain, path, page id.

Everything here is a pure function of its argument, on every machine: the public
suffix list is the copy inside ``tldextract``, never a fresh one from the network.
"""

from __future__ import annotations

import ipaddress
import re
from functools import cache, lru_cache
from urllib.parse import SplitResult, unquote, urlsplit

import idna
import tldextract
import xxhash

from pipeline.base.outcomes import Outcome, SetAside

# RFC 1035 lengths; the underscore is no host name's, and real hosts have it.
_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*")
_MAX_HOST = 1_000


def host_of(url: str) -> str:
    """The host of an absolute http(s) URL: lower case, no port, no leading ``www.``.

    International names come out in their ASCII form (``xn--…``), so that both
    spellings of a host are one. An IPv6 address keeps its brackets. ``www.`` stays
    where nothing with a dot would be left (``www.com``).

    Raises ``SetAside(BAD_URL)`` for anything else.
    """
    parts = _split(url)
    try:
        host = parts.hostname or ""
        _ = parts.port  # a port out of range raises only here
    except ValueError:
        raise SetAside(Outcome.BAD_URL, "port or address out of range") from None
    return _sane_host(host)


def path_segments(url: str) -> tuple[str, ...]:
    """The parts of a URL's path between slashes, as written, without empty ones.

    Raises ``SetAside(BAD_URL)`` as :func:`host_of` does for what is no http(s) URL.
    """
    return tuple(filter(None, _split(url).path.split("/")))


@lru_cache(maxsize=65_536)
def registered_domain(host: str) -> str:
    """Public suffix and one label before it; ``host`` itself where there is none.

    Suffixes are those of registries (the list's ICANN section), as in Common
    Crawl's index: ``a.github.io`` gives ``github.io``. Addresses and hosts under
    no known suffix give themselves.
    """
    return _suffixes()(host).top_domain_under_public_suffix or host


def page_id(warc_name: str, offset: int) -> str:
    """32 hex digits for the record at byte ``offset`` of the WARC file ``warc_name``.

    xxh3, 128 bits, of both: the same on every run and machine.
    """
    key = f"{warc_name}\0{offset}".encode("utf-8", "surrogateescape")
    return xxhash.xxh3_128_hexdigest(key)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        raise SetAside(Outcome.BAD_URL, "no URL") from None
    if parts.scheme not in ("http", "https"):
        raise SetAside(Outcome.BAD_URL, "not an absolute http or https URL")
    return parts


@lru_cache(maxsize=65_536)
def _sane_host(host: str) -> str:
    if ":" in host:
        return f"[{_ipv6(host)}]"
    # idna takes time that grows faster than the length; no real host is near this.
    if not host or len(host) > _MAX_HOST:
        raise SetAside(Outcome.BAD_URL, "no host" if not host else "host too long")
    host = unquote(host).lower()
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            raise SetAside(Outcome.BAD_URL, "no valid international host name") from None
    host = host.removesuffix(".")
    if not _HOST.fullmatch(host):
        raise SetAside(Outcome.BAD_URL, "no valid host name")
    rest = host.removeprefix("www.")
    return rest if "." in rest else host


def _ipv6(host: str) -> str:
    try:
        return ipaddress.IPv6Address(host).compressed
    except ValueError:
        raise SetAside(Outcome.BAD_URL, "no valid IPv6 address") from None


@cache
def _suffixes() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
