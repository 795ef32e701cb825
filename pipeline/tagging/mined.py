"""What a round's mining left, read for people: domains, path trees, sample pages.

Read without Spark. In memory are the mathematical domains and their prefixes, some
hundred bytes each; samples and texts stay on disk, and only those of a node that is
looked at are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from pipeline.base.errors import InputEmpty, WorkspaceError
from pipeline.workspace.places import Workspace
from pipeline.workspace.storage import local_path
from pipeline.workspace.tables import Table

#: Sample pages of a node.
SAMPLES = 10
#: Texts and titles are shown up to so many characters.
MAX_TEXT = 6_000
MAX_TITLE = 300
_BATCH_ROWS = 512


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain for people to look at, as in the table of domains."""

    domain: str
    pages: int
    collected: int
    share: float
    language: str


@dataclass(frozen=True, slots=True)
class Node:
    """A prefix of a domain's path tree, as in the table of prefixes."""

    prefix: str
    depth: int
    pages: int
    collected: int
    share: float
    score_10: float
    score_50: float
    score_90: float

    @property
    def uncollected(self) -> int:
        return self.pages - self.collected


class PathTree:
    """A domain's prefixes: a root for each host, parents before children."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        self.nodes = {node.prefix: node for node in sorted(nodes, key=lambda n: n.depth)}
        self.roots: list[Node] = []
        self._children: dict[str, list[Node]] = {}
        for node in self.nodes.values():
            parent = self.parent(node.prefix)
            siblings = self.roots if parent is None else self._children.setdefault(parent, [])
            siblings.append(node)
        for siblings in (self.roots, *self._children.values()):
            siblings.sort(key=lambda n: (-n.pages, n.prefix))

    def parent(self, prefix: str) -> str | None:
        """The longest prefix of the tree that is a part of this one."""
        while "/" in prefix:
            prefix = prefix.rpartition("/")[0]
            if prefix in self.nodes:
                return prefix
        return None

    def children(self, prefix: str) -> list[Node]:
        """Most pages first."""
        return self._children.get(prefix, [])

    def walk(self) -> Iterator[Node]:
        """All nodes, each before its children."""
        pending = self.roots[::-1]
        while pending:
            node = pending.pop()
            yield node
            pending += self.children(node.prefix)[::-1]


class MinedRound:
    """The tables of one round, in a local workspace."""

    def __init__(self, workspace: str, number: int) -> None:
        """Raises ``WorkspaceError``, ``InputMissing``, ``SchemaMismatch``, ``InputEmpty``."""
        if local_path(workspace) is None:
            names = "domains,prefixes,samples,sample_pages"
            raise WorkspaceError(
                f"the tagging page reads a local folder, and {workspace} is none",
                remedy=f"copy rounds/{number}/{{{names}}} and what lies in them to a folder "
                "LOCAL/rounds, for example with `hadoop fs -get` or `aws s3 cp --recursive`, and "
                "run make tag WORKSPACE=LOCAL",
            )
        place = Workspace(workspace, _no_jvm)
        self.number = number
        tables = [
            table(number)
            for table in (place.domains, place.prefixes, place.samples, place.sample_pages)
        ]
        domains, prefixes, self._samples, self._pages = map(Table.local_files, tables)
        domain_rows = _dataset(domains).to_table(
            columns=list(Domain.__dataclass_fields__), filter=ds.field("queued")
        )
        self.domains = {row["domain"]: Domain(**row) for row in domain_rows.to_pylist()}
        if not self.domains:
            raise InputEmpty(
                f"round {number} found no mathematical domain in {tables[0].place}",
                remedy="look at mine.share and mine.min_pages in the configuration",
            )
        rows = _dataset(prefixes).to_table(columns=["domain", *Node.__dataclass_fields__])
        self._prefixes = rows.sort_by("domain").combine_chunks()
        names = self._prefixes["domain"].combine_chunks().dictionary_encode()
        codes = names.indices.to_numpy()
        starts = np.flatnonzero(np.diff(codes, prepend=-1))
        ends = np.append(starts[1:], len(codes))
        order = names.dictionary.to_pylist()
        self._rows = {
            order[codes[start]]: (int(start), int(end))
            for start, end in zip(starts, ends, strict=True)
        }
        self._read_samples = lru_cache(maxsize=64)(self._samples_of)

    @cached_property
    def roots(self) -> dict[str, list[Node]]:
        """The whole hosts of each domain."""
        rows = self._prefixes.filter(pc.equal(self._prefixes["depth"], 0)).to_pylist()
        nodes: dict[str, list[Node]] = {}
        for row in rows:
            nodes.setdefault(row.pop("domain"), []).append(Node(**row))
        return nodes

    def tree(self, domain: str) -> PathTree:
        """The path tree of ``domain``; empty where there are no rows of it."""
        start, end = self._rows.get(domain, (0, 0))
        rows = self._prefixes.slice(start, end - start).drop_columns(["domain"])
        return PathTree(Node(**row) for row in rows.to_pylist())

    def samples(self, prefix: str) -> tuple[dict[str, Any], ...]:
        """Up to ``SAMPLES`` pages: url, title, language, text, collected, score.

        Collected pages and others in equal parts, as far as there are; those first
        that mining put first.
        """
        return self._read_samples(prefix)

    def _samples_of(self, prefix: str) -> tuple[dict[str, Any], ...]:
        rows = (
            _dataset(self._samples)
            .to_table(
                columns=["page_id", "collected", "score", "place"],
                filter=ds.field("prefix") == prefix,
            )
            .sort_by([("place", "ascending"), ("collected", "descending")])
            .slice(0, SAMPLES)
            .to_pylist()
        )
        pages = self._pages_of([row["page_id"] for row in rows])
        return tuple(
            {**pages[row["page_id"]], "collected": row["collected"], "score": row["score"]}
            for row in rows
            if row["page_id"] in pages
        )

    def _pages_of(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        """Only row groups that hold one of the pages are read, a batch at a time."""
        wanted = pa.array(ids, pa.string())
        pages_by_id: dict[str, dict[str, Any]] = {}
        for path in self._pages:
            with pq.ParquetFile(path) as file:
                for group in range(file.num_row_groups):
                    if len(pages_by_id) == len(ids):
                        return pages_by_id
                    names = file.read_row_group(group, columns=["page_id"])["page_id"]
                    if not pc.any(pc.is_in(names, value_set=wanted)).as_py():
                        continue
                    columns = ["page_id", "url", "title", "language", "text"]
                    for batch in file.iter_batches(_BATCH_ROWS, [group], columns):
                        hits = batch.filter(pc.is_in(batch["page_id"], value_set=wanted))
                        for row in hits.to_pylist():
                            pages_by_id[row["page_id"]] = {
                                "url": row["url"],
                                "title": row["title"][:MAX_TITLE],
                                "language": row["language"],
                                "text": row["text"][:MAX_TEXT],
                            }
        return pages_by_id


def _dataset(files: list[Path]) -> ds.Dataset:
    return ds.dataset([str(path) for path in files], format="parquet")


def _no_jvm() -> NoReturn:
    raise AssertionError("a local workspace needs no Spark")
