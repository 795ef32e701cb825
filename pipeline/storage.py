"""Small control files and whole folders, on any file system that Spark reaches.

Tables are read and written by Spark; what stands here is the rest: manifests,
renames, deletes, the lock. Paths are relative to the root, with ``/``.

Local folders need nothing but Python. Any other scheme goes through Hadoop's
FileSystem in Spark's own JVM, so that credentials are configured once, in Spark.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import socket
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

from pipeline.errors import StorageFull, WorkspaceBusy

#: A lock on a shared file system whose owner has not renewed it for this long
#: (seconds) is taken for abandoned; the owner renews it four times as often.
STALE_LOCK_SECONDS = 120.0


class Storage(ABC):
    """A folder tree under one root."""

    #: what Spark is given: a plain path or a URI
    root: str

    def uri(self, path: str) -> str:
        return f"{self.root}/{path}" if path else self.root

    @abstractmethod
    def read(self, path: str) -> str | None:
        """Text of a file; None where there is none."""

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
    def move(self, source: str, target: str) -> None:
        """Rename a folder; ``target`` must not exist, its parents are made."""

    @abstractmethod
    def size(self, path: str) -> tuple[int, int]:
        """Number and bytes of the files under a folder, hidden ones and manifests apart."""

    @abstractmethod
    def put(self, local: Path, path: str) -> None:
        """Copy a local folder in."""

    @abstractmethod
    def on_every_machine(self, path: str, name: str) -> str:
        """A local path of a folder of files for all of Spark's workers.

        On a worker that does not see the path, the files are those of ``name`` among
        ``SparkFiles``.
        """

    @abstractmethod
    def lock(self) -> Any:
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
        target = self._root / path
        with self._room():
            target.parent.mkdir(parents=True, exist_ok=True)
            unfinished = target.with_name(f".{target.name}.{os.getpid()}")
            try:
                with unfinished.open("w", encoding="utf-8") as file:
                    file.write(text)
                    file.flush()
                    os.fsync(file.fileno())
                unfinished.replace(target)
            finally:
                unfinished.unlink(missing_ok=True)

    def names(self, path: str) -> list[str]:
        folder = self._root / path
        return sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []

    def delete(self, path: str) -> None:
        target = self._root / path
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)

    def move(self, source: str, target: str) -> None:
        with self._room():
            (self._root / target).parent.mkdir(parents=True, exist_ok=True)
            (self._root / source).rename(self._root / target)

    def size(self, path: str) -> tuple[int, int]:
        sizes = [
            file.stat().st_size
            for file in (self._root / path).rglob("*")
            if file.is_file() and not _is_control(file.name)
        ]
        return len(sizes), sum(sizes)

    def put(self, local: Path, path: str) -> None:
        with self._room():
            shutil.copytree(local, self._root / path)

    def on_every_machine(self, path: str, name: str) -> str:
        return str(self._root / path)

    @contextmanager
    def lock(self) -> Iterator[None]:
        # The kernel lets go of it when the process dies, however it dies.
        with self._room():
            self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / ".lock").open("a+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                _refuse(self.root, file.read().strip() or "another process")
            file.truncate(0)
            file.write(_owner())
            file.flush()
            yield

    @contextmanager
    def _room(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise storage_full(self.root) from error
            raise


class HadoopStorage(Storage):
    """Any file system that Hadoop knows: ``hdfs:``, ``s3a:``, …"""

    def __init__(self, root: str, jvm: Callable[[], Any]) -> None:
        """``jvm`` gives the SparkContext, and so starts Spark, when first needed."""
        self.root = root.rstrip("/")
        self._context = jvm

    @property
    def _java(self) -> Any:
        return self._context()._jvm

    def _path(self, path: str) -> Any:
        return self._java.org.apache.hadoop.fs.Path(self.uri(path))

    def _system(self) -> Any:
        return self._path("").getFileSystem(self._context()._jsc.hadoopConfiguration())

    def read(self, path: str) -> str | None:
        if not self._system().exists(self._path(path)):
            return None
        stream = self._system().open(self._path(path))
        try:
            return bytes(self._java.org.apache.commons.io.IOUtils.toByteArray(stream)).decode()
        finally:
            stream.close()

    def write(self, path: str, text: str) -> None:
        # Written beside and renamed over: on HDFS a rename is atomic; an object
        # store shows an object only when it is whole.
        system, target = self._system(), self._path(path)
        unfinished = self._path(f"{path}.unfinished")
        self._create(unfinished, text, overwrite=True)
        system.delete(target, False)
        if not system.rename(unfinished, target):
            raise OSError(f"cannot rename {unfinished} to {target}")

    def _create(self, path: Any, text: str, *, overwrite: bool) -> None:
        stream = self._system().create(path, overwrite)
        try:
            stream.write(bytearray(text.encode()))
        finally:
            stream.close()

    def names(self, path: str) -> list[str]:
        if not self._system().exists(self._path(path)):
            return []
        return sorted(
            item.getPath().getName() for item in self._system().listStatus(self._path(path))
        )

    def delete(self, path: str) -> None:
        self._system().delete(self._path(path), True)

    def move(self, source: str, target: str) -> None:
        system = self._system()
        system.mkdirs(self._path(target).getParent())
        if not system.rename(self._path(source), self._path(target)):
            raise OSError(f"cannot rename {self.uri(source)} to {self.uri(target)}")

    def size(self, path: str) -> tuple[int, int]:
        listing = self._system().listFiles(self._path(path), True)
        count = total = 0
        while listing.hasNext():
            status = listing.next()
            if not _is_control(status.getPath().getName()):
                count, total = count + 1, total + status.getLen()
        return count, total

    def put(self, local: Path, path: str) -> None:
        source = self._java.org.apache.hadoop.fs.Path(local.resolve().as_uri())
        self._system().copyFromLocalFile(False, True, source, self._path(path))

    def on_every_machine(self, path: str, name: str) -> str:
        local = Path(tempfile.mkdtemp(prefix="mathmine-")) / name
        target = self._java.org.apache.hadoop.fs.Path(local.as_uri())
        self._system().copyToLocalFile(self._path(path), target)
        self._context().addFile(str(local), recursive=True)
        return str(local)

    @contextmanager
    def lock(self) -> Iterator[None]:
        owner = f"{_owner()} #{time.monotonic_ns()}"
        held = self.read(".lock")
        if held is not None:
            record = json.loads(held)
            if time.time() - record["renewed"] < STALE_LOCK_SECONDS:
                _refuse(self.root, record["owner"])
        self._renew(owner)
        if json.loads(self.read(".lock") or "{}").get("owner") != owner:
            _refuse(self.root, "a run that started at the same moment")
        done = threading.Event()
        renewal = threading.Thread(target=self._keep, args=(owner, done), daemon=True)
        renewal.start()
        try:
            yield
        finally:
            done.set()
            renewal.join()
            self.delete(".lock")

    def _renew(self, owner: str) -> None:
        self.write(".lock", json.dumps({"owner": owner, "renewed": time.time()}))

    def _keep(self, owner: str, done: threading.Event) -> None:
        while not done.wait(STALE_LOCK_SECONDS / 4):
            # A renewal that fails is tried again in time; the last that worked counts.
            with suppress(Exception):
                self._renew(owner)


def storage_at(uri: str, jvm: Callable[[], Any]) -> Storage:
    """The storage for a workspace URI; a plain path is a local folder."""
    if uri.startswith("file:"):
        uri = "/" + uri.removeprefix("file:").lstrip("/")
    if "://" in uri:
        return HadoopStorage(uri, jvm)
    return LocalStorage(Path(uri).resolve())


def storage_full(where: str) -> StorageFull:
    """The error for a write that found no room."""
    return StorageFull(
        f"no space left while writing to {where}",
        remedy="free some space, or use another workspace or SPARK_LOCAL_DIRS, and run the same "
        "command again: what was committed is kept",
    )


def _is_control(name: str) -> bool:
    return name.startswith((".", "_")) or name == "manifest.json"


def _owner() -> str:
    return f"process {os.getpid()} on {socket.gethostname()}"


def _refuse(root: str, owner: str) -> NoReturn:
    raise WorkspaceBusy(
        f"the workspace {root} is in use by {owner}",
        expected="one run at a time",
        remedy="wait for that run to end, or give another workspace",
    )
