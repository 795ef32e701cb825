"""Where Spark's Python workers come from: PySpark's daemon, but for what its workers print.

Spark runs this as ``python -m pipeline.workspace.workers``. What a library says of a page is
printed visibly. And when a task fails, Spark leaves the workers of the others, which is no
error of theirs: they end, without the traceback that each would print.
"""

from __future__ import annotations

import os
from typing import Any

from pyspark import daemon

from pipeline.base.printing import print_visibly

_work = daemon.worker


def _work_until_left(sock: Any, authenticated: bool) -> int:
    try:
        return _work(sock, authenticated)
    except (ConnectionError, EOFError):  # the JVM closed the socket, maybe before its first byte
        os._exit(1)


if __name__ == "__main__":
    print_visibly()
    daemon.worker = _work_until_left
    daemon.manager()
