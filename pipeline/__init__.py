"""mathmine: mines a mathematics corpus out of Common Crawl."""

from pipeline.base.version import __version__

__all__ = ["__version__"]
