"""Scoring with a trained classifier.

Beside ``model.bin`` lies ``features.json``, which says what the model was trained
to read. A model whose description does not fit this code is refused: its scores
would look like scores and mean nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import fasttext
import numpy as np
import pyarrow as pa
import xxhash
from pyspark import SparkFiles

from pipeline.classify.features import FEATURES_VERSION, features
from pipeline.config import Train
from pipeline.errors import InputMalformed, InputMissing, ModelMismatch
from pipeline.tables import schema
from pipeline.text.words import WORDS_VERSION

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

LABELS = ("math", "other")
DESCRIPTION = "features.json"

#: Pages turned into lines and scored together: bounds a worker's memory.
PAGES_AT_ONCE = 256


@dataclass(frozen=True)
class Description:
    """What a model was trained to read, and how its file is told from another."""

    features_version: int
    words_version: int
    max_words: int
    labels: tuple[str, ...]
    model_bytes: int
    model_digest: str

    @classmethod
    def of(cls, model_path: Path, max_words: int) -> Description:
        """The description of a model just trained by this code."""
        digest = xxhash.xxh3_128()
        with model_path.open("rb") as stream:
            while block := stream.read(1 << 22):
                digest.update(block)
        return cls(
            features_version=FEATURES_VERSION,
            words_version=WORDS_VERSION,
            max_words=max_words,
            labels=LABELS,
            model_bytes=model_path.stat().st_size,
            model_digest=digest.hexdigest(),
        )

    @classmethod
    def beside(cls, model_path: Path) -> Description:
        """Read the one beside ``model_path``.

        Raises ``InputMissing`` where model or description are not there and
        ``InputMalformed`` where the description cannot be read.
        """
        path = model_path.parent / DESCRIPTION
        for needed in (model_path, path):
            if not needed.is_file():
                raise InputMissing(
                    f"no classifier: {needed} is missing", remedy="run jobs/train.py"
                )
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            return cls(**document | {"labels": tuple(document["labels"])})
        except (ValueError, TypeError, KeyError) as error:
            raise InputMalformed(
                f"{path} does not describe a model: {error!r}", remedy="train the model again"
            ) from None

    def write(self, model_path: Path) -> None:
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        (model_path.parent / DESCRIPTION).write_text(text + "\n", encoding="utf-8")

    def check(self, model_path: Path, max_words: int | None = None) -> None:
        """Raise ``ModelMismatch`` unless this code can use the model as it lies there."""
        here: dict[str, Any] = {
            "features_version": FEATURES_VERSION,
            "words_version": WORDS_VERSION,
            "labels": LABELS,
            "model_bytes": model_path.stat().st_size,
        }
        if max_words is not None:
            here["max_words"] = max_words
        wrong = [name for name, value in here.items() if getattr(self, name) != value]
        if wrong:
            raise ModelMismatch(
                f"{model_path} has "
                + ", ".join(f"{name} {_said(getattr(self, name))}" for name in wrong),
                expected=", ".join(f"{name} {_said(here[name])}" for name in wrong),
                remedy="train the model again (jobs/train.py --force)",
            )


def _said(value: Any) -> str:
    return "/".join(value) if isinstance(value, tuple) else str(value)


class Model:
    """A loaded classifier. It holds its whole matrix: 2 GB at the paper's size."""

    def __init__(self, trained: Any, description: Description) -> None:
        self._fasttext = trained.f
        self.description = description

    @classmethod
    def load(cls, path: Path) -> Model:
        """Read ``model.bin``; raises as :meth:`Description.beside` and ``ModelMismatch``."""
        description = Description.beside(path)
        description.check(path)
        return cls(fasttext.load_model(str(path)), description)

    @property
    def vocabulary(self) -> int:
        """Words that the model knows; neither n-grams nor the end of line are counted."""
        return sum(word != "</s>" for word in self._fasttext.getVocab("strict")[0])

    def score(self, lines: list[str]) -> np.ndarray:
        """Probability of the label math for each line of features: ``float32``, 0 to 1.

        A line without words scores 0; fastText would judge the line break alone.
        """
        scores = np.zeros(len(lines), dtype=np.float32)
        full = [index for index, line in enumerate(lines) if line.strip()]
        # Both labels are asked for and math is found by name: which of the two
        # comes first says nothing about the class.
        labels, probabilities = self._fasttext.multilinePredict(
            [lines[index] + "\n" for index in full], len(LABELS), 0.0, "strict"
        )
        for index, names, values in zip(full, labels, probabilities, strict=True):
            scores[index] = dict(zip(names, values, strict=True)).get("__label__math", 0.0)
        # fastText adds a little to probabilities before it takes their logarithm.
        return np.clip(scores, 0.0, 1.0, out=scores)


_LOADED: dict[tuple[str, str], Model] = {}


def loaded(path: Path, digest: str) -> Model:
    """The model at ``path``, loaded once a process.

    Spark's Python workers outlive a job, so the file's digest is part of the key:
    a model trained anew in the same place is another model.
    """
    key = (str(path), digest)
    if key not in _LOADED:
        _LOADED.clear()
        model = Model.load(path)
        if model.description.model_digest != digest:
            raise ModelMismatch(
                f"{path} was replaced while its scores were being made",
                expected=f"the model with digest {digest}, found {model.description.model_digest}",
                remedy="let one run at a time write to a workspace, and run this step again",
            )
        _LOADED[key] = model
    return _LOADED[key]


def score_pages(pages: DataFrame, model_path: str, settings: Train) -> DataFrame:
    """``(page_id, score)`` of schemas/scores.toml for ``pages`` with page_id and text.

    ``model_path`` must be readable here, and on the workers too or else shipped to
    them, as ``Storage.on_every_machine`` does. Each Python worker loads the model
    for itself, at its first batch.

    Raises ``ModelMismatch`` where the model reads pages otherwise than ``settings``
    and this code do.
    """
    path = Path(model_path)
    description = Description.beside(path)
    description.check(path, settings.max_words)
    digest, max_words = description.model_digest, description.max_words

    def score(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for start in range(0, batch.num_rows, PAGES_AT_ONCE):
                part = batch.slice(start, PAGES_AT_ONCE)
                lines = [features(text, max_words) for text in part.column("text").to_pylist()]
                model = loaded(_on_this_machine(path), digest)
                scores = pa.array(model.score(lines), type=pa.float32())
                yield pa.RecordBatch.from_arrays(
                    [part.column("page_id").cast(pa.string()), scores], names=["page_id", "score"]
                )

    return pages.select("page_id", "text").mapInArrow(score, schema("scores").ddl())


def _on_this_machine(path: Path) -> Path:
    """The model itself, or the copy that Spark has put beside this worker.

    Spark ships single files into one folder: ``<folder>-model.bin`` and
    ``<folder>-features.json``. Both get their own names back, in a folder of theirs.
    """
    if path.is_file():
        return path
    names = (path.name, DESCRIPTION)
    shipped = [Path(SparkFiles.get(f"{path.parent.name}-{name}")) for name in names]
    folder = shipped[0].with_name(path.parent.name)
    folder.mkdir(exist_ok=True)
    for name, file in zip(names, shipped, strict=True):
        with suppress(FileExistsError):  # another worker of this machine was first
            (folder / name).symlink_to(file)
    return folder / path.name
