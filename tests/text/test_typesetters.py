"""Configurations of typesetters as pages write them, and as nobody should."""

from __future__ import annotations

import time

import pytest

from pipeline.text.formulas.sources.typesetters import (
    MAX_PAIRS,
    MAX_SCRIPT,
    Delimiters,
    delimiters_of,
)

DOLLAR = ("$", "$")
DOLLARS = ("$$", "$$")
PAREN = ("\\(", "\\)")
BRACKET = ("\\[", "\\]")
TICKS = ("`", "`")
DISPLAY = (DOLLARS, BRACKET)

CDN = "https://cdn.example/ajax/libs/mathjax/"


def of(text: str = "", src: str = "", kind: str = "") -> Delimiters:
    scripts = [(src, "", "")] if src else []
    return delimiters_of([*scripts, ("", kind, text)])


#: Script text, then inline and display pairs.
CONFIGURED = {
    "MathJax 2": (
        """MathJax.Hub.Config({
             tex2jax: {inlineMath: [['$','$'], ["\\\\(","\\\\)"]],
                       displayMath: [ ['$$','$$'], ["\\\\[","\\\\]"] ],
                       processEscapes: true}});""",
        (DOLLAR, PAREN),
        DISPLAY,
    ),
    "MathJax 2, only inline": (
        "MathJax.Hub.Config({tex2jax: {inlineMath: [['$','$']]}, SVG: {scale: 90}});",
        (DOLLAR,),
        DISPLAY,
    ),
    "MathJax 2, only display": (
        "MathJax.Hub.Config({tex2jax: {displayMath: [['$$','$$']]}});",
        (PAREN,),
        (DOLLARS,),
    ),
    "MathJax 3": (
        r"window.MathJax = { tex: { inlineMath: [['$', '$'], ['\\(', '\\)']] } };",
        (DOLLAR, PAREN),
        DISPLAY,
    ),
    "MathJax 3, no dollars": (
        r"MathJax = {tex: {displayMath: [['\\[', '\\]']], inlineMath: [['\\(', '\\)']]}};",
        (PAREN,),
        (BRACKET,),
    ),
    "MathJax 3 as JSON": (
        r'window.MathJax = {"tex": {"inlineMath": [["$", "$"], ["\\(", "\\)"]], "tags": "ams"}}',
        (DOLLAR, PAREN),
        DISPLAY,
    ),
    "minified": (
        r'MathJax={tex:{inlineMath:[["$","$"],["\\(","\\)"]]},svg:{fontCache:"global"}}',
        (DOLLAR, PAREN),
        DISPLAY,
    ),
    "MathJax 4 adds": (
        "MathJax = {tex: {inlineMath: {'[+]': [['$', '$']]}}};",
        (PAREN, DOLLAR),
        DISPLAY,
    ),
    "MathJax 4 takes away": (
        "MathJax = {tex: {displayMath: {'[-]': [['$$', '$$']]}}};",
        (PAREN,),
        (BRACKET,),
    ),
    "none inline": ("MathJax = {tex: {inlineMath: []}};", (), DISPLAY),
    "pushed": (
        "MathJax.Hub.config.tex2jax.inlineMath.push(['$', '$']); var a = [['x(', 'y(']];",
        (PAREN, DOLLAR),
        DISPLAY,
    ),
    "assigned": ("MathJax.tex.inlineMath = [['$', '$']];", (DOLLAR,), DISPLAY),
    "assigned by key": ("MathJax['tex']['inlineMath'] = [['$', '$']];", (DOLLAR,), DISPLAY),
    "concatenated": (
        "MathJax={tex:{inlineMath:MathJax.tex.inlineMath.concat([['$','$']])}}",
        (DOLLAR,),
        DISPLAY,
    ),
    "trailing commas": (
        "MathJax = {tex: {inlineMath: [['$', '$',], ['@@', '@@'],],},};",
        (DOLLAR, ("@@", "@@")),
        DISPLAY,
    ),
    "comments within": (
        """MathJax = {tex: {
             // inlineMath: [['#', '#']],
             /* inlineMath: [['%', '%']], */
             inlineMath: [ // ['$', '$'],
               /* ['!!', '!!'], */ ['\\\\(', '\\\\)']  // see http://docs.mathjax.org
             ]}};""",
        (PAREN,),
        DISPLAY,
    ),
    "address before it is no comment": (
        "a='https://b.example/c';d=\"//e.example\";MathJax={tex:{inlineMath:[['$','$']]}}",
        (DOLLAR,),
        DISPLAY,
    ),
    "double escapes": (
        r"""MathJax = {tex: {inlineMath: [["\\\\(", "\\\\)"], ["\\\\\\[", "\\\\\\]"]]}}""",
        (PAREN, BRACKET),
        DISPLAY,
    ),
    "one escape short": (r"MathJax={tex:{inlineMath:[['\(','\)']]}}", (PAREN,), DISPLAY),
    "bare brackets": ("MathJax={tex:{inlineMath:[['(',')'],['$','$']]}}", (DOLLAR,), DISPLAY),
    "raw strings": (
        r"MathJax={tex:{inlineMath:[[String.raw`\(`,String.raw`\)`],[`$`,`$`]]}}",
        (PAREN, DOLLAR),
        DISPLAY,
    ),
    "code points": (
        r'MathJax={tex:{inlineMath:[["\u0024","\u0024"],["\x5c(","\x5c)"]]}}',
        (DOLLAR, PAREN),
        DISPLAY,
    ),
    "HTML entities": (
        "MathJax.Hub.Config({tex2jax: {inlineMath: [[&#39;$&#39;,&#39;$&#39;],"
        " [&quot;\\\\(&quot;,&quot;\\\\)&quot;]]}});",
        (DOLLAR, PAREN),
        DISPLAY,
    ),
    "entities around keys": (
        "MathJax={&quot;tex&quot;:{&quot;inlineMath&quot;:[[&quot;$&quot;,&quot;$&quot;]]}}",
        (DOLLAR,),
        DISPLAY,
    ),
    "within a string": (
        'script.text = "MathJax.Hub.Config({\\n" +\n'
        "\"  tex2jax: { inlineMath: [ ['$','$'], ['\\\\\\\\(','\\\\\\\\)'] ],\\n\" +\n"
        "\"    displayMath: [ ['$$','$$'] ] }});\";",
        (DOLLAR, PAREN),
        (DOLLARS,),
    ),
    "within a string, escaped quotes": (
        'document.write("<script>MathJax={\\"tex\\":{\\"inlineMath\\":[[\\"$\\",\\"$\\"],'
        '[\\"\\\\\\\\(\\",\\"\\\\\\\\)\\"]]}}");',
        (DOLLAR, PAREN),
        DISPLAY,
    ),
    "words as delimiters": (
        "MathJax={tex:{inlineMath:[['[mathjax]','[/mathjax]'],['[;',';]'],['¨','¨']],"
        "displayMath:[['[latex]','[/latex]'],['{{{','}}}']]}}",
        (("[mathjax]", "[/mathjax]"), ("[;", ";]"), ("¨", "¨")),
        (("[latex]", "[/latex]"), ("{{{", "}}}")),
    ),
    "no delimiters": (
        "MathJax={tex:{inlineMath:[['',''],['a','b'],['" + "@" * 21 + "','@'],['$'],['$','$']]}}",
        (DOLLAR,),
        DISPLAY,
    ),
    "the same twice": (
        "MathJax={tex:{inlineMath:[['$','$'],['$','$']]}};MathJax={tex:{inlineMath:[['$','$']]}}",
        (DOLLAR,),
        DISPLAY,
    ),
    "two that differ": (
        r"MathJax={tex:{inlineMath:[['$','$']]}};MathJax={tex:{inlineMath:[['\\(','\\)']]}}",
        (DOLLAR, PAREN),
        DISPLAY,
    ),
    "KaTeX": (
        """renderMathInElement(document.body, {delimiters: [
             {left: '$$', right: '$$', display: true},
             {left: '$', right: '$', display: false},
             {left: '\\\\(', right: '\\\\)', display: false},
             {left: '\\\\[', right: '\\\\]', display: true}], throwOnError : false});""",
        (DOLLAR, PAREN),
        DISPLAY,
    ),
    "KaTeX minified": (
        'renderMathInElement(b,{delimiters:[{left:"$$",right:"$$",display:!0},'
        '{left:"$",right:"$",display:!1}]})',
        (DOLLAR,),
        (DOLLARS,),
    ),
    "KaTeX, commented out": (
        """renderMathInElement(document.body, {delimiters: [
             {left: "$$", right: "$$", display: true},
             // {left: "$", right: "$", display: false},
             {left: "\\\\(", right: "\\\\)", display: false}]});""",
        (PAREN,),
        (DOLLARS,),
    ),
    "KaTeX as JSON": (
        'const katexOptions = {"delimiters":[{"display":false,"left":"$","right":"$"}]};',
        (DOLLAR,),
        (),
    ),
    "KaTeX, a variable": (
        "d = [{left: '@@', right: '@@', display: true}]; renderMathInElement(e, {delimiters: d})",
        (),
        (("@@", "@@"),),
    ),
    "jsMath": (
        "jsMath = {Easy: {processSingleDollars: 1, processDoubleDollars: 1}};",
        (DOLLAR, PAREN),
        DISPLAY,
    ),
}


