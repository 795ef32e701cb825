"""How a removal becomes the state of the workspace, whole or not at all, and is undone.

All that a removal writes lies beside what is there, and nothing reads it. Then its journal is
written: which manifests become what, and which files go. From there on the removal holds: a run
that finds an unfinished one goes on with it. What the manifests were before is in the journal too,
and the files that they name stay, until a later run settles it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime

from pipeline.base.errors import InputMissing
from pipeline.base.small_files import json_text
from pipeline.loop.removal_list import removal_text, removals
from pipeline.loop.removal_rewriting import delete_file
from pipeline.workspace.places import Workspace
from pipeline.workspace.views import write_views


@dataclass(frozen=True)
class Journal:
    """What a removal changes. Paths are seen from the workspace's root."""

    number: int
    #: texts of small files, manifests before all, by path
    now: Mapping[str, str]
    #: what was there before, of those that are put back when it is undone
    before: Mapping[str, str]
    #: what goes at once
    gone: Sequence[str] = field(default_factory=list)
    #: what goes when it is settled: files with rows that are removed
    old: Sequence[str] = field(default_factory=list)
    #: what goes when it is undone: folders of what is left
    new: Sequence[str] = field(default_factory=list)
    applied: bool = False


def carry_out(workspace: Workspace, journal: Journal) -> None:
    """Let the removal hold. Its entry in the list is among what the journal writes."""
    _write(workspace, journal)
    _apply(workspace, journal)


def go_on(workspace: Workspace) -> None:
    """End what a killed job has begun; only under the lock."""
    for journal in _journals(workspace):
        if not journal.applied:
            _apply(workspace, journal)


def settle(workspace: Workspace) -> int:
    """Delete what removed rows are still in: from here on nothing can be undone. How many there
    were. Only under the lock.
    """
    journals = _journals(workspace)
    for journal in journals:
        if not journal.applied:
            _apply(workspace, journal)
        for path in journal.old:
            delete_file(workspace.storage, path)
        workspace.storage.delete(workspace.removal_journal(journal.number))
    return len(journals)


def undo(workspace: Workspace, number: int) -> Journal:
    """Put back what a removal took out; its journal.

    Not the corpus, which is to be made again. Raises ``InputMissing`` where that cannot be done
    any more.
    """
    made = {one.number: one for one in removals(workspace)}
    if number not in made:
        raise InputMissing(
            f"there is no removal {number} in {workspace}",
            expected=f"one of {', '.join(map(str, made)) or 'none: nothing was ever removed'}",
        )
    journal = next((one for one in _journals(workspace) if one.number == number), None)
    if journal is None or _differs(workspace, journal):
        raise InputMissing(
            f"removal {number} cannot be undone any more",
            expected="to undo it before any other job has worked here, and before --final",
            remedy="the pages are gone. To let later crawls take up such pages again, delete "
            + workspace.storage.place(workspace.removal_file(number)),
        )
    for path, text in journal.before.items():
        workspace.storage.write(path, text)
    corpus = workspace.corpus().manifest_path
    if corpus in journal.now:
        workspace.storage.delete(corpus)
    undone = made[number].model_copy(update={"undone": datetime.now(UTC).date().isoformat()})
    workspace.storage.write(workspace.removal_file(number), removal_text(undone))
    workspace.storage.delete(workspace.removal_journal(number))
    for path in journal.new:
        workspace.storage.delete(path)
    write_views(workspace)
    return journal


def _differs(workspace: Workspace, journal: Journal) -> bool:
    """Whether anything was made anew since."""
    paths = list(journal.now)
    present = workspace.storage.read_all(paths)
    return any(text != journal.now[path] for path, text in zip(paths, present, strict=True))


def _apply(workspace: Workspace, journal: Journal) -> None:
    for path, text in journal.now.items():
        workspace.storage.write(path, text)
    for path in journal.gone:
        delete_file(workspace.storage, path)
    write_views(workspace)
    _write(workspace, Journal(**asdict(journal) | {"applied": True}))


def _write(workspace: Workspace, journal: Journal) -> None:
    workspace.storage.write(workspace.removal_journal(journal.number), json_text(asdict(journal)))


def _journals(workspace: Workspace) -> list[Journal]:
    texts = workspace.storage.read_all(workspace.removal_journals())
    return [Journal(**json.loads(text)) for text in texts if text]
