"""``domains.csv``: every host of the corpus, largest first, as summaries of training content ask.

The European Commission's template for such a summary (AI Act, article 53(1)(d)) wants the
largest domains by size of the content that was taken from them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from pyspark.sql import functions as F

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

COLUMNS = ("host", "registered_domain", "pages", "tokens", "share")


class HostTotal(NamedTuple):
    """Pages and tokens that the corpus has of a host."""

    host: str
    registered_domain: str
    pages: int
    tokens: int


class DomainsFile(NamedTuple):
    """The file's text, the number of its hosts, and the largest of them."""

    text: str
    hosts: int
    largest: tuple[HostTotal, ...]


def host_totals(rows: DataFrame) -> Iterator[HostTotal]:
    """All hosts of table ``corpus`` by tokens, largest first; one partition at a time here."""
    totals = (
        rows.groupBy("host")
        .agg(
            F.min("registered_domain").alias("registered_domain"),
            F.count("*").alias("pages"),
            F.sum("tokens").alias("tokens"),
        )
        .orderBy(F.desc("tokens"), "host")
    )
    return (HostTotal(*row) for row in totals.toLocalIterator())


def domains_file(totals: Iterable[HostTotal], tokens: int, largest: int) -> DomainsFile:
    """The CSV of hosts in the order of ``totals``: a line a host, some 60 bytes, is what is held.

    ``share`` is of all ``tokens``. The first ``largest`` hosts are given out too.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    first: list[HostTotal] = []
    hosts = 0
    for total in totals:
        hosts += 1
        if hosts <= largest:
            first.append(total)
        share = total.tokens / tokens if tokens else 0.0
        writer.writerow((*total, f"{share:.9f}"))
    return DomainsFile(text.getvalue(), hosts, tuple(first))
