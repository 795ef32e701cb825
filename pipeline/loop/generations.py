"""Which pages a round stands on: generations of the pool.

A generation is the pool that was made of some batches of pages. What a round stands on is
written nowhere else than in its own manifests, whose inputs name the pool: that of its model for
what is learnt, that of its scores for what is collected. A round that has begun keeps its
generation as long as all pages of that are there; a new one takes the newest. Of the newest pool
the manifest is ``pool/manifest.json``. When it is made anew while rounds stand on it, that is kept
first as ``pool/manifest-<G>.json``, whose contents stay, and its number counts on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame

from pipeline.dedupe.pool_notes import CrawlPages, GenerationNotes
from pipeline.loop.run import Run
from pipeline.workspace.manifest import Manifest, Recipe
from pipeline.workspace.places import Workspace
from pipeline.workspace.tables import Table

#: Under this name the recipes of a round's steps have the pool.
POOL = "pool"
#: And the recipe of a pool has each crawl's signatures under this.
SIGNATURES = "signatures of"


@dataclass(frozen=True)
class Generation:
    """A pool, and the pages that it was made of, by crawl."""

    number: int
    #: the manifest of its pool
    manifest: Manifest
    pages: Mapping[str, CrawlPages]
    #: whether a newer one has taken its place
    is_older: bool = False

    @property
    def identity(self) -> str:
        return self.manifest.identity

    def pool(self, workspace: Workspace) -> Table:
        return workspace.pool(self._number_if_older())

    def page_topics(self, workspace: Workspace) -> Table:
        return workspace.page_topics(self._number_if_older())

    def page_inputs(self) -> dict[str, str]:
        """Identities of all crawls' pages, for a recipe."""
        return {f"pages of {crawl}": pages.identity for crawl, pages in self.pages.items()}

    def _number_if_older(self) -> int | None:
        return self.number if self.is_older else None


def newest(run: Run) -> Generation:
    """The generation that the next round takes; ``InputMissing`` where there is no pool."""

    def read() -> Generation:
        manifest = run.workspace.pool().existing()
        notes = GenerationNotes.of(manifest)
        return Generation(notes.number, manifest, notes.pages or pages_now(run, run.config.crawls))

    return run.remembered("newest generation", read)


def learnt_from(run: Run, number: int) -> Generation:
    """The generation that round ``number`` chooses its seed from."""

    def find() -> Generation:
        if _starts_anew(run, number) and not _keeps_model(run, number):
            return newest(run)
        least = collected_from(run, number - 1).number if number > 1 else 0
        stood = pool_of(run.workspace.model(number).manifest())
        return standing(stood, _generations(run), least) or newest(run)

    return run.remembered(("learnt from", number), find)


def collected_from(run: Run, number: int) -> Generation:
    """The generation that round ``number`` scores, takes its collection from, and counts."""

    def find() -> Generation:
        if _starts_anew(run, number):
            return newest(run)
        learnt = learnt_from(run, number)
        stood = pool_of(run.workspace.scores(number).manifest())
        return standing(stood, _generations(run), learnt.number) or learnt

    return run.remembered(("collected from", number), find)


def standing(stood: str, generations: Sequence[Generation], least: int) -> Generation | None:
    """Of ``generations`` that of identity ``stood``, if its number is ``least`` or more.

    A round never stands on fewer pages than one before it.
    """
    fit = (one for one in generations if one.identity == stood and one.number >= least)
    return next(fit, None)


def pool_of(manifest: Manifest | None) -> str:
    """The identity of the pool that something was made of; empty where there is no manifest."""
    return manifest.recipe.inputs.get(POOL, "") if manifest else ""


def older_of(
    run: Run, recipe: Recipe, of: Callable[[Generation], Manifest | None]
) -> Generation | None:
    """The latest older generation of whose pages something is made as ``recipe`` says.

    ``of`` gives the manifest of what may have been made of a generation.
    """
    for generation in sorted(_generations(run), key=lambda one: -one.number):
        manifest = of(generation) if generation.is_older else None
        if manifest and made_as(manifest.recipe, recipe):
            return generation
    return None


def pages_now(run: Run, crawls: Iterable[str]) -> dict[str, CrawlPages]:
    """The pages that crawls have, as they are now."""
    return {crawl: _pages_of(run.workspace.pages(crawl)) for crawl in crawls}


def _pages_of(table: Table) -> CrawlPages:
    manifest = table.existing()
    return CrawlPages(identity=manifest.identity, parts=tuple(table.named_by(manifest)))


