"""A workspace on any file system that Hadoop knows: ``hdfs:``, ``s3a:``, …

Everything goes through Hadoop's FileSystem in Spark's own JVM, so that credentials
are configured once, in Spark.
"""

from __future__ import annotations

import _thread
import json
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pipeline.storage import Storage, is_control, owner, refuse

#: A lock whose owner has not renewed it for this long (seconds) is taken for
#: abandoned; the owner renews it four times as often.
STALE_LOCK_SECONDS = 120.0
#: Seconds in which two runs that both saw a stale lock find each other out.
SETTLE_SECONDS = 1.0
#: The owner of a lock that is read while it is being renewed.
_BEING_WRITTEN = "another run"


class HadoopStorage(Storage):
    """A folder tree under a URI."""

    def __init__(self, root: str, jvm: Callable[[], Any]) -> None:
        """``jvm`` gives the SparkContext, and so starts Spark, when first needed."""
        self.root = root.rstrip("/")
        self._context = jvm
        self._copies = tempfile.TemporaryDirectory(prefix="mathmine-")

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
        # Written beside and renamed: on HDFS a rename is atomic; an object store
        # shows an object only when it is whole.
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
        if not self._system().exists(self._path(path)):
            return 0, 0
        listing = self._system().listFiles(self._path(path), True)
        count = total = 0
        while listing.hasNext():
            status = listing.next()
            if not is_control(status.getPath().getName()):
                count, total = count + 1, total + status.getLen()
        return count, total

    def put(self, local: Path, path: str) -> None:
        source = self._java.org.apache.hadoop.fs.Path(local.resolve().as_uri())
        self._system().copyFromLocalFile(False, True, source, self._path(path))

    def on_every_machine(self, path: str, name: str) -> Path:
        local = Path(self._copies.name) / name
        if not local.exists():
            target = self._java.org.apache.hadoop.fs.Path(local.as_uri())
            self._system().copyToLocalFile(self._path(path), target)
        for file in local.iterdir():
            # Spark ships files, no folders, and all of them into one.
            shipped = local.with_name(f"{name}-{file.name}")
            if not shipped.exists() and not is_control(file.name):
                shipped.hardlink_to(file)
                self._context().addFile(str(shipped))
        return local

    @contextmanager
    def lock(self) -> Iterator[None]:
        me = f"{owner()} #{time.monotonic_ns()}"
        holder = self._holder()
        if holder is not None and time.time() - holder["renewed"] < STALE_LOCK_SECONDS:
            refuse(
                self.root,
                f"{holder['owner']} (one that was killed is forgotten after "
                f"{STALE_LOCK_SECONDS:.0f} s)",
            )
        if holder is not None:
            self.delete(".lock")
        try:
            # Hadoop makes the file for one of several that try.
            self._create(self._path(".lock"), self._renewed(me), overwrite=False)
        except Exception:
            refuse(self.root, "a run that started at the same moment")
        time.sleep(SETTLE_SECONDS)
        if (self._holder() or {}).get("owner") != me:
            refuse(self.root, "a run that started at the same moment")
        done = threading.Event()
        renewal = threading.Thread(target=self._keep, args=(me, done), daemon=True)
        renewal.start()
        try:
            yield
        finally:
            done.set()
            renewal.join()
            if (self._holder() or {}).get("owner") == me:
                self.delete(".lock")

    def _holder(self) -> dict[str, Any] | None:
        """What the lock says; a lock that is just being written counts as renewed."""
        text = self.read(".lock")
        if text is None:
            return None
        with suppress(ValueError):
            record: dict[str, Any] = json.loads(text)
            return record
        return {"owner": _BEING_WRITTEN, "renewed": time.time()}

    def _renewed(self, me: str) -> str:
        return json.dumps({"owner": me, "renewed": time.time()})

    def _keep(self, me: str, done: threading.Event) -> None:
        while not done.wait(STALE_LOCK_SECONDS / 4):
            # A renewal that fails is tried again in time; the last that worked counts.
            with suppress(Exception):
                holder = self._holder()
                if holder is not None and holder["owner"] not in (me, _BEING_WRITTEN):
                    print(f"the workspace was taken over by {holder['owner']}", file=sys.stderr)
                    _thread.interrupt_main()
                    return
                self._create(self._path(".lock"), self._renewed(me), overwrite=True)
