"""What a round's mining left, read for people: domains, path trees, sample pages.

Read without Spark. In memory are the queued domains and their prefixes, some
hundred bytes each; samples and texts stay on disk, and only those of a node that is
looked at are read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
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
_PAGE_COLUMNS = [
    *("page_id", "url", "title", "language", "text"),
    *("crawl", "fetch_time", "warc", "warc_offset", "warc_length"),
]


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain for people to look at, as in the table of domains."""

    domain: str
    pages: int
    collected: int
    share: float
    language: str
    suspected: int
    reason: str


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
        self.workspace = place = Workspace(workspace, _no_jvm)
        self.number = number
        tables = [
            table(number)
            for table in (place.domains, place.prefixes, place.samples, place.sample_pages)
        ]
        domains, prefixes, samples, self._pages = map(Table.local_files, tables)
        self._samples = _dataset(samples)
        domain_rows = _dataset(domains).to_table(
            columns=list(Domain.__dataclass_fields__), filter=ds.field("queued")
        )
        self.domains = {row["domain"]: Domain(**row) for row in domain_rows.to_pylist()}
        if not self.domains:
            raise InputEmpty(
                f"round {number} found no domain to ask about in {tables[0].place}",
                remedy="look at mine.share, mine.min_pages and [suspects] in the configuration",
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
        self._read_samples = lru_cache(maxsize=256)(self._samples_of)
        self._read_tree = lru_cache(maxsize=16)(self._tree_of)

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
        return self._read_tree(domain)

    def _tree_of(self, domain: str) -> PathTree:
        start, end = self._rows.get(domain, (0, 0))
        rows = self._prefixes.slice(start, end - start).drop_columns(["domain"])
        return PathTree(Node(**row) for row in rows.to_pylist())

    def uncollected(self, prefixes: Collection[str]) -> dict[str, int]:
        """How many pages of each of ``prefixes`` the round did not take, if it is in a tree."""
        names = self._prefixes["prefix"]
        rows = self._prefixes.filter(pc.is_in(names, value_set=pa.array(prefixes, pa.string())))
        left = pc.subtract(rows["pages"], rows["collected"])
        return dict(zip(rows["prefix"].to_pylist(), left.to_pylist(), strict=True))

    def find(self, text: str, most: int) -> dict[str, tuple[str, int]]:
        """Prefixes with ``text`` in them, in whatever case: domain and number of pages of each.

        At most so many, whole hosts first and large ones before small ones.
        """
        names = self._prefixes["prefix"]
        hits = self._prefixes.filter(pc.match_substring(names, text, ignore_case=True))
        order = [("depth", "ascending"), ("pages", "descending"), ("prefix", "ascending")]
        rows = hits.select(["domain", "prefix", "depth", "pages"]).sort_by(order).slice(0, most)
        return {row["prefix"]: (row["domain"], row["pages"]) for row in rows.to_pylist()}

    def samples(self, prefix: str) -> tuple[dict[str, Any], ...]:
        """Up to ``SAMPLES`` pages: those of :meth:`page`, with collected and score.

        Collected pages and others in equal parts, as far as there are; those first
        that mining put first.
        """
        return self._read_samples(prefix)

    def page(self, page_id: str) -> dict[str, Any]:
        """A sample page: page_id, url, title, language, text, and where its record is.

        Raises ``KeyError`` for a page that is none of the round's samples.
        """
        return self._pages_of([page_id])[page_id]

    def _samples_of(self, prefix: str) -> tuple[dict[str, Any], ...]:
        # Row groups whose statistics leave the prefix out are not read.
        rows = (
            self._samples.to_table(
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

    @cached_property
    def _row_groups(self) -> tuple[np.ndarray[Any, np.dtype[np.uint64]], list[tuple[Path, int]]]:
        """Ends of all pages' ids, eight bytes each, in the order of the row groups; and these."""
        marks: list[np.ndarray[Any, np.dtype[np.uint64]]] = []
        groups: list[tuple[Path, int]] = []
        ends = []
        for path in self._pages:
            with pq.ParquetFile(path) as file:
                for group in range(file.num_row_groups):
                    ids = file.read_row_group(group, columns=["page_id"])["page_id"]
                    marks.append(_marks(ids))
                    groups.append((path, group))
                    ends.append(len(ids))
        self._ends = np.cumsum(ends)
        return (np.concatenate(marks) if marks else np.empty(0, np.uint64)), groups

    def _pages_of(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        """Only row groups that hold one of the pages are read, a batch at a time."""
        marks, groups = self._row_groups
        wanted = pa.array(ids, pa.string())
        rows = np.flatnonzero(np.isin(marks, _marks(pa.chunked_array([wanted]))))
        hit_groups = dict.fromkeys(np.searchsorted(self._ends, rows, side="right").tolist())
        pages_by_id: dict[str, dict[str, Any]] = {}
        for number in hit_groups:
            path, group = groups[number]
            first = int(self._ends[number - 1]) if number else 0
            last = int(rows[rows < self._ends[number]][-1]) - first
            with pq.ParquetFile(path) as file:
                read = 0
                for batch in file.iter_batches(_BATCH_ROWS, [group], _PAGE_COLUMNS):
                    hits = batch.filter(pc.is_in(batch["page_id"], value_set=wanted))
                    for cells in hits.to_pylist():
                        # Older tables have fewer columns.
                        row = dict.fromkeys(_PAGE_COLUMNS) | cells
                        row["title"], row["text"] = row["title"][:MAX_TITLE], row["text"][:MAX_TEXT]
                        pages_by_id[row["page_id"]] = row
                    read += batch.num_rows
                    if read > last:
                        break
        return pages_by_id


def _dataset(files: list[Path]) -> ds.Dataset:
    return ds.dataset([str(path) for path in files], format="parquet")


def _marks(ids: pa.ChunkedArray) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """The last eight bytes of each id, as numbers: they tell nearly all ids apart."""
    if not len(ids):
        return np.empty(0, np.uint64)
    ends = pc.ascii_rpad(pc.utf8_slice_codeunits(ids, -8), 8)
    return np.frombuffer("".join(ends.to_pylist()).encode("ascii", "replace"), np.uint64)


def _no_jvm() -> NoReturn:
    raise AssertionError("a local workspace needs no Spark")
