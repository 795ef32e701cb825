"""Which tables the corpus was made of, in the order in which they were made."""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.loop.run import Run
from pipeline.workspace.manifest import Manifest
from pipeline.workspace.tables import Table


def origin_manifests(run: Run, last: int) -> list[Manifest]:
    """Manifests of all tables that the corpus of round ``last`` depends on, and that exist."""
    manifests = (table.manifest() for table in _tables(run, last))
    return [manifest for manifest in manifests if manifest is not None]


def _tables(run: Run, last: int) -> Iterator[Table]:
    workspace = run.workspace
    for crawl in run.config.crawls:
        yield workspace.pages(crawl)
        yield workspace.signatures(crawl)
    for generation in workspace.older_generations():
        yield workspace.pool(generation)
    yield workspace.pool()
    for number in range(1, last + 1):
        yield workspace.seed(number)
        yield workspace.model(number)
        yield workspace.scores(number)
        yield workspace.candidates(number)
        yield workspace.collected(number)
        yield workspace.domains(number)
    yield workspace.contamination()
