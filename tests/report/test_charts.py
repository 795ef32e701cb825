import pytest
from lxml import etree

from pipeline.base.printing import visible
from pipeline.report.charts import bars, compact, curves, histogram


@pytest.mark.parametrize(
    "chart",
    [
        bars("a & b", [("<i>", 3), ("x" * 90, 0)]),
        bars("nothing", []),
        histogram("h", {"a": [0, 1, 5_000], "b": [2, 0, 0]}, ["x", "y", "z"], logarithmic=True),
        histogram("h", {"a": [0, 0]}, ["x", "y"]),
        curves("c", {"r": [(0.0, 1.0), (1.0, 0.5)]}, "recall", "precision", dots=["r"]),
    ],
)
def test_a_chart_is_a_still_picture_with_a_name(chart):
    assert chart.startswith("<svg ")
    assert 'role="img"' in chart
    for unwanted in ("<script", "<style", "<desc", "<title", "id=", "href=", "<i>"):
        assert unwanted not in chart, unwanted


def test_bars_are_as_long_as_their_values():
    chart = bars("b", [("one", 100), ("two", 50)])
    widths = [
        float(part.split('"')[0])
        for part in chart.split(' width="')[1:]
        if "rect reactive" in part.split(">")[0]
    ]
    assert widths == pytest.approx([widths[1] / 2, widths[1]])


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (9_999, "9,999"), (12_345, "12.3k"), (1.5e6, "1.5M"), (2e9, "2G"), (0.25, "0.25")],
)
def test_numbers_are_short(number, text):
    assert compact(number) == text


@pytest.mark.parametrize(
    "name", ["\x1b[31m", "a\x00b", "\ud800", "\ufffe", "</text><script>", "\u202e"]
)
def test_a_name_is_shown_whatever_is_in_it(name):
    for chart in (bars("bars", [(name, 1)]), curves("curves", {name: [(0, 1)], "b": []}, "x", "y")):
        read = etree.fromstring(chart)
        assert visible(name) in "".join(read.itertext())
        assert not read.xpath("//*[local-name()='script']")
