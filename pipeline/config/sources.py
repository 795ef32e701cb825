"""The settings that say where pages come from, ``[crawls]`` and ``[read]``, and what a table is."""

from __future__ import annotations

import re

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Section(BaseModel):
    """A table of the TOML. Frozen; a key that no field names is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


#: What Common Crawl calls its crawls, whether there is such a one or not: CC-MAIN-2024-10,
#: CC-SUPPLEMENTAL-2026-22. No name of a file has this form: it has a dot or a slash.
CRAWL_ID = re.compile(r"CC-[A-Z]+(?:-[A-Z]+)*-[0-9][A-Z0-9]*(?:-[A-Z0-9]+)*", re.IGNORECASE)
#: Files of URL patterns: people's tags, or a pattern a line.
PATTERN_FILES = (".tsv", ".txt")
#: Where Common Crawl is: path listings, WARC files and the columnar index are under it.
COMMON_CRAWL = "https://data.commoncrawl.org/"
#: Which crawls there are.
CRAWL_LIST = "https://index.commoncrawl.org/collinfo.json"


class Crawl(Section):
    """``[crawls.NAME]``: WARC files that belong together, or pages out of an index."""

    warcs: tuple[str, ...] = Field(
        (),
        description="paths, globs, s3:// and https:// addresses; lists of these (*.paths, "
        "*.paths.gz, *.txt); ids of Common Crawl's crawls, such as CC-MAIN-2024-10",
    )
    first: int = Field(0, ge=0, description="so many of the WARCs, as they are named; 0: all")
    fraction: float = Field(
        1.0, gt=0, le=1, description="a share of the WARCs, the same ones every time"
    )
    index: tuple[str, ...] = Field(
        (),
        description="Common Crawl's columnar index: ids of crawls; Parquet files or folders, "
        "s3:// too; files at https:// and lists of these (*.paths, *.paths.gz). Without warcs, the "
        "pages that patterns match are fetched one by one; with them, it only says how many pages "
        "each host has",
    )
    host_index: tuple[str, ...] = Field(
        (),
        description="Common Crawl's host index, a row a host: Parquet files or folders, s3:// "
        "too, files at https:// and lists of these. Tells how many pages each host has, in place "
        "of the columnar index and at a fiftieth of its size",
    )
    patterns: tuple[str, ...] = Field(
        (), description="URL patterns or hosts; files of them, *.tsv as people's tags are"
    )

    @model_validator(mode="after")
    def _has_pages(self) -> Crawl:
        if not self.warcs and not (self.index and self.patterns):
            raise ValueError("it names neither warcs, nor an index together with patterns")
        if self.warcs and self.patterns:
            raise ValueError("warcs are read whole: patterns go with an index alone")
        return self


class Annotation(Section):
    """``[annotations.NAME]``: tables that say something of hosts or addresses, such as Common
    Crawl's index annotations."""

    tables: tuple[str, ...] = Field(
        min_length=1,
        description="Parquet files or folders, s3:// too, files at https:// and lists of these",
    )
    key: str = Field(
        "",
        description="the column of hosts or addresses; empty: surt_host_name, url_surtkey, "
        "url_host_name, host, domain or url, the first that there is",
    )
    columns: tuple[str, ...] = Field(
        min_length=1, description="columns that are kept of them, beside the run's domains"
    )
    queue: str = Field(
        "",
        description="condition in SQL on their columns: domains that meet it are tagged as if "
        "they were mathematical; empty: none",
    )


class S3(Section):
    """``[read.s3]``: how S3 is reached, beyond what AWS's own configuration says."""

    endpoint: str = Field("", description="URL of another server than AWS's; empty: AWS's")
    region: str = Field("", description="AWS's name of it; empty: what AWS's own settings say")
    anonymous: bool = Field(False, description="requests without a signature")
    requester_pays: bool = Field(False, description="requests say that the reader pays")


class Read(Section):
    """``[read]``: WARC files over the network."""

    common_crawl: str = Field(
        COMMON_CRAWL,
        description="where Common Crawl's files are; or s3://commoncrawl/, or its mirror "
        "hf://buckets/commoncrawl/commoncrawl/",
    )
    crawl_list: str = Field(
        CRAWL_LIST, description="where the list of all crawls is, to tell a wrong id by"
    )
    connections: int = Field(
        32,
        ge=1,
        le=1024,
        description="responses open at once, over all machines of the run: each takes its part",
    )
    connections_per_machine: int = Field(
        0,
        ge=0,
        le=1024,
        description="responses open at once on one machine, over all its processes, in place of "
        "its part; 0: its part",
    )
    timeout_seconds: float = Field(
        60, gt=0, description="seconds of silence: the connection is dead"
    )
    patience_seconds: float = Field(
        900, gt=0, description="seconds without progress, over all attempts: the file has failed"
    )
    longest_wait_seconds: float = Field(
        60, gt=0, description="seconds between two attempts, beside those that Retry-After names"
    )
    lockout_seconds: float = Field(
        60,
        gt=0,
        description="seconds in which a machine asks nothing of a server that locks it out for "
        "asking too much and names no time; twice as long after each further refusal, 16 times "
        "at most",
    )
    longest_lockout_seconds: float = Field(
        86_400, gt=0, description="seconds that a lock-out is waited out: the file has failed"
    )
    s3: S3 = S3()

    @property
    def machine_connections(self) -> int:
        """Responses that may be open at once on this machine."""
        return self.connections_per_machine or self.connections
