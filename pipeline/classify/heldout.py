"""Trying a round's classifier on the examples held out of its training.

Everything here streams: held-out examples are scored a block at a time, and their
labels, scores and names are all that stays, some 300 bytes each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from pyspark.sql import functions as F

from pipeline.base.errors import TrainingFailed
from pipeline.classify.calibration import cross_fitted, mixed
from pipeline.classify.comparison import compare
from pipeline.classify.evaluation import calibration, evaluate, figures
from pipeline.classify.groups import Group, counted, groups_of, to_leave_out
from pipeline.classify.model import Model
from pipeline.classify.training import train
from pipeline.classify.trials import usual_updates
from pipeline.config.settings import Evaluate, Train
from pipeline.workspace.table_schemas import Checkpoint

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Where the evaluation draws its line: the likelier label.
THRESHOLD = 0.5
#: Held-out examples scored together.
SCORED_TOGETHER = 1_000
#: The largest models that are trained for nothing but leaving a group out.
SMALL_DIM, SMALL_BUCKETS, SMALL_UPDATES = 16, 100_000, 20_000

_COLUMNS = ("id", "label", "host", "language", "url", "notations", "known_host", "before", "picked")


@dataclass(frozen=True)
class Before:
    """The round before: its model, and the seed that it was trained on."""

    model_path: Path
    seed: DataFrame


def evaluate_round(
    lines: DataFrame,
    model_path: Path,
    before: Before | None,
    *,
    train_settings: Train,
    settings: Evaluate,
    scratch: Path,
    checkpoint: Checkpoint,
    note: Callable[[str], None],
) -> dict[str, Any]:
    """What ``evaluation.json`` holds.

    ``lines`` are all of the seed's examples as ``seed_lines`` gives them. Beside
    ``evaluation.evaluate``'s: ``absent_hosts``, figures over the held-out examples whose
    host training never met; ``left_out``, what becomes of a group that training never met;
    ``compared``, this model and that of the round before on the same examples. In
    ``calibration`` stands whether the model is ``calibrated``, and the ``uncalibrated_error`` of
    its own scores; the error itself is then of scores calibrated without the example's host, or
    without the page alone, where ``by_page``.
    """
    counts = _counts(lines)
    held_out = checkpoint(_held_out(lines, before, settings, train_settings.seed), "held-out")
    groups = to_leave_out(counts, settings.left_out_groups)
    small = _small_models(lines, groups, train_settings, settings, scratch, note) if groups else {}
    models = {"": Model.load(model_path)} | small
    if before:
        models["before"] = Model.load(before.model_path)
    note("trying the classifier on held-out hosts")
    columns, scores = _scored(held_out, models)
    truth = [label == "math" for label in columns["label"]]
    mathematical = np.array(truth, dtype=bool)
    members = [
        groups_of(*one)
        for one in zip(columns["language"], columns["notations"], columns["host"], strict=True)
    ]
    sorts = ("language", "notation", "domain")
    hosts = columns["host"]
    own = scores[""]
    calibrated = models[""].description.calibration is not None
    share = _share(counts)
    by_others = cross_fitted(mathematical, own, _host_or_id(columns), share) if calibrated else None
    scores[""] = models[""].calibrated(own)
    evaluation = {
        **evaluate(
            truth,
            scores[""],
            hosts,
            {sort: [one[sort] for one in members] for sort in sorts},
            THRESHOLD,
            ids=columns["id"],
            urls=[url or "" for url in columns["url"]],
            trained=_trained(counts),
            share=share,
            of_other_hosts=by_others.scores if by_others else None,
        ),
        "absent_hosts": _of_rows(truth, scores[""], [not flag for flag in columns["known_host"]]),
        "left_out": [
            _left_out(group, counts, truth, scores, members, columns["picked"]) for group in groups
        ]
        if small
        else [],
        "compared": _compared(columns, truth, scores, train_settings.seed) if before else None,
    }
    evaluation["calibration"] |= {
        "calibrated": calibrated,
        "by_page": bool(by_others and by_others.by_page),
        "uncalibrated_error": calibration(mathematical, own, mixed(mathematical, share))[
            "expected_error"
        ],
    }
    return evaluation


def _held_out(lines: DataFrame, before: Before | None, settings: Evaluate, seed: int) -> DataFrame:
    """Held-out examples with what is known of them.

    ``known_host``: training has examples of the host. ``before``: the round before
    trained on ``page`` itself, on its ``host``, or on neither (null). ``picked``: in
    the sample that the small models score.
    """
    learnt = lines.where("not held_out")
    hosts = learnt.where("host <> ''").select("host").distinct()
    # Hosts and ids are no more than the settings allow; the lines beside them stay.
    rows = lines.where("held_out").join(
        F.broadcast(hosts.withColumn("known_host", F.lit(True))), "host", "left"
    )
    if before:
        old = before.seed.where("not held_out")
        old_ids = old.select(F.coalesce("page_id", "source_id").alias("id")).distinct()
        old_hosts = old.where("host <> ''").select("host").distinct()
        rows = rows.join(F.broadcast(old_ids.withColumn("old_id", F.lit(True))), "id", "left").join(
            F.broadcast(old_hosts.withColumn("old_host", F.lit(True))), "host", "left"
        )
        reason = F.when(F.col("old_id"), "page").when(F.col("old_host"), "host")
    else:
        reason = F.lit(None).cast("string")
    place = F.xxhash64(F.lit("left out"), F.lit(seed), "id")
    count = max(lines.where("held_out").count(), 1)
    share = min(1.0, settings.left_out_examples / count)
    return rows.select(
        "id", "label", "host", "language", "url", "notations", "line",
        F.coalesce("known_host", F.lit(False)).alias("known_host"),
        reason.alias("before"),
        (place.cast("double") / F.lit(2.0**64) + F.lit(0.5) < share).alias("picked"),
    )  # fmt: skip


def _counts(lines: DataFrame) -> dict[Group, dict[tuple[bool, str], int]]:
    """Examples of each group; only the counts of distinct combinations leave Spark."""
    end = F.element_at(F.split("host", r"\."), -1)
    rows = (
        lines.groupBy("language", "notations", end.alias("end"), "held_out", "label")
        .count()
        .toLocalIterator()
    )
    return counted(tuple(row) for row in rows)


def _trained(
    counts: Mapping[Group, Mapping[tuple[bool, str], int]],
) -> dict[str, dict[str, dict[str, int]]]:
    by_sort: dict[str, dict[str, dict[str, int]]] = {}
    for group, of in counts.items():
        of_class = {label: of.get((False, label), 0) for label in ("math", "other")}
        by_sort.setdefault(group.sort, {})[group.name] = of_class
    return by_sort


def _share(counts: Mapping[Group, Mapping[tuple[bool, str], int]]) -> float:
    """How much of the training examples is mathematical."""
    # Each example is of one language.
    of_languages = [of for group, of in counts.items() if group.sort == "language"]
    math, other = (
        sum(of.get((False, label), 0) for of in of_languages) for label in ("math", "other")
    )
    return math / max(math + other, 1)


def _small_models(
    lines: DataFrame,
    groups: Sequence[Group],
    train_settings: Train,
    settings: Evaluate,
    scratch: Path,
    note: Callable[[str], None],
) -> dict[str, Model]:
    """A small model of a sample of the training examples, and one without each group.

    Empty where too few examples are left to train on.
    """
    learnt = lines.where("not held_out")
    count = max(learnt.count(), 1)
    place = F.xxhash64(F.lit("small"), F.lit(train_settings.seed), "id")
    share = min(1.0, settings.left_out_examples / count)
    sample = learnt.where(place.cast("double") / F.lit(2.0**64) + F.lit(0.5) < share)
    # As many as the settings allow, at most 2,000 words each: some 100 MB.
    rows = [
        (groups_of(row["language"], row["notations"], row["host"]), row["label"], row["line"])
        for row in sample.select("language", "notations", "host", "label", "line").toLocalIterator()
    ]
    small = train_settings.model_copy(
        update={
            "dim": min(train_settings.dim or SMALL_DIM, SMALL_DIM),
            "buckets": min(train_settings.buckets or SMALL_BUCKETS, SMALL_BUCKETS),
            "small_seed_updates": (min(usual_updates(train_settings), SMALL_UPDATES),),
        }
    )
    models: dict[str, Model] = {}
    for number, group in enumerate([None, *groups]):
        name = f"without {group}" if group else "with all"
        examples = [
            (label, line)
            for of, label, line in rows
            if group is None or group.name not in of[group.sort]
        ]
        path = scratch / f"small-{number}" / "model.bin"
        note(f"training a small model {name}")
        try:
            train(examples, small, path, scratch=scratch, note=lambda _: None)
        except TrainingFailed:
            if group is None:
                return {}
            continue
        models[name] = Model.load(path)
    return models


def _scored(
    held_out: DataFrame, models: Mapping[str, Model]
) -> tuple[dict[str, list[Any]], dict[str, np.ndarray]]:
    """Columns of all held-out examples and each model's scores of them.

    Those of the round's model, "", are its own, uncalibrated. A small model scores those
    picked for it, and the model of the round before those that it was not trained on; where a
    model gives no score there is NaN.
    """
    columns: dict[str, list[Any]] = {name: [] for name in _COLUMNS}
    scores: dict[str, list[np.ndarray]] = {name: [] for name in models}
    for block in _blocks(held_out.toLocalIterator(prefetchPartitions=True)):
        for name, column in columns.items():
            column += [row[name] for row in block]
        for name, model in models.items():
            wanted = [at for at, row in enumerate(block) if _is_wanted(name, row)]
            block_scores = np.full(len(block), np.nan)
            if wanted:
                score = model.score if name else model.uncalibrated
                block_scores[wanted] = score([block[at]["line"] for at in wanted])
            scores[name].append(block_scores)
    return columns, {
        name: np.concatenate(parts) if parts else np.zeros(0) for name, parts in scores.items()
    }


def _is_wanted(model: str, row: Any) -> bool:
    wanted = row["before"] != "page" if model == "before" else not model or row["picked"]
    return bool(wanted)


def _blocks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while block := list(islice(rows, SCORED_TOGETHER)):
        yield block


def _of_rows(truth: Sequence[bool], scores: np.ndarray, rows: Sequence[bool]) -> dict[str, Any]:
    chosen = np.array(rows, dtype=bool)
    score = scores[chosen]
    return figures(np.array(truth, dtype=bool)[chosen], score, score >= THRESHOLD)


def _left_out(
    group: Group,
    counts: Mapping[Group, Mapping[tuple[bool, str], int]],
    truth: Sequence[bool],
    scores: Mapping[str, np.ndarray],
    members: Sequence[Mapping[str, Sequence[str]]],
    picked: Sequence[bool],
) -> dict[str, Any]:
    """The group's mathematical examples among all other pages, met in training and not met."""
    rows = [
        bool(pick) and (not math or group.name in of[group.sort])
        for pick, math, of in zip(picked, truth, members, strict=True)
    ]
    without = scores.get(f"without {group}")
    return {
        "sort": group.sort,
        "group": group.name,
        "trained_on": {label: counts[group].get((False, label), 0) for label in ("math", "other")},
        "met": _of_rows(truth, scores["with all"], rows),
        "never_met": None if without is None else _of_rows(truth, without, rows),
    }


def _compared(
    columns: Mapping[str, Sequence[Any]],
    truth: Sequence[bool],
    scores: Mapping[str, np.ndarray],
    seed: int,
) -> dict[str, Any]:
    """Both models on the examples of hosts that neither was trained on.

    Where these lack a class, as when a round could only hold out single pages, on
    the examples that neither was trained on: ``by_page`` is then true.
    """
    chosen: list[int] = []
    hosts = _host_or_id(columns)
    by_page = False
    for by_page in (False, True):
        chosen = [
            at
            for at, origin in enumerate(columns["before"])
            if origin is None or (by_page and origin == "host")
        ]
        if len({truth[at] for at in chosen}) == 2:
            break
    comparison = compare(
        [truth[at] for at in chosen],
        scores["before"][chosen].tolist(),
        scores[""][chosen].tolist(),
        [hosts[at] for at in chosen],
        THRESHOLD,
        seed=seed,
    )
    return {"by_page": by_page, **comparison}


def _host_or_id(columns: Mapping[str, Sequence[Any]]) -> list[str]:
    """A text without an address counts as a host of its own, as when it was held out."""
    return [host or of for host, of in zip(columns["host"], columns["id"], strict=True)]
