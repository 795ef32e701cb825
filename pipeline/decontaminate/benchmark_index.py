"""All benchmark texts that are looked for, in arrays that the processes of a machine share.

An index is written to one file and mapped from there, so that its pages of memory
are held once a machine, however many Python workers look things up in it.
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import xxhash

from pipeline.base.arguments import Takes, checked
from pipeline.base.errors import ArgumentError, InputEmpty, InputMalformed, SchemaMismatch
from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.allowed import AllowList, load_allowed
from pipeline.decontaminate.benchmark_texts import Rule, texts_of
from pipeline.decontaminate.benchmarks import Item, load_benchmarks
from pipeline.decontaminate.evidence import EvidenceRule, Weighing, weight
from pipeline.decontaminate.hashes import Bitmap
from pipeline.text.words import WORDS_VERSION, hash_words, ngram_hashes

_FORMAT = 3
_ALIGNMENT = 64


class Name(NamedTuple):
    """Which text of which item a number of the index stands for."""

    benchmark: str
    split: str
    item: str
    field: str
    rule: str


@dataclass(frozen=True, slots=True)
class Strings:
    """Strings one behind the other: ``bytes`` (uint8, UTF-8), ``ends`` (uint64) of each."""

    bytes: np.ndarray
    ends: np.ndarray

    @classmethod
    def of(cls, strings: Iterable[str]) -> Strings:
        encoded = [string.encode("utf-8", "surrogatepass") for string in strings]
        ends = np.cumsum([len(one) for one in encoded], dtype=np.uint64)
        return cls(np.frombuffer(b"".join(encoded), dtype=np.uint8), ends)

    def __getitem__(self, number: int) -> str:
        begin = int(self.ends[number - 1]) if number else 0
        piece = self.bytes[begin : int(self.ends[number])].tobytes()
        return piece.decode("utf-8", "surrogatepass")

    def __len__(self) -> int:
        return len(self.ends)


@dataclass(frozen=True)
class Index:
    """All that is looked for, about 30 bytes a gram; picklable.

    ``arrays`` has, by name, an entry a gram of the texts of rule ``ngram`` in
    ``hashes`` (uint64, sorted, equal ones side by side) and ``positions`` (uint32):
    where in ``word_ids`` (uint32, into ``vocabulary``) it begins. ``starts``
    (uint32) says where each text begins there, ``numbers`` (uint32) which text it
    is, and a page's words are compared with the text's own, so that two grams of
    one hash are never mistaken for each other. ``weights`` (uint8) says how telling
    each word of the vocabulary is. Numbers of texts count through ``names``;
    ``benchmark`` (uint16) tells texts of different benchmarks apart, ``questions``
    (uint32) is the text that asks what a text answers, or the text itself. ``exact``
    has the texts of rule ``exact`` by their words.
    """

    grams: int
    min_grams: int
    rule: EvidenceRule
    allowed: AllowList
    exact: dict[tuple[str, ...], tuple[int, ...]]
    arrays: Mapping[str, np.ndarray]

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return sum(array.nbytes for array in self.arrays.values())

    @cached_property
    def bitmap(self) -> Bitmap:
        """Of the hashes of grams."""
        return Bitmap(self.arrays["bitmap"])

    @cached_property
    def openings(self) -> dict[tuple[str, ...], tuple[int, ...]]:
        """Lengths of the short texts that begin with these ``min_grams`` words."""
        lengths: dict[tuple[str, ...], set[int]] = {}
        for text in self.exact:
            lengths.setdefault(text[: self.min_grams], set()).add(len(text))
        return {opening: tuple(sorted(known)) for opening, known in lengths.items()}

    @cached_property
    def opening_bitmap(self) -> Bitmap:
        """Of the hashes of ``openings``."""
        return Bitmap(self.arrays["openings"])

    @cached_property
    def vocabulary(self) -> Strings:
        """The words of all texts of rule ``ngram``."""
        return Strings(self.arrays["words"], self.arrays["word_ends"])

    @cached_property
    def weighing(self) -> Weighing:
        """Of the texts of rule ``ngram``."""
        arrays = self.arrays
        return Weighing(arrays["starts"], arrays["word_ids"], arrays["weights"], self.grams)

    @cached_property
    def _names(self) -> Strings:
        return Strings(self.arrays["names"], self.arrays["name_ends"])

    def name(self, number: int) -> Name:
        """Whose text it is."""
        return Name(*json.loads(self._names[number]))


def build_index(
    items: Iterable[Item], settings: Decontaminate, allowed: AllowList | None = None
) -> Index:
    """The index of all texts that one of the rules looks for, in the items' order."""
    names: list[Sequence[str]] = []
    benchmarks: dict[str, int] = {}
    exact: dict[tuple[str, ...], tuple[int, ...]] = {}
    vocabulary: dict[str, int] = {}
    word_ids: list[np.ndarray] = []
    numbers: list[int] = []
    owners: list[int] = []
    questions: list[int] = []
    for text in (text for item in items for text in texts_of(item, settings) if text.is_indexed):
        item, number = text.item, len(names)
        names.append((item.benchmark, item.split, item.id, text.field, text.rule.value))
        owners.append(benchmarks.setdefault(item.benchmark, len(benchmarks)))
        # An item's answer comes right behind its question, unless that is not looked for.
        owner = (item.benchmark, item.split, item.id, "question")
        asked = text.field == "answer" and number > 0 and names[number - 1][:4] == owner
        questions.append(number - 1 if asked else number)
        if text.rule is Rule.EXACT:
            exact[text.words] = (*exact.get(text.words, ()), number)
        else:
            ids = [vocabulary.setdefault(word, len(vocabulary)) for word in text.words]
            word_ids.append(np.array(ids, dtype=np.uint32))
            numbers.append(number)
    hashes, positions = _grams(word_ids, hash_words(tuple(vocabulary)), settings.grams)
    order = np.argsort(hashes, kind="stable")
    openings = [
        ngram_hashes(hash_words(text[: settings.min_grams]), settings.min_grams) for text in exact
    ]
    spelled = Strings.of(vocabulary)
    named = Strings.of(json.dumps(name, ensure_ascii=False) for name in names)
    return Index(
        grams=settings.grams,
        min_grams=settings.min_grams,
        rule=EvidenceRule.of(settings),
        allowed=allowed or AllowList(),
        exact=exact,
        arrays={
            "hashes": hashes[order],
            "positions": positions[order],
            "word_ids": _joined(word_ids, np.uint32),
            "starts": np.cumsum([0, *map(len, word_ids)], dtype=np.uint32)[:-1],
            "numbers": np.array(numbers, dtype=np.uint32),
            "benchmark": np.array(owners, dtype=np.uint16),
            "questions": np.array(questions, dtype=np.uint32),
            "weights": np.array([weight(word) for word in vocabulary], dtype=np.uint8),
            "bitmap": Bitmap.of(hashes).bytes,
            "openings": Bitmap.of(_joined(openings, np.uint64)).bytes,
            "words": spelled.bytes,
            "word_ends": spelled.ends,
            "names": named.bytes,
            "name_ends": named.ends,
        },
    )


