"""Charts as static SVG: no script, no style of their own, nothing that a browser would fetch.

Drawn by pygal (https://www.pygal.org), of whose SVG only what is seen is kept. ``CHART_STYLE``
gives them their colours, by the names that the page's style has for dark and light. They are
drawn small, so that a phone shows them as they are and letters stay large enough to read. Names
may be of pages: what no XML can hold is written out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import ceil, floor, log10
from typing import Any

import pygal
from lxml import etree
from pygal.style import Style

from pipeline.base.printing import visible

#: Units of the SVG, about pixels of a phone.
_WIDTH, _HEIGHT = 420, 240
_ROW = 26
#: Characters of a label at an axis.
_LABEL = 24
CHART_STYLE = """
.pygal-chart { width: 100%; max-width: 38rem; display: block; margin: .5rem 0 }
.pygal-chart text { font: 11px system-ui, sans-serif; fill: var(--text) }
.pygal-chart .axis.x text { text-anchor: middle }
.pygal-chart .axis.y text { text-anchor: end }
.pygal-chart .axis path { fill: none; stroke: var(--line) }
.pygal-chart .background { fill: none }
.pygal-chart .title { text-anchor: middle }
.pygal-chart .series { stroke-width: 1 }
.pygal-chart .series path.line { fill: none; stroke-width: 2 }
.pygal-chart .color-0 { fill: var(--first); stroke: var(--first) }
.pygal-chart .color-1 { fill: var(--second); stroke: var(--second) }
.pygal-chart .color-2 { fill: var(--third); stroke: var(--third) }
"""
_STYLE = Style(
    label_font_size=11, major_label_font_size=11, legend_font_size=11, title_font_size=11
)
_SHARED: dict[str, Any] = {
    "style": _STYLE,
    "css": (),
    "js": (),
    "no_prefix": True,
    "disable_xml_declaration": True,
    "width": _WIDTH,
    "margin": 8,
    "spacing": 6,
    "show_dots": False,
    "legend_at_bottom": True,
    "title": None,
    "truncate_legend": -1,
    "legend_box_size": 10,
}


def bars(about: str, values: Sequence[tuple[str, float]]) -> str:
    """A horizontal bar a name, in the order in which they are given."""
    chart = pygal.HorizontalBar(
        **_SHARED,
        height=44 + _ROW * len(values),
        show_legend=False,
        value_formatter=compact,
        y_labels=_ticks(max((value for _, value in values), default=0)),
        truncate_label=_LABEL,
    )
    # From below upwards.
    chart.x_labels = [visible(name, _LABEL) for name, _ in reversed(values)]
    chart.add(about, [value for _, value in reversed(values)])
    return _static(chart, about)


def histogram(
    about: str,
    series: Mapping[str, Sequence[float]],
    labels: Sequence[str],
    *,
    every: int = 1,
    logarithmic: bool = False,
) -> str:
    """Upright bars: of each series a value a label, of which each ``every``-th is written.

    Logarithmic, bars begin at one, and what is less has none.
    """
    most = max((value for values in series.values() for value in values), default=0)
    marks = _powers(most) if logarithmic else _ticks(most)
    bottom = 0.5 if logarithmic else 0
    chart = pygal.Bar(
        **_SHARED,
        height=_HEIGHT,
        show_legend=len(series) > 1,
        logarithmic=logarithmic,
        value_formatter=compact,
        x_labels_major=list(labels[::every]),
        show_minor_x_labels=False,
        truncate_label=-1,
        y_labels=marks,
        # Bars stand on the bottom, and one of a single thing can still be seen.
        range=(bottom, marks[-1]),
        zero=bottom,
    )
    chart.x_labels = list(labels)
    for name, values in series.items():
        chart.add(
            visible(name), [value if value >= 1 or not logarithmic else None for value in values]
        )
    return _static(chart, about)


def curves(
    about: str,
    series: Mapping[str, Sequence[tuple[float, float]]],
    x: str,
    y: str,
    *,
    dots: Collection[str] = (),
) -> str:
    """Lines through points (x, y) of the unit square; those of the series in ``dots`` are seen."""
    chart = pygal.XY(
        **_SHARED,
        dots_size=3,
        height=_HEIGHT + 60,
        show_legend=len(series) > 1,
        range=(0, 1),
        xrange=(0, 1),
        x_title=x,
        y_title=y,
    )
    for name, points in series.items():
        chart.add(visible(name), list(points), show_dots=name in dots)
    return _static(chart, about)


def compact(number: float) -> str:
    """``1.2M`` for people; whole numbers under ten thousand as they are."""
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e4)):
        if abs(number) >= size:
            return f"{number / (1e3 if unit == 'k' else size):.3g}{unit}"
    return f"{number:,.0f}" if number == int(number) else f"{number:.3g}"


def _ticks(most: float) -> list[float]:
    """Round values from nothing to at least ``most``, five at most."""
    if most <= 0:
        return [0, 1]
    size = 10 ** floor(log10(most))
    step = next(size * share for share in (0.25, 0.5, 1, 2.5) if most <= 4 * size * share)
    return [step * number for number in range(ceil(most / step) + 1)]


def _powers(most: float) -> list[float]:
    return [10.0**power for power in range(ceil(log10(max(most, 10))) + 1)]


#: What a browser would run, or what pygal's script would have shown under the pointer.
_UNSEEN = (
    "//*[local-name()='script' or local-name()='desc' or local-name()='defs' or "
    "local-name()='title' or contains(@class, 'tooltip-overlay') or "
    "contains(@class, 'text-overlay')] | //comment()"
)


def _static(chart: Any, about: str) -> str:
    root = etree.fromstring(chart.render())
    for element in root.xpath(_UNSEEN):
        element.getparent().remove(element)
    # Of the picture at random, of legends the same in every picture of a page.
    for element in root.iter():
        element.attrib.pop("id", None)
    root.set("role", "img")
    root.set("aria-label", about)
    text: str = etree.tostring(root, encoding="unicode")
    return text