@pytest.mark.parametrize("name", CONFIGURED)
def test_a_configuration_counts_exactly(name: str) -> None:
    text, inline, display = CONFIGURED[name]
    found = of(text)
    assert (found.inline, found.display) == (inline, display)
    assert found.configured


#: Address, script text, then what counts.
DEFAULTS = {
    "MathJax 2": (CDN + "2.7.9/MathJax.js?config=TeX-AMS-MML_HTMLorMML", (PAREN,), ()),
    "MathJax 2, TeX and AsciiMath": (
        CDN + "2.7.5/latest.js?config=TeX-MML-AM_CHTML",
        (PAREN,),
        (TICKS,),
    ),
    "MathJax 2, AsciiMath": (CDN + "MathJax.js?config=AM_HTMLorMML", (), (TICKS,)),
    "MathJax 2, MathML": (CDN + "MathJax.js?config=MML_CHTML", (), ()),
    "MathJax 2, all": (CDN + "MathJax.js?config=Accessible", (PAREN,), (TICKS,)),
    "MathJax 2, its own file": (CDN + "MathJax.js?config=TeX-AMS_HTML,a/b.js", (PAREN,), ()),
    "MathJax 3": ("https://cdn.example/npm/mathjax@3/es5/tex-mml-chtml.js", (PAREN,), ()),
    "MathJax 3, MathML": ("https://cdn.example/npm/mathjax@3/es5/mml-chtml.js", (), ()),
    "MathJax of one's own": ("/vendor/tex-chtml.js", (PAREN,), ()),
    "KaTeX": ("https://cdn.example/npm/katex@0.16.0/dist/katex.min.js", (PAREN,), ()),
    "jsMath": ("/jsMath/easy/load.js", (PAREN,), ()),
    "texme": ("https://cdn.example/npm/texme@1.2.2", (DOLLAR, PAREN), ()),
    "ASCIIMathML": ("/js/ASCIIMathML.js", (), (TICKS,)),
    "LaTeXMathML": ("LaTeXMathML.js", (DOLLAR, PAREN), ()),
    "reveal.js": ("reveal/plugin/math/math.js", (DOLLAR, PAREN), ()),
}


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_program_alone_has_its_defaults(name: str) -> None:
    address, inline, asciimath = DEFAULTS[name]
    found = of(src=address)
    assert (found.inline, found.asciimath) == (inline, asciimath)
    assert found.display == (DISPLAY if inline else ())
    assert found.typesetter
    assert not found.configured


