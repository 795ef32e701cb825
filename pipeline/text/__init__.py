"""From the bytes of an HTML page to text that keeps its mathematics."""

from pipeline.text.extraction import EXTRACTORS, Extractor
from pipeline.text.language import language_of
from pipeline.text.page import Page, extract_page
from pipeline.text.tokens import count_tokens

__all__ = ["EXTRACTORS", "Extractor", "Page", "count_tokens", "extract_page", "language_of"]
