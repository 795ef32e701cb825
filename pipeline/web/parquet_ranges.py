"""Rows of some hosts out of a Parquet file of an index, over the network, by range.

A part file of the index is about 1 GB, of hundreds of thousands of hosts, sorted by
``url_surtkey``: the address with its host turned round (``org,mathoverflow)/questions``). So its
footer tells in which row groups a host can be. Of these its names of hosts are read, and the
other columns only where one of them is wanted.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.base.errors import InputMalformed, InputMissing
from pipeline.config.sources import Read
from pipeline.web.streams import ReadFailed, open_stream, stat
from pipeline.web.urls import registered_domain

#: Bytes of a file's end that are asked for at once: most footers are shorter.
_TAIL = 131_072
_WWW = "www."


@dataclass(frozen=True, slots=True)
class Keys:
    """By which columns the rows of a host are chosen.

    ``host`` holds its name, turned round (``org,mathoverflow``) where ``is_turned``; ``sorted``
    is what rows are sorted by, and begins with the name turned round.
    """

    host: str
    sorted: str
    is_turned: bool = False


#: Those of Common Crawl's columnar index, and of its host index.
OF_PAGES = Keys("url_host_name", "url_surtkey")
OF_HOSTS = Keys("surt_host_name", "surt_host_name", is_turned=True)


def turned(name: str) -> str:
    """A host the other way round: ``org,mathoverflow`` for ``mathoverflow.org``, and back."""
    if "." in name:
        return ",".join(reversed(name.split(".")))
    return ".".join(reversed(name.split(",")))


@dataclass(frozen=True, slots=True)
class Hosts:
    """Hosts without ``www.``; with ``whole_domains``, all hosts of their registered domains."""

    names: frozenset[str]
    whole_domains: bool = False

    def __contains__(self, host: object) -> bool:
        """Whether a host of an index, with or without ``www.``, is one of them."""
        if not isinstance(host, str):
            return False
        name = host.lower()
        if name in self.names or name.removeprefix(_WWW) in self.names:
            return True
        return self.whole_domains and registered_domain(name) in self._domains()

    def key_prefixes(self) -> list[str]:
        """What the keys of their pages begin with, up to the sign that ends a name."""
        names = self._domains() if self.whole_domains else self.names
        # Keys lack www., and with digits too (www2.).
        bare = {name.partition(".")[2] for name in names if name.startswith("www")}
        return [turned(name) for name in sorted({*names, *bare} - {""})]

    def _domains(self) -> frozenset[str]:
        return frozenset(map(registered_domain, self.names))


class RangeFile(io.RawIOBase):
    """A file on the network of which pieces are read; ``asked`` counts their bytes.

    A piece that is cut is gone on with, see ``RemoteStream``. Raises ``ReadFailed``.
    """

    def __init__(self, path: str, read: Read) -> None:
        self._path = path
        self._read = read
        self.bytes = stat(path, read).bytes
        self.asked = 0
        self._position = 0
        self._tail_from = max(0, self.bytes - _TAIL)
        self._tail = self._piece(self._tail_from, self.bytes)

    def _piece(self, start: int, end: int) -> bytes:
        self.asked += end - start
        with open_stream(self._path, self._read, start=start, end=end) as stream:
            return stream.read()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.bytes}[whence]
        self._position = base + offset
        return self._position

    def read(self, size: int = -1) -> bytes:
        start = self._position
        end = self.bytes if size < 0 else min(self.bytes, start + size)
        if start >= end:
            return b""
        if start >= self._tail_from:
            piece = self._tail[start - self._tail_from : end - self._tail_from]
        else:
            piece = self._piece(start, end)
        self._position = start + len(piece)
        return piece


def opened_part(path: str, read: Read) -> RangeFile:
    """The part file of an index at an address. Raises ``InputMissing`` where it cannot be read."""
    try:
        return RangeFile(path, read)
    except ReadFailed as failure:
        raise _unreadable(failure) from None


def _unreadable(failure: ReadFailed) -> InputMissing:
    return InputMissing(
        f"cannot read {failure.path}: {failure.cause}",
        remedy="run the same command again, or correct the index in the configuration",
    )


def rows_of_hosts(
    file: RangeFile,
    path: str,
    hosts: Hosts | None,
    columns: Sequence[str],
    optional: Sequence[str] = (),
    keys: Keys = OF_PAGES,
) -> Iterator[pa.Table]:
    """The rows of ``hosts`` (None: all) in a part file, a table a row group, with ``columns``.

    ``optional`` columns are there where the file has them. Raises ``InputMalformed`` for a
    file that is no Parquet, is cut short or damaged, or lacks one of ``columns``, and
    ``InputMissing`` where it cannot be read.
    """
    try:
        parquet = pq.ParquetFile(pa.PythonFile(file, mode="r"))
        names = set(parquet.schema_arrow.names)
        if missing := [name for name in (*columns, keys.host) if name not in names]:
            raise InputMalformed(
                f"{path} is no columnar index: it has no {', '.join(missing)}",
                expected="Parquet with the columns of Common Crawl's index",
                remedy="correct index in the configuration's [crawls] table",
            )
        wanted = [*columns, *(name for name in optional if name in names)]
        if hosts is None:
            for group in range(parquet.num_row_groups):
                yield parquet.read_row_group(group, columns=wanted)
            return
        for group in _groups(parquet, hosts, keys):
            yield from _rows_of_group(parquet, group, hosts, wanted, keys)
    except ReadFailed as failure:
        raise _unreadable(failure) from None
    except (pa.ArrowException, OSError) as error:
        raise InputMalformed(
            f"{path} cannot be read as Parquet: {' '.join(str(error).split())[:300]}",
            expected="a whole part file of the columnar index",
            remedy="bring the whole file, or leave it out of index in the configuration",
        ) from None


def distinct_values(path: str, column: str, read: Read) -> set[str]:
    """What a column of texts holds in a part file. Raises as :func:`rows_of_hosts`."""
    tables = rows_of_hosts(
        opened_part(path, read), path, None, (column,), keys=Keys(column, column)
    )
    return {value for table in tables for value in pc.unique(table[0]).to_pylist() if value}


def _groups(parquet: pq.ParquetFile, hosts: Hosts, keys: Keys) -> Iterator[int]:
    """The row groups that may have rows of ``hosts``: those whose keys are not told, too."""
    metadata = parquet.metadata
    columns = {metadata.schema.column(at).path: at for at in range(metadata.num_columns)}
    prefixes = hosts.key_prefixes()
    for group in range(metadata.num_row_groups):
        at = columns.get(keys.sorted)
        known = metadata.row_group(group).column(at).statistics if at is not None else None
        if (
            known is None
            or not known.has_min_max
            or any(_may_hold(prefix, known.min, known.max) for prefix in prefixes)
        ):
            yield group


def _may_hold(prefix: str, least: Any, most: Any) -> bool:
    """Whether keys from ``least`` to ``most``, which may be cut, can begin with ``prefix``."""
    if not isinstance(least, str) or not isinstance(most, str):
        return True
    # After a name comes ")", "," before a host under it, ":" before a port, or nothing.
    return least[: len(prefix) + 1] <= f"{prefix}:" and prefix[: len(most)] <= most


def _rows_of_group(
    parquet: pq.ParquetFile, group: int, hosts: Hosts, columns: Sequence[str], keys: Keys
) -> Iterator[pa.Table]:
    names = parquet.read_row_group(group, columns=[keys.host]).column(keys.host)
    unique = pc.unique(names).to_pylist()
    if keys.is_turned:
        chosen = [name for name in unique if isinstance(name, str) and turned(name) in hosts]
    else:
        chosen = [name for name in unique if name in hosts]
    if chosen:
        rows = parquet.read_row_group(group, columns=list(columns))
        kept = pc.is_in(names, value_set=pa.array(chosen, names.type))
        yield rows.filter(kept)
