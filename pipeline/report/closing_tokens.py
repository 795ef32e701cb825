"""What is told of tokens: what counted them, and how far the estimate was off."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.base.printing import sentence
from pipeline.corpus.candidates import EstimateOfLanguage, TokenNotes
from pipeline.report.closing import FinishedRun, Section

#: Languages that are named.
_NAMED = 6


def token_lines(run: FinishedRun, number: int) -> list[str]:
    """A line, and another where a tokenizer counted."""
    manifest = run.workspace.candidates(number).manifest()
    if manifest is None:
        return []
    notes = TokenNotes.of(manifest)
    whole = sum(one.tokens for one in notes.by_language)
    lines = [
        sentence(
            f"tokens: {whole:,} of {manifest.rows:,} pages over the floor, by "
            f"{notes.tokenizer.shown}; {notes.counted:,} pages counted in round {number}"
        )
    ]
    if notes.tokenizer.sha256 and notes.by_language:
        lines.append(f"  the estimate was off by {_errors(notes.by_language)}")
    return lines


def estimate_error(one: EstimateOfLanguage) -> str:
    """``+3.1%`` where the estimate has so much more tokens than there are."""
    return f"{one.ratio - 1:+.1%}"


def _errors(languages: Sequence[EstimateOfLanguage]) -> str:
    named = ", ".join(f"{estimate_error(one)} ({one.language})" for one in languages[:_NAMED])
    rest = len(languages) - _NAMED
    return named + (f"; {rest:,} more languages" if rest > 0 else "")


TOKENS_SAY = Section(lines=token_lines)
