"""A made-up report, with names and texts as hostile pages have them."""

from __future__ import annotations

from pipeline.classify.train_notes import (
    Calibration,
    CalibrationBin,
    ClassCounts,
    HeldOut,
    PrecisionAtRecall,
)
from pipeline.corpus.candidates import EstimateOfLanguage
from pipeline.corpus.cut_offs import Added, CutOff, PageBeyond
from pipeline.report.report_figures import (
    SCORE_BINS,
    BenchmarkFigures,
    CopyFigures,
    DomainFigures,
    Reason,
    ReportFigures,
    RoundFigures,
    SamplePage,
    Stage,
    Total,
)

HOSTILE = "\"><script>document.title='run'</script><img src=http://evil.example/x.png onerror=a()>"
FORMULAS = (
    "For all $x$ we have $$\\int_0^1 \\frac{x^2}{1+x}\\,dx = \\ln 2 - \\frac12,$$ and\n"
    "it costs \\$5.\n\nA matrix: $\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}$, a command "
    "that nobody knows: $\\frobnicate{x}$, and $\\href{javascript:alert(1)}{x}$.\n\n"
    "Cut in the middle: $$\\sum_{k=1"
)


def _held_out(share: float) -> HeldOut:
    return HeldOut(
        examples=ClassCounts(math=400, other=600),
        precision=share,
        recall=share - 0.1,
        auc=share,
        by_page=False,
        calibration=Calibration(
            expected_error=0.01,
            bins=tuple(
                CalibrationBin(
                    examples=n, mean_score=n / 10 if n else None, mathematical=n / 10 if n else None
                )
                for n in range(10)
            ),
        ),
        precision_recall=tuple(
            PrecisionAtRecall(
                threshold=1 - n / 20, precision=1 - (n / 20) ** 6 * (1 - share), recall=n / 20
            )
            for n in range(21)
        ),
    )


def _sample(tenth: int, text: str, **changes: object) -> SamplePage:
    page = SamplePage(
        tenth=tenth,
        page_id=f"{tenth:032x}",
        url="https://math.example/notes?n=1",
        title="Integrals",
        language="en",
        score=tenth / 10,
        collected=tenth > 8,
        text=text,
        whole=False,
    )
    return page.model_copy(update=changes)


