"""The fastText classifier: training, scoring, evaluation."""

from pipeline.base import native

native.extend("pipeline.classify", __path__)