def make_way(run: Run, recipe: Recipe, notes: GenerationNotes) -> int:
    """Make way for a pool of ``recipe`` and ``notes``; the number of its generation.

    The pool that there is is kept as an older one if a round stands on it and may go on to. If
    not, the new one takes its number. Older ones that no round stands on any more are dropped.
    """
    workspace = run.workspace
    in_use = {
        pool_of(table(number).manifest())
        for number in workspace.rounds()
        for table in (workspace.model, workspace.scores)
    }
    for number in workspace.older_generations():
        if workspace.pool(number).existing().identity not in in_use:
            workspace.drop_generation(number)
    present = workspace.pool().manifest()
    if present is None:
        return 1 + max(workspace.older_generations(), default=0)
    before = GenerationNotes.of(present)
    if present.recipe == recipe or present.identity not in in_use:
        return before.number
    if not made_alike(present.recipe, before, recipe, notes) or not _pages_present(run, before):
        return before.number
    topics = workspace.page_topics()
    if pool_of(topics.manifest()) == present.identity:
        workspace.keep_as(topics, workspace.page_topics(before.number))
    workspace.keep_as(workspace.pool(), workspace.pool(before.number))
    return before.number + 1


def made_alike(
    old: Recipe, old_notes: GenerationNotes, new: Recipe, new_notes: GenerationNotes
) -> bool:
    """Whether two pools differ in nothing but the pages that they are of."""
    if old_notes.pages is None or new_notes.pages is None:
        return False
    unchanged = [
        f"{SIGNATURES} {crawl}"
        for crawl, pages in old_notes.pages.items()
        if crawl in new_notes.pages and new_notes.pages[crawl].identity == pages.identity
    ]
    return (
        made_as(old, new)
        and old_notes.signatures == new_notes.signatures
        and all(old.inputs.get(name) == new.inputs.get(name) for name in unchanged)
    )


def made_as(old: Recipe, new: Recipe) -> bool:
    """Whether two recipes differ in nothing but their inputs."""
    return old.fingerprint == replace(new, inputs=old.inputs).fingerprint


def all_present(pages: Mapping[str, CrawlPages], now: Mapping[str, CrawlPages]) -> bool:
    """Whether each batch of ``pages`` is still among those that its crawl has now."""
    return all(
        crawl in now and set(before.parts) <= set(now[crawl].parts)
        for crawl, before in pages.items()
    )


def in_terms_of(run: Run, rows: DataFrame, of: Generation, to: Generation) -> DataFrame:
    """``page_id`` of the pages that generation ``to`` keeps for those of ``rows``, each once.

    ``rows`` are of pages that generation ``of`` keeps. In a newer one a page may be the copy of
    a better one, which then stands for it.
    """
    if of.number == to.number:
        return rows
    pool = to.pool(run.workspace).read(run.spark).select("page_id", "kept_page_id")
    kept = rows.select("page_id").join(pool, "page_id").select(pool["kept_page_id"])
    return kept.select(kept["kept_page_id"].alias("page_id")).distinct()


def _generations(run: Run) -> list[Generation]:
    """The newest, and older ones that a round may stand on."""

    def read() -> list[Generation]:
        older = (_older(run, number) for number in run.workspace.older_generations())
        return [newest(run), *filter(None, older)]

    return run.remembered("generations", read)


def _older(run: Run, number: int) -> Generation | None:
    """An older generation, if a round may stand on it: with its topics, and all of its pages."""
    workspace = run.workspace
    manifest, topics = workspace.pool(number).manifest(), workspace.page_topics(number).manifest()
    if manifest is None or pool_of(topics) != manifest.identity:
        return None
    latest = newest(run).manifest
    notes, latest_notes = GenerationNotes.of(manifest), GenerationNotes.of(latest)
    if not made_alike(manifest.recipe, notes, latest.recipe, latest_notes):
        return None
    if not _pages_present(run, notes):
        return None
    assert notes.pages is not None
    return Generation(notes.number, manifest, notes.pages, is_older=True)


def _pages_present(run: Run, notes: GenerationNotes) -> bool:
    """Whether all pages of a generation are in the workspace, in crawls of the configuration."""
    if notes.pages is None:
        return False
    read = [name for name in run.config.crawls if run.workspace.pages(name).manifest()]
    return all_present(notes.pages, pages_now(run, read))


def _starts_anew(run: Run, number: int) -> bool:
    return run.from_round is not None and number >= run.from_round


def _keeps_model(run: Run, number: int) -> bool:
    return run.keep_model and number == run.from_round