def _cut_off(
    name: str,
    lowest: float,
    whole: tuple[int, int],
    more: tuple[int, int],
    beyond: bool = False,
    estimated: bool = False,
) -> CutOff:
    return CutOff(
        name=name,
        lowest_score=lowest,
        pages=whole[0],
        tokens=whole[1],
        more_pages=more[0],
        more_tokens=more[1],
        languages=(
            Added(name="en", pages=more[0] - 9, tokens=more[1] * 3 // 4),
            Added(name="zh", pages=9, tokens=more[1] // 4),
        ),
        topics=(Added(name="analysis", pages=more[0], tokens=more[1] // 2),),
        beyond=beyond,
        estimated=estimated,
    )


def made_up() -> ReportFigures:
    """Every record accounted for: 10,000 read, 700 in the corpus."""
    scores = tuple(
        3_000 // (1 + n) + (900 if n == SCORE_BINS - 1 else 0) for n in range(SCORE_BINS)
    )
    return ReportFigures(
        version="0.1.0",
        finished="2026-03-01T10:00:00+00:00",
        round=2,
        pages=700,
        tokens=900_000,
        hosts=31,
        floor=0.5,
        stages=(
            Stage(
                name="extraction",
                unit="records",
                rows_in=10_000,
                rows_out=4_000,
                lost=(
                    Reason(name="request", rows=5_000, meaning="what the crawler asked a server"),
                    Reason(name="no-text", rows=1_000, meaning="no text, or fewer words"),
                ),
            ),
            Stage(
                name="deduplication",
                unit="pages",
                rows_in=4_000,
                rows_out=3_000,
                lost=(Reason(name="duplicate by url", rows=1_000),),
            ),
            Stage(
                name="selection of round 2",
                unit="pages",
                rows_in=3_000,
                rows_out=800,
                lost=(Reason(name="score below the floor", rows=2_200),),
            ),
            Stage(
                name="the corpus",
                unit="pages",
                rows_in=800,
                rows_out=700,
                lost=(Reason(name="contaminated", rows=100),),
            ),
        ),
        rounds=(
            RoundFigures(
                round=1,
                pages=500,
                tokens=600_000,
                lowest_score=0.71,
                overlap=(1.0, 0.96),
                held_out=_held_out(0.9),
            ),
            RoundFigures(
                round=2,
                pages=800,
                tokens=1_000_000,
                lowest_score=0.5002,
                overlap=(0.6, 1.0),
                held_out=_held_out(0.98),
            ),
        ),
        scores=scores,
        collected_scores=tuple(0 if n < SCORE_BINS // 2 else c for n, c in enumerate(scores)),
        tenths=(0.0, 0.0, 0.0, 0.001, 0.002, 0.01, 0.1, 0.5, 0.999),
        totals={
            "language": (
                Total(name="en", pages=500, tokens=700_000),
                Total(name="zh", pages=200, tokens=200_000),
            ),
            "host": tuple(
                Total(name=name, pages=9, tokens=tokens)
                for name, tokens in (
                    ("math.example", 400_000),
                    ("a-very-long-name-of-a-host.of-many-labels.example", 90_000),
                    (HOSTILE, 10),
                )
            ),
            "licence": (
                Total(name="", pages=690, tokens=890_000),
                Total(name="CC-BY-4.0", pages=10, tokens=10_000),
            ),
        },
        domain_threshold=0.1,
        domain_shares=(900, 200, 80, 30, 20, 10, 5, 4, 0, 3, 2, 2, 1, 0, 1, 2, 3, 9, 14, 33),
        domains=(
            DomainFigures(
                domain="math.example", pages=300, collected=290, share=0.9667, mathematical=True
            ),
            DomainFigures(
                domain="news.example", pages=900, collected=9, share=0.01, mathematical=False
            ),
        ),
        copies=(Reason(name="duplicate by url", rows=1_000),),
        clusters=(
            CopyFigures(least=1, most=1, clusters=2_600, pages=2_600),
            CopyFigures(least=2, most=3, clusters=390, pages=1_000),
            CopyFigures(least=16, most=31, clusters=10, pages=400),
        ),
        benchmarks=(
            BenchmarkFigures(
                name="gsm8k", items=1_319, unseen_items=0, items_hit=90, pages_hit=98,
                let_pass_pages=7,
            ),
            BenchmarkFigures(
                name="cmath", items=2_058, unseen_items=3, items_hit=2, pages_hit=2,
                let_pass_pages=0,
            ),
        ),
        missing_benchmarks=("math",),
        decontamination_rule="evidence",
        let_pass_pages=7,
        exempted_pages=1,
        tokenizer="deepseek 0.3.0, SHA-256 8f9f37ca37fd…",
        estimates=(
            EstimateOfLanguage(language="en", pages=500, tokens=700_000, estimated_tokens=679_000),
            EstimateOfLanguage(language="zh", pages=200, tokens=200_000, estimated_tokens=262_000),
        ),
        cut_offs=(
            _cut_off("budget 500k", 0.91, (350, 499_000), (350, 499_000)),
            _cut_off("the corpus", 0.5002, (700, 900_000), (350, 401_000)),
            _cut_off(
                "a floor of 0.4", 0.4, (760, 930_000), (60, 30_000), beyond=True, estimated=True
            ),
        ),
        best_beyond=(
            PageBeyond(
                url=HOSTILE, title=HOSTILE, language="en", score=0.4999, tokens=321
            ),
        ),
        samples=(
            _sample(10, FORMULAS),
            _sample(9, "几何学是数学的一个分支。$\\triangle ABC$", language="zh", title="几何"),
            _sample(1, f"{HOSTILE}\n\n\u202etxet sdrawkcab\u0000", title=HOSTILE, url=HOSTILE),
        ),
    )  # fmt: skip
