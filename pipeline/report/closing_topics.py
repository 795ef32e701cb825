"""What is told of topics: how much of each a round takes, and which it starves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.base.printing import aligned
from pipeline.report.closing import FinishedRun, Section, share
from pipeline.report.closing_judgement import judgement
from pipeline.topics.lexicon import lexicon
from pipeline.topics.shares import (
    ANY,
    LEAST_LABELLED,
    TopicCountNotes,
    TopicRecall,
    TopicShare,
    TopicShareNotes,
    starves,
)


def topic_lines(run: FinishedRun, last: int) -> list[str]:
    """A table of topics, and a line for each that the last round starves."""
    made = [run.workspace.topics(number).manifest() for number in range(1, last + 1)]
    rounds = [TopicShareNotes.of(one).topics if one else () for one in made]
    judged = judgement(run, last) if run.config.labels.path else None
    recall = {row.topic: row for row in judged.topics} if judged else None
    return [
        *aligned(topic_table(rounds, _corpus(run, last), recall)),
        *starved_lines(rounds[-1], recall, judged.recall if judged else None),
    ]


def _corpus(run: FinishedRun, last: int) -> Mapping[str, int] | None:
    """Pages of the corpus by topic; None where there is none of the round's collection."""
    workspace = run.workspace
    counted, corpus = workspace.corpus_topics().manifest(), workspace.corpus().manifest()
    if counted is None or corpus is None:
        return None
    current = (
        counted.made_of("corpus", corpus)
        and counted.made_of("topics of pages", workspace.page_topics().manifest())
        and corpus.made_of(f"collection of round {last}", workspace.collected(last).manifest())
        and f"collection of round {last + 1}" not in corpus.recipe.inputs
    )
    return TopicCountNotes.of(counted).topics if current else None


TOPIC_SHARES = Section(lines=topic_lines)


def topic_table(
    rounds: Sequence[Sequence[TopicShare]],
    corpus: Mapping[str, int] | None,
    recall: Mapping[str, TopicRecall] | None,
) -> list[list[str]]:
    """Cells: by topic, pages and shares of candidates, of the last round, of the corpus.

    ``rounds`` holds each round's rows of schemas/topics.toml, none where it was not looked at;
    ``corpus`` pages by topic, where there is one; ``recall`` rows of ``topic_recall`` by
    topic, where there are labels.
    """
    titles = {topic.name: topic.title for topic in lexicon().topics} | {ANY: "any topic"}
    took = [{row.topic: row.taken for row in rows} for rows in rounds]
    header = ["topic", "candidates", "share", "collected", "share"]
    header += ["corpus", "share"] if corpus is not None else []
    header += [f"round {number} took" for number in range(1, len(rounds) + 1)]
    table = [header + (["labelled", "recall"] if recall is not None else [])]
    for row in rounds[-1]:
        topic = row.topic
        cells = [
            titles.get(topic, topic),
            f"{row.candidates:,}",
            f"{row.candidate_share:.1%}",
            f"{row.collected:,}",
            f"{row.collected_share:.1%}",
        ]
        if corpus is not None:
            there = corpus.get(topic, 0)
            cells += [f"{there:,}", f"{there / corpus[ANY]:.1%}" if corpus.get(ANY) else "–"]
        cells += [share(shares.get(topic)) for shares in took]
        if recall is not None:
            known = recall.get(topic)
            cells += [f"{known.pages:,}", f"{known.recall:.1%}"] if known else ["–", "–"]
        table.append(cells)
    return table


def starved_lines(
    rows: Sequence[TopicShare],
    recall: Mapping[str, TopicRecall] | None,
    whole_recall: float | None,
) -> list[str]:
    """``starved: geometry: 12.0% of 431 candidate pages collected, 48.0% of all``.

    Candidates need not be mathematical: cards and odds are on pages about games, too. So
    where enough pages are labelled their recall decides, and a topic that is collected
    as others are is called thin: most of its candidates are of another kind.
    """
    titles = {topic.name: topic.title for topic in lexicon().topics}
    whole = next((row.taken for row in rows if row.topic == ANY), 0.0)
    lines = []
    for row in rows:
        line = (
            f"{titles.get(row.topic, row.topic)}: {row.taken:.1%} of "
            f"{row.candidates:,} candidate pages collected, {whole:.1%} of all"
        )
        starved, thin = row.starved, False
        if known := (recall or {}).get(row.topic):
            line += f"; {known.recall:.1%} of {known.pages:,} labelled mathematical"
            if known.pages >= LEAST_LABELLED:
                missed = starves(known.collected, known.pages, whole_recall or 0.0, LEAST_LABELLED)
                starved, thin = missed, starved and not missed
        if starved or thin:
            lines.append(f"{'starved' if starved else 'thin'}: {line}")
    return lines
