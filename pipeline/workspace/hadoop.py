"""A workspace on any file system that Hadoop knows: ``hdfs:``, ``s3a:``, …

Everything goes through Hadoop's FileSystem in Spark's own JVM, so that credentials
are configured once, in Spark.
"""

from __future__ import annotations

import _thread
import json
import os
import re
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from pipeline.base.printing import sentence
from pipeline.workspace import s3a
from pipeline.workspace.storage import Storage, owner, refuse

#: A lock whose owner has not renewed it for this long (seconds) is taken for
#: abandoned; the owner renews it four times as often.
STALE_LOCK_SECONDS = 120.0
#: Seconds in which two runs that both saw a stale lock find each other out.
SETTLE_SECONDS = 1.0
#: The owner of a lock that is read while it is being renewed.
_BEING_WRITTEN = "another run"
#: The name of a file or folder in what Hadoop's ``FileStatus`` says of itself.
_PATH_OF_STATUS = re.compile(r"\{path=[^\n]*/([^/\n]+); isDirectory=")
#: Names of locks; the one without a number is of versions of before there were numbers.
_LOCK_FILE = re.compile(r"\.lock(?:-(\d+))?")


def hadoop_storage(root: str, context: Callable[[], Any]) -> HadoopStorage:
    """The storage for a URI; arguments as those of :class:`HadoopStorage`."""
    return (S3AStorage if root.startswith("s3a:") else HadoopStorage)(root, context)


