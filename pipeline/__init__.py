"""mathmine: mines a mathematics corpus out of Common Crawl.

The front door for programs: what ``__all__`` names. The rooms behind it are opened when
they are asked for, so that none waits for another that it does not need.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from pipeline.base import errors
from pipeline.base.outcomes import SetAside
from pipeline.base.version import __version__

if TYPE_CHECKING:
    from pipeline.config.run_file import load_config
    from pipeline.decontaminate.benchmark_index import index_benchmarks
    from pipeline.decontaminate.ngrams import find_traces
    from pipeline.dedupe.minhash import estimated_jaccard, minhash
    from pipeline.text import Page, extract_page
    from pipeline.web.warc import Capture, read_warc

__all__ = [
    "Capture",
    "Page",
    "SetAside",
    "__version__",
    "errors",
    "estimated_jaccard",
    "extract_page",
    "find_traces",
    "index_benchmarks",
    "load_config",
    "minhash",
    "read_warc",
]

_BEHIND = {
    "Capture": "pipeline.web.warc",
    "Page": "pipeline.text",
    "estimated_jaccard": "pipeline.dedupe.minhash",
    "extract_page": "pipeline.text",
    "find_traces": "pipeline.decontaminate.ngrams",
    "index_benchmarks": "pipeline.decontaminate.benchmark_index",
    "load_config": "pipeline.config.run_file",
    "minhash": "pipeline.dedupe.minhash",
    "read_warc": "pipeline.web.warc",
}


def __getattr__(name: str) -> Any:
    if name not in _BEHIND:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_BEHIND[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
