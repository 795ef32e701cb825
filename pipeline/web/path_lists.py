"""Lists of paths, a line each, as text or packed by gzip: on this machine or on the network."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

from pipeline.base.errors import InputMalformed
from pipeline.config.sources import Read
from pipeline.web.streams import is_remote, read_all

#: Bytes of a list of paths, inflated: a crawl's is 15 MB.
_LONGEST = 1 << 30


def read_lines(path: str, read: Read) -> Sequence[str]:
    """The lines of the list at ``path``, a local path or an address.

    Raises ``ReadFailed``, ``OSError`` for a local file, ``InputMalformed`` for what is no list.
    """
    data = read_all(path, read) if is_remote(path) else Path(path).read_bytes()
    try:
        if path.endswith(".gz"):
            data = _inflated(data)
        return data.decode("utf-8").splitlines()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputMalformed(
            f"{path} is no list of files: {error}",
            expected="a path or address a line, as text or as text packed by gzip",
        ) from None


def _inflated(data: bytes) -> bytes:
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    text = inflater.decompress(data, _LONGEST)
    if inflater.unconsumed_tail:
        raise gzip.BadGzipFile(f"over {_LONGEST} bytes")
    if not inflater.eof:
        raise EOFError("it ends early")
    # Lists put together of several have a member of each.
    return text + _inflated(rest) if (rest := inflater.unused_data) else text
