"""A workspace on any file system that Hadoop knows: ``hdfs:``, ``s3a:``, …

Everything goes through Hadoop's FileSystem in Spark's own JVM, so that credentials
are configured once, in Spark.
"""

from __future__ import annotations

import _thread
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pipeline.base.errors import WorkspaceError
from pipeline.base.printing import sentence
from pipeline.workspace import s3a
from pipeline.workspace.storage import Storage, is_control, owner, refuse

#: A lock whose owner has not renewed it for this long (seconds) is taken for
#: abandoned; the owner renews it four times as often.
STALE_LOCK_SECONDS = 120.0
#: Seconds in which two runs that both saw a stale lock find each other out.
SETTLE_SECONDS = 1.0
#: The owner of a lock that is read while it is being renewed.
_BEING_WRITTEN = "another run"


def hadoop_storage(root: str, context: Callable[[], Any]) -> HadoopStorage:
    """The storage for a URI; arguments as those of :class:`HadoopStorage`."""
    return (S3AStorage if root.startswith("s3a:") else HadoopStorage)(root, context)


@dataclass(frozen=True)
class _Lock:
    """What the lock's file says; ``version`` tells this state of the file from others."""

    owner: str
    renewed: float = field(default_factory=time.time)
    #: the process, where this machine could say
    process: int = 0
    processes: str = ""
    version: str = ""

    @property
    def abandoned(self) -> bool:
        if time.time() - self.renewed >= STALE_LOCK_SECONDS:
            return True
        if not self.process or self.processes != _processes():
            return False
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return True
        except OSError:
            pass
        return False

    def to_json(self) -> str:
        return json.dumps({k: v for k, v in asdict(self).items() if k != "version"})


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
        try:
            stream = self._system().open(self._path(path))
        except Exception as error:
            if _is_missing(error):
                return None
            raise
        try:
            return bytes(self._java.org.apache.commons.io.IOUtils.toByteArray(stream)).decode()
        finally:
            stream.close()

    def write(self, path: str, text: str) -> None:
        # Written beside and renamed: on HDFS a rename is atomic.
        system, target = self._system(), self._path(path)
        unfinished = self._path(f"{path}.unfinished")
        self._fill(system.create(unfinished, True), text)
        system.delete(target, False)
        if not system.rename(unfinished, target):
            raise OSError(f"cannot rename {unfinished} to {target}")

    def _fill(self, stream: Any, text: str) -> None:
        try:
            stream.write(bytearray(text.encode()))
        finally:
            stream.close()

    def names(self, path: str) -> list[str]:
        try:
            statuses = self._system().listStatus(self._path(path))
        except Exception as error:
            if _is_missing(error):
                return []
            raise
        return sorted(item.getPath().getName() for item in statuses)

    def delete(self, path: str) -> None:
        self._system().delete(self._path(path), True)

    def move(self, source: str, target: str) -> None:
        self._system().mkdirs(self._path(target).getParent())
        self._rename(source, target)

    def _rename(self, source: str, target: str) -> None:
        if not self._system().rename(self._path(source), self._path(target)):
            raise OSError(f"cannot rename {self.uri(source)} to {self.uri(target)}")

    def size(self, path: str) -> tuple[int, int]:
        count = total = 0
        try:
            listing = self._system().listFiles(self._path(path), True)
        except Exception as error:
            if _is_missing(error):
                return 0, 0
            raise
        while listing.hasNext():
            status = listing.next()
            if not is_control(status.getPath().getName()):
                count, total = count + 1, total + status.getLen()
        return count, total

    def put(self, local: Path, path: str) -> None:
        self._copy_in(local, path)

    def _copy_in(self, local: Path, path: str) -> None:
        source = self._java.org.apache.hadoop.fs.Path(local.resolve().as_uri())
        self._system().copyFromLocalFile(False, True, source, self._path(path))

    def on_every_machine(self, path: str, name: str, files: Sequence[str]) -> Path:
        local = Path(self._copies.name) / name
        local.mkdir(exist_ok=True)
        for file in files:
            copy = local / file
            # Spark ships files, no folders, and all of them into one.
            shipped = local.with_name(f"{name}-{file}")
            if not copy.exists():
                target = self._java.org.apache.hadoop.fs.Path(copy.as_uri())
                self._system().copyToLocalFile(self._path(f"{path}/{file}"), target)
            if not shipped.exists():
                shipped.hardlink_to(copy)
                self._context().addFile(str(shipped))
        return local

    @contextmanager
    def lock(self) -> Iterator[None]:
        me = f"{owner()} #{time.monotonic_ns()}"
        seen = self._holder()
        if seen is not None and not seen.abandoned:
            self._refuse(seen)
        try:
            self._claim(self._renewed(me), seen)
        except Exception:
            # Unless it was lost to another run, or won by a request whose answer was lost.
            now = self._holder()
            if now is None or now == seen:
                raise
        time.sleep(SETTLE_SECONDS)
        holder_ = self._holder()
        if holder_ is None or holder_.owner != me:
            self._refuse(holder_ or _Lock(_BEING_WRITTEN))
        done = threading.Event()
        renewal = threading.Thread(target=self._keep, args=(me, done), daemon=True)
        renewal.start()
        try:
            yield
        finally:
            done.set()
            renewal.join()
            # What cannot be given back is abandoned.
            with suppress(Exception):
                holder = self._holder()
                if holder is not None and holder.owner == me:
                    self._release(holder)

    def _refuse(self, holder: _Lock) -> None:
        refuse(
            self.root,
            f"{holder.owner} (one that was killed on another machine is forgotten after "
            f"{STALE_LOCK_SECONDS:.0f} s)",
        )

    def _holder(self) -> _Lock | None:
        """What the lock says; a lock that is just being written counts as renewed."""
        version = self._version()  # before the text, so that it is never the newer of the two
        text = self.read(".lock")
        if text is None:
            return None
        with suppress(ValueError, TypeError):
            return _Lock(**json.loads(text) | {"version": version})
        # Being written, or half-written by a run that was killed in that moment.
        changed = self._system().getFileStatus(self._path(".lock")).getModificationTime()
        return _Lock(_BEING_WRITTEN, renewed=changed / 1_000, version=version)

    def _version(self) -> str:
        return ""

    def _renewed(self, me: str) -> str:
        return _Lock(me, process=os.getpid(), processes=_processes()).to_json()

    def _claim(self, text: str, seen: _Lock | None) -> None:
        """Take the lock, if it is as it was ``seen``; any error where it is not."""
        if seen is not None:
            self.delete(".lock")
        # Hadoop makes the file for one of several that try.
        self._fill(self._system().create(self._path(".lock"), False), text)

    def _renew(self, text: str, seen: _Lock | None) -> None:
        self._fill(self._system().create(self._path(".lock"), True), text)

    def _release(self, mine: _Lock) -> None:
        self.delete(".lock")

    def _keep(self, me: str, done: threading.Event) -> None:
        while not done.wait(STALE_LOCK_SECONDS / 4):
            # A renewal that fails is tried again in time; the last that worked counts.
            with suppress(Exception):
                holder = self._holder()
                if holder is not None and holder.owner not in (me, _BEING_WRITTEN):
                    reason = f"the workspace was taken over by {holder.owner}"
                    print(sentence(reason), file=sys.stderr)
                    _thread.interrupt_main()
                    return
                self._renew(self._renewed(me), holder)


