"""From a page's bytes to characters: which character set, and what it says.

The order is the HTML standard's (encoding sniffing algorithm): byte order mark,
the transport's header, a declaration in the first 1,024 bytes, detection. It is
left in three cases, all of them labels known to be wrong on the web:

* bytes that are valid UTF-8 beyond ASCII are UTF-8, whatever the label says;
* a label under which the bytes make no sense yields to the next one, and in the
  end to detection;
* a server's blanket ``iso-8859-1`` yields to another label in the page, and to
  detection where most letters are outside ASCII.
"""

from __future__ import annotations

import codecs
import contextlib
import re
from functools import lru_cache

from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

from pipeline.base.outcomes import Outcome, SetAside

#: Bytes in which the HTML standard looks for a declaration.
PRESCAN_BYTES = 1024
#: Bytes that detection looks at.
DETECT_BYTES = 65_536
#: Of the characters outside ASCII, the share that may be undecodable where a
#: label is believed: a truncated page or a few foreign bytes stay under it.
BELIEVED_DAMAGE = 0.05
#: Share of a page's characters that are undecodable or controls, above which it is
#: no text in any character set; compressed data and images have about 0.3.
MAX_GARBAGE = 0.1

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]{1,40})", re.IGNORECASE)
_META_CHARSET = re.compile(
    rb"<meta\b[^>]{0,500}?\bcharset\s*=\s*[\"']?\s*([^\s\"'/>;]{1,40})", re.IGNORECASE
)
_XML_ENCODING = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([^\"'\s]{1,40})[\"']")
_COMMENT = re.compile(rb"<!--.*?(?:-->|\Z)", re.DOTALL)
_ASCII = bytes(range(128))
#: The one character set that writes other characters as ASCII.
_ESCAPED = "iso2022_jp"
_GARBAGE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]")

# Web labels stand for the widest member of their family (WHATWG, "names and
# labels"), which Python knows by other names.
_WIDEST = {
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-11": "cp874",
    "mac-roman": "mac_roman",
}
#: Labels that resiliparse does not map, and its detector's name for Korean.
_UNMAPPED = {
    "x-user-defined": "cp1252",
    "x-mac-cyrillic": "mac_cyrillic",
    "cp949": "cp949",
    "uhc": "cp949",
}
#: Python's codec to the name that is stored, where lower-casing is not enough.
_STORED = {
    "big5hkscs": "big5",
    "cp932": "shift_jis",
    "cp949": "euc-kr",
    "cp874": "windows-874",
    "euc_jp": "euc-jp",
    "iso2022_jp": "iso-2022-jp",
    "mac_roman": "macintosh",
    "mac_cyrillic": "x-mac-cyrillic",
    "utf-16-le": "utf-16le",
    "utf-16-be": "utf-16be",
}


def decode(html: bytes, content_type: str = "") -> tuple[str, str]:
    """The page's characters, and the character set's name (WHATWG, lower case).

    ``content_type`` is the HTTP header's value. Undecodable bytes become U+FFFD.
    Raises ``SetAside`` (``BAD_CHARSET``) where no character set fits.
    """
    for mark, marked in _BOMS:
        if html.startswith(mark):
            return html[len(mark) :].decode(marked, "replace"), _stored(marked)
    if html.isascii():
        return _decode_ascii(html, content_type)
    if (codec := _unmarked_utf16(html)) is not None:
        return html.decode(codec, "replace"), _stored(codec)
    try:
        return html.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    labels = _labels(html, content_type)
    if labels[:1] == ["cp1252"] and (len(labels) > 1 or _mostly_outside_ascii(html)):
        labels.append(labels.pop(0))
        if len(labels) == 1:
            labels.insert(0, _detected(html))
    text, encoding = _best(html, labels)
    sample = text[:DETECT_BYTES]
    if len(_GARBAGE.findall(sample)) > MAX_GARBAGE * len(sample):
        raise SetAside(Outcome.BAD_CHARSET, f"most likely {encoding}, and still no text in it")
    return text, encoding


