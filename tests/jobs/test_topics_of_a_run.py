"""Topics over a whole run on the sample web: its near misses talk of odds and means, too."""

import duckdb

from pipeline.report.closing_judgement import JudgeNotes
from pipeline.topics.shares import ANY, TopicShareNotes
from tests.sample_runs import round_lines


def of_rounds(finished):
    return [
        {
            row.topic: row
            for row in TopicShareNotes.of(finished.run.workspace.topics(number).existing()).topics
        }
        for number in range(1, finished.rounds + 1)
    ]


def test_the_sample_webs_mathematics_has_topics(finished):
    judged = JudgeNotes.of(finished.run.workspace.judgement(finished.rounds).existing())
    pages = {row.topic: row.pages for row in judged.topics}
    assert len(pages) >= 15
    assert max(pages.values()) < judged.math_pages
    whole = of_rounds(finished)[-1][ANY]
    assert whole.collected > 0.85 * judged.math_collected


def test_school_arithmetic_starves_in_the_first_round_and_not_in_the_last(finished):
    first, *_, last = of_rounds(finished)
    assert first["arithmetic"].starved
    assert not last["arithmetic"].starved
    assert last["arithmetic"].taken > 0.7
    judged = JudgeNotes.of(finished.run.workspace.judgement(1).existing())
    recall = {row.topic: row.recall for row in judged.topics}
    assert recall["arithmetic"] < 0.2 < recall["calculus"]


def test_tables_of_topics_agree_with_pages_and_each_other(finished):
    with duckdb.connect() as connection:
        connection.execute((finished.workspace / "views.sql").read_text())
        # The fixture is a copy.
        connection.execute(f"set file_search_path = '{finished.workspace}'")
        counted = connection.execute(
            "select topic, count(*) from page_topics join corpus using (page_id) group by topic"
        ).fetchall()
        corpus = connection.execute("from corpus_topics").fetchall()
        rows = connection.execute(
            f"select topic, candidates, collected from round_topics where round = {finished.rounds}"
        ).fetchall()
    assert dict(counted) == {topic: pages for topic, pages in corpus if topic != ANY}
    assert rows == [
        (row.topic, row.candidates, row.collected) for row in of_rounds(finished)[-1].values()
    ]


def test_the_closing_shows_topics(finished):
    told = round_lines(finished.run, finished.rounds)
    header = next(line for line in told if line.startswith("topic "))
    assert header.split()[-4:] == [str(finished.rounds), "took", "labelled", "recall"]
    assert any(line.startswith("school arithmetic ") for line in told)
    first = round_lines(finished.run, 1)
    assert any(line.startswith("starved: school arithmetic: ") for line in first)
