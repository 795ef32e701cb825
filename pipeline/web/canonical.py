"""One spelling for each page's address, whichever link led the crawler to it.

The rules are those by which web crawlers tell that two addresses are one page:
RFC 3986 section 6.2.2 and 6.2.3 (case, percent-encoding, dot segments, default
port), and what nearly every site does beyond it: http and https alike, ``www.``,
trailing slash, index pages, fragments, the order of parameters, tracking and
session parameters. Where two pages may differ, they stay apart: a parameter that
no list names is never dropped.
"""

from __future__ import annotations

import re
from importlib.resources import files
from urllib.parse import unquote

import idna
import xxhash

_ADDRESS = re.compile(r"https?://([^/?#]+)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.I)
#: Whatever an address may not hold as it is, and every percent sign.
_UNSAFE = re.compile(r"%[0-9A-Fa-f]{2}|[^A-Za-z0-9\-._~:/?@!$&'()*+,;=]")
_UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
#: Tabs and line ends, which browsers drop, wherever they stand.
_LINE_ENDS = str.maketrans("", "", "\t\r\n")
_SLASHES = re.compile(r"/{2,}")
_PATH_PARAMETER = re.compile(r";([^/;=]+)=([^/;]*)")
#: ASP.NET's session without a cookie: /(S(…24 characters…))/
_ASP_SESSION = re.compile(r"/\(S\([0-9a-z]{24}\)\)(?=/|$)")
_INDEX_PAGE = re.compile(
    r"/(?:index\.(?:html?|shtml|xhtml|php[345]?|aspx?|jsp|cfm|cgi|pl)|default\.(?:html?|aspx?))$",
    re.I,
)
#: The label of what is shown to telephones, between a language and a site: en.m.example.org.
_MOBILE = re.compile(r"(?<=[a-z0-9])\.m\.(?=[a-z0-9-]+\.[a-z])")
#: What the parameter file calls a token, and a flag.
_TOKEN = re.compile(r"(?=[^0-9]*[0-9])[0-9A-Za-z]{16,}")


#: An ampersand of HTML, which a link that was escaped twice has in its address.
_ESCAPED = re.compile(r"&(?:amp;)+", re.I)
_FLAGS = frozenset(("", "1", "true", "yes"))


def _read_parameters() -> tuple[
    frozenset[str], frozenset[str], frozenset[str], dict[str, str], tuple[str, ...]
]:
    text = (files("pipeline.web") / "tracking_parameters.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    tokens = frozenset(line.removesuffix("=token") for line in lines if line.endswith("=token"))
    flags = frozenset(line.removesuffix("=flag") for line in lines if line.endswith("=flag"))
    companions = dict(line.split(" beside ") for line in lines if " beside " in line)
    prefixes = tuple(line.removesuffix("*") for line in lines if line.endswith("*"))
    always = frozenset(
        line for line in lines if not line.endswith(("*", "=token", "=flag")) and " " not in line
    )
    return always, tokens, flags, companions, prefixes


_ALWAYS, _WITH_TOKEN, _FLAGGED, _COMPANIONS, _PREFIXES = _read_parameters()


def canonical_url(url: str) -> str:
    """The canonical spelling of ``url``: ``https://host/path?query``.

    Equal for addresses of one page, and a fixed point: the canonical form of a
    canonical form is itself. Made to compare by, not to fetch: the page may
    answer only to ``http://`` or with ``www.``. What is no http(s) address comes
    back as it is, without surrounding white space. Never raises.

    >>> canonical_url("http://www.Example.org:80/a/../b/index.html?utm_source=x&b=2&a=1#top")
    'https://example.org/b?a=1&b=2'
    """
    url = url.strip()
    if "\n" in url or "\t" in url or "\r" in url:
        url = url.translate(_LINE_ENDS).strip()
    match = _ADDRESS.fullmatch(url)
    if match is None:
        return url
    authority, path, query, fragment = match.groups()
    authority = _authority(authority)
    if not authority:
        return url
    canonical = f"https://{authority}{_path(path)}"
    if query:
        query = _query(query)
        if query:
            canonical = f"{canonical}?{query}"
    # "#!" addresses are pages of their own, drawn by scripts.
    if fragment and fragment[0] == "!":
        canonical = f"{canonical}#{_escapes(fragment)}"
    return canonical


def _authority(authority: str) -> str:
    """Host in lower case and ASCII, without ``www.``, final dot and default port."""
    user, at, host = authority.rpartition("@")
    if "%" in host or not host.isascii():
        host = _escapes(host)
    host = host.lower()
    port = ""
    if ":" in host:
        name, _, digits = host.rpartition(":")
        if ":" in name and name[-1] != "]":
            return authority  # no host and port; nothing to be sure of
        if digits and not (digits.isascii() and digits.isdigit()):
            return authority
        digits = digits.lstrip("0")
        host = name
        if digits not in ("", "80", "443"):
            port = f":{digits}"
    host = _ascii(host.rstrip("."))
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:]
    if ".m." in host:
        host = _MOBILE.sub(".", host, count=1)
    return f"{user}{at}{host}{port}" if host else ""


def _ascii(host: str) -> str:
    """A host of another alphabet as name servers know it (``xn--…``), where it has such a form."""
    if "%" not in host:
        return host
    try:
        return idna.encode(unquote(host, errors="strict"), uts46=True).decode()
    except (UnicodeError, ValueError):  # idna's errors are UnicodeErrors
        return host


def _path(path: str) -> str:
    if not path or path == "/":
        return "/"
    if _UNSAFE.search(path):
        path = _escapes(path)
    if ";" in path:
        path = _PATH_PARAMETER.sub(_without_tracking, path)
    if "/(S(" in path:
        path = _ASP_SESSION.sub("", path)
    if "//" in path:  # servers merge them: nginx and Apache do unless told otherwise
        path = _SLASHES.sub("/", path)
    if "/." in path:
        path = _without_dot_segments(path)
    while True:
        shorter = _INDEX_PAGE.sub("", path.rstrip("/"))
        if shorter == path:
            return path or "/"
        path = shorter


def _without_dot_segments(path: str) -> str:
    """RFC 3986 section 5.2.4, for a path that begins with a slash."""
    kept: list[str] = []
    for segment in path.split("/")[1:]:
        if segment == "..":
            if kept:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    return "/" + "/".join(kept)


def _query(query: str) -> str:
    if _UNSAFE.search(query):
        query = _escapes(query)
    if "&amp;" in query.lower():
        query = _ESCAPED.sub("&", query)
    kept = []
    names = {parameter.partition("=")[0].lower() for parameter in query.split("&")}
    for parameter in query.split("&"):
        if parameter:
            name, _, value = parameter.partition("=")
            lowered = name.lower()
            if not (_is_tracking(lowered, value) or _COMPANIONS.get(lowered) in names):
                kept.append((name, parameter))
    if len(kept) > 1:
        # By name alone: where a name comes twice, its order may say something.
        kept.sort(key=_name)
    return "&".join([parameter for _, parameter in kept])


def _name(parameter: tuple[str, str]) -> str:
    return parameter[0]


def _is_tracking(name: str, value: str) -> bool:
    return (
        name in _ALWAYS
        or name.startswith(_PREFIXES)
        or (name in _FLAGGED and value.lower() in _FLAGS)
        or (name in _WITH_TOKEN and _TOKEN.fullmatch(value) is not None)
    )


def _without_tracking(match: re.Match[str]) -> str:
    return "" if _is_tracking(match[1].lower(), match[2]) else match[0]


def _escapes(text: str) -> str:
    """Percent-encoding in its one normal form.

    Unreserved characters bare, hexadecimal digits in upper case, everything that
    may not stand bare as the UTF-8 bytes of it, and a percent sign that begins no
    escape as ``%25``.
    """
    return _UNSAFE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    unsafe = match[0]
    if len(unsafe) == 3:
        byte = int(unsafe[1:], 16)
        return chr(byte) if byte in _UNRESERVED else unsafe.upper()
    return "".join([f"%{byte:02X}" for byte in unsafe.encode("utf-8", "surrogatepass")])


def url_key(url: str) -> str:
    """32 hex digits, equal for addresses of one page: xxh3, 128 bits, of the canonical URL."""
    return xxhash.xxh3_128_hexdigest(canonical_url(url).encode("utf-8", "surrogatepass"))
