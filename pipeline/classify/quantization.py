"""A model made smaller by fastText's product quantization, and what that does to its scores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.classify.fit import quantize
from pipeline.classify.model import Model, complete
from pipeline.classify.trials import LIKELIER, Sample
from pipeline.config.settings import Train


@dataclass(frozen=True)
class Quantized:
    """Sizes in bytes, and how far scores of held-out examples drifted."""

    bytes_before: int
    bytes_after: int
    seconds: float
    peak_memory: int
    examples: int
    mean_difference: float
    max_difference: float
    #: examples whose likelier label is another one now
    changed: int


def quantized(
    model_path: Path, settings: Train, sample: Sample, note: Callable[[str], None]
) -> Quantized:
    """Quantize a model in its place. Raises ``FitFailed``."""
    before, bytes_before = Model.load(model_path).score(sample.lines), model_path.stat().st_size
    note(f"quantizing {bytes_before / 1e6:,.0f} MB")
    took = quantize(model_path, settings.quantize_rows, note)
    complete(model_path, settings.max_words)
    after = Model.load(model_path).score(sample.lines)
    # An empty sample has drifted nowhere.
    drift = np.abs(after - before) if len(before) else np.zeros(1)
    return Quantized(
        bytes_before=bytes_before,
        bytes_after=model_path.stat().st_size,
        seconds=took.seconds,
        peak_memory=took.peak_memory,
        examples=len(before),
        mean_difference=round(float(drift.mean()), 6),
        max_difference=round(float(drift.max()), 6),
        changed=int(((after >= LIKELIER) != (before >= LIKELIER)).sum()),
    )
