"""A crawl is signed once; what comes later is compared with it as if all came at once."""

import shutil
from pathlib import Path

import duckdb
import pytest

from pipeline.base.errors import SignatureMismatch
from pipeline.config.run_file import parse_config
from pipeline.config.settings import Dedupe
from pipeline.dedupe.minhash import signature_columns
from pipeline.dedupe.pool_notes import PoolNotes
from pipeline.loop.rounds import carry_out, deduplication
from pipeline.loop.run import Run
from pipeline.loop.step import execute
from pipeline.loop.steps.dedupe import DEDUPE
from pipeline.report.closing_pool import dedupe_lines
from pipeline.text.text_key import comparable_words, text_key
from pipeline.workspace.manifest import Counts, Manifest, Recipe
from tests.dedupe.test_pool import all_pages, table
from tests.places import rows_in

OTHER = """'{0}' as crawl, 'h' as host, 'h' as registered_domain, 'en' as language,
    'x' as title, 1 as words, 1 as tokens, '' as notations, 'utf-8' as encoding,
    cast(null as string) as licence, cast(null as string) as licence_source,
    cast(null as string) as reservation, cast(null as string) as warc_truncated, 'w' as warc,
    0L as warc_offset, 0L as warc_length"""

SIGNED = "page_id string, characters int, text_key string, signature binary, signed_with string"


def config(*crawls, **dedupe):
    document = {"crawls": {name: {"warcs": ["none"]} for name in crawls}, "dedupe": dedupe}
    return parse_config(document, folder=Path("/"))


def signatures_of(pages, settings):
    """What extraction says of pages beside their text."""
    return [
        (
            page.page_id,
            len(page.text),
            text_key(words),
            *signature_columns(settings, words).values(),
        )
        for page in pages
        for words in [comparable_words(page.text)]
    ]


def put_pages(spark, run, crawl, pages, identity="1", signatures=()):
    """A crawl as extraction leaves it; without ``signatures``, as an earlier version left it."""
    target = run.workspace.pages(crawl)
    place = run.workspace.storage.uri(f"{target.path}/batch=00000")
    rows = table(spark, pages)
    others = [part.strip() for part in OTHER.format(crawl).split(",")]
    rows = rows.selectExpr("*", *others)
    if signatures:
        rows = rows.join(spark.createDataFrame(signatures, SIGNED), "page_id", "left")
    rows.write.mode("overwrite").parquet(place)
    recipe = Recipe("extract", 1, {"pages": 1}, {}, {"warcs": identity})
    manifest = Manifest(
        target.path, target.schema_version, recipe, len(pages), 1, 1, Counts(0, 0), "", "", 0.0
    )
    run.workspace.storage.write(target.manifest_path, manifest.to_json())


def dedupe(run):
    return {r.title: r for r in carry_out(deduplication(run.config, 1), run, dry_run=False)}


def pool(workspace):
    return duckdb.sql(f"from {rows_in(workspace, 'pool')} order by page_id").fetchall()


@pytest.fixture(scope="module")
def halves():
    pages = sorted(all_pages(), key=lambda page: page.text)
    return pages[::2], pages[1::2]


@pytest.fixture(scope="module")
def grown(spark, tmp_path_factory, halves):
    """A workspace where one crawl was deduplicated, and then both; what the second run reported."""
    first, second = halves
    workspace = tmp_path_factory.mktemp("grown")
    run = Run(config("a"), str(workspace))
    put_pages(spark, run, "a", first)
    assert dedupe(run)["dedupe"].counts.rows_in == len(first)
    signed = run.workspace.signatures("a").existing()

    run = Run(config("a", "b"), str(workspace))
    # Signed by extraction, but for a few, of which some were signed with other settings.
    made = signatures_of(second[:-6], Dedupe()) + signatures_of(second[-6:-2], Dedupe(seed=2))
    put_pages(spark, run, "b", second, signatures=made)
    reports = dedupe(run)
    assert run.workspace.signatures("a").existing() == signed
    return workspace, reports


def test_the_second_crawl_costs_itself_and_the_pool_is_that_of_both_at_once(
    spark, tmp_path, halves, grown
):
    first, second = halves
    workspace, reports = grown
    assert reports["signatures a"].state == "up to date"
    assert reports["signatures b"].counts.rows_out == len(second)
    assert reports["dedupe"].reasons == ("input signatures of b is new",)

    at_once = Run(config("b", "a"), str(tmp_path / "at-once"))
    put_pages(spark, at_once, "a", first)
    put_pages(spark, at_once, "b", second)
    dedupe(at_once)
    rows = pool(workspace)
    assert rows == pool(tmp_path / "at-once")
    # Copies across the crawls are among them.
    ids = {page.page_id for page in first}
    assert any((page in ids) != (kept in ids) for page, _, kept, *_ in rows)
    run = Run(config("a", "b"), str(workspace))
    assert all(report.state == "up to date" for report in dedupe(run).values())

    [recall, buckets] = dedupe_lines(run)
    assert "92.4% at 0.8" in recall
    assert "pages of the largest" in buckets


def test_signatures_of_other_making_are_refused_or_made_again_with_the_reason(
    spark, tmp_path, halves, grown
):
    shutil.copytree(grown[0], tmp_path, dirs_exist_ok=True)
    for changed, reason in (
        ({"seed": 2}, "setting seed: 1 → 2"),
        ({"shingle_words": 4}, "setting shingle_words: 5 → 4"),
        ({"bands": 7}, "setting permutations: 112 → 56"),
        (
            {"minhash": "datasketch"},
            "setting signature_scheme: affine32-loads64 → datasketch-affine32-sha1",
        ),
    ):
        with pytest.raises(SignatureMismatch) as refused:
            execute(DEDUPE, Run(config("a", **changed), str(tmp_path)))
        assert f"crawl a cannot be compared: {reason}" in str(refused.value)
    # The same permutations in other bands are no reason to sign again.
    reports = dedupe(Run(config("a", "b", bands=28, rows=4), str(tmp_path)))
    assert reports["signatures a"].state == reports["signatures b"].state == "up to date"
    assert reports["dedupe"].reasons == (
        "setting dedupe.bands: 14 → 28",
        "setting dedupe.rows: 8 → 4",
    )
    run = Run(config("a", "b"), str(tmp_path))
    pages = [*halves[0], *halves[1]]
    put_pages(spark, run, "a", pages, identity="2")
    with pytest.raises(SignatureMismatch, match="input pages changed"):
        execute(DEDUPE, run)
    changed = config("a", minhash="datasketch", verify=True, least_similarity=0.9)
    run = Run(changed, str(tmp_path))
    reports = dedupe(run)
    assert reports["signatures a"].reasons == (
        "setting signature_scheme: affine32-loads64 → datasketch-affine32-sha1",
        "input pages changed",
    )
    assert reports["dedupe"].counts.rows_in == len(pages)
    verification_is_told(run, reports["dedupe"])


def verification_is_told(run, report):
    near = [row for row in pool(run.uri) if row[3] == "minhash"]
    assert near
    assert report.counts.set_aside["duplicate by minhash"] == len(near)
    assert min(similarity for *_, similarity in near) >= 0.9
    verified = PoolNotes.of(run.workspace.pool().existing()).verified
    assert verified.dropped == len(near)
    assert verified.not_like_the_best_of_their_cluster > 0
    assert "verified by true similarity" in dedupe_lines(run)[-1]