def to_utf8(html: bytes, content_type: str = "") -> tuple[bytes, str]:
    """As :func:`decode`, the characters as UTF-8: ``html`` itself where it is that already."""
    if _unmarked_utf16(html) is None:
        if html.isascii():
            codec = _ascii_codec(html, content_type)
            if codec != _ESCAPED or b"\x1b" not in html:
                return html, _stored(codec)
        else:
            with contextlib.suppress(UnicodeDecodeError):
                html.decode("utf-8")
                return html.removeprefix(codecs.BOM_UTF8), "utf-8"
    text, encoding = decode(html, content_type)
    return text.encode("utf-8", "replace"), encoding


def _decode_ascii(html: bytes, content_type: str) -> tuple[str, str]:
    codec = _ascii_codec(html, content_type)
    if codec == _ESCAPED and b"\x1b" in html:
        return html.decode(codec, "replace"), _stored(codec)
    if (wide := _unmarked_utf16(html)) is not None:
        return html.decode(wide, "replace"), _stored(wide)
    return html.decode("ascii"), _stored(codec)


def _ascii_codec(html: bytes, content_type: str) -> str:
    labels = _labels(html, content_type)
    return labels[0] if labels else "utf-8"


def _best(html: bytes, labels: list[str]) -> tuple[str, str]:
    tried: list[tuple[float, str, str]] = []
    for codec in [*labels, "utf-8"]:
        text = _decoded(html, codec)
        damage = _damage(text)
        if damage <= BELIEVED_DAMAGE:
            return text, _stored(codec)
        tried.append((damage, text, codec))
    codec = _detected(html)
    text = _decoded(html, codec)
    tried.append((_damage(text), text, codec))
    _, text, codec = min(tried, key=lambda entry: entry[0])
    return text, _stored(codec)


def _decoded(html: bytes, codec: str) -> str:
    return html.decode(codec, "replace")


def _damage(text: str) -> float:
    """Share of undecodable ones among the characters outside ASCII."""
    lost = text.count("\ufffd")
    if not lost:
        return 0.0
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    return lost / beyond


def _labels(html: bytes, content_type: str) -> list[str]:
    """Python codecs of the declared character sets, the standard's order, no repeats."""
    named = []
    if match := _HEADER_CHARSET.search(content_type[:500]):
        named.append(match[1])
    head = html[:PRESCAN_BYTES]
    if b"<!--" in head:
        head = _COMMENT.sub(b"", head)
    for pattern in (_META_CHARSET, _XML_ENCODING):
        if label_match := pattern.search(head):
            label = label_match[1].decode("ascii", "ignore").lower()
            # A declaration that could be read as ASCII is not in UTF-16.
            named.append("utf-8" if label.startswith("utf-16") else label)
    codecs_ = (_codec(label) for label in named)
    return list(dict.fromkeys(codec for codec in codecs_ if codec))


@lru_cache(maxsize=256)
def _codec(label: str) -> str | None:
    if label.lower() in _UNMAPPED:
        return _UNMAPPED[label.lower()]
    mapped = map_encoding_to_html5(label, False)
    if mapped is None:
        return None
    return _WIDEST.get(mapped, mapped)


def _detected(html: bytes) -> str:
    # The detector's own names: mapped to the web's it calls Korean (cp949) UTF-8.
    label = detect_encoding(html, DETECT_BYTES, html5_compatible=False)
    return _codec(label or "") or "cp1252"


def _mostly_outside_ascii(html: bytes) -> bool:
    """No text in a Western language has this many bytes outside ASCII."""
    text = re.sub(rb"<[^>]*+>", b"", html[:DETECT_BYTES])
    letters = sum(map(text.count, (b"a", b"e", b"i", b"n", b"o", b"r", b"s", b"t")))
    return len(text.translate(None, _ASCII)) > letters


def _unmarked_utf16(html: bytes) -> str | None:
    head = html[:PRESCAN_BYTES]
    if not len(head) <= 4 * head.count(0) < 3 * len(head):
        return None
    # Markup is ASCII, whose high byte is zero: second in little endian.
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _stored(codec: str) -> str:
    if codec in _STORED:
        return _STORED[codec]
    name = codec.lower().replace("_", "-")
    if name.startswith("cp125"):
        return name.replace("cp", "windows-")
    return name.replace("iso8859", "iso-8859")
