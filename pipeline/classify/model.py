"""Scoring with a trained classifier.

Beside ``model.bin`` lies ``features.json``, which says what the model was trained
to read, and how its scores are made probabilities (``calibration.py``). A model whose
description does not fit this code is refused: its scores would look like scores and mean
nothing. ``folded.bin`` is the model as it scores by default, see ``folded.py``; fastText
itself can score in its place. Either's scores go through the same curve.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import pyarrow as pa
import xxhash
from pyspark import SparkFiles

from pipeline.base.errors import InputMalformed, InputMissing, ModelMismatch
from pipeline.classify.calibration import PlattScaling
from pipeline.classify.features import FEATURES_VERSION, features
from pipeline.classify.folded import Folded, fold
from pipeline.config.settings import Scorer, Train
from pipeline.text.words import WORDS_VERSION
from pipeline.workspace.table_schemas import schema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

LABELS = ("math", "other")
#: The label that a score is the probability of, as fastText writes it.
MATH = "__label__math"

MODEL, DESCRIPTION, FOLDED = "model.bin", "features.json", "folded.bin"
#: The files that each way of scoring needs.
FILES: dict[Scorer, tuple[str, ...]] = {
    "folded": (DESCRIPTION, FOLDED),
    "fasttext": (DESCRIPTION, MODEL),
}

#: Pages turned into lines and scored together: bounds a worker's memory.
PAGES_AT_ONCE = 256


@dataclass(frozen=True)
class Description:
    """What a model was trained to read, and how its file is told from another.

    ``model_digest`` is that of ``model.bin`` alone; without a ``calibration`` the model's own
    scores stand.
    """

    features_version: int
    words_version: int
    max_words: int
    labels: tuple[str, ...]
    model_bytes: int
    model_digest: str
    calibration: PlattScaling | None = None

    @property
    def digest(self) -> str:
        """32 hex digits that name the scores: another calibration gives others."""
        if self.calibration is None:
            return self.model_digest
        curve = f"{self.model_digest} {self.calibration.slope!r} {self.calibration.intercept!r}"
        return xxhash.xxh3_128_hexdigest(curve.encode())

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
    def of_model(cls, model_path: Path, scorer: Scorer = "folded") -> Description:
        """Read the one beside ``model_path``.

        Raises ``InputMissing`` where a file that scoring needs is not there and
        ``InputMalformed`` where the description cannot be read.
        """
        path = model_path.parent / DESCRIPTION
        for name in FILES[scorer]:
            needed = model_path.parent / name
            if not needed.is_file():
                raise InputMissing(
                    f"no classifier: {needed} is missing", remedy="run jobs/train.py"
                )
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            # Earlier versions calibrated nothing.
            curve = document.get("calibration")
            return cls(
                **document
                | {
                    "labels": tuple(document["labels"]),
                    "calibration": PlattScaling(**curve) if curve else None,
                }
            )
        except (ValueError, TypeError, KeyError) as error:
            raise InputMalformed(
                f"{path} does not describe a model: {error!r}", remedy="train the model again"
            ) from None

    def write(self, model_path: Path) -> None:
        text = json.dumps(asdict(self), indent=1, sort_keys=True)
        (model_path.parent / DESCRIPTION).write_text(text + "\n", encoding="utf-8")

    def check(self, model_path: Path, max_words: int | None = None) -> None:
        """Raise ``ModelMismatch`` unless this code can use the model as it lies there.

        ``model_path`` itself may be missing, where a folded model is all that was shipped.
        """
        here: dict[str, Any] = {
            "features_version": FEATURES_VERSION,
            "words_version": WORDS_VERSION,
            "labels": LABELS,
        }
        if model_path.is_file():
            here["model_bytes"] = model_path.stat().st_size
        if max_words is not None:
            here["max_words"] = max_words
        wrong = [name for name, value in here.items() if getattr(self, name) != value]
        if wrong:
            raise ModelMismatch(
                f"{model_path} has "
                + ", ".join(f"{name} {_as_text(getattr(self, name))}" for name in wrong),
                expected=", ".join(f"{name} {_as_text(here[name])}" for name in wrong),
                remedy="train the model again (jobs/train.py --force)",
            )


def _as_text(value: Any) -> str:
    return "/".join(value) if isinstance(value, tuple) else str(value)


def complete(model_path: Path, max_words: int) -> None:
    """Write what goes with a model just trained by this code: description and folded model."""
    description = Description.of(model_path, max_words)
    fold(model_path, MATH, model_path.parent / FOLDED, description.model_digest)
    description.write(model_path)


def calibrate(model_path: Path, calibration: PlattScaling | None) -> None:
    """Give the model of ``model_path`` this calibration in place of the one that it has."""
    description = Description.of_model(model_path)
    replace(description, calibration=calibration).write(model_path)


class LineScorer(Protocol):
    """A way of scoring."""

    def score(self, lines: Sequence[str]) -> np.ndarray:
        """``MATH``'s probability for each line; 0 where fastText gives a line no label."""


