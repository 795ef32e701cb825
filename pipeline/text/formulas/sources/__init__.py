"""Formulas that a page holds as they were typed, or as images."""

from pipeline.base import native

native.extend("pipeline.text.formulas.sources", __path__)
