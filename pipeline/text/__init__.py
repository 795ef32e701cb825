"""From the bytes of an HTML page to text that keeps its mathematics."""

from pipeline.base import native

native.extend("pipeline.text", __path__)

from pipeline.text.extractors import EXTRACTORS, Extractor  # noqa: E402
from pipeline.text.language import language_of  # noqa: E402
from pipeline.text.page import Page, extract_page  # noqa: E402
from pipeline.text.tokens import count_tokens  # noqa: E402

__all__ = ["EXTRACTORS", "Extractor", "Page", "count_tokens", "extract_page", "language_of"]
