"""Reading benchmark items, in the normal form or as they were published.

The normal form is JSONL (plain or gzip) or Parquet with the columns benchmark,
split, id, question and answer. Every other file is read as the catalogue
(``seeds/benchmarks.toml``) says. Nothing is skipped in silence: a line that is
no JSON, a row without a question or a file that nobody described is an error.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field, TypeAdapter, ValidationError

from pipeline.base.errors import ConfigError, InputEmpty, InputMalformed, InputMissing
from pipeline.config.settings import Decontaminate
from pipeline.config.sources import Section
from pipeline.config.toml_file import read_toml

_SUFFIXES = (".jsonl", ".jsonl.gz", ".json", ".json.gz", ".parquet")
_NORMAL_FORM = "rows with benchmark, split, id, question and answer"


@dataclass(frozen=True, slots=True)
class Item:
    """One problem of a benchmark. ``question`` is never empty, ``answer`` may be."""

    benchmark: str
    split: str
    id: str
    question: str
    answer: str


class Published(Section):
    """A table of the catalogue: how files of one benchmark are read as published."""

    benchmark: str = Field(description="its name; {stem} stands for the file's, in snake case")
    homepage: str
    get: str = Field(description="how a person comes by the files")
    files: tuple[str, ...] = Field(min_length=1, description="globs, relative to the folder")
    split: str
    question: tuple[str, ...] = Field(min_length=1, description="fields, dotted where nested")
    answer: tuple[str, ...] = Field(
        (), description="the same; fields that a row lacks are left out"
    )
    id: str = Field("", description="field; where empty, file and row number")


@dataclass(frozen=True)
class _Source:
    """A file and how it is read; ``how`` is None for the normal form."""

    path: Path
    how: Published | None
    benchmark: str = ""


def load_benchmarks(settings: Decontaminate) -> list[Item]:
    """The items of all benchmarks that ``settings.names`` lets count.

    In order of file path, then row. Empty where ``settings.benchmarks`` names no
    folder. Raises ``InputMissing`` where the folder or the catalogue is not
    there, ``InputMalformed`` with file and line where a row cannot be read, and
    ``InputEmpty`` where there is nothing for any of the names.
    """
    if not settings.benchmarks:
        return []
    items: list[Item] = []
    present: set[str] = set()
    for source in _sources(settings):
        if source.how:
            present.add(source.benchmark)
            if not counts(source.benchmark, settings):
                continue
        for item in _items(source, Path(settings.benchmarks)):
            present.add(item.benchmark)
            if counts(item.benchmark, settings):
                items.append(item)
    if not items:
        raise InputEmpty(
            f"no benchmark in {settings.benchmarks} matches {', '.join(settings.names)}",
            expected=f"one of {', '.join(sorted(present)) or '(the folder holds none)'}",
            remedy="set decontaminate.names, or put the files there as seeds/benchmarks.toml says",
        )
    return items


def fingerprint_files(settings: Decontaminate) -> list[Path]:
    """The files that :func:`load_benchmarks` reads, the catalogue among them."""
    if not settings.benchmarks:
        return []
    catalogue = [Path(settings.catalogue)] if settings.catalogue else []
    return catalogue + [
        source.path
        for source in _sources(settings)
        if source.how is None or counts(source.benchmark, settings)
    ]


@dataclass(frozen=True)
class Coverage:
    """Files of the folder; names of those that no name covers, and names that cover none."""

    files: int
    uncovered: tuple[str, ...]
    unmatched: tuple[str, ...]


def coverage(settings: Decontaminate) -> Coverage:
    """Which files ``settings.names`` let count, told by the first item of each.

    Raises as :func:`load_benchmarks` does; all items are read only where a name seems to
    match nothing. ``settings.benchmarks`` names a folder.
    """
    folder = Path(settings.benchmarks)
    sources = _sources(settings)
    of_file = {source.path: source.benchmark or _first_name(source, folder) for source in sources}
    uncovered = [
        path.relative_to(folder).as_posix()
        for path, benchmark in of_file.items()
        if not counts(benchmark, settings)
    ]
    present = {benchmark.lower() for benchmark in of_file.values()}
    unmatched = [name for name in settings.names if not _matches_one(name, present)]
    if unmatched:
        unmatched = names_without_items(load_benchmarks(settings), settings)
    return Coverage(len(sources), tuple(uncovered), tuple(unmatched))


def _first_name(source: _Source, folder: Path) -> str:
    first = next(_items(source, folder), None)
    return first.benchmark if first else ""


def _matches_one(name: str, benchmarks: Iterable[str]) -> bool:
    return any(fnmatchcase(benchmark, name.lower()) for benchmark in benchmarks)


def counts(benchmark: str, settings: Decontaminate) -> bool:
    """Whether the benchmark is one of ``settings.names``; case does not matter."""
    return any(fnmatchcase(benchmark.lower(), name.lower()) for name in settings.names)


def names_without_items(items: list[Item], settings: Decontaminate) -> list[str]:
    """Those of ``settings.names`` that no item answers to, for the closing lines of a run."""
    present = {item.benchmark.lower() for item in items}
    return [name for name in settings.names if not _matches_one(name, present)]


def load_catalogue(path: Path) -> dict[str, Published]:
    """The catalogue, by table name. ``ConfigError`` names the key that is wrong."""
    document = read_toml(path, what="catalogue of benchmarks", remedy="set decontaminate.catalogue")
    try:
        return TypeAdapter(dict[str, Published]).validate_python(document)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise ConfigError(
            f"{path}: {key}: {first['msg']}",
            expected=f"tables with {', '.join(Published.model_fields)}",
        ) from None


def _sources(settings: Decontaminate) -> list[_Source]:
    folder = Path(settings.benchmarks)
    if not folder.is_dir():
        raise InputMissing(
            f"no folder of benchmarks at {folder}",
            remedy="set decontaminate.benchmarks, or leave it empty to go without",
        )
    described: dict[Path, _Source] = {}
    catalogue = load_catalogue(Path(settings.catalogue)) if settings.catalogue else {}
    for how in catalogue.values():
        for pattern in how.files:
            for path in folder.glob(pattern):
                described.setdefault(path, _Source(path, how, _named(how.benchmark, path)))
    files = {path for path in folder.rglob("*") if path.name.endswith(_SUFFIXES)} | set(described)
    return [described.get(path, _Source(path, None)) for path in sorted(files) if path.is_file()]


def _named(name: str, path: Path) -> str:
    return name.replace("{stem}", _stem(path).replace("-", "_"))


def _stem(path: Path) -> str:
    suffix = next((suffix for suffix in _SUFFIXES if path.name.endswith(suffix)), "")
    return path.name.removesuffix(suffix)


def _items(source: _Source, folder: Path) -> Iterator[Item]:
    relative = source.path.relative_to(folder)
    file_id = (relative.parent / _stem(source.path)).as_posix()
    for number, row in _rows(source.path):
        malformed = partial(_malformed, source.path, number)
        if not isinstance(row, dict):
            raise malformed(f"a row is {type(row).__name__}", "an object of named fields")
        how = source.how
        if how:
            identity = _texts(row, (how.id,), malformed) if how.id else f"{file_id}:{number}"
            item = Item(
                benchmark=source.benchmark,
                split=_named(how.split, source.path),
                id=identity,
                question=_texts(row, how.question, malformed),
                answer=_texts(row, how.answer, malformed),
            )
            expected = f"one of the fields {', '.join(how.question)}, not empty"
        else:
            item = Item(
                **{
                    name: _texts(row, (name,), malformed)
                    for name in ("benchmark", "split", "id", "question", "answer")
                }
            )
            expected = _NORMAL_FORM
            if not item.benchmark:
                raise malformed("no benchmark is named", expected)
        if not item.question.strip():
            raise malformed(f"no question (fields: {', '.join(map(str, row))})", expected)
        yield item


def _malformed(path: Path, number: int, fault: str, expected: str = "") -> InputMalformed:
    return InputMalformed(
        f"{path}:{number}: {fault}",
        expected=expected,
        remedy="mend the file, or describe it in the catalogue (decontaminate.catalogue)",
    )


def _texts(row: dict[Any, Any], fields: tuple[str, ...], malformed: Any) -> str:
    """The fields' texts, a line each; lists give a line an entry, null gives none."""
    lines: list[str] = []
    for field in fields:
        value = _at(row, field)
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict | list):
                raise malformed(f"{field} is nested deeper than a text or a list of texts")
            if entry is not None and str(entry):
                lines.append(str(entry))
    return "\n".join(lines)


