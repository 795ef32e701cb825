"""What a job says at its end: run alone, each says of its steps what a round says of them."""

from __future__ import annotations

import io
import re
import runpy
import shutil
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from pipeline.loop.rounds import closing, only, whole_loop
from pipeline.loop.run import Run
from pipeline.loop.steps.converge import CONVERGE
from pipeline.loop.steps.judge import JUDGE
from pipeline.loop.steps.topics import TOPICS
from pipeline.loop.steps.train import TRAIN
from pipeline.mine.reasons import MineNotes
from pipeline.report.closing_next import next_lines
from tests.places import PROJECT
from tests.sample_runs import Finished, round_lines

#: What each job says: its columns of the table of rounds, and how other lines of it begin.
TOLD: dict[str, tuple[list[str], list[str]]] = {
    "extract": ([], []),
    "dedupe": ([], ["near-duplicates: ", "buckets: "]),
    "train": (
        ["seed", "held-out precision", "recall", "AUC"],
        ["scores' expected calibration error: round 1 "],
    ),
    "classify": ([], []),
    "select_pages": (["collected", "tokens", "known before"], []),
    "converge": ([], ["new in round 3: ", "of the pages of ", "round 3 had "]),
    "mine": (["domains", "decisions"], ["people are asked about domains: "]),
    "topics": ([], ["topic ", "any topic "]),
    "judge": (["true precision", "true recall"], ["label ", "not-math "]),
    "decontaminate": ([], ["decontaminated against 2 benchmarks, "]),
    "emit": ([], ["corpus: ", "query:  "]),
    "report": ([], ["report: "]),
}


def table_of_rounds(lines: list[str]) -> dict[str, list[str]]:
    """Its columns by their headings; none where the lines do not begin with it."""
    if not lines[0].startswith("round "):
        return {}
    rows = [re.split(" {2,}", line.strip()) for line in lines[: lines.index("")]]
    table = [row for row in rows if len(row) == len(rows[0])]
    return {heading: list(column) for heading, *column in zip(*table, strict=True)}


#: How the lines begin that say what a person does next, the last that a job prints.
NEXT = ("model: ", "tag: ", "next: ")


@pytest.fixture(scope="module")
def all_lines_of(finished: Finished) -> Callable[[str], list[str]]:
    """What a job prints after its closing table, for the third round, with all up to date."""

    @cache
    def run(job: str) -> list[str]:
        where = ["--workspace", str(finished.workspace), "--config", str(finished.web.config_path)]
        printed = io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("MAKELEVEL", raising=False)
            patch.setattr(sys, "argv", [f"{job}.py", *where, "--round", str(finished.rounds)])
            patch.setattr(sys, "path", [*sys.path])
            patch.setattr(sys, "stdout", printed)
            patch.setattr(sys, "stderr", io.StringIO())
            patch.setattr(sys, "excepthook", sys.excepthook)
            with pytest.raises(SystemExit) as ended:
                runpy.run_path(str(PROJECT / "jobs" / f"{job}.py"), run_name="__main__")
        assert ended.value.code == 0
        table, _, lines = printed.getvalue().partition("\n\n")
        assert table.startswith("step ")
        return lines.splitlines()

    return run


