"""What a run says of topics at its end; from manifests alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.base.printing import aligned
from pipeline.report.finished_run import FinishedRun
from pipeline.topics.lexicon import lexicon
from pipeline.topics.shares import ANY, LEAST_LABELLED, starves


def topic_lines(run: FinishedRun, last: int) -> list[str]:
    """A table of topics, and a line for each that the last round starves."""
    workspace = run.workspace
    rounds = [workspace.topics(n).existing().notes["topics"] for n in range(1, last + 1)]
    corpus = workspace.corpus_topics().existing().notes["topics"]
    recall = whole = None
    if run.config.labels.path:
        judged = workspace.judgement(last).existing().notes
        recall, whole = {row["topic"]: row for row in judged["topics"]}, judged["recall"]
    return [
        *aligned(topic_table(rounds, corpus, recall)),
        *starved_lines(rounds[-1], recall, whole),
    ]


def topic_table(
    rounds: Sequence[Sequence[Mapping[str, Any]]],
    corpus: Mapping[str, int],
    recall: Mapping[str, Mapping[str, Any]] | None,
) -> list[list[str]]:
    """Cells: by topic, pages and shares of candidates, of the last round, of the corpus.

    ``rounds`` holds each round's rows of schemas/topics.toml; ``corpus`` pages by topic;
    ``recall`` rows of ``topic_recall`` by topic, where there are labels.
    """
    titles = {topic.name: topic.title for topic in lexicon().topics} | {ANY: "any topic"}
    took = [{row["topic"]: row["taken"] for row in rows} for rows in rounds]
    header = ["topic", "candidates", "share", "collected", "share", "corpus", "share"]
    header += [f"round {number} took" for number in range(1, len(rounds) + 1)]
    table = [header + (["labelled", "recall"] if recall is not None else [])]
    for row in rounds[-1]:
        topic, there = row["topic"], corpus.get(row["topic"], 0)
        cells = [
            titles.get(topic, topic),
            f"{row['candidates']:,}",
            f"{row['candidate_share']:.1%}",
            f"{row['collected']:,}",
            f"{row['collected_share']:.1%}",
            f"{there:,}",
            f"{there / corpus[ANY]:.1%}" if corpus.get(ANY) else "–",
            *(f"{shares[topic]:.1%}" if topic in shares else "–" for shares in took),
        ]
        if recall is not None:
            known = recall.get(topic)
            cells += [f"{known['pages']:,}", f"{known['recall']:.1%}"] if known else ["–", "–"]
        table.append(cells)
    return table


def starved_lines(
    rows: Sequence[Mapping[str, Any]],
    recall: Mapping[str, Mapping[str, Any]] | None,
    whole_recall: float | None,
) -> list[str]:
    """``starved: geometry: 12.0% of 431 candidate pages collected, 48.0% of all``.

    Candidates need not be mathematical: cards and odds are on pages about games, too. So
    where enough pages are labelled their recall decides, and a topic that is collected
    as others are is called thin: most of its candidates are of another kind.
    """
    titles = {topic.name: topic.title for topic in lexicon().topics}
    whole = next((row["taken"] for row in rows if row["topic"] == ANY), 0.0)
    lines = []
    for row in rows:
        line = (
            f"{titles.get(row['topic'], row['topic'])}: {row['taken']:.1%} of "
            f"{row['candidates']:,} candidate pages collected, {whole:.1%} of all"
        )
        starved = bool(row["starved"])
        thin = False
        if known := (recall or {}).get(row["topic"]):
            line += f"; {known['recall']:.1%} of {known['pages']:,} labelled mathematical"
            if known["pages"] >= LEAST_LABELLED:
                missed = starves(
                    known["collected"], known["pages"], whole_recall or 0.0, LEAST_LABELLED
                )
                starved, thin = missed, starved and not missed
        if starved or thin:
            lines.append(f"{'starved' if starved else 'thin'}: {line}")
    return lines
