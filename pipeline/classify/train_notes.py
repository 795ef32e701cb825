"""What step train notes of a round's seed and classifier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from pipeline.classify.training import TrainingReport
from pipeline.workspace.notes import Notes, SpacedNotes


class ClassCounts(Notes):
    """Examples of each class."""

    math: int
    other: int

    @property
    def total(self) -> int:
        """Of both classes."""
        return self.math + self.other


class ModelFigures(Notes):
    """How a model does on examples, see ``evaluation.figures``: what cannot be said is None,
    and ``why_not`` tells why.
    """

    examples: ClassCounts
    precision: float | None
    recall: float | None
    f1: float | None
    auc: float | None
    average_precision: float | None
    precision_at_recall_95: float | None
    why_not: str


class Difference(Notes):
    """How far a figure changed, and the interval of that; None where hosts are too few."""

    change: float
    interval: tuple[float, float] | None


class Comparison(Notes):
    """A round's model and that of the round before on the same examples, see
    ``comparison.compare``. ``by_page``: hosts of these may have been trained on.
    """

    by_page: bool
    before: ModelFigures
    now: ModelFigures
    difference: Mapping[str, Difference | None]
    worse: tuple[str, ...]


class CalibrationBin(Notes):
    """Held-out examples of a tenth of the scale; the shares are None where there are none."""

    examples: int
    mean_score: float | None
    mathematical: float | None


class Calibration(Notes):
    """Whether scores are the chances that they claim to be, see ``evaluation.calibration``.

    Where the model is ``calibrated``, of scores calibrated without the example's host (without
    the page alone, where ``by_page``), and ``uncalibrated_error`` is that of the model's own.
    """

    expected_error: float | None = None
    bins: tuple[CalibrationBin, ...] = ()
    calibrated: bool = False
    by_page: bool = False
    uncalibrated_error: float | None = None


class PrecisionAtRecall(Notes):
    """A point of the curve, see ``evaluation.precision_recall_points``."""

    threshold: float
    precision: float
    recall: float


class HeldOut(SpacedNotes):
    """How the round's model does on its held-out examples. ``by_page``: some host is on both
    sides of the evaluation. Earlier versions noted no curves.
    """

    examples: ClassCounts
    precision: float | None
    recall: float | None
    auc: float | None
    by_page: bool
    calibration: Calibration = Calibration()
    precision_recall: tuple[PrecisionAtRecall, ...] = ()


class PatternCounts(Notes):
    """URL patterns that counted in a round: of people, and by their share."""

    people: int
    automatic: int


class TrainNotes(Notes):
    """``compared`` is None in round 1; ``origins`` counts the seed's examples by their origin;
    ``generation`` is that of the pool whose pages the seed is of (None: of an earlier version, the
    first); ``untagged`` mathematical domains were passed over that nobody had tagged, and
    ``left_out`` prefixes had the share for automatic patterns, and were too many.
    """

    patterns: PatternCounts
    training: TrainingReport
    held_out: Annotated[HeldOut, Field(alias="held out")]
    compared: Comparison | None
    origins: Mapping[str, int]
    generation: int | None = None
    untagged: int | None = None
    left_out: int | None = None
