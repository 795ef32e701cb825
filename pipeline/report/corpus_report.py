"""``corpus/report.html``: the whole run as one page, from which each record can be accounted for.

Made of ``figures.json`` alone. No script, no link; all that comes from pages is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from pipeline.base.printing import LONGEST_NAME, visible
from pipeline.report.charts import bars, histogram
from pipeline.report.closing import share
from pipeline.report.cut_off_parts import cut_off_parts, estimate_parts
from pipeline.report.evaluation_page import calibration_curve, precision_recall_curve
from pipeline.report.formula_html import text_html
from pipeline.report.html_page import heading, html_page, paragraph, table
from pipeline.report.report_figures import ReportFigures, RoundFigures, SamplePage, Stage

_TITLE = "Report of a corpus of mathematical web pages"
#: Bars of the histogram of scores, and of a chart of names.
_SCORE_BARS, _NAME_BARS = 25, 12
#: Sorts of totals, in their order, and what is said of them.
_SORTS = {
    "language": "",
    "host": "The largest.",
    "notation": "How pages write formulas; a page may have several ways.",
    "topic": "A page may have several topics.",
    "crawl": "",
    "licence": "What pages say of their own licence. Nobody has checked that they may.",
}


def corpus_report(figures: ReportFigures) -> str:
    """The page."""
    return html_page(_TITLE, _parts(figures))


def _parts(figures: ReportFigures) -> Iterator[str]:
    yield paragraph(
        f"{figures.pages:,} pages of {figures.hosts:,} hosts, {figures.tokens:,} tokens "
        f"({figures.tokenizer}), "
        f"at the end of round {figures.round}. Made {figures.finished[:10]} by mathmine "
        f"{figures.version}."
    )
    yield heading(2, "From records to the corpus")
    yield from _funnel(figures.stages)
    yield heading(2, "Scores and cut-offs")
    yield from _scores(figures)
    yield heading(2, "What another cut-off would have")
    yield from cut_off_parts(figures)
    yield heading(2, "What is in it")
    yield from _totals(figures)
    yield from estimate_parts(figures.estimates)
    yield heading(2, "Domains")
    yield from _domains(figures)
    yield heading(2, "Rounds")
    yield from _rounds(figures.rounds)
    yield heading(2, "The classifier")
    yield from _classifier(figures.rounds)
    yield heading(2, "Duplicates")
    yield from _duplicates(figures)
    yield heading(2, "Benchmarks")
    yield from _benchmarks(figures)
    yield heading(2, "Sample pages")
    yield from _samples(figures)


def _funnel(stages: Sequence[Stage]) -> Iterator[str]:
    way = [stage for stage in stages if not stage.name.startswith("extraction of ")]
    names = [(f"{way[0].unit} read", way[0].rows_in)]
    names += [(f"after {stage.name.split()[0]}", stage.rows_out) for stage in way[:-1]]
    yield bars("records and pages that are left", [*names, ("the corpus", way[-1].rows_out)])
    yield paragraph(
        "What comes out of a stage goes into the next; in each, what went in is what came out "
        "and what was lost."
    )
    for stage in stages:
        yield heading(3, stage.name[:1].upper() + stage.name[1:])
        rows = [[f"{stage.unit} in", f"{stage.rows_in:,}", "", ""]]
        rows += [
            [
                visible(reason.name, LONGEST_NAME),
                f"−{reason.rows:,}",
                share(reason.rows / stage.rows_in if stage.rows_in else None),
                reason.meaning,
            ]
            for reason in stage.lost
        ]
        rows.append(
            [
                "pages out",
                f"{stage.rows_out:,}",
                share(stage.rows_out / stage.rows_in if stage.rows_in else None),
                "",
            ]
        )
        yield table([stage.name, "rows", "share", "meaning"], rows, words=[3])


def _scores(figures: ReportFigures) -> Iterator[str]:
    size = len(figures.scores) // _SCORE_BARS
    every = _in_bars(figures.scores, size)
    taken = _in_bars(figures.collected_scores, size)
    labels = [f"{number / _SCORE_BARS:.2f}" for number in range(_SCORE_BARS)]
    yield paragraph(
        f"Pages of the pool by the score of round {figures.round}'s classifier; upright on a "
        "logarithmic scale."
    )
    left = [whole - part for whole, part in zip(every, taken, strict=True)]
    yield histogram(
        "pages by score",
        {"collected": taken, "not collected": left},
        labels,
        every=5,
        logarithmic=True,
    )
    cut = next(one.lowest_score for one in reversed(figures.rounds))
    yield paragraph(
        f"Cut-offs: the floor is {figures.floor:g} (select.floor); the last page that round "
        f"{figures.round} took scores {_score(cut)}."
    )
    rows = [
        [f"{label}–{(number + 1) / _SCORE_BARS:.2f}", f"{whole:,}", f"{part:,}"]
        for number, (label, whole, part) in enumerate(zip(labels, every, taken, strict=True))
        if whole
    ]
    yield table(["score", "pages", "collected"], rows)


def _in_bars(counts: Sequence[int], size: int) -> list[int]:
    return [sum(counts[start : start + size]) for start in range(0, len(counts), size)]


def _totals(figures: ReportFigures) -> Iterator[str]:
    for sort, about in _SORTS.items():
        totals = figures.totals.get(sort, ())
        yield heading(3, f"By {sort}")
        if about:
            yield paragraph(about, "quiet")
        if not totals:
            yield paragraph("None.")
            continue
        yield bars(
            f"tokens by {sort}",
            [(_name(total.name), total.tokens) for total in totals[:_NAME_BARS]],
        )
        rows = [
            [
                _name(total.name),
                f"{total.pages:,}",
                f"{total.tokens:,}",
                share(total.tokens / figures.tokens if figures.tokens else None),
            ]
            for total in totals
        ]
        yield table([sort, "pages", "tokens", "share of tokens"], rows)


def _domains(figures: ReportFigures) -> Iterator[str]:
    steps = len(figures.domain_shares)
    reached = [number / steps >= figures.domain_threshold for number in range(steps)]
    over = f"at least {figures.domain_threshold:.0%}"
    yield paragraph(
        f"Domains by the share of their pages that round {figures.round} took. From "
        f"{figures.domain_threshold:.0%} on (mine.share), and with pages enough, a domain is "
        "mathematical, and people look at it."
    )
    yield histogram(
        "domains by share of their pages collected",
        {
            over: [
                count if yes else 0
                for count, yes in zip(figures.domain_shares, reached, strict=True)
            ],
            "less": [
                0 if yes else count
                for count, yes in zip(figures.domain_shares, reached, strict=True)
            ],
        },
        [f"{number / steps:.0%}" for number in range(steps)],
        every=4,
        logarithmic=True,
    )
    rows = [
        [
            visible(one.domain, LONGEST_NAME),
            f"{one.pages:,}",
            f"{one.collected:,}",
            share(one.share),
            "yes" if one.mathematical else "no",
        ]
        for one in figures.domains
    ]
    yield table(["domain", "pages", "collected", "share", "mathematical"], rows)


def _rounds(rounds: Sequence[RoundFigures]) -> Iterator[str]:
    yield table(
        ["round", "pages", "tokens", "cut-off"],
        [
            [str(one.round), f"{one.pages:,}", f"{one.tokens:,}", _score(one.lowest_score)]
            for one in rounds
        ],
    )
    yield paragraph("Overlap: of the pages of a round, the share that each round took.")
    heads = ["of the pages of", *(f"in round {one.round}" for one in rounds)]
    yield table(heads, [[f"round {one.round}", *map(share, one.overlap)] for one in rounds])


def _classifier(rounds: Sequence[RoundFigures]) -> Iterator[str]:
    known = [(one.round, one.held_out) for one in rounds if one.held_out]
    yield paragraph(
        "On examples of hosts that it has not learnt from. More in rounds/N/report.html."
    )
    yield table(
        ["round", "mathematical examples", "other", "precision", "recall", "AUC"],
        [
            [
                str(number),
                f"{held_out.examples.math:,}",
                f"{held_out.examples.other:,}",
                share(held_out.precision),
                share(held_out.recall),
                "–" if held_out.auc is None else f"{held_out.auc:.4f}",
            ]
            for number, held_out in known
        ],
    )
    by_round = {
        f"round {number}": [point.document() for point in held_out.precision_recall]
        for number, held_out in known
    }
    yield heading(3, "Precision and recall")
    yield precision_recall_curve(by_round) or paragraph("Not known: a class has no example.")
    yield heading(3, "Calibration")
    calibrated = known[-1][1].calibration.bins if known else ()
    yield (
        calibration_curve([one.document() for one in calibrated])
        if calibrated
        else paragraph("Not known.")
    )


def _duplicates(figures: ReportFigures) -> Iterator[str]:
    yield table(
        ["copies dropped", "pages"],
        [[visible(one.name, LONGEST_NAME), f"{one.rows:,}"] for one in figures.copies],
    )
    yield paragraph("Clusters of pages that are the same, of which one page is kept.")
    rows = [
        [
            f"{one.least:,}" if one.least == one.most else f"{one.least:,} to {one.most:,}",
            f"{one.clusters:,}",
            f"{one.pages:,}",
        ]
        for one in figures.clusters
    ]
    yield histogram(
        "clusters by size",
        {"clusters": [one.clusters for one in figures.clusters]},
        [row[0] for row in rows],
        logarithmic=True,
    )
    yield table(["pages of a cluster", "clusters", "pages"], rows)


def _benchmarks(figures: ReportFigures) -> Iterator[str]:
    if not figures.benchmarks:
        yield paragraph("NOT DECONTAMINATED: no benchmarks were given to this run.", "worse")
        return
    if figures.missing_benchmarks:
        names = ", ".join(visible(name, LONGEST_NAME) for name in figures.missing_benchmarks)
        yield paragraph(f"No file was found of: {names}.", "worse")
    yield paragraph(
        f"By the rule {figures.decontamination_rule}. Let pass are pages that hold too little of "
        f"any text to be condemned ({figures.let_pass_pages:,} pages, table let_pass); the list "
        f"of allowed grams exempted something in {figures.exempted_pages:,} pages."
    )
    yield bars(
        "pages with an item of a benchmark",
        [(one.name, one.pages_hit) for one in figures.benchmarks][:_NAME_BARS],
    )
    yield table(
        ["benchmark", "items", "cannot be found", "items hit", "pages hit", "pages let pass"],
        [
            [
                visible(one.name, LONGEST_NAME),
                *(
                    f"{count:,}"
                    for count in (
                        one.items,
                        one.unseen_items,
                        one.items_hit,
                        one.pages_hit,
                        one.let_pass_pages,
                    )
                ),
            ]
            for one in figures.benchmarks
        ],
    )


def _samples(figures: ReportFigures) -> Iterator[str]:
    yield paragraph(
        "From each tenth of the pool by score, best first: pages drawn by chance, the same on "
        "every run. Where many pages have one score, tenths fall together."
    )
    for page in figures.samples:
        yield from _sample(page)


def _sample(page: SamplePage) -> Iterator[str]:
    yield heading(3, f"Tenth {page.tenth}: {visible(page.title, LONGEST_NAME) or '(no title)'}")
    state = "collected" if page.collected else "not collected"
    facts = f"score {_score(page.score)}, {state}, {page.language}: "
    address = escape(visible(page.url, LONGEST_NAME))
    yield f'<p class="quiet">{escape(facts)}<code>{address}</code></p>'
    more = "" if page.whole else '<p class="quiet">…</p>'
    yield f'<div class="sample">{text_html(page.text)}{more}</div>'


def _name(name: str) -> str:
    return visible(name, LONGEST_NAME) or "(none)"


def _score(score: float | None) -> str:
    return "–" if score is None else f"{score:.4f}"