@checked(
    folder=Takes((str, Path), "a str or a Path: the folder of benchmark files"),
    texts=Takes((Iterable,), "an iterable of str, a text each", "of one text: texts=[text]"),
    catalogue=Takes((str, Path), "a str or a Path: a TOML as seeds/benchmarks.toml"),
    allowed=Takes((str, Path), "a str or a Path: a TOML as seeds/allowed_grams.toml"),
)
def index_benchmarks(
    folder: str | Path = "",
    *,
    texts: Iterable[str] = (),
    catalogue: str | Path = "",
    allowed: str | Path = "",
) -> Index:
    """An index of all benchmarks in a folder, of ``texts``, or of both: for :func:`find_traces`.

    The folder's files are in the normal form, or as published where ``catalogue`` describes
    them. ``texts`` are looked for as questions are: item ``N`` of the benchmark ``texts``, from
    1. ``allowed`` is a list of grams that condemn nothing. Raises what
    :func:`load_benchmarks` raises, ``InputEmpty`` where there is neither folder nor text, and
    ``InputMalformed`` for a text too short to be looked for.
    """
    settings = Decontaminate(
        benchmarks=str(folder or ""),
        catalogue=str(catalogue or ""),
        allowed=str(allowed or ""),
        names=("*",),
    )
    items = [*load_benchmarks(settings), *_items_of(texts, settings)]
    if not items:
        raise InputEmpty(
            "there is no benchmark to look for",
            expected="a folder of benchmark files, or texts",
            remedy="index_benchmarks(folder), or index_benchmarks(texts=[question, answer])",
        )
    return build_index(items, settings, load_allowed(settings.allowed))


