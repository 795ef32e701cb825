from __future__ import annotations

import re
import time
import tomllib
from importlib.resources import files

import pytest

from pipeline.text import extract_page
from pipeline.text.furniture import Name, leads_to_a_person, name_of, read_words
from pipeline.text.lines import LONGEST, Lines, heads_furniture

WORDS = (files("pipeline.text") / "class_words.toml").read_text(encoding="utf-8")
LINES = tomllib.loads((files("pipeline.text") / "furniture_lines.toml").read_text(encoding="utf-8"))
PROSE = "The sum of two continuous functions is continuous, as one sees with half of each bound."


def test_each_word_says_in_a_line_what_it_is() -> None:
    for table, words in tomllib.loads(WORDS).items():
        for word, what in words.items():
            assert re.fullmatch(r"=?[a-z]+(?:-[a-z]+)?", word), (table, word)
            assert len(what) > 3, (table, word)


def test_a_word_in_two_tables_is_refused() -> None:
    with pytest.raises(ValueError, match="menu"):
        read_words('[furniture]\nmenu = "menu"\n[content]\nmenu = "menu"')


@pytest.mark.parametrize(
    ("classes", "name"),
    [
        ("md-nav__item", Name.FURNITURE),
        ("siteFooter", Name.FURNITURE),
        ("has-sidebar", Name.NOTHING),
        ("solution dropdown admonition", Name.AUTHORED),
        ("contents topic", Name.NOTHING),
        ("post-signature owner", Name.CARD),
        ("post-left", Name.NOTHING),
        ("comment byuser comment-author-admin", Name.POST),
        ("post type-post hentry tag-related-rates", Name.POST),
        ("user-menu", Name.FURNITURE),
        ("comments-menu", Name.CONTENT),
        ("bbWrapper", Name.BODY),
        ("quote_container", Name.QUOTE),
        ("d-none", Name.CLUTTER),
        ("post-signature d-none d-sm-block", Name.CARD),
        ("side-by-side", Name.NOTHING),
        ("side", Name.FURNITURE),
        ("search__filters hidden-xs", Name.FURNITURE),
        ("article-licensing box", Name.FURNITURE),
        ("licensing-of-software", Name.NOTHING),
        ("page_contributors", Name.CLUTTER),
        ("labstabs", Name.FURNITURE),
        ("author-card", Name.FURNITURE),
        ("abh_box abh_box_down", Name.FURNITURE),
        ("pp-multiple-authors-boxes-wrapper", Name.FURNITURE),
        ("wp-calendar-table", Name.FURNITURE),
    ],
)
def test_classes_say_what_an_element_is(classes: str, name: int) -> None:
    assert name_of(classes) == name


@pytest.mark.parametrize(
    ("address", "person"),
    [
        ("/users/17/ada", True),
        ("https://a.example/u/ada", True),
        ("member.php?u=3", True),
        ("/usage/", False),
        ("/guide/user-manual", False),
        (None, False),
    ],
)
def test_links_to_people(address: str | None, person: bool) -> None:
    assert leads_to_a_person(address) == person


@pytest.mark.parametrize(
    "line",
    [
        "Add a comment",
        "Sorted by: Highest score (default)",
        "Browse other questions tagged real-analysis or ask your own question.",
        "You must log in or register to reply here.",
        "You may not post new threads",
        "登录后你可以",
        "发表于 2020-01-02",
        "- 编辑于 2021-03-04 12:00",
        "阅读(135) 评论(0) 收藏",
        "Retrieved from “https://wiki.example/x”",
        "[edit]",
        "Page ID 30345",
        "[Next: Means]",
        "About this document ...",
        "Definition at line 31 of file circle.h.",
        "More...",
        "Last modified: Monday, 5 October 2020, 9:14 AM",
        "Previous: A Parsing of Means",
        "Next: C Dictionary of Means",
        "Tagged under",
        "本页面需要浏览器支持（启用）JavaScript",
        "本页面的全部内容在 CC BY-SA 4.0 协议之条款下提供",
        "本页面最近更新：2026/1/7 08:56:54，更新历史",
        "发现错误？想一起完善？ 在 GitHub 上编辑此页！",
        "Know someone interested in this topic? Share this thread via e-mail",
        "or ask your own question.",
        "Distributed under the Example Software License, Version 2. (See LICENSE.txt)",
        "This post is licensed under CC BY 4.0 by the author.",
        "↓ Skip to main content",
        "Expand description",
        "Publié le 3 mars 2020",
        "· 2k 阅读",
        "[TOC]",
        "asked May 3, 2015 in Algebra by ada (1.2k points)",
        "Moderator: Ada",
        "《奇数之和》有2个想法",
        "Du darfst keine Antworten zu Themen in diesem Forum erstellen.",
        "Please, help us by answering this short survey: a.example/s",
        "· 19 ·",
    ],
)
def test_lines_of_software_go(line: str) -> None:
    assert Lines(has_posts=False).drops(line, True)