def test_markdown_in_the_browser_has_dollars_alone() -> None:
    found = of(src="https://cdn.example/npm/markdown-it-texmath/texmath.min.js")
    assert (found.inline, found.display) == ((DOLLAR,), (DOLLARS,))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("MathJax = {tex: {inlineMath: [['$', '$']]}}", "mathjax"),
        ("renderMathInElement(document.body)", "katex"),
        ("jsMath.Process()", "jsmath"),
        ("var s = 'https://cdn.example/katex.min.js'", "katex"),
        ("import './ASCIIMathML.js'", "asciimathml"),
        ("let price = '$5'; $('#a').css({left: '10%', right: '20%', display: 'none'})", ""),
        ("new Vue({delimiters: ['${', '}']})", ""),
        ("x = {left: 1, right: 2, display: true, sides: ['left', 'right']}", ""),
        ("", ""),
    ],
)
def test_which_program(text: str, name: str) -> None:
    assert of(text).typesetter == name


def test_nothing_seen_is_nothing() -> None:
    assert delimiters_of([]) == Delimiters()
    assert of("var a = 1;", src="/jquery.js") == Delimiters()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MathJax.Hub.Config({tex2jax: {processEscapes: true}})", True),
        ("MathJax.Hub.Config({tex2jax: {processEnvironments: true}})", True),
        ("MathJax.Hub.Config({tex2jax: {processEnvironments: false}})", False),
        ("MathJax={tex:{inlineMath:[['$','$']],processEnvironments:!1}}", False),
        ("// processEnvironments: false\nMathJax={tex:{inlineMath:[['$','$']]}}", True),
        ("renderMathInElement(e)", True),
        ("katex; d=[{left:'$',right:'$',display:false}]", False),
        (
            r"katex; d=[{left:'\\begin{equation}',right:'\\end{equation}',display:true},"
            "{left:'$',right:'$',display:false}]",
            True,
        ),
    ],
)
def test_environments(text: str, expected: bool) -> None:
    assert of(text).environments is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MathJax.Hub.Config({asciimath2jax: {delimiters: [['`','`'],['@','@']]}})",
         (TICKS, ("@", "@"))),
        ("MathJax.Hub.Config({asciimath2jax: {ignoreClass: 'a', delimiters: [['$','$']]}})",
         (DOLLAR,)),
        ("MathJax.Hub.Config({asciimath2jax: {delimiters: []}, jax: ['input/AsciiMath']})", ()),
        ("MathJax.Hub.Config({extensions: ['tex2jax.js', 'asciimath2jax.js']})", (TICKS,)),
        ("MathJax = {loader: {load: ['input/asciimath', 'output/chtml']}}", (TICKS,)),
        ("MathJax={loader:{load:['input/asciimath']},asciimath:{delimiters:{'[+]':[['@','@']]}}}",
         (TICKS, ("@", "@"))),
        ("// MathJax = {loader: {load: ['input/asciimath']}}", ()),
        ("MathJax = {tex: {inlineMath: [['$', '$']]}}", ()),
        ("s.src='https://cdn.example/mathjax/MathJax.js?config=TeX-MML-AM_CHTML'", (TICKS,)),
    ],
)  # fmt: skip
def test_asciimath(text: str, expected: tuple[tuple[str, str], ...]) -> None:
    assert of(text).asciimath == expected


