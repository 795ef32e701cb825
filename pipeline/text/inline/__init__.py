"""What stands within a line of a page: text, formulas, code, and what prose draws."""

from pipeline.base import native

native.extend("pipeline.text.inline", __path__)