@pytest.mark.parametrize(
    "line",
    ["asked Mar 1, 2019 at 8:02", "#17", "- 3 Likes", "Joined: Mon May 01, 2016", "12", "ada"],
)
def test_lines_about_posts_go_where_there_are_posts(line: str) -> None:
    lines = Lines(has_posts=False)
    lines.count = 50
    assert not lines.drops(line, True)
    assert Lines(has_posts=True, people=frozenset(("ada",))).drops(line, True)


@pytest.mark.parametrize(
    "line",
    [
        "Category theory",
        "积分上限函数",
        "By symmetry on the interval",
        "Solution",
        "Asked for a proof, most give an example.",
        "From here one sees the rest.",
        "Points:",
        "楼主的证明有一处错误",
        "发现错误后改正如下",
        "Distributed under the null hypothesis as a normal variable",
        "· 19 · 2 = 38",
        "19 · x",
        "2k 阅读器",
        "Edited to add: the other case is the same.",
    ],
)
def test_what_people_write_stays(line: str) -> None:
    assert not Lines(has_posts=True).drops(line, True)


def test_a_date_among_the_first_lines_goes_unless_it_is_the_title() -> None:
    assert Lines(has_posts=False).drops("2019-02-11", True)
    assert not Lines(has_posts=False, title="Diary: 2019-02-11").drops("2019-02-11", True)


def test_counts_go_only_where_they_are_a_block() -> None:
    assert not Lines(has_posts=True).drops("176", False)


def test_no_pattern_takes_long() -> None:
    """Each pattern on lines made to be begun and not ended: a tenth of a second in all."""
    began = time.process_time()
    for pattern in LINES["anywhere"]["patterns"] + LINES["posts"]["patterns"]:
        start = re.sub(r"\W", "", pattern[:2])
        for filler in ("a ", "1 ", "1", ": "):
            Lines(has_posts=True).drops((start + filler * LONGEST)[: LONGEST - 1] + "\x00", True)
    assert time.process_time() - began < 2


def test_headings_of_other_pages() -> None:
    assert heads_furniture("Related posts:")
    assert not heads_furniture("Related concepts")


def _page(body: str, title: str = "") -> str:
    return extract_page(f"<title>{title}</title><body>{body}</body>".encode()).text


def test_a_heading_goes_with_the_list_below_it() -> None:
    links = "".join(f'<li><a href="/{n}">Page {n}</a></li>' for n in range(4))
    text = _page(
        f"<main><h1>On sums</h1><p>{PROSE}</p><h2>Archives</h2><ul>{links}</ul></main>", "On sums"
    )
    assert text == f"On sums\n\n{PROSE}"


def test_filters_of_a_search_go_and_what_was_found_stays() -> None:
    filters = "".join(
        f'<h4 class="facet__title">{name}</h4><ul><li><a href="?f={name}">{name}</a> 3</li></ul>'
        for name in ("Subject", "Year")
    )
    found = f"<div class='search__body'><h2>Two squares</h2><p>{PROSE}</p><p>{PROSE}</p></div>"
    for name in ("search__filters", "search-facets"):
        text = _page(f'<div class="{name}"><h1>Narrow Results</h1>{filters}</div>{found}')
        assert text == f"Two squares\n\n{PROSE}\n\n{PROSE}"


def test_tools_below_an_abstract_go_and_the_abstract_stays() -> None:
    labs = "<label>Bibliographic Tools</label><h1>Citation Tools</h1><p>Explorer (What is it?)</p>"
    text = _page(
        f'<div><h1>On sums</h1><blockquote class="abstract">{PROSE}</blockquote></div>'
        f'<div class="extra-services"><h2>Access Paper:</h2><ul><li><a href="/p">TeX</a></li></ul>'
        f'</div><div id="labstabs"><div class="labstabs">{labs}</div></div>',
        "On sums",
    )
    assert text == f"On sums\n\n{PROSE}"


