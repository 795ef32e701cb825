"""The process in which fastText trains: ``python -m pipeline.classify.fit``.

fastText fills only a tenth of its matrix for each thread (up to ten) and leaves the
rest as the allocator gave it. Fresh memory is zeros, and all is well; memory that a
process used before is not, and training then differs from run to run or dies of
NaN at whatever learning rate. So training has a process of its own, whose allocator
hands out zeros. The process also gives back the memory, and a kill for want of it
strikes nothing else.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pipeline.base.errors import NO_SPACE, storage_full
from pipeline.base.live_counts import duration

#: Seconds between two notes of progress.
NOTE_SECONDS = 9.0

#: glibc fills what it allocates with the complement of this byte: zeros.
_ZEROED_MEMORY = {"MALLOC_PERTURB_": "255"}
#: Bytes that a disk must have left after a model: more than any block that a write fills up.
_ROOM = 65_536


class FitFailed(Exception):
    """fastText did not finish; the message is its own."""


@dataclass(frozen=True)
class Fitted:
    """What it took: seconds, and bytes of the process at its largest (0: not known here)."""

    seconds: float
    peak_memory: int


def fit(arguments: dict[str, Any], model_path: Path, note: Callable[[str], None]) -> Fitted:
    """Train with fastText's ``train_supervised`` and save ``model_path``.

    Raises ``FitFailed`` with fastText's message, or with the signal that ended it, and
    ``StorageFull``.
    """
    # fastText reads its file once for the words, and once an epoch.
    to_read = Path(arguments["input"]).stat().st_size * (1 + arguments["epoch"])
    started = time.monotonic()
    search_path = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(  # noqa: S603 - this interpreter, this module
        [sys.executable, "-m", __name__],
        env=os.environ | search_path | _ZEROED_MEMORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            assert process.stdin
            assert process.stdout
            assert process.stderr
            job = {"train": arguments, "model": str(model_path)}
            process.stdin.write(json.dumps(job).encode() + b"\n")
            process.stdin.flush()
            # The pipe stays open: its end tells the child that this process is gone.
            last_line = _follow(process.stderr, note, lambda: _share_read(process.pid, to_read))
            answer = process.stdout.read()
        except BaseException:
            process.kill()
            raise
    if process.returncode < 0:
        raise FitFailed(f"killed by signal {-process.returncode}")
    try:
        report = json.loads(answer)
    except ValueError:
        report = {"error": last_line or f"exit status {process.returncode}"}
    if NO_SPACE in report["error"]:
        raise storage_full(str(model_path.parent))
    if report["error"]:
        raise FitFailed(report["error"])
    return Fitted(round(time.monotonic() - started, 3), report["peak_memory"])


def _follow(stream: IO[bytes], note: Callable[[str], None], share: Callable[[], float]) -> str:
    """Pass on progress now and then; return the last line that fastText wrote beside it.

    With one thread fastText trains in silence, so the share of what it has to read is told.
    """
    started = last_note = time.monotonic()
    last_line = ""
    for line in _lines(stream):
        if line and not line.startswith("Progress:"):
            last_line = line
        elif time.monotonic() - last_note >= NOTE_SECONDS:
            last_note = time.monotonic()
            if line:
                note("training: " + " ".join(line.removeprefix("Progress:").split()))
            elif read := share():
                left = (time.monotonic() - started) * (1 - read) / read
                note(f"training: {read:.0%} read, {duration(left)} left")
    return last_line


def _lines(stream: IO[bytes]) -> Iterator[str]:
    """Lines ended by a newline or, as fastText's progress is, by a carriage return.

    After ``NOTE_SECONDS`` of silence the line is empty.
    """
    rest = b""
    while True:
        if not select.select([stream], [], [], NOTE_SECONDS)[0]:
            yield ""
            continue
        block = os.read(stream.fileno(), 65_536)
        if not block:
            break
        *whole, rest = (rest + block).replace(b"\r", b"\n").split(b"\n")
        yield from (line.decode(errors="replace").strip() for line in whole if line.strip())
    if rest.strip():
        yield rest.decode(errors="replace").strip()


def _share_read(pid: int, to_read: int) -> float:
    """How much of what a process has to read it has read; 0 where the system does not tell."""
    try:
        counters = Path(f"/proc/{pid}/io").read_text(encoding="ascii")
    except OSError:
        return 0.0
    read = int(counters.split("rchar:")[1].split()[0])
    return min(1.0, read / to_read)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(1)


def _peak_memory() -> int:
    """Bytes of this process at its largest; ``getrusage`` would count its parent's, too."""
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return 0
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def _check_room(written: Path) -> None:
    """``OSError`` where the disk is full: fastText writes what it can, and says nothing."""
    size = written.stat().st_size
    with written.open("ab") as file:
        file.write(bytes(_ROOM))
        file.flush()
        file.truncate(size)


def _main() -> None:
    import fasttext

    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    error = ""
    try:
        model = fasttext.train_supervised(**job["train"])
        model.save_model(job["model"])
        _check_room(Path(job["model"]))
    except (RuntimeError, ValueError, OSError) as failure:
        error = str(failure)
    print(json.dumps({"error": error, "peak_memory": _peak_memory()}), flush=True)
    # The thread above still waits on standard input; there is nothing to clean up.
    os._exit(0)


if __name__ == "__main__":
    _main()