@pytest.fixture
def lines_of(all_lines_of: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    """The same but for what comes next."""

    def run(job: str) -> list[str]:
        lines = [*all_lines_of(job)]
        while lines and lines[-1].startswith(NEXT):
            lines.pop()
        return lines[:-1] if lines and not lines[-1] else lines

    return run


def test_each_job_says_what_comes_next(
    finished: Finished, all_lines_of: Callable[[str], list[str]]
) -> None:
    where = f"--workspace {finished.workspace} --round"
    for job, following in (
        ("extract", "dedupe"),
        ("dedupe", "train"),
        ("train", "classify"),
        ("classify", "select_pages"),
        ("select_pages", "converge"),
        ("mine", "round"),
        ("decontaminate", "emit"),
    ):
        last = all_lines_of(job)[-1]
        assert last.startswith("next:   "), job
        assert last.endswith(f"jobs/{following}.py {where} 3"), last
    # The third round has converged: there is nothing to tag for a fourth.
    assert [line for line in all_lines_of("round") if line.startswith(NEXT)] == [
        f"model:  {finished.workspace}/rounds/3/report.html"
    ]


def test_a_round_that_goes_on_says_how_to_tag_and_then_the_next(
    finished: Finished, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = {step.name for step, _ in whole_loop(finished.run.config, 1)}
    manifest = finished.run.workspace.domains(1).existing()
    domains, suspected = manifest.counts.rows_out, MineNotes.of(manifest).queued["suspected"]
    more = f" and {suspected:,} suspected" if suspected else ""
    where = finished.workspace
    monkeypatch.delenv("MAKELEVEL", raising=False)
    model, tag, following = next_lines(finished.run, steps, 1)
    assert model == f"model:  {where}/rounds/1/report.html"
    assert tag.startswith(f"tag:    {domains:,} mathematical{more} domains: ")
    assert tag.endswith(f"-m pipeline.tagging --workspace {where} --round 1")
    assert following.endswith(f"jobs/round.py --workspace {where} --round 2")
    # Who came by make goes on by make, on the same cluster.
    monkeypatch.setenv("MAKELEVEL", "1")
    monkeypatch.setenv("MASTER", "spark://head:7077")
    _, tag, following = next_lines(finished.run, steps, 1)
    assert tag.endswith(f": make tag N=1 WORKSPACE={where}")
    assert following == f"next:   make round N=2 WORKSPACE={where} MASTER=spark://head:7077"


@pytest.mark.parametrize("job", TOLD)
def test_a_job_run_alone_says_what_the_round_says_of_its_steps(
    finished: Finished, lines_of: Callable[[str], list[str]], job: str
) -> None:
    headings, beginnings = TOLD[job]
    lines, of_round = lines_of(job), round_lines(finished.run, finished.rounds)[1:]
    if not headings and not beginnings:
        assert lines == []
        return
    own, whole = table_of_rounds([*lines, ""]), table_of_rounds(of_round)
    assert list(own) == (["round", *headings] if headings else [])
    for heading, column in own.items():
        assert column == whole[heading], heading
        assert len(column) == finished.rounds
    rest = "\n".join(lines[1 + finished.rounds :] if headings else lines).strip("\n")
    assert rest in "\n".join(of_round)
    for beginning in beginnings:
        assert re.search(f"^{re.escape(beginning)}", rest, re.MULTILINE), beginning


def test_the_round_says_all_that_its_jobs_say_and_nothing_else(
    finished: Finished, lines_of: Callable[[str], list[str]]
) -> None:
    of_round = round_lines(finished.run, finished.rounds)
    assert ["", *lines_of("round")] == of_round
    jobs = {line for job in TOLD for line in lines_of(job)}
    assert [line for line in of_round[2 + finished.rounds :] if line not in jobs] == []


def test_a_step_that_earlier_rounds_went_without_still_tells(
    finished: Finished, tmp_path: Path
) -> None:
    """As when labels were named only later, or the corpus is not made yet."""
    shutil.copytree(finished.workspace, tmp_path / "w")
    run = Run(finished.web.config, str(tmp_path / "w"))
    for number in (1, 2):
        for place in ("judgement", "topics", "convergence", "model"):
            shutil.rmtree(tmp_path / "w" / "rounds" / str(number) / place)
    shutil.rmtree(tmp_path / "w" / "corpus")

    def lines(*steps):
        return closing(only(*steps)(run.config, 3), run, 3)

    judged = table_of_rounds(lines(JUDGE)[1:])
    assert judged["true recall"][:2] == ["–", "–"]
    assert judged["true recall"][2].endswith("%")
    kind = next(line for line in lines(JUDGE) if line.startswith("math "))
    assert kind.split()[-3:-1] == ["–", "–"]
    [header] = [line for line in lines(TOPICS) if line.startswith("topic ")]
    assert "corpus" not in header
    assert "recall" in header
    assert any(re.match(r"round 1 +100.0% +– +\d", line) for line in lines(CONVERGE))
    assert table_of_rounds([*lines(TRAIN)[1:], ""])["seed"][:2] == ["–", "–"]


def test_a_judgement_of_another_collection_is_not_told(finished: Finished, tmp_path: Path) -> None:
    """As when a round is selected anew and only jobs/topics.py is run after it."""
    shutil.copytree(finished.workspace, tmp_path / "w")
    run = Run(finished.web.config, str(tmp_path / "w"))
    manifest = tmp_path / "w" / "rounds" / "3" / "judgement" / "manifest.json"
    collection = run.workspace.collected(3).existing().identity
    manifest.write_text(manifest.read_text().replace(collection, "of another time"))
    [header] = [
        line for line in closing(only(TOPICS)(run.config, 3), run, 3) if line.startswith("topic ")
    ]
    assert "recall" not in header
    assert "corpus" in header
