"""KaTeX's stacks: rows above each other, each moved by its ``top``.

From 0.8 on a row is moved from a strut of its own, so that both together are the distance.
"""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from pipeline.text.formulas.mathml.renderings import (
    MAX_WRAPPERS,
    Placed,
    Reading,
    classes_of,
    length,
    style_of,
)

#: Rows that are a line or a drawing, not a part of the formula.
_LINES = frozenset("frac-line sqrt-line overline-line underline-line hide-tail".split())


class Stacks(Reading):
    """Finds the rows of a ``.vlist``, and what each of them is."""

    def rows(self, element: LexborNode) -> list[Placed]:
        """The rows of the first ``.vlist`` in ``element``, from top to bottom."""
        current: LexborNode | None = element
        for _ in range(MAX_WRAPPERS):
            if current is None or "vlist" in classes_of(current):
                break
            following = None
            for child in self.children(current):
                if child.tag != "-text" and any("vlist" in name for name in classes_of(child)):
                    following = child
                    break
            current = following
        rows = []
        for child in self.children(current) if current is not None else ():
            classes = classes_of(child)
            if child.tag != "-text" and "baseline-fix" not in classes:
                rows.append(self.placed(child, classes))
        return sorted(rows, key=_down)

    def placed(self, element: LexborNode, classes: list[str]) -> Placed:
        down = length(style_of(element), "top") or 0.0
        marks = set(classes)
        for child in self.children(element):
            if child.tag == "-text":
                continue
            names = classes_of(child)
            if "pstrut" in names:
                down += length(style_of(child), "height") or 0.0
                continue
            marks.update(names)
            marks.update(
                name
                for inner in self.children(child)
                if inner.tag != "-text"
                for name in (inner.tag or "", *classes_of(inner))
            )
        return Placed(element, down, frozenset(marks))

    def last_rows(self, element: LexborNode) -> list[Placed]:
        """The rows of the last ``.vlist`` right within ``element``."""
        last = None
        for child in self.children(element):
            if child.tag != "-text" and any("vlist" in name for name in classes_of(child)):
                last = child
        return [] if last is None else self.rows(last)


def _down(part: Placed) -> float:
    return part.down


def off_line(part: Placed) -> float:
    """How far a row is from the base line."""
    return abs(part.down)


def is_line(part: Placed) -> bool:
    """Whether a row is a line, not a part of the formula."""
    return not _LINES.isdisjoint(part.marks)


def is_drawn(part: Placed) -> bool:
    """Whether a row is as wide as its stack."""
    return "svg-align" in part.marks or "stretchy" in part.marks