def test_links_to_the_source_of_a_function_go() -> None:
    link = (
        '<a href="m.html"><span class="viewcode-link"><span class="pre">[source]</span></span></a>'
    )
    link += ' <a class="docs-sourcelink" href="m">source</a><a class="src rightside">Source</a>'
    text = _page(f"<main><dl><dt>m.solve(n){link}</dt><dd><p>{PROSE}</p></dd></dl></main>")
    assert text == f"m.solve(n)\n\n{PROSE}"
    assert "the source of it" in _page(f'<p>{PROSE} See the <a href="m">source</a> of it.</p>')


def test_an_authors_list_stays_with_its_heading() -> None:
    links = "".join(f'<li><a href="/{n}">Problem {n}</a></li>' for n in range(4))
    text = _page(f"<main><h1>On sums</h1><p>{PROSE}</p><h2>Practice</h2><ul>{links}</ul></main>")
    assert "Practice\n\n- Problem 0\n- Problem 1" in text


def test_title_in_the_page_header_stays_and_the_sites_name_does_not() -> None:
    header = "<header><h1>{}</h1></header><main><p>" + PROSE + "</p></main>"
    assert _page(header.format("On sums"), "Notes: On sums | Site").startswith("On sums\n")
    assert _page(header.format("Site"), "On sums | Site") == PROSE


def test_posts_of_any_name_lose_what_stands_beside_them() -> None:
    posts = "".join(
        f'<div class="zz-row"><div class="zz-a"><time>May {n}</time> Ada</div>'
        f'<div class="zz-b"><p>{PROSE} Number {n}.</p></div>'
        '<div class="zz-c"><a href="#">Like</a> <a href="#">Spam</a></div></div>'
        for n in range(1, 4)
    )
    text = _page(f"<h1>On sums</h1><div>{posts}</div>", "On sums")
    assert text == "On sums\n\n" + "\n\n".join(f"{PROSE} Number {n}." for n in range(1, 4))


def test_posts_that_are_rows_of_a_table() -> None:
    """As in old forums, where the name of a person's card says that there are posts."""
    rows = "".join(
        f'<table class="bg"><tr><td><b class="postauthor">Ada</b></td><td>Posted: May {n}</td></tr>'
        '<tr><td class="profile"><span>Newbie<br>Joined: May 2019</span></td><td>'
        f'<div class="postbody">{PROSE} Number {n}.</div>'
        "<span>__________________<br>Old pencils never die</span></td></tr></table>"
        for n in range(1, 3)
    )
    text = _page(f'<div id="page"><h2>On sums</h2>{rows}</div>', "On sums")
    assert PROSE in text
    for gone in ("Joined", "Newbie", "____", "pencils"):
        assert gone not in text


def test_posts_of_discuz() -> None:
    posts = "".join(
        f'<div><table class="plhin"><tr><td class="pls"><div class="authi"><a href="s-{n}">小明</a>'
        f"</div><p><a>{n}2</a></p>主题</td><td><div class='pti'><div class='authi'>"
        f"发表于 2019-5-{n}</div></div><table><tr><td class='t_f'>{PROSE} Number {n}.</td></tr>"
        "</table></td></tr><tr><td><div class='sign'>学而时习之</div></td></tr></table></div>"
        for n in range(1, 4)
    )
    text = _page(f"<h1>On sums</h1><div>{posts}</div>", "On sums")
    assert text == "On sums\n\n" + "\n\n".join(f"{PROSE} Number {n}." for n in range(1, 4))


def _thread(*posts: str, after: str = "", around: str = "zz") -> str:
    rows = "".join(f'<li class="message">{post}</li>' for post in posts)
    return _page(f'<div class="{around}"><h1>On sums</h1><ol>{rows}</ol>{after}</div>', "On sums")


def _post(number: int) -> str:
    card = f'<div class="user-info"><a href="/members/{number}">ada</a></div>'
    return f"{card}<p>{PROSE} Number {number}.</p>"


