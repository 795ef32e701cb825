from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.base.errors import ConfigError, InputMalformed
from pipeline.config.run_file import load_config
from pipeline.sampleweb.generate import MARKER, Size, generate
from pipeline.sampleweb.plan import Plan
from pipeline.sampleweb.sample_tags import tag_lines
from pipeline.sampleweb.seed_texts import seed_texts

PROJECT = Path(__file__).parents[2]


def contents(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.process
def test_the_same_numbers_give_the_same_bytes_in_another_process(web, tmp_path):
    again = tmp_path / "again"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pipeline.sampleweb", "--out", str(again)),
            *("--pages", str(web.size.pages), "--seed", str(web.size.seed)),
        ],
        cwd=PROJECT,
        env=os.environ | {"PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert contents(again) == contents(web.folder)
    assert "8 of 8 WARC files written" in done.stderr


def test_another_seed_gives_other_pages_on_the_same_hosts(web, tmp_path):
    generate(tmp_path / "other", Size(600, seed=4))
    ours, theirs = contents(web.folder), contents(tmp_path / "other")
    same = {name for name in ours if ours[name] == theirs.get(name)}
    assert same == {"url_patterns.tsv"}


@pytest.fixture
def few_seed_texts(monkeypatch):
    """For tests that are about folders: a thousand take longer than all pages of a small web."""
    monkeypatch.setattr(
        "pipeline.sampleweb.generate.seed_texts", lambda seed, _: seed_texts(seed, 10)
    )


def test_a_folder_of_others_is_refused_and_its_own_written_over(tmp_path, few_seed_texts):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputMalformed, match="did not write"):
        generate(tmp_path, Size(500))
    assert (tmp_path / "thesis.tex").read_text() == "years of work"

    mine = tmp_path / "mine"
    generate(mine, Size(500, warcs=3))
    (mine / "warc" / "left-over.warc.gz").write_bytes(b"")
    generate(mine, Size(500, warcs=2))
    assert len(list((mine / "warc").iterdir())) == 2


def test_a_run_cut_short_leaves_a_folder_that_can_be_written_over(tmp_path, few_seed_texts):
    def give_up(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(tmp_path / "web", Size(500), give_up)
    assert '"complete": false' in (tmp_path / "web" / MARKER).read_text()
    generate(tmp_path / "web", Size(500, warcs=1))
    assert '"complete": true' in (tmp_path / "web" / MARKER).read_text()


@pytest.mark.parametrize("wrong", [{"pages": 499}, {"pages": 500, "warcs": 501}])
def test_impossible_sizes_are_refused(wrong):
    with pytest.raises(ConfigError):
        Size(**wrong)


@pytest.mark.parametrize("pages", [500, 1500, 4000, 16_000, 1_000_000])
def test_every_page_is_visited_once_and_hosts_grow_with_the_web(pages):
    plan = Plan(pages, 1)
    assert sum(host.slots for host in plan.hosts) == pages
    assert len({host.name for host in plan.hosts}) == len(plan.hosts)
    some = range(pages) if pages <= 16_000 else range(0, pages, 997)
    visits = [plan.visit(at) for at in some]
    assert len({(host.name, slot) for host, slot in visits}) == len(visits)
    assert all(slot < host.slots for host, slot in visits)
    least = {500: 25, 1500: 40, 4000: 60, 16_000: 120, 1_000_000: 1000}[pages]
    assert len(plan.hosts) >= least


def test_a_spec_of_a_large_web_needs_no_other_page():
    plan = Plan(5_000_000, 1)
    host, slot = plan.visit(4_321_098)
    assert plan.spec(host, slot) == Plan(5_000_000, 1).spec(host, slot)


def test_hosts_that_the_loop_should_find_are_large_enough_to_be_found():
    for pages in (500, 1500, 4000):
        for host in Plan(pages, 1).hosts:
            if any(section.mathematical for section in host.site.sections):
                assert host.slots >= 10, host.name


def test_mathematics_is_a_quarter_of_the_default_web():
    plan = Plan(4000, 1)
    kinds = Counter()
    for at in range(plan.pages):
        spec = plan.spec(*plan.visit(at))
        root = plan.spec(spec.root_host, spec.root_slot)
        kinds[root.section.kind] += 1
    mathematical = kinds["math-like"] + kinds["math-unlike"] + kinds["math-prefix"]
    assert 0.25 < mathematical / plan.pages < 0.32
    assert kinds["math-unlike"] > kinds["math-like"]
    assert kinds["near-miss"] > 500
    assert kinds["ordinary"] > 1600


def test_the_shipped_tags_and_configuration_are_those_of_the_default_web():
    shipped = (PROJECT / "seeds" / "url_patterns.tsv").read_text(encoding="utf-8").splitlines(True)
    of_the_sample = [line for line in shipped[1:] if line.split("\t")[2] == "sample"]
    assert [shipped[0], *of_the_sample] == list(tag_lines(Plan(4000, 1)))
    assert of_the_sample == sorted(of_the_sample)

    config = load_config(PROJECT / "seeds" / "sample.toml")
    assert list(config.crawls) == ["sample"]
    assert config.seed.texts
    assert config.seed.texts.text_column == "text"
    assert config.tags.file == str((PROJECT / "seeds" / "url_patterns.tsv").resolve())


def test_seed_texts_are_latex_of_hosts_that_the_crawl_does_not_have(web):
    rows = pq.read_table(web.folder / "seed" / "openwebmath-like.parquet").to_pylist()
    assert len(rows) == 1000
    crawled = {row["url"].split("/")[2].removeprefix("www.") for row in web.labels}
    assert not crawled & {row["url"].split("/")[2] for row in rows}
    assert len({row["text"] for row in rows}) == len(rows)
    assert sum(row["text"].count("$") >= 6 for row in rows) > 950