class _FastText:
    """fastText's own library. It holds its whole matrix: 2 GB at the paper's size."""

    def __init__(self, path: Path) -> None:
        import fasttext

        self._model = fasttext.load_model(str(path)).f

    def score(self, lines: Sequence[str]) -> np.ndarray:
        # Both labels are asked for and math is found by name: which of the two
        # comes first says nothing about the class.
        labels, probabilities = self._model.multilinePredict(
            [line + "\n" for line in lines], len(LABELS), 0.0, "strict"
        )
        scores = [
            dict(zip(names, values, strict=True)).get(MATH, 0.0)
            for names, values in zip(labels, probabilities, strict=True)
        ]
        # fastText adds a little to probabilities before it takes their logarithm.
        return np.minimum(np.array(scores, dtype=np.float32), 1)


class Model:
    """A loaded classifier."""

    def __init__(self, scorer: LineScorer, description: Description) -> None:
        self._scorer = scorer
        self.description = description

    @classmethod
    def load(cls, path: Path, scorer: Scorer = "folded") -> Model:
        """The model of ``path``, called ``model.bin``, of which only a scorer's files are read.

        Raises as :meth:`Description.of_model` does, and ``ModelMismatch``.
        """
        description = Description.of_model(path, scorer)
        description.check(path)
        if scorer == "fasttext":
            return cls(_FastText(path), description)
        folded = Folded(path.parent / FOLDED)
        if folded.digest != description.model_digest:
            raise ModelMismatch(
                f"{path.parent / FOLDED} was made of the model with digest {folded.digest}",
                expected=f"{description.model_digest}, which {DESCRIPTION} beside it describes",
                remedy="train the model again (jobs/train.py --force)",
            )
        return cls(folded, description)

    def score(self, lines: list[str]) -> np.ndarray:
        """Probability of the label math for each line of features: ``float32``, 0 to 1.

        A line without words scores 0; fastText would judge the line break alone.
        """
        return self.calibrated(self.uncalibrated(lines))

    def calibrated(self, scores: np.ndarray) -> np.ndarray:
        """The probabilities that ``uncalibrated`` scores stand for; the same where there is no
        calibration.
        """
        curve = self.description.calibration
        return curve.of(scores) if curve else scores

    def uncalibrated(self, lines: list[str]) -> np.ndarray:
        """As ``score``, by the model itself."""
        scores = np.zeros(len(lines), dtype=np.float32)
        full = [index for index, line in enumerate(lines) if line.strip()]
        scores[full] = self._scorer.score([lines[index] for index in full])
        return scores


_LOADED: dict[tuple[Path, str, Scorer], Model] = {}


def loaded(path: Path, digest: str, scorer: Scorer = "folded") -> Model:
    """The model at ``path``, loaded once a process; ``digest`` is its description's.

    Spark's Python workers outlive a job, so the digest is part of the key: a model
    trained or calibrated anew in the same place is another model.
    """
    key = (path, digest, scorer)
    if key not in _LOADED:
        _LOADED.clear()
        model = Model.load(path, scorer)
        if model.description.digest != digest:
            raise ModelMismatch(
                f"{path} was replaced while its scores were being made",
                expected=f"the model with digest {digest}, found {model.description.digest}",
                remedy="let one run at a time write to a workspace, and run this step again",
            )
        _LOADED[key] = model
    return _LOADED[key]


def score_pages(
    pages: DataFrame, model_path: str, settings: Train, scorer: Scorer = "folded"
) -> DataFrame:
    """``(page_id, score)`` of schemas/scores.toml for ``pages`` with page_id and text.

    The files beside ``model_path`` that the scorer needs (``FILES``) must be readable
    here, and on the workers too or else shipped to them, as ``Storage.on_every_machine``
    does. A folded model is in a machine's memory once. fastText's is loaded by each
    Python worker, at its first batch.

    Raises ``ModelMismatch`` where the model reads pages otherwise than ``settings``
    and this code do.
    """
    path = Path(model_path)
    description = Description.of_model(path, scorer)
    description.check(path, settings.max_words)
    digest, max_words = description.digest, description.max_words

    def score(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for start in range(0, batch.num_rows, PAGES_AT_ONCE):
                part = batch.slice(start, PAGES_AT_ONCE)
                lines = [features(text, max_words) for text in part.column("text").to_pylist()]
                model = loaded(_on_this_machine(path, FILES[scorer]), digest, scorer)
                scores = pa.array(model.score(lines), type=pa.float32())
                yield pa.RecordBatch.from_arrays(
                    [part.column("page_id").cast(pa.string()), scores], names=["page_id", "score"]
                )

    return pages.select("page_id", "text").mapInArrow(score, schema("scores").spark())


def _on_this_machine(path: Path, names: tuple[str, ...]) -> Path:
    """The model itself, or the copy that Spark has put beside this worker.

    Spark ships single files into one folder: ``<folder>-folded.bin`` and
    ``<folder>-features.json``. All get their own names back, in a folder of theirs.
    """
    if all((path.parent / name).is_file() for name in names):
        return path
    shipped = [Path(SparkFiles.get(f"{path.parent.name}-{name}")) for name in names]
    folder = shipped[0].with_name(path.parent.name)
    folder.mkdir(exist_ok=True)
    for name, file in zip(names, shipped, strict=True):
        with suppress(FileExistsError):  # another worker of this machine was first
            (folder / name).symlink_to(file)
    return folder / path.name