def test_news_of_the_site_between_posts_go() -> None:
    news = "".join(f'<li><a href="/{n}">A computer wins a game {n}</a></li>' for n in range(3))
    picture = '<div class="user-info"><img src="news.png" alt=""></div>'
    text = _thread(_post(1), f"{picture}<ul>{news}</ul>", _post(2), _post(3))
    assert "Number 2." in text
    assert "A computer wins" not in text


@pytest.mark.parametrize("around", ["zz", "pageContent"])
def test_teasers_beside_posts_go_and_a_list_in_a_post_stays(around: str) -> None:
    title = "What a sum of two continuous functions is, and why it is continuous"
    teasers = "".join(f'<div class="item"><a href="/{n}">{title} {n}</a></div>' for n in range(4))
    listed = "".join(f'<li><a href="/b{n}">{title}, book {n}</a></li>' for n in range(4))
    text = _thread(
        _post(1),
        f"{_post(2)}<p>{PROSE}</p><ul>{listed}</ul>",
        _post(3),
        after=f"<section>{teasers}</section>",
        around=around,
    )
    assert f"{title}, book 3" in text
    assert f"{title} 3" not in text


@pytest.mark.parametrize("kind", ["Class Template Reference", "Member List"])
def test_title_of_a_reference_of_which_the_pages_title_leaves_something_out(kind: str) -> None:
    groups = '<div class="ingroups"><a href="/r">Reference</a> » Core</div>'
    header = (
        f'<div class="header"><div class="title">Sums::Sum&lt; T &gt; {kind}{groups}</div></div>'
    )
    text = _page(
        f'{header}<div class="contents"><p>{PROSE}</p></div>', f"Sums: Sum&lt; T &gt; {kind}"
    )
    assert text == f"Sums::Sum< T > {kind}\n\n{PROSE}"
    text = _page(f'{header}<div class="contents"><p>{PROSE}</p></div>', "Sums: Products")
    assert text == PROSE


def test_an_empty_heading_before_a_list_of_links_is_none_of_it() -> None:
    links = "".join(f'<a href="/{n}">Special page {n}</a> ' for n in range(4))
    text = _page(f'<main><p>{PROSE}</p><h3></h3><div class="zz">{links}</div></main>')
    assert text == PROSE


def test_lines_of_a_block_go_and_items_of_a_list_stay() -> None:
    block = "<div>Overview: of means<br>Previous: Sums<br>Next: Products</div>"
    items = "<ul><li>Previous: sums, which we know</li><li>Next: products</li></ul>"
    # Among the first lines of a page all are looked at.
    text = _page(f"<p>{PROSE}</p>" * 6 + items + block)
    listed = "- Previous: sums, which we know\n- Next: products"
    assert text.removeprefix(f"{PROSE}\n\n" * 6) == f"{listed}\n\nOverview: of means"


def test_choices_of_exercises_stay() -> None:
    exercises = "".join(
        f'<div class="question"><p>{PROSE} Is it {n}?</p>'
        '<div class="options">yes, or no</div></div>'
        for n in range(3)
    )
    assert _page(f"<main>{exercises}</main>").count("yes, or no") == 3


@pytest.mark.parametrize(
    ("unit", "times"),
    [
        ('<div class="post"><time>1</time>', 130),
        ('<div class="comment"><span class="author">a</span><blockquote>', 65),
        ('<ul class="x"><li class="y"><a href="#">a</a><a href="#">b</a><a href="#">c</a>', 65),
        (f'<div class="post"><time>1</time><div class="user">a</div><p>{PROSE}</p></div>', 4_000),
        (
            "<h2>Similar threads</h2><ul><li><a href=/1>a</a><li><a href=/2>b</a>"
            "<li><a href=/3>c</a></ul>",
            4_000,
        ),
        ('<div class="reply">x<div class="post"><time>1</time></div></div>', 4_000),
        (
            f'<blockquote><p>{PROSE}</p></blockquote><div class="post"><time>1</time>{PROSE}'
            "<br>Old pencils never die</div>",
            4_000,
        ),
        ('<div class="post"><div class="header"><h2>Tags</h2></div><time>1</time></div>', 4_000),
    ],
)
def test_nesting_and_siblings_take_no_more_than_their_share(unit: str, times: int) -> None:
    """In a square of their number they would take minutes."""
    html = f"<body>{unit * times}{PROSE}</body>".encode()
    began = time.process_time()
    extract_page(html)
    assert time.process_time() - began < 6
