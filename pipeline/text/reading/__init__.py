"""What stands in a page: its blocks, and within their lines text, formulas and code."""

from pipeline.base import native

native.extend("pipeline.text.reading", __path__)
