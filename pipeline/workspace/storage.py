"""Small control files and whole folders, on any file system that Spark reaches.

Tables are read and written by Spark; what stands here is the rest: manifests,
deletes, the lock. Paths are relative to the root, with ``/``.

Local folders need nothing but Python and are here; ``pipeline.workspace.hadoop`` has the rest.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import socket
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NoReturn
from urllib.parse import unquote, urlsplit

from filelock import FileLock, Timeout

from pipeline.base.errors import WorkspaceBusy, WorkspaceError, storage_full
from pipeline.base.small_files import write_whole

#: Files that are read at the same time.
_SIDE_BY_SIDE = 16
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")


class Storage(ABC):
    """A folder tree under one root."""

    #: as people write it: a plain path or a URI
    root: str

    def place(self, path: str) -> str:
        """A file or folder as people write it."""
        return f"{self.root}/{path}" if path else self.root

    def uri(self, path: str) -> str:
        """The same for Spark."""
        return for_spark(self.place(path))

    @abstractmethod
    def read(self, path: str) -> str | None:
        """Text of a file; None where there is none."""

    def read_all(self, paths: Sequence[str]) -> list[str | None]:
        """The same of many files, side by side: far away each takes a while."""
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
            return list(pool.map(self.read, paths))

    @abstractmethod
    def write(self, path: str, text: str) -> None:
        """Put a whole file in place: readers see the old one or the new one."""

    @abstractmethod
    def names(self, path: str) -> list[str]:
        """Names in a folder, sorted; empty where there is no such folder."""

    @abstractmethod
    def delete(self, path: str) -> None:
        """Remove a file or a whole folder; nothing happens where there is none."""

    @abstractmethod
    def size(self, path: str) -> tuple[int, int]:
        """Number and bytes of the files under a folder, or of one file; hidden ones apart.

        Both are 0 where there is nothing.
        """

    @abstractmethod
    def put(self, local: Path, path: str) -> None:
        """Copy a local folder in."""

    @abstractmethod
    def on_every_machine(self, path: str, name: str, files: Sequence[str]) -> Path:
        """A local folder with these files of ``path``.

        On a worker that does not see it, each file is among ``SparkFiles``, called
        ``<name>-<file>``.
        """

    @abstractmethod
    def lock(self) -> AbstractContextManager[None]:
        """Context manager: the only run at work here; raises ``WorkspaceBusy``."""


class LocalStorage(Storage):
    """A folder of this machine, or one that is mounted on all of a cluster's."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)
        self._root = root

    def read(self, path: str) -> str | None:
        try:
            return (self._root / path).read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None

    def write(self, path: str, text: str) -> None:
        with self._room():
            write_whole(self._root / path, text)

    def names(self, path: str) -> list[str]:
        folder = self._root / path
        return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []

    def delete(self, path: str) -> None:
        target = self._root / path
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def size(self, path: str) -> tuple[int, int]:
        place = self._root / path
        files = [place] if place.is_file() else place.rglob("*")
        sizes = [
            file.stat().st_size
            for file in files
            if file.is_file() and not file.name.startswith(".")
        ]
        return len(sizes), sum(sizes)

    def put(self, local: Path, path: str) -> None:
        with self._room():
            shutil.copytree(local, self._root / path)

    def on_every_machine(self, path: str, name: str, files: Sequence[str]) -> Path:
        return self._root / path

    @contextmanager
    def lock(self) -> Iterator[None]:
        # The kernel lets go of it when the process dies, however it dies.
        try:
            with self._room():
                self._root.mkdir(parents=True, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise WorkspaceError(
                f"{self.root} is no folder", remedy="give --workspace a folder, or a new name"
            ) from None
        place = self._root / ".lock"
        lock = FileLock(place, fallback_to_soft=False)
        try:
            with self._room():
                lock.acquire(blocking=False)
        except Timeout:
            refuse(self.root, (self.read(place.name) or "").strip() or "another process")
        except OSError as error:
            raise WorkspaceError(
                f"{place} cannot be locked: {error.strerror}",
                remedy="give a workspace that you may write to, where files can be locked (flock)",
            ) from error
        try:
            # Into the very file that is locked, which a new one in its place would not be.
            place.write_text(owner(), encoding="utf-8")
            yield
        finally:
            lock.release()

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise storage_full(self.root) from error
            raise


def for_spark(path: str) -> str:
    """A path or URI for Spark, whose default file system may be another than this machine's."""
    return path if _SCHEME.match(path) else f"file://{path}"


def local_path(uri: str) -> Path | None:
    """The local path that a path or ``file:`` URI names; None for any other URI."""
    if uri.startswith("file:"):
        return Path(unquote(urlsplit(uri).path))
    return None if _SCHEME.match(uri) else Path(uri)


def is_part(name: str) -> bool:
    """Whether a file of this name holds rows of a table."""
    return name.endswith(".parquet") and not name.startswith((".", "_"))


def owner() -> str:
    """Who holds a lock, for people."""
    return f"process {os.getpid()} on {socket.gethostname()}"


def refuse(root: str, holder: str) -> NoReturn:
    """The error of a second run."""
    raise WorkspaceBusy(
        f"the workspace {root} is in use by {holder}",
        expected="one run at a time",
        remedy="wait for that run to end, or give another workspace",
    )
