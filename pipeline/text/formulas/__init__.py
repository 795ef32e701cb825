"""Formulas of a page, whatever notation they are written in, as marked TeX."""

from pipeline.base import native

native.extend("pipeline.text.formulas", __path__)
