"""Which WARC files each crawl reads whole."""

from __future__ import annotations

from functools import cached_property

from pipeline.base.errors import InputError
from pipeline.config.settings import Config
from pipeline.web.listing import WarcFile, find_warcs


class WarcLists:
    """The WARC files of all crawls of a configuration, looked for once, when first asked for."""

    def __init__(self, config: Config) -> None:
        self._config = config

    @cached_property
    def files(self) -> dict[str, list[WarcFile]]:
        """By crawl; ``InputError`` where two crawls have files of one name."""
        read = self._config.read
        lists = {name: find_warcs(crawl, read) for name, crawl in self._config.crawls.items()}
        owners: dict[str, str] = {}
        for crawl, warcs in lists.items():
            for warc in warcs:
                other = owners.setdefault(warc.name, crawl)
                if other != crawl:
                    raise InputError(
                        f"crawls {other} and {crawl} both have a WARC called {warc.name}",
                        expected="names that differ: page ids are made of them",
                        remedy="name the file in one crawl only, or rename one of them",
                    )
        return lists

    @cached_property
    def identities(self) -> dict[str, dict[str, str]]:
        """By crawl the identity of each file, by its name."""
        return {
            crawl: {warc.name: warc.identity for warc in warcs}
            for crawl, warcs in self.files.items()
        }
