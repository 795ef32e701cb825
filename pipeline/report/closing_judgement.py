"""What is told of a round's collection against known labels."""

from __future__ import annotations

from pipeline.base.printing import aligned
from pipeline.corpus.truth import Judgement
from pipeline.report.closing import FinishedRun, Section, share
from pipeline.topics.shares import TopicRecall


class JudgeNotes(Judgement):
    """What step judge notes: a round's judgement, and recall by topic."""

    topics: tuple[TopicRecall, ...]


def judgement(run: FinishedRun, number: int) -> JudgeNotes | None:
    """That of the round's collection as it is now; None where that was not judged."""
    workspace = run.workspace
    manifest = workspace.judgement(number).manifest()
    current = (
        manifest is not None
        and manifest.made_of("collection", workspace.collected(number).manifest())
        and manifest.made_of("topics of pages", workspace.page_topics().manifest())
    )
    return JudgeNotes.of(manifest) if manifest and current else None


def _cells(run: FinishedRun, number: int) -> dict[str, str]:
    judged = judgement(run, number)
    return {
        "true precision": share(judged.precision if judged else None),
        "true recall": share(judged.recall if judged else None),
    }


def _kinds(run: FinishedRun, last: int) -> list[str]:
    """Per kind of labelled page: the share that each round took."""
    judged = [judgement(run, number) for number in range(1, last + 1)]
    shares = [
        {(kind.label, kind.kind): kind.share for kind in one.kinds} if one else {} for one in judged
    ]
    rows = [["label", "kind", "pages", *(f"round {n} took" for n in range(1, last + 1))]]
    for kind in judged[-1].kinds if judged[-1] else ():
        took = [share(of_round.get((kind.label, kind.kind))) for of_round in shares]
        rows.append([kind.label, kind.kind or "–", f"{kind.pages:,}", *took])
    return aligned(rows)


JUDGEMENT = Section(_cells, _kinds)