@dataclass(frozen=True)
class _Lock:
    """What a lock's file says."""

    owner: str
    renewed: float = field(default_factory=time.time)
    #: the process, where this machine could say
    process: int = 0
    processes: str = ""
    #: of its file: a lock is taken over by making the file of the next number
    number: int = 0

    @classmethod
    def of_this_process(cls, owner: str) -> _Lock:
        """Renewed now."""
        return cls(owner, process=os.getpid(), processes=_processes())

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
        return json.dumps({k: v for k, v in asdict(self).items() if k != "number"})


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

    # To find a class by its name costs a call of Java for each part of it.
    @cached_property
    def _hadoop(self) -> Any:
        return self._java.org.apache.hadoop.fs

    @cached_property
    def _path_class(self) -> Any:
        return self._hadoop.Path

    @cached_property
    def _streams(self) -> Any:
        return self._java.org.apache.commons.io.IOUtils

    @cached_property
    def _whole_system(self) -> Any:
        return self._path("").getFileSystem(self._context()._jsc.hadoopConfiguration())

    def _path(self, path: str) -> Any:
        return self._path_class(self.uri(path))

    def _system(self) -> Any:
        return self._whole_system

    def read(self, path: str) -> str | None:
        try:
            stream = self._system().open(self._path(path))
        except Exception as error:
            if _is_missing(error):
                return None
            raise
        try:
            text: str = self._streams.toString(stream, "UTF-8")
            return text
        finally:
            stream.close()

    def write(self, path: str, text: str) -> None:
        # Written beside and renamed, which on HDFS replaces a file at once.
        system, target = self._system(), self._path(path)
        unfinished = self._path(f"{path}.unfinished")
        self._fill(system.create(unfinished, True), text)
        files, modes = self._replacing
        files.rename(unfinished, target, modes)

    @cached_property
    def _replacing(self) -> tuple[Any, Any]:
        """What renames, and the words that have it replace what is there."""
        system, rename = self._system(), self._hadoop.Options.Rename
        modes = self._context()._gateway.new_array(rename, 1)
        modes[0] = rename.OVERWRITE
        return self._hadoop.FileContext.getFileContext(system.getUri(), system.getConf()), modes

    def _fill(self, stream: Any, text: str) -> None:
        try:
            stream.write(bytearray(text.encode()))
        finally:
            stream.close()

    def names(self, path: str) -> list[str]:
        iterators = self._java.org.apache.hadoop.util.functional.RemoteIterators
        try:
            statuses = iterators.toList(self._system().listStatusIterator(self._path(path)))
        except Exception as error:
            if _is_missing(error):
                return []
            raise
        # All in one string from Java: each call of it takes a millisecond.
        joined = self._java.org.apache.commons.lang3.StringUtils.join(statuses, "\n")
        return sorted(_PATH_OF_STATUS.findall(joined))

    def delete(self, path: str) -> None:
        self._system().delete(self._path(path), True)

    def size(self, path: str) -> tuple[int, int]:
        try:
            # One question, however many files there are.
            summary = self._system().getContentSummary(self._path(path))
        except Exception as error:
            if _is_missing(error):
                return 0, 0
            raise
        return summary.getFileCount(), summary.getLength()

    def put(self, local: Path, path: str) -> None:
        self._copy_in(local, path)

    def _copy_in(self, local: Path, path: str) -> None:
        source = self._path_class(local.resolve().as_uri())
        self._system().copyFromLocalFile(False, True, source, self._path(path))

    def on_every_machine(self, path: str, name: str, files: Sequence[str]) -> Path:
        local = Path(self._copies.name) / name
        local.mkdir(exist_ok=True)
        for file in files:
            copy = local / file
            # Spark ships files, no folders, and all of them into one.
            shipped = local.with_name(f"{name}-{file}")
            if not copy.exists():
                target = self._path_class(copy.as_uri())
                self._system().copyToLocalFile(self._path(f"{path}/{file}"), target)
            if not shipped.exists():
                shipped.hardlink_to(copy)
                self._context().addFile(str(shipped))
        return local

    @contextmanager
    def lock(self) -> Iterator[None]:
        me = f"{owner()} #{time.monotonic_ns()}"
        number = self._claimed(me)
        time.sleep(SETTLE_SECONDS)
        holder = self._holder()
        if holder is None or holder.owner != me:
            self._refuse(holder or _Lock(_BEING_WRITTEN))
        for older in self._locks():
            if older < number:
                self.delete(_lock_file(older))
        done = threading.Event()
        renewal = threading.Thread(target=self._keep, args=(me, number, done), daemon=True)
        renewal.start()
        try:
            yield
        finally:
            done.set()
            renewal.join()
            # What cannot be given back is abandoned. Its number stays taken: were it free, a
            # run that saw this lock before would take it for the next one.
            with suppress(Exception):
                holder = self._holder()
                if holder is not None and holder.owner == me:
                    self._write_lock(number, _Lock("nobody", renewed=0))

    def _claimed(self, me: str) -> int:
        """Make the lock of the next number, which only one run can, and return the number."""
        seen = self._holder()
        while True:
            if seen is not None and not seen.abandoned:
                self._refuse(seen)
            number = 1 + (seen.number if seen else 0)
            try:
                stream = self._new_file(_lock_file(number))
                self._fill(stream, _Lock.of_this_process(me).to_json())
            except Exception:
                # Unless another run was faster, or the answer to a request that worked was lost.
                now = self._holder()
                if now is None or now.number < number:
                    raise
                if now.owner == me:
                    return number
                seen = now
            else:
                return number

    def _refuse(self, holder: _Lock) -> NoReturn:
        refuse(
            self.root,
            f"{holder.owner} (one that was killed on another machine is forgotten after "
            f"{STALE_LOCK_SECONDS:.0f} s)",
        )

    def _locks(self) -> list[int]:
        """Numbers of the locks that there are; the highest one counts."""
        matches = map(_LOCK_FILE.fullmatch, self.names(""))
        return sorted(int(match[1] or 0) for match in matches if match)

    def _holder(self) -> _Lock | None:
        """What the lock says; a lock that is just being written counts as renewed."""
        while numbers := self._locks():
            file = _lock_file(numbers[-1])
            text = self.read(file)
            if text is None:  # of a run that went, whose successor's is there by now
                continue
            with suppress(ValueError, TypeError):
                return _Lock(**json.loads(text) | {"number": numbers[-1]})
            # Being written, or half-written by a run that was killed in that moment.
            changed = self._system().getFileStatus(self._path(file)).getModificationTime()
            return _Lock(_BEING_WRITTEN, renewed=changed / 1_000, number=numbers[-1])
        return None

    def _new_file(self, path: str) -> Any:
        """A stream into a file that must not exist yet; Hadoop makes it for one of several."""
        return self._system().create(self._path(path), False)

    def _write_lock(self, number: int, lock: _Lock) -> None:
        stream = self._system().create(self._path(_lock_file(number)), True)
        self._fill(stream, lock.to_json())

    def _keep(self, me: str, number: int, done: threading.Event) -> None:
        while not done.wait(STALE_LOCK_SECONDS / 4):
            # A renewal that fails is tried again in time; the last that worked counts.
            with suppress(Exception):
                holder = self._holder()
                if holder is not None and holder.owner not in (me, _BEING_WRITTEN):
                    reason = f"the workspace was taken over by {holder.owner}"
                    print(sentence(reason), file=sys.stderr)
                    _thread.interrupt_main()
                    return
                self._write_lock(number, _Lock.of_this_process(me))


class S3AStorage(HadoopStorage):
    """A folder tree in a bucket.

    An object is there whole or not at all, and is replaced at once; nothing can be renamed.
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

    def _holder(self) -> _Lock | None:
        try:
            return super()._holder()
        except Exception as error:
            if "RemoteFileChangedException" in str(error):
                return _Lock(_BEING_WRITTEN)
            raise

    def _new_file(self, path: str) -> Any:
        # The server decides: an object is made only where there is none.
        condition = "fs.option.create.conditional.overwrite"
        system, place = self._system(), self._path(path)
        if not system.hasPathCapability(place, condition):  # switched off for a server without it
            return super()._new_file(path)
        return system.createFile(place).overwrite(True).recursive().must(condition, True).build()


def _lock_file(number: int) -> str:
    return f".lock-{number}" if number else ".lock"


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
