"""Taking out the contaminated paragraphs of a page instead of the page."""

from __future__ import annotations

from collections.abc import Iterable


def without_segments(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """``text`` without each paragraph that one of ``spans`` touches.

    A span is ``(position, length)`` in characters, as in the table
    ``contamination``. Paragraphs are what blank lines separate; those that stay
    are joined by one blank line. Empty where none stays.
    """
    ordered = sorted((begin, begin + length) for begin, length in spans)
    clean = []
    reached = 0  # how far the spans passed so far cover the text
    passed = 0
    for begin, end in _paragraphs(text):
        while passed < len(ordered) and ordered[passed][0] < end:
            reached = max(reached, ordered[passed][1])
            passed += 1
        if reached <= begin:
            clean.append(text[begin:end])
    return "\n\n".join(clean)


def _paragraphs(text: str) -> Iterable[tuple[int, int]]:
    begin = position = 0
    for line in text.split("\n"):
        if not line.strip():
            if begin < position:
                yield begin, position - 1
            begin = position + len(line) + 1
        position += len(line) + 1
    if begin < position:
        yield begin, position - 1
