"""What other people's tables say of domains: index annotations, joined by host or by address."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pyspark.sql import functions as F
from pyspark.sql.types import NumericType, StringType

from pipeline.base.outcomes import SetAside
from pipeline.config.settings import Mine
from pipeline.config.sources import Annotation
from pipeline.mine.domains import domain_name
from pipeline.web.parquet_ranges import turned
from pipeline.web.urls import host_of
from pipeline.workspace.table_schemas import schema

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Columns by which such tables are joined, the first that there is: Common Crawl's own names.
KEYS = ("surt_host_name", "url_surtkey", "url_host_name", "host", "domain", "url")


def annotated_domains(
    rows: DataFrame, name: str, annotation: Annotation, domains: DataFrame, settings: Mine
) -> DataFrame:
    """Table ``annotations`` for the tables called ``name``.

    ``rows`` has ``annotation.key`` and the columns that it speaks of; ``domains`` has
    ``domain``: of others nothing is kept. A row whose key names no host is passed over.
    """
    key = annotation.key

    def domain_of(text: str | None) -> str | None:
        host = host_of_key(text or "", key)
        return domain_name(host, settings) if host else None

    queue = F.expr(annotation.queue) if annotation.queue else F.lit(False)
    keyed = rows.select(
        F.udf(domain_of, StringType(), useArrow=True)(key).alias("_domain"),
        F.coalesce(queue.cast("boolean"), F.lit(False)).alias("_queued"),
        *(F.col(column) for column in annotation.columns),
    )
    known = domains.select(F.col("domain").alias("_domain"))
    types = {field.name: field.dataType for field in keyed.schema}
    values = [
        (F.avg(column) if isinstance(types[column], NumericType) else F.mode(column))
        .cast("string")
        .alias(column)
        for column in annotation.columns
    ]
    of_domain = (
        keyed.join(known, "_domain", "left_semi")
        .groupBy("_domain")
        .agg(F.max("_queued").alias("_queued"), *values)
    )
    named = F.explode(
        F.array(
            *(
                F.struct(F.lit(column).alias("name"), F.col(column).alias("value"))
                for column in annotation.columns
            )
        )
    ).alias("said")
    return of_domain.select(
        F.col("_domain").alias("domain"),
        F.lit(name).alias("annotation"),
        named,
        F.col("_queued").alias("queued"),
    ).select("domain", "annotation", "said.name", "said.value", "queued")[
        schema("annotations").names
    ]


def host_of_key(text: str, key: str) -> str | None:
    """The host without ``www.`` that a value of the column ``key`` names; None where it is none.

    ``key``: one of ``KEYS``, or any other name for a column of hosts.
    """
    if key == "url":
        address = text
    elif key in ("surt_host_name", "url_surtkey"):
        host = text.partition(")")[0].partition(":")[0]
        address = f"https://{turned(host) if ',' in host else host}/"
    else:
        address = f"https://{text}/"
    try:
        return host_of(address)
    except SetAside:
        return None