def _at(value: Any, field: str) -> Any:
    """What a dotted path leads to (``messages.0.content``), None where it ends early."""
    for part in field.split("."):
        if isinstance(value, list):
            # Compared as texts: a catalogue may name a place of any number of digits.
            places = (entry for place, entry in enumerate(value) if str(place) == part)
            value = next(places, None)
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    """``(line or row number from 1, row)``."""
    if path.name.endswith(".parquet"):
        yield from _parquet_rows(path)
    elif path.name.endswith((".json", ".json.gz")):
        document = _json(path, 1, "\n".join(text for _, text in _lines(path)))
        rows = document if isinstance(document, list) else [document]
        yield from enumerate(rows, start=1)
    else:
        for number, text in _lines(path):
            if text.strip():
                yield number, _json(path, number, text)


def _parquet_rows(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        number = 0
        for batch in pq.ParquetFile(path).iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except pa.ArrowInvalid as error:
        raise _malformed(path, number + 1, f"not Parquet: {error}") from None


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines as JSON counts them: str.splitlines would also split inside a string."""
    number = 0
    try:
        with gzip.open(path) if path.name.endswith(".gz") else path.open("rb") as stream:
            for line in stream:
                number += 1
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _malformed(path, number + 1, f"damaged gzip: {error}") from None
    except UnicodeDecodeError as error:
        raise _malformed(path, number, f"not UTF-8: {error.reason}") from None


def _json(path: Path, number: int, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:  # also a number of over 4,300 digits
        raise _malformed(path, number, f"not JSON: {error}") from None
