"""Files as streams, wherever they are: on this machine, on the web, on S3.

A stream over the network goes on where it was when its connection is cut, is silent for
too long or is turned away for a while: it asks for the bytes after the last one that it
has, of the same version of the file. Memory stays flat.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, cast

from pipeline.base.errors import InputMissing
from pipeline.config.sources import Read
from pipeline.web.attempts import PACE, Answer, Pace, Patience, Source, persist
from pipeline.web.remote import ReadFailed, Stat, Trouble, Version

__all__ = [
    "ReadFailed",
    "Stat",
    "is_remote",
    "list_objects",
    "open_stream",
    "open_warc",
    "read_all",
    "stat",
]

#: Schemes of addresses that are read over the network.
REMOTE = ("s3", "https", "http", "hf")
#: Bytes behind the last one read that can be gone back to without a request.
KEPT = 4 << 20
#: Bytes ahead that are read and dropped sooner than a new request is made.
_SKIPPED = 1 << 20


def stat(path: str, settings: Read) -> Stat:
    """Size and identity of a file on the network. Raises ``ReadFailed``."""
    source = _source(path, settings)
    version = persist(lambda patience: _version(source, patience), path, settings)
    assert version.bytes is not None
    return Stat(version.bytes, version.etag or version.modified or str(version.bytes))


def open_stream(path: str, settings: Read, *, start: int = 0, end: int | None = None) -> BinaryIO:
    """A file's bytes as stored, seekable, standing at ``start``.

    Offsets are those of the whole file. Of a file on the network no byte from ``end``
    on is asked for, and none is read; nothing happens before the first reading, which
    like any other raises ``ReadFailed``. A read gives as many bytes as it was asked
    for, fewer only at the end. A local path opens as any file does.
    """
    if "://" not in path:
        file = Path(path).open("rb")  # noqa: SIM115 (the caller's to close)
        file.seek(start)
        return file
    return cast(BinaryIO, RemoteStream(_source(path, settings), start=start, end=end))


def open_warc(path: str, read: Read) -> BinaryIO:
    """The bytes of the WARC file at ``path`` as stored, seekable, at its start.

    ``path``: on this machine, or an ``https://`` or ``s3://`` address, which is read as
    ``read`` says. Raises ``InputMissing`` where a local file has gone; reading from the network
    raises ``ReadFailed`` once patience is at its end.
    """
    if is_remote(path):
        return open_stream(path, read)
    try:
        return Path(path).open("rb")
    except FileNotFoundError:
        raise InputMissing(
            f"no WARC file at {path}",
            remedy="correct the path; a run found the file there as it began: bring it back",
        ) from None


def is_remote(path: str) -> bool:
    """Whether ``path`` is an address that is read over the network, and no local path."""
    scheme, colon, _ = path.partition("://")
    return bool(colon) and scheme in REMOTE


def list_objects(path: str, settings: Read) -> Iterator[tuple[str, Stat]]:
    """The objects under an ``s3://`` prefix or pattern: address, and size and identity.

    See ``list_objects`` of ``pipeline.web.s3``. Raises ``ReadFailed``.
    """
    from pipeline.web import s3

    return s3.list_objects(path, settings)


def read_all(path: str, settings: Read) -> bytes:
    """All bytes of a small file. Raises ``ReadFailed``, or ``OSError`` for a local one."""
    with open_stream(path, settings) as stream:
        return stream.read()


def _source(path: str, settings: Read) -> Source:
    # boto3 takes a while to load, and runs on local files do without.
    if path.startswith("s3://"):
        from pipeline.web.s3 import S3File

        return S3File(path, settings)
    if path.startswith("hf://"):
        from pipeline.web.hugging_face import HubFile

        return HubFile(path, settings)
    from pipeline.web.https import WebFile

    return WebFile(path, settings)


def _version(source: Source, patience: Patience) -> Version:
    """What there is, with its size. Raises ``Trouble``."""
    try:
        with patience.connect():
            version = source.head()
    except Trouble as trouble:
        if not trouble.lasting:
            raise
        version = Version()
    if version.bytes is None:
        # Not every server answers HEAD, and none says there why it refuses.
        answer = Answer(source, patience)
        answer.close()
        version = answer.version
    if version.bytes is None:
        raise Trouble("the server does not tell its size", lasting=True)
    return version


class RemoteStream(io.BufferedIOBase):
    """A file on the network, for one reader at a time.

    At most one response is open, and only while there is more to come of it. What was
    read last is kept: ``_window`` holds the bytes from ``_from`` up to where the
    response stands.
    """

    def __init__(
        self, source: Source, *, start: int = 0, end: int | None = None, pace: Pace = PACE
    ) -> None:
        self._source = source
        self._end = end
        self._pace = pace
        self._position = start
        self._window = bytearray()
        self._from = start
        self._answer: Answer | None = None
        self._version: Version | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Where the next read begins; only seeking from the end may need a request."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position}.get(whence)
        position = offset + (self._last() if base is None else base)
        if position < 0:
            raise ValueError(f"seek to {position}, before the file's beginning")
        self._position = position
        return position

    def read(self, size: int | None = -1) -> bytes:
        if self.closed:
            raise ValueError("reading a closed stream")
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(_SKIPPED), b""))
        self._move()
        while self._stands_at < self._position + size and self._more():
            pass
        at = self._position - self._from
        with memoryview(self._window) as window:
            piece = bytes(window[at : at + size])
        self._position += len(piece)
        # Rarely, as each time what is kept is copied.
        if (old := self._position - self._from - KEPT) > KEPT:
            del self._window[:old]
            self._from += old
        return piece

    def read1(self, size: int = -1) -> bytes:
        return self.read(_SKIPPED if size < 0 else size)

    def close(self) -> None:
        self._hang_up()
        self._window = bytearray()
        super().close()

    @property
    def _stands_at(self) -> int:
        return self._from + len(self._window)

    def _move(self) -> None:
        """Begin anew where the position is not in what is kept, nor a little ahead of it."""
        ahead = self._position - self._stands_at
        near = ahead <= (_SKIPPED if self._answer else 0)
        if self._position < self._from or not near:
            self._hang_up()
            self._window.clear()
            self._from = self._position

    def _more(self) -> bool:
        """Some bytes more behind the window; False at the end."""
        if self._stands_at >= self._limit():
            return False
        return persist(
            self._try_more,
            self._source.path,
            self._source.settings,
            offset=self._stands_at,
            pace=self._pace,
        )

    def _try_more(self, patience: Patience) -> bool:
        at = self._stands_at
        try:
            if self._answer is None:
                self._answer = Answer(
                    self._source, patience, start=at, end=self._end, known=self._version
                )
                self._version = self._answer.version.completed(self._version)
            piece = self._answer.read()
            if not piece and self._answer.open_ended:
                # What has no length told is as long as it is.
                self._version = replace(self._version or Version(), bytes=at)
            if not piece and at < self._limit():
                raise Trouble("the server sent less than it was asked for")
            self._window += piece[: self._limit() - at]
        except BaseException:
            self._hang_up()
            raise
        if self._stands_at >= self._limit():
            self._hang_up()
        return bool(piece)

    def _limit(self) -> int:
        """Where reading ends, as far as is known."""
        size = self._version.bytes if self._version else None
        return min(
            sys.maxsize if self._end is None else self._end, sys.maxsize if size is None else size
        )

    def _last(self) -> int:
        if self._version is None or self._version.bytes is None:
            # Who holds the only connection does not wait for another.
            self._hang_up()
            source = self._source
            version = persist(
                lambda patience: _version(source, patience),
                source.path,
                source.settings,
                pace=self._pace,
            )
            self._version = version.completed(self._version)
        return self._limit()

    def _hang_up(self) -> None:
        if self._answer is not None:
            self._answer.close()
            self._answer = None