def test_text_of_scripts_that_do_not_run_is_not_read() -> None:
    text = "MathJax = {tex: {inlineMath: [['$', '$']]}}"
    for kind in ("application/ld+json", "math/tex; mode=display", "text/template", "text/x-html"):
        assert of(text, kind=kind) == Delimiters()
    for kind in ("", "text/javascript", "text/x-mathjax-config", "module", "1a2b-text/javascript"):
        assert of(text, kind=kind).inline == (DOLLAR,)


def test_two_programs() -> None:
    found = delimiters_of(
        [
            ("katex.min.js", "", ""),
            ("", "text/x-mathjax-config", "MathJax.Hub.Config({tex2jax:{inlineMath:[['$','$']]}})"),
        ]
    )
    assert found.typesetter == "mathjax"
    assert found.inline == (DOLLAR,)


HOSTILE = {
    "brackets": "MathJax={tex:{inlineMath:" + "[" * 1_000_000,
    "nested": "MathJax={tex:{inlineMath:" + "[" * 2_000 + "['$','$']" + "]" * 2_000,
    "keys": "inlineMath:[[" * 100_000,
    "keys in comments": "/*" + "inlineMath:[['$','$']]" * 50_000,
    "no end of a string": "MathJax={tex:{inlineMath:[['" + "$" * 1_000_000,
    "no end of strings": "MathJax inlineMath:" + "\"\\\"'\\'`\\`" * 100_000,
    "escapes": "MathJax inlineMath:[['" + "\\" * 1_000_000,
    "escaped quotes": 'MathJax inlineMath:\\"' + '\\"' * 500_000,
    "comments": "MathJax inlineMath:" + "/*" * 500_000,
    "slashes": "MathJax " + "/" * 1_000_000 + "inlineMath:[['$','$']]",
    "objects": "katex right display" + "{left:" * 200_000,
    "one object": "katex right display {left:'$'," + "a:" * 500_000,
    "entities": "MathJax inlineMath:" + "&quot;" * 200_000,
    "spaces": "MathJax inlineMath" + " " * 1_000_000 + ":[['$','$']]",
    "files": "MathJax" * 150_000,
    "asciimath": "MathJax asciimath:{" * 60_000,
    "keys and comments": ("MathJax inlineMath:" + "/*" * 1_000) * 100,
    "lines": "inlineMath:" + '"\\\n' * 300_000,
    "pluses": "MathJax inlineMath:" + "'+" * 500_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_scripts_end_soon(name: str) -> None:
    started = time.process_time()
    found = of(HOSTILE[name])
    assert time.process_time() - started < 1.0
    assert len(found.inline) <= MAX_PAIRS


def test_pairs_are_bounded() -> None:
    pairs = ",".join(f"['@{number}','@{number}']" for number in range(1_000))
    assert len(of(f"MathJax={{tex:{{inlineMath:[{pairs}]}}}}").inline) == MAX_PAIRS


def test_what_comes_late_is_not_read() -> None:
    late = "MathJax={tex:{inlineMath:[['$','$']]}}"
    assert of(" " * MAX_SCRIPT + late) == Delimiters()
    assert delimiters_of([("", "", " " * MAX_SCRIPT), ("", "", late)]) == Delimiters()