def _items_of(texts: Iterable[str], settings: Decontaminate) -> Iterator[Item]:
    if isinstance(texts, str | bytes):
        raise ArgumentError(
            "index_benchmarks: texts is one text", expected="several", remedy="texts=[text]"
        )
    for number, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise ArgumentError(
                f"index_benchmarks: text {number} is of type {type(text).__name__}",
                expected="a str",
            )
        item = Item(benchmark="texts", split="", id=str(number), question=text, answer="")
        if not any(one.is_indexed for one in texts_of(item, settings)):
            raise InputMalformed(
                f"text {number} is too short to be looked for: {text!r}",
                expected=f"{settings.min_grams} words or more",
            )
        yield item


def write_index(index: Index, folder: Path) -> Path:
    """Write a file that :func:`open_index` maps; its name tells its content from any other."""
    places: dict[str, tuple[str, int, int]] = {}
    offset = 0
    for name, array in index.arrays.items():
        places[name] = (array.dtype.str, len(array), offset)
        offset += -(-array.nbytes // _ALIGNMENT) * _ALIGNMENT
    head: dict[str, Any] = {
        "format": _FORMAT,
        "words": WORDS_VERSION,
        "grams": index.grams,
        "min_grams": index.min_grams,
        "rule": index.rule,
        "allowed": index.allowed.model_dump(),
        "exact": [[*text, list(numbers)] for text, numbers in index.exact.items()],
        "arrays": places,
    }
    line = json.dumps(head).encode() + b"\n"
    digest = xxhash.xxh3_128(line)
    written = folder / "benchmarks.index"
    with written.open("wb") as stream:
        stream.write(line)
        stream.write(bytes(-len(line) % _ALIGNMENT))
        for array in index.arrays.values():
            digest.update(array.data)
            stream.write(array.data)
            stream.write(bytes(-array.nbytes % _ALIGNMENT))
    return written.rename(folder / f"benchmarks-{digest.hexdigest()}.index")


def open_index(path: Path) -> Index:
    """Map an index; what it holds is read when it is first needed, once a machine.

    ``SchemaMismatch`` where other code wrote it.
    """
    with path.open("rb") as stream:
        line = stream.readline()
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    head = json.loads(line)
    version = (head["format"], head["words"])
    if version != (_FORMAT, WORDS_VERSION):
        raise SchemaMismatch(
            f"{path} was written with format and words {version}",
            expected=str((_FORMAT, WORDS_VERSION)),
        )
    start = -(-len(line) // _ALIGNMENT) * _ALIGNMENT
    return Index(
        grams=head["grams"],
        min_grams=head["min_grams"],
        rule=EvidenceRule(*head["rule"]),
        allowed=AllowList.model_validate(head["allowed"]),
        exact={tuple(text): tuple(numbers) for *text, numbers in head["exact"]},
        arrays={
            name: np.frombuffer(mapped, dtype=kind, count=length, offset=start + offset)
            if length
            else np.empty(0, dtype=kind)
            for name, (kind, length, offset) in head["arrays"].items()
        },
    )


def _joined(arrays: Sequence[np.ndarray], dtype: type[np.unsignedinteger]) -> np.ndarray:
    return np.concatenate([np.empty(0, dtype=dtype), *arrays])


def _grams(
    word_ids: Sequence[np.ndarray], spelled: np.ndarray, grams: int
) -> tuple[np.ndarray, np.ndarray]:
    """Hash and beginning of each gram of each text, in order of the texts."""
    hashes = []
    positions = []
    start = 0
    for ids in word_ids:
        hashes.append(ngram_hashes(spelled[ids], grams))
        positions.append(np.arange(start, start + len(hashes[-1]), dtype=np.uint32))
        start += len(ids)
    return _joined(hashes, np.uint64), _joined(positions, np.uint32)
