"""MathML as TeX: what a page holds, and what renderings are read as."""

from pipeline.base import native

native.extend("pipeline.text.formulas.mathml", __path__)
