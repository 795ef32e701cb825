"""What is told last: what a person does next, each with the command that does it."""

from __future__ import annotations

from collections.abc import Collection

from pipeline.base.commands import job_command, tagging_command
from pipeline.base.printing import sentence
from pipeline.corpus.convergence import verdict
from pipeline.corpus.selection import SelectNotes
from pipeline.mine.reasons import SUSPECTED, MineNotes
from pipeline.report.closing import FinishedRun
from pipeline.workspace.storage import LocalStorage

#: After a step that was run alone: the job that comes next. After the last of them, the round.
_AFTER = {
    "extract": "dedupe",
    "fetch": "dedupe",
    "dedupe": "train",
    "train": "classify",
    "classify": "select_pages",
    "select": "converge",
    "converge": "mine",
    "mine": "round",
    "decontaminate": "emit",
}


def next_lines(run: FinishedRun, steps: Collection[str], last: int) -> list[str]:
    """Lines for a person who has run the steps of these names, up to round ``last``."""
    workspace = run.workspace
    uri = workspace.storage.root
    rows = []
    if "train" in steps and isinstance(workspace.storage, LocalStorage):
        rows.append(("model", workspace.storage.place(workspace.report(last))))
    if "mine" in steps and (domains := workspace.domains(last).manifest()):
        suspected = MineNotes.of(domains).queued.get(SUSPECTED, 0)
        rows += _to_tag(run, domains.counts.rows_out, suspected, last)
    if {"select", "emit"} <= set(steps):
        if _goes_on(run, last):
            rows.append(("next", job_command("round", uri, last + 1)))
    else:
        following = next((job for step, job in reversed(_AFTER.items()) if step in steps), "")
        if following:
            rows.append(("next", job_command(following, uri, last)))
    return [sentence(f"{name + ':':7} {what}") for name, what in rows]


def _to_tag(run: FinishedRun, domains: int, suspected: int, last: int) -> list[tuple[str, str]]:
    if not domains + suspected or not _goes_on(run, last):
        return []
    command = tagging_command(run.workspace.storage.root, last)
    if not isinstance(run.workspace.storage, LocalStorage):
        command = f"{tagging_command('COPY', last)}  (a local copy of the workspace's rounds)"
    if not run.config.tags.file:
        command += '  (first name a file for them: [tags] file = "url_patterns.tsv")'
    more = f" and {suspected:,} suspected" if suspected else ""
    return [("tag", f"{domains:,} mathematical{more} domains: {command}")]


def _goes_on(run: FinishedRun, last: int) -> bool:
    """Whether another round may find more, by the stop rule; no round says so of itself alone."""
    manifest = run.workspace.collected(last).manifest() if last > 1 else None
    known = SelectNotes.of(manifest).already_collected if manifest else None
    return known is None or not verdict(known.page_share, run.config.loop).stable
