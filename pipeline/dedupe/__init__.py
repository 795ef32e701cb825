"""Duplicates: by URL, by exact text, by MinHash."""

from pipeline.base import native

native.extend("pipeline.dedupe", __path__)
