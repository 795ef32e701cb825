"""What MathJax rendered into a page, as TeX."""

from pipeline.base import native

native.extend("pipeline.text.formulas.mathjax", __path__)
