"""Files in Hugging Face's buckets, where Common Crawl has a mirror, by its own library.

``hf://buckets/commoncrawl/commoncrawl/crawl-data/…`` is found by the library, and read as any
file on a web server is: with ranges, patience, and the machine's connections.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

from pipeline.config.sources import Read
from pipeline.web.https import WebFile
from pipeline.web.remote import Trouble

_MISSING = (
    "Hugging Face's library is not installed: pip install 'mathmine[huggingface]', or set "
    "common_crawl in [read] to https://data.commoncrawl.org/"
)


class HubFile(WebFile):
    """A file at an ``hf://`` address."""

    def __init__(self, path: str, settings: Read) -> None:
        super().__init__(path, settings)
        self._asked_of_library = False

    def _where(self) -> tuple[str, dict[str, str]]:
        """Its address on the web, and the header fields that the library sends; asked for once."""
        if not self._asked_of_library:
            self.address, self.own_fields = _on_the_web(self.path)
            self._asked_of_library = True
        return self.address, self.own_fields


def _on_the_web(path: str) -> tuple[str, dict[str, str]]:
    try:
        files, fields = _library(os.getpid())
        return str(files.url(path)), dict(fields)
    except ImportError as error:
        raise Trouble(_MISSING, lasting=True) from error
    except (FileNotFoundError, PermissionError, NotImplementedError) as error:
        cause = f"there is no such file, or it is not open to you: {_one_line(error)}"
        raise Trouble(cause, lasting=True) from error
    except Exception as error:  # of whichever library Hugging Face's stands on
        raise Trouble(f"Hugging Face cannot be asked: {_one_line(error)}") from error


@lru_cache(maxsize=1)
def _library(_pid: int) -> tuple[Any, dict[str, str]]:
    """The library's file system and the header fields it sends, one a process."""
    from huggingface_hub import HfFileSystem
    from huggingface_hub.utils import build_hf_headers

    return HfFileSystem(), build_hf_headers()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
