"""Of the report of the corpus: other cut-offs, and how far the estimate of tokens was off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipeline.base.printing import LONGEST_NAME, visible
from pipeline.corpus.candidates import EstimateOfLanguage
from pipeline.corpus.cut_offs import Added, CutOff
from pipeline.report.closing_tokens import estimate_error
from pipeline.report.html_page import heading, paragraph, table
from pipeline.report.report_figures import ReportFigures


def cut_off_parts(figures: ReportFigures) -> Iterator[str]:
    """A table of the cut-offs, what each adds to the one before it, and what comes next."""
    yield paragraph(
        "From the best pages down, each line with all of those above it. What goes beyond the "
        "corpus is told before decontamination, and before pages go that are short or ask not "
        "to be mined. About: under the floor nobody counts, tokens are estimated there."
    )
    yield table(
        ["down to", "lowest score", "pages", "tokens", "more pages", "more tokens"],
        [cut_off_row(one) for one in figures.cut_offs],
    )
    yield heading(3, "Of what each adds")
    rows = [
        [one.name, _named(one.languages, one.more_tokens), _named(one.topics, one.more_tokens)]
        for one in figures.cut_offs
        if one.more_pages
    ]
    yield table(["down to", "languages, by tokens", "topics, by tokens"], rows, words=[1, 2])
    if not figures.best_beyond:
        yield paragraph("The corpus has every page of the pool that scores as much as any tenth.")
        return
    yield heading(3, "The best pages that the corpus has not")
    yield table(
        ["title", "score", "tokens", "language", "address"],
        [
            [
                visible(page.title, LONGEST_NAME) or "(no title)",
                f"{page.score:.4f}",
                f"{page.tokens:,}",
                visible(page.language, LONGEST_NAME),
                visible(page.url, LONGEST_NAME),
            ]
            for page in figures.best_beyond
        ],
        words=[4],
    )


def cut_off_row(one: CutOff) -> list[str]:
    """Cells: name, lowest score, pages and tokens, and those that it adds."""
    about = "about " if one.estimated else ""
    return [
        one.name,
        "–" if one.lowest_score is None else f"{one.lowest_score:.4f}",
        f"{one.pages:,}",
        f"{about}{one.tokens:,}",
        f"+{one.more_pages:,}",
        f"{about}+{one.more_tokens:,}",
    ]


def estimate_parts(estimates: Sequence[EstimateOfLanguage]) -> Iterator[str]:
    """A table by language, of the pages over the floor; nothing where there are none."""
    if not estimates:
        return
    yield heading(3, "How far the estimate of tokens was off")
    yield paragraph(
        "Of pages over the floor: what extraction estimates, and what the tokenizer counted."
    )
    yield table(
        ["language", "pages", "tokens", "estimated", "off by"],
        [
            [
                visible(one.language, LONGEST_NAME),
                f"{one.pages:,}",
                f"{one.tokens:,}",
                f"{one.estimated_tokens:,}",
                estimate_error(one),
            ]
            for one in estimates
        ],
    )


def _named(added: Sequence[Added], whole: int) -> str:
    return ", ".join(
        f"{visible(one.name, LONGEST_NAME)} {one.tokens / whole if whole else 0:.0%}"
        for one in added
    )
