"""A round's seed and the classifier that is trained on it."""

from __future__ import annotations

import glob
import hashlib
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import functions as F

from pipeline.base.errors import InputEmpty
from pipeline.base.file_identity import file_identity
from pipeline.base.small_files import write_json
from pipeline.classify.features import FEATURES_VERSION
from pipeline.classify.heldout import Before, evaluate_round
from pipeline.classify.model import FILES, MODEL
from pipeline.classify.outside_texts import languages_of, no_texts, read_texts
from pipeline.classify.seed import choose_seed, seed_lines
from pipeline.classify.train_notes import HeldOut, PatternCounts, TrainNotes
from pipeline.classify.training import train
from pipeline.classify.trials import HeldOutExample
from pipeline.config.settings import Config, SeedTexts
from pipeline.config.tag_settings import OF_QUEUE
from pipeline.loop.generations import POOL, collected_from, in_terms_of, learnt_from
from pipeline.loop.pool_pages import all_pages, all_signatures, kept_of
from pipeline.loop.round_patterns import (
    patterns_of,
    people_before,
    require_tags,
    untagged_before,
)
from pipeline.loop.run import Run
from pipeline.loop.step import Build, Step
from pipeline.mine.patterns import AUTO, Patterns
from pipeline.mine.suspects import strongly_suspected
from pipeline.mine.tagged_pages import tag_pages
from pipeline.report.closing_classifier import CLASSIFIER
from pipeline.report.evaluation_page import report_html
from pipeline.text.words import WORDS_VERSION
from pipeline.workspace.manifest import Counts
from pipeline.workspace.storage import local_path
from pipeline.workspace.table_schemas import Checkpoint

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def _build(build: Build) -> Counts:
    config, number, workspace = build.config, build.number, build.workspace
    generation = learnt_from(build.run, number)
    patterns, left_out = patterns_of(build.run, number)
    if build.run.tags == "wait" and number > 1:
        require_tags(build.run, number, patterns)
    untagged = None
    if build.run.tags == "skip" and number > 1:
        untagged = untagged_before(build.run, number, patterns).count()
    if left_out:
        build.progress.note(f"{left_out:,} more prefixes have the share, and do not count")
    texts = read_texts(build.spark, config.seed.texts) if config.seed.texts else None
    if texts is None and not any(pattern.mathematical for pattern in patterns):
        raise InputEmpty(
            "there is nothing to learn mathematics from: no seed texts, no URL pattern",
            expected="seed.texts, or seed.patterns that match pages of the crawl",
            remedy="see seeds/openwebmath.toml for the paper's seed",
        )
    build.progress.note("choosing the seed")
    seed = build.stage(
        workspace.seed(number), next_seed(build.run, number, patterns, texts, build.checkpoint)
    )
    build.side_file(workspace.seed(number), workspace.patterns_file(number), patterns.tsv())
    build.progress.note("reading the seed")
    # Its ids go to the pages, once.
    pages = all_pages(build.run, generation).select(
        "page_id", "url", "language", "notations", "text"
    )
    lines = build.checkpoint(seed_lines(seed, pages, texts, config.train), "lines")
    with tempfile.TemporaryDirectory(prefix="mathmine-train-") as scratch:
        folder = Path(scratch) / "model"
        report = train(
            _examples(lines.where("not held_out")),
            config.train,
            folder / "model.bin",
            scratch=Path(scratch),
            note=build.progress.note,
            held_out=_held_out_examples(lines.where("held_out")),
            cores=_cores(build.spark),
        )
        evaluation = evaluate_round(
            lines,
            folder / "model.bin",
            _before(build),
            train_settings=config.train,
            settings=config.evaluate,
            scratch=Path(scratch),
            checkpoint=build.checkpoint,
            note=build.progress.note,
        )
        write_json(folder / "evaluation.json", evaluation)
        build.side_file(
            workspace.model(number), workspace.report(number), report_html(evaluation, number)
        )
        build.stage_folder(workspace.model(number), folder)
    build.content = report.model_digest
    automatic = sum(pattern.who == AUTO for pattern in patterns)
    origins = seed.groupBy(F.split("origin", ":")[0].alias("origin")).count().collect()
    build.notes = TrainNotes(
        generation=generation.number,
        untagged=untagged,
        patterns=PatternCounts(people=len(patterns) - automatic, automatic=automatic),
        left_out=left_out or None,
        training=report,
        held_out=HeldOut.model_validate(evaluation | {"by page": _held_out_by_page(seed)}),
        compared=evaluation["compared"],
        origins={row["origin"]: row["count"] for row in origins},
    )
    return Counts(
        seed.count(),
        sum(report.examples.values()),
        {"held out": seed.where("held_out").count(), "without words": report.without_words},
        unit="examples",
    )


