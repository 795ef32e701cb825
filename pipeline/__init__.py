"""mathmine: mines a mathematics corpus out of Common Crawl."""

__version__ = "0.1.0"
