"""Index annotations: tables of others beside this run's domains, and its own for others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import reduce

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F

from pipeline.base.errors import ConfigError
from pipeline.extract.annotation_tables import key_of, read_tables
from pipeline.extract.columnar_index import index_identity
from pipeline.loop.connection_shares import shared_among_machines
from pipeline.loop.generations import newest
from pipeline.loop.pool_pages import kept_rows
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Step
from pipeline.mine.annotations import KEYS, annotated_domains
from pipeline.mine.domains import domain_column
from pipeline.web.parquet_ranges import turned
from pipeline.workspace.manifest import Counts
from pipeline.workspace.session import condition_of


def _build_annotations(build: Build) -> Counts:
    config = build.config
    read = shared_among_machines(config.read, build.spark)
    of_pages = kept_rows(
        build.run,
        newest(build.run),
        lambda pages: pages.select("page_id", domain_column(config.mine)),
    )
    domains = build.checkpoint(of_pages.select("domain").distinct(), "domains")
    tables = []
    for name, annotation in config.annotations.items():
        build.progress.note(f"reading annotation {name}")
        rows = read_tables(build.spark, annotation.tables, read)
        key = key_of(rows, name, annotation.key, KEYS)
        keyed = annotation.model_copy(update={"key": key})
        try:
            tables.append(annotated_domains(rows, name, keyed, domains, config.mine))
        except AnalysisException as error:
            raise ConfigError(
                f"annotations.{name} speaks of what its tables have not: {condition_of(error)}",
                expected=f"columns, and a condition on columns, among {', '.join(rows.columns)}",
            ) from None
    staged = build.stage(build.workspace.annotations(), reduce(DataFrame.unionByName, tables))
    number = staged.count()
    return Counts(number, number, unit="values")


def _annotation_inputs(run: Run, _: int) -> Mapping[str, str]:
    tables = {
        f"annotation {name}": index_identity(annotation.tables)
        for name, annotation in run.config.annotations.items()
    }
    return {"pool": run.workspace.pool().existing().identity, **tables}


def _build_verdicts(build: Build) -> Counts:
    domains = build.workspace.domains(build.number).read(build.spark)
    surt = F.udf(turned, "string", useArrow=True)
    staged = build.stage(
        build.workspace.verdicts(build.number),
        domains.select(
            surt("domain").alias("surt_host_name"),
            F.col("pages").alias("math_pages_seen"),
            F.col("collected").alias("math_pages"),
            F.col("share").alias("math_share"),
            F.col("language").alias("math_language"),
            F.col("mathematical").alias("is_math"),
        ).orderBy("surt_host_name"),
    )
    number = staged.count()
    return Counts(number, number, unit="domains")


#: Of all annotations that the configuration names; only where it names some.
ANNOTATIONS = Step(
    name="annotations",
    version=1,
    outputs=lambda run, _: [run.workspace.annotations()],
    settings=lambda config, _: {
        "annotations": hashlib.sha256(
            json.dumps(
                {name: one.model_dump() for name, one in config.annotations.items()}, sort_keys=True
            ).encode()
        ).hexdigest()[:32],
        "mine": {"domain": config.mine.domain},
    },
    inputs=_annotation_inputs,
    build=_build_annotations,
    per_round=False,
    of_pages=True,
)

VERDICTS = Step(
    name="verdicts",
    version=1,
    outputs=lambda run, number: [run.workspace.verdicts(number)],
    settings=lambda _, __: {},
    inputs=lambda run, number: {"domains": run.workspace.domains(number).existing().identity},
    build=_build_verdicts,
)
