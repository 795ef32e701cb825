"""A small sample web, and whole runs over it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pipeline.config.run_file import load_config
from pipeline.config.settings import Config
from pipeline.loop.rounds import carry_out, closing, whole_loop
from pipeline.loop.run import Run
from pipeline.loop.step import Report
from pipeline.sampleweb.generate import Size, generate
from pipeline.web.warc import read_warc
from tests.places import PROJECT

#: Half of what ``make round`` runs on: rounds find as much, and stop as soon.
PAGES = 2_000


@dataclass(frozen=True)
class SampleWeb:
    """A generated sample web and a run's TOML over it."""

    folder: Path
    config_path: Path

    @property
    def config(self) -> Config:
        return load_config(self.config_path)

    @property
    def labels(self) -> list[dict]:
        lines = (self.folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]


def make_sample_web(folder: Path, pages: int) -> SampleWeb:
    web = folder / "sample-web"
    generate(web, Size(pages, 1, 0), lambda _: None)
    toml = (PROJECT / "seeds" / "sample.toml").read_text(encoding="utf-8")
    toml = toml.replace("../build/sample-web", str(web))
    # The tags of this very size: a smaller web has fewer hosts.
    toml = toml.replace('"url_patterns.tsv"', f'"{web / "url_patterns.tsv"}"')
    toml = toml.replace("allowed_grams.toml", str(PROJECT / "seeds" / "allowed_grams.toml"))
    toml = toml.replace("2_000", str(pages // 2))
    # Enough to tell these pages apart, in a third of the time.
    toml = toml.replace("dim = 64", "dim = 32").replace("[60_000]", "[20_000]")
    toml += "\n[evaluate]\nleft_out_groups = 1\n"
    config_path = folder / "run.toml"
    config_path.write_text(toml, encoding="utf-8")
    return SampleWeb(web, config_path)


def beginning(warc: Path, records: int) -> bytes:
    """The bytes of so many records of a WARC file."""
    with warc.open("rb") as stream:
        for number, item in enumerate(read_warc(stream, max_page_bytes=5_000_000)):
            if number >= records and item.offset is not None:
                return warc.read_bytes()[: item.offset]
    return warc.read_bytes()


def carry_out_rounds(web: SampleWeb, workspace: Path, number: int, **options) -> list[Report]:
    """The whole loop in this process, on the session that runs."""
    run = Run(web.config, str(workspace), **options)
    return list(carry_out(whole_loop(web.config, number), run, dry_run=False))


def round_lines(run: Run, number: int) -> list[str]:
    """What jobs/round.py says after its closing table."""
    return closing(whole_loop(run.config, number), run, number)


@dataclass(frozen=True)
class Finished:
    """A workspace at the end of a round, and the reports of the run that got it there."""

    web: SampleWeb
    workspace: Path
    rounds: int
    reports: list[Report]

    @property
    def run(self) -> Run:
        return Run(self.web.config, str(self.workspace))