def next_seed(
    run: Run, number: int, patterns: Patterns, texts: DataFrame | None, checkpoint: Checkpoint
) -> DataFrame:
    """The seed of round ``number``, see :func:`choose_seed`, with these patterns and texts."""
    workspace, before = run.workspace, number - 1
    generation = learnt_from(run, number)
    collected_before = seed_before = None
    if before:
        collected_before = in_terms_of(
            run,
            workspace.collected(before).read(run.spark),
            collected_from(run, before),
            generation,
        )
        seed_before = workspace.seed(before).read(run.spark)
        learnt_before = learnt_from(run, before)
        if learnt_before.number != generation.number:
            learnt = seed_before.where("label = 'math' AND page_id IS NOT NULL")
            learnt = in_terms_of(run, learnt, learnt_before, generation)
            seed_before = learnt.withColumn("label", F.lit("math"))

    def kept(rows: DataFrame) -> DataFrame:
        return kept_of(run, generation, rows, checkpoint)

    # Python looks at each URL for it; then it is asked for often.
    tagged = checkpoint(kept(tag_pages(all_pages(run, generation), patterns)), "tagged")
    automatic = [pattern.pattern for pattern in patterns if pattern.who == AUTO]
    matched = run.config.suspects.other_languages < 1
    return choose_seed(
        pages=all_pages(run, generation).select(
            "page_id",
            "host",
            "language",
            strongly_suspected(run.config.suspects).alias("strongly_suspected"),
        ),
        kept=kept,
        keys=all_signatures(run, generation).select("page_id", "url_key", "text_key"),
        texts=texts,
        tagged=tagged.withColumn("automatic", F.col("pattern").isin(automatic)),
        already_collected=collected_before,
        previous_seed=seed_before,
        settings=run.config.train,
        suspects=run.config.suspects,
        checkpoint=checkpoint,
        text_languages=languages_of(texts) if texts is not None and matched else None,
    )


def model_file(run: Run, number: int) -> str:
    """The round's model where every machine that runs tasks can load what scores need."""
    table = run.workspace.model(number)
    name = f"model-{table.existing().content}"
    files = FILES[run.config.classify.scorer]
    [place] = table.parts()
    return str(run.workspace.storage.on_every_machine(place, name, files) / MODEL)


def _examples(lines: DataFrame) -> Iterator[tuple[str, str]]:
    for row in lines.select("label", "line").toLocalIterator(prefetchPartitions=True):
        yield row["label"], row["line"]


def _held_out_examples(lines: DataFrame) -> Iterator[HeldOutExample]:
    for row in lines.select("label", "line", "host", "id").toLocalIterator(prefetchPartitions=True):
        yield HeldOutExample(row["label"], row["line"], row["host"] or row["id"])


def _passed_over(run: Run, number: int) -> str:
    """Why people are waited for after all, where ``--tags skip`` did not."""
    manifest = run.workspace.model(number).manifest() if run.tags == "wait" else None
    untagged = TrainNotes.of(manifest).untagged if manifest else 0
    return f"{untagged:,} domains were passed over that nobody had tagged" if untagged else ""


def _cores(spark: SparkSession) -> int:
    """Cores that this process was given: Spark's own, where it runs here, or the driver's."""
    context = spark.sparkContext
    if (context.master or "").partition("[")[0] == "local":
        return context.defaultParallelism
    given = int(context.getConf().get("spark.driver.cores") or 0)
    if hasattr(os, "sched_getaffinity"):
        return given or len(os.sched_getaffinity(0))
    return given or os.cpu_count() or 1


def _before(build: Build) -> Before | None:
    before = build.number - 1
    if not before:
        return None
    seed = build.workspace.seed(before).read(build.spark)
    return Before(Path(model_file(build.run, before)), seed)


def _held_out_by_page(seed: DataFrame) -> bool:
    """Whether some host is on both sides of the evaluation."""
    sides = seed.where("host <> ''").groupBy("host").agg(F.count_distinct("held_out").alias("n"))
    return not sides.where("n > 1").isEmpty()


def _settings(config: Config, _: int) -> Mapping[str, Any]:
    return {
        "train": config.train.model_dump(),
        "evaluate": config.evaluate.model_dump(),
        "seed": {
            "patterns": list(config.seed.patterns),
            "texts": config.seed.texts.model_dump(exclude={"paths", "homepage", "download"})
            if config.seed.texts
            else None,
        },
        "mine": {"domain": config.mine.domain},
        "suspects": config.suspects.model_dump(exclude=OF_QUEUE),
        "features": FEATURES_VERSION,
        "words": WORDS_VERSION,
    }


def _inputs(run: Run, number: int) -> Mapping[str, str]:
    workspace, config = run.workspace, run.config
    generation = learnt_from(run, number)
    inputs = {POOL: generation.identity, **generation.page_inputs()}
    if config.seed.texts:
        inputs |= _seed_inputs(config.seed.texts)
    # Who said it, when and why changes nothing.
    tags = [(p.pattern, p.mathematical, p.round == 0) for p in people_before(run, number)]
    inputs["tags"] = hashlib.sha256(repr(tags).encode()).hexdigest()[:32]
    if number > 1:
        before = number - 1
        inputs["collection before"] = workspace.collected(before).existing().identity
        inputs["model before"] = workspace.model(before).existing().identity
        inputs["seed before"] = workspace.seed(before).existing().identity
        for earlier in range(1, number):
            inputs[f"domains of round {earlier}"] = workspace.domains(earlier).existing().identity
        if run.tags == "auto":
            chosen = config.tags
            inputs["automatic tags"] = f"{chosen.auto_share} of {chosen.auto_min_pages} pages"
    return inputs


def _seed_inputs(source: SeedTexts) -> dict[str, str]:
    """The seed's files; remote ones go by their address, and are taken to stay as they are."""
    inputs = {}
    for pattern in source.paths:
        local = local_path(pattern)
        if local is None:
            inputs[f"seed {pattern}"] = pattern
            continue
        paths = [Path(name) for name in glob.glob(str(local), recursive=True)]  # noqa: PTH207
        files = [f for path in paths for f in ([path] if path.is_file() else path.rglob("*"))]
        if not files:
            raise no_texts(source, pattern)
        inputs |= {f"seed file {file}": file_identity(file) for file in files if file.is_file()}
    return inputs


TRAIN = Step(
    name="train",
    version=8,
    outputs=lambda run, number: [run.workspace.seed(number), run.workspace.model(number)],
    settings=_settings,
    inputs=_inputs,
    build=_build,
    unfinished=_passed_over,
    says=CLASSIFIER,
)
