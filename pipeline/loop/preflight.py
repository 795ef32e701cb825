"""What can be known to go wrong before anything is done: looked at in the first seconds.

No Spark, and nothing that is read whole but small files. What a step finds only at its work
it still tells itself; what is told here is told before an hour of reading WARC files.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from pipeline.base.errors import (
    ConfigError,
    InputEmpty,
    InputMissing,
    MathmineError,
    WorkspaceError,
)
from pipeline.base.printing import named
from pipeline.classify.outside_texts import check_files
from pipeline.config.settings import Config
from pipeline.corpus.shards import EmitNotes
from pipeline.corpus.tokenizer import check as check_tokenizer
from pipeline.corpus.truth import check_labels
from pipeline.decontaminate.allowed import load_allowed
from pipeline.decontaminate.benchmarks import coverage
from pipeline.decontaminate.rulings import load_rulings
from pipeline.loop.round_patterns import all_tags
from pipeline.loop.run import Run
from pipeline.loop.seed_reach import SeedReach, seed_reach
from pipeline.loop.steps.fetch import url_patterns
from pipeline.mine.patterns import Pattern
from pipeline.workspace.storage import local_path

#: WARC files that are opened to see whether they can be.
_MOST_OPENED = 10_000
#: Names in a line.
_NAMED = 8


@dataclass(frozen=True)
class Found:
    """``errors`` end the run before it begins; ``remarks`` are said, and it goes on."""

    errors: Sequence[MathmineError]
    remarks: Sequence[str]


def preflight(run: Run, steps: Set[str], last: int) -> Found:
    """What is wrong with a run of the steps of these names, up to round ``last``."""
    errors: list[MathmineError] = []
    remarks: list[str] = []

    def look(*checks: Callable[[Run], Iterable[str] | None]) -> None:
        for check in checks:
            try:
                remarks.extend(check(run) or ())
            except MathmineError as error:
                errors.append(error)

    look(_workspace)
    if "extract" in steps:
        look(_warcs)
    if "fetch" in steps:
        look(_crawl_patterns)
    if steps & {"train", "mine"}:
        look(_tags)
    if "tokens" in steps:
        look(lambda run: check_tokenizer(run.config.tokens))
    if "train" in steps and not errors:
        look(_seed)
    if "decontaminate" in steps:
        look(_benchmarks)
    if "judge" in steps:
        look(_labels)
    if "emit" in steps:
        look(lambda run: _newer_corpus(run, last))
    return Found(errors, remarks)


def _workspace(run: Run) -> None:
    folder = local_path(run.uri)
    if folder is None:
        return
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not nearest.is_dir():
        raise WorkspaceError(f"{nearest} is no folder", remedy="give --workspace a folder")
    for place in (nearest, folder / ".lock"):
        if place.exists() and not _may(place, os.W_OK):
            raise WorkspaceError(
                f"{place} is not yours to write",
                expected="a workspace that this user may write to",
                remedy="give --workspace another folder, or have its owner let you in",
            )


def _may(place: Path, mode: int) -> bool:
    return os.access(place, mode, effective_ids=os.access in os.supports_effective_ids)


def _warcs(run: Run) -> None:
    names = (
        name
        for crawl in run.config.crawls.values()
        for pattern in crawl.warcs
        if (local := local_path(pattern)) is not None
        for name in glob.iglob(str(local), recursive=True)  # noqa: PTH207
    )
    for name in islice(names, _MOST_OPENED):
        try:
            with open(name, "rb") as file:  # noqa: PTH123
                file.read(1)
        except OSError as error:
            raise InputMissing(
                f"{name} cannot be read: {error.strerror}",
                remedy="have its owner let you read it, or name other WARCs in [crawls]",
            ) from None


def _crawl_patterns(run: Run) -> None:
    for crawl in run.config.crawls.values():
        url_patterns(crawl.patterns)


def _tags(run: Run) -> None:
    all_tags(run)


def _seed(run: Run) -> Iterable[str]:
    texts = run.config.seed.texts
    if texts is not None:
        check_files(texts)
    mathematical = [p for p in all_tags(run) if p.mathematical and not p.round]
    if texts is None and not mathematical:
        raise InputEmpty(
            "there is nothing to learn mathematics from: no seed texts, no URL pattern",
            expected="seed.texts, or seed.patterns that match pages of the crawl",
            remedy="see seeds/openwebmath.toml for the paper's seed",
        )
    model = run.workspace.model(1).manifest()
    patterns = list(run.config.seed.patterns)
    if not mathematical or (model and model.recipe.settings["seed"]["patterns"] == patterns):
        return ()
    reach = seed_reach(run, mathematical)
    return _unmatched(run.config, mathematical, reach) if reach else ()


def _unmatched(config: Config, patterns: Sequence[Pattern], reach: SeedReach) -> Iterable[str]:
    missed = [pattern.pattern for pattern in patterns if pattern.pattern not in reach.matched]
    if not missed:
        return ()
    message = f"no page of what is extracted is under {_some(map(reach.with_nearest, missed))}"
    if len(missed) < len(patterns) or config.seed.texts is not None or not reach.whole:
        return (f"seed: {message}",)
    raise InputEmpty(
        f"the seed matches nothing: {message}",
        expected="seed.patterns that match pages of the crawl",
        remedy="mend seed.patterns in the configuration",
    )


def _benchmarks(run: Run) -> Iterable[str]:
    settings = run.config.decontaminate
    for path, load in ((settings.allowed, load_allowed), (settings.rulings, load_rulings)):
        if path:
            load(path)
    if not settings.benchmarks:
        return ("NOT DECONTAMINATED: no benchmarks are given (decontaminate.benchmarks)",)
    covered = coverage(settings)
    remarks = []
    if covered.uncovered:
        remarks.append(
            f"benchmarks: no name in decontaminate.names covers {len(covered.uncovered)} of the "
            f"{covered.files} files in {settings.benchmarks}: {_some(covered.uncovered)}"
        )
    if covered.unmatched:
        remarks.append(f"benchmarks: no file is of the name {_some(covered.unmatched)}")
    return remarks


def _labels(run: Run) -> None:
    path = Path(run.config.labels.path)
    if not path.is_file():
        raise InputMissing(
            f"no labels at {path}", remedy="mend labels.path in the configuration, or leave it out"
        )
    check_labels(path)


def _newer_corpus(run: Run, last: int) -> None:
    manifest = run.workspace.corpus().manifest()
    newest = EmitNotes.of(manifest).round if manifest else None
    if run.force or newest is None or newest <= last:
        return
    raise ConfigError(
        f"the corpus in {run.workspace.corpus().place} is round {newest}'s, and this would replace "
        f"it by round {last}'s",
        remedy=f"--round {newest} (N={newest}) goes on with it; to have the older one all the "
        f"same: jobs/decontaminate.py and jobs/emit.py, each with --round {last} --force",
    )


def _some(names: Iterable[str]) -> str:
    names = list(names)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return named(names[:_NAMED]) + more
