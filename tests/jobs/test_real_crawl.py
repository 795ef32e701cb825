"""A run over real pages, seeded by the tagged patterns of a few of their hosts."""

import duckdb
import pytest

from pipeline.config.run_file import load_config
from pipeline.decontaminate.findings import DecontaminateNotes
from pipeline.loop.rounds import carry_out, whole_loop
from pipeline.loop.run import Run
from tests.places import rows_in, shared

#: As the run on WARCs of one's own in README: everything that such a run needs.
TOML = """
[crawls.real]
warcs = ["{crawl}/*0.warc.gz", "{crawl}/bad/*.warc.gz", "{crawl}/real/*.warc.gz"]

[seed]
patterns = ["discrete.openmathbooks.org", "desvl.xyz", "gautammanohar.com"]

[train]
dim = 32
buckets = 50_000

[decontaminate]
benchmarks = "{benchmarks}"
names = ["gsm8k", "math", "cmath", "agieval*"]
"""


@pytest.mark.slow
def test_every_record_is_accounted_for_up_to_a_corpus(spark, tmp_path):
    crawl, benchmarks = shared("crawl"), shared("benchmarks")
    config_path = tmp_path / "run.toml"
    config_path.write_text(TOML.format(crawl=crawl, benchmarks=benchmarks))
    run = Run(load_config(config_path), str(tmp_path / "workspace"), tags="skip")
    reports = list(carry_out(whole_loop(run.config, 1), run, dry_run=False))
    extract = reports[0].counts
    assert extract.rows_out > 3_300
    ledger = rows_in(run.uri, "crawls/real/ledger")
    for warc, read, ended in duckdb.sql(
        "select warc, sum(records) filter (outcome = 'read'), "
        f"sum(records) filter (outcome <> 'read') from {ledger} where kind = 'count' group by 1"
    ).fetchall():
        assert read == ended, warc
    notes = DecontaminateNotes.of(run.workspace.contamination().existing())
    assert set(notes.benchmarks) >= {"gsm8k", "math", "cmath"}
    corpus = duckdb.sql(f"select page_id from '{run.uri}/corpus/data/*.parquet'").fetchall()
    assert len(set(corpus)) == len(corpus) > 50