class S3AStorage(HadoopStorage):
    """A folder tree in a bucket.

    An object is there whole or not at all, and is replaced at once. A folder is renamed by
    copying its objects, one by one: cut half-way, there is part of it in both places.
    """

    _ready = False

    def _system(self) -> Any:
        if not self._ready:
            s3a.prepare(self._context(), self.uri(""))
            self._ready = True
        return super()._system()

    def write(self, path: str, text: str) -> None:
        self._fill(self._system().create(self._path(path), True), text)

    def _fill(self, stream: Any, text: str) -> None:
        try:
            stream.write(bytearray(text.encode()))
        except BaseException:
            stream.abort()  # to close it would publish what there is
            raise
        stream.close()

    def put(self, local: Path, path: str) -> None:
        # Some servers show folders that have lost their last object, and a folder is
        # copied into a folder that exists, not to its place.
        for file in sorted(local.rglob("*")):
            if file.is_file():
                self._copy_in(file, f"{path}/{file.relative_to(local).as_posix()}")

    def move(self, source: str, target: str) -> None:
        staged = self.size(source)
        self._rename(source, target)
        target_size = self.size(target)
        if target_size != staged:
            raise WorkspaceError(
                f"{self.place(target)} has {target_size[0]:,} files of {target_size[1]:,} bytes",
                expected=f"{staged[0]:,} files of {staged[1]:,} bytes, which were moved there",
                remedy="see that nothing else writes there, and run the same command again",
            )

    def _holder(self) -> _Lock | None:
        try:
            return super()._holder()
        except Exception as error:
            if "RemoteFileChangedException" in str(error):
                return _Lock(_BEING_WRITTEN)
            raise

    def _version(self) -> str:
        try:
            return str(self._system().getFileStatus(self._path(".lock")).getEtag())
        except Exception as error:
            if _is_missing(error):
                return ""
            raise

    def _claim(self, text: str, seen: _Lock | None) -> None:
        # The server decides: an object is made only where there is none, or replaced only
        # where it is the very one that was seen.
        condition = "fs.option.create.conditional.overwrite"
        system, path = self._system(), self._path(".lock")
        if not system.hasPathCapability(path, condition):  # switched off for a server without it
            super()._claim(text, seen)
            return
        builder = system.createFile(path).overwrite(True).recursive()
        if seen is None:
            builder.must(condition, True)
        else:
            builder.must(f"{condition}.etag", seen.version)
        self._fill(builder.build(), text)

    def _renew(self, text: str, seen: _Lock | None) -> None:
        self._claim(text, seen)

    def _release(self, mine: _Lock) -> None:
        # A delete knows no conditions: the lock stays, as one that nobody holds.
        self._claim(_Lock("nobody", renewed=0).to_json(), mine)


def _is_missing(error: Exception) -> bool:
    java = getattr(error, "java_exception", None)
    return java is not None and java.getClass().getName() == "java.io.FileNotFoundException"


def _processes() -> str:
    """Names the processes whose numbers mean something here; empty where nothing does."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""
