"""What KaTeX rendered into a page, as TeX."""

from pipeline.base import native

native.extend("pipeline.text.formulas.katex", __path__)
