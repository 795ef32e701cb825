"""The tagging page in a real browser, by keyboard and by touch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from browser import CHROMIUM, NO_BROWSER, chromium  # noqa: E402
from mined_rounds import PROOF, Tables, stored_pages  # noqa: E402
from playwright.sync_api import Browser, Page, expect  # noqa: E402
from serving import Served, run_file, serving  # noqa: E402

from pipeline.mine.patterns import Patterns  # noqa: E402

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=NO_BROWSER)
BOARD = "board.numbers.example"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=120_000)
    with chromium() as running:
        yield running


@contextmanager
def profile(browser: Browser, width: int, height: int, *, touch: bool = False) -> Iterator[Page]:
    """A page in a profile of its own, with a window of this size."""
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=touch)
    # Of a busy machine.
    context.set_default_timeout(120_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with profile(browser, 1300, 850) as page:
        yield page


@pytest.fixture
def phone(browser: Browser) -> Iterator[Page]:
    with profile(browser, 360, 700, touch=True) as page:
        yield page


def words(folder: Path) -> dict[str, bool]:
    return {said.pattern: said.mathematical for said in Patterns.read(folder / "tags.tsv")}


def chosen(page: Page, prefix: str) -> None:
    """Waits until a path and its samples are shown."""
    expect(page.locator(".node[aria-selected=true]")).to_have_attribute("data-prefix", prefix)
    expect(page.locator("#samples-head h2")).to_have_text(prefix)
    expect(page.locator("#samples > *").first).to_be_visible()


def test_a_session_by_keyboard_with_a_reload_and_a_killed_server(
    served: Served, small_workspace: Path, tmp_path: Path, page: Page
) -> None:
    page.goto(served.address)
    assert "token" not in page.url
    chosen(page, BOARD)
    expect(page.locator("article")).to_have_count(10)
    page.keyboard.press("d")
    chosen(page, f"{BOARD}/questions")
    page.keyboard.press("e")
    page.keyboard.type("questions, no doubt")
    page.keyboard.press("Enter")
    page.keyboard.press("m")
    chosen(page, f"{BOARD}/users")
    assert words(tmp_path) == {f"{BOARD}/questions": True}
    page.keyboard.press("n")
    chosen(page, f"{BOARD}/blog")

    page.reload()
    chosen(page, f"{BOARD}/blog")
    page.keyboard.press("u")
    chosen(page, f"{BOARD}/users")
    assert words(tmp_path) == {f"{BOARD}/questions": True}
    page.keyboard.press("n")
    chosen(page, f"{BOARD}/blog")
    page.keyboard.press("s")
    chosen(page, f"{BOARD}/help")
    expect(page.locator("#message")).to_contain_text("nothing is decided")
    expect(page.locator("#progress-text")).to_contain_text("1 skipped, not decided")
    page.keyboard.press("3")
    page.keyboard.press("n")
    chosen(page, "mathe-skripte.example")
    saved = {f"{BOARD}/questions": True, f"{BOARD}/users": False, f"{BOARD}/help": False}
    assert words(tmp_path) == saved
    assert "questions, no doubt" in (tmp_path / "tags.tsv").read_text()
    [sure] = [p for p in Patterns.read(tmp_path / "tags.tsv") if p.confidence]
    assert (sure.pattern, sure.confidence) == (f"{BOARD}/help", "sure")

    # Killed and started again it is at the same address, and the page goes on by itself.
    served.kill()
    page.keyboard.press("m")
    expect(page.locator("#message.wrong")).to_contain_text("Start make tag again")
    assert words(tmp_path) == saved
    port = served.root.rpartition(":")[2]
    with serving(small_workspace, tmp_path / "run.toml", "--port", port) as again:
        assert again.address == served.address
        expect(page.locator("#message.wrong")).to_have_count(0)
        chosen(page, "mathe-skripte.example")
        page.keyboard.press("u")
        chosen(page, f"{BOARD}/help")
        del saved[f"{BOARD}/help"]
        assert words(tmp_path) == saved
        page.keyboard.press("]")
        chosen(page, "zhongkao.example")
        page.keyboard.press("ArrowDown")
        chosen(page, "zhongkao.example/shijuan")
        page.select_option("[name=language]", "zh")
        chosen(page, "shuxue-ti.example")
        expect(page.locator("#domains li")).to_have_count(2)


def test_formulas_are_typeset_and_money_is_not(served: Served, page: Page) -> None:
    page.goto(served.address)
    chosen(page, BOARD)
    article = page.locator("article", has_text="When is −1 a square?").first
    article.locator(".title").click()
    expect(article.locator("math mfrac").first).to_be_attached()
    expect(article).to_contain_text("costs $5 or $7 here")
    assert "\\" not in "".join(article.locator("math").all_text_contents())
    fraction = article.locator(".display mfrac").first.bounding_box()
    assert fraction is not None
    assert fraction["height"] > 25
    link = article.locator("a")
    expect(link).to_be_visible()
    assert link.get_attribute("rel") == "noopener noreferrer"
    loaded = "document.fonts.load('16px \"Page Math\"').then((fonts) => fonts[0].status)"
    assert page.evaluate(loaded) == "loaded"


def test_what_a_hostile_page_says_is_text(
    small_workspace: Path, tmp_path: Path, page: Page
) -> None:
    evil = "<script>window.ran=1</script>"
    image = "<img src=x onerror=window.ran=2>"
    tables = Tables()
    path = "<img/src=x/onerror=window.ran=3>"
    hidden = "\u202elo\u200bof/fool"
    tables.add_domain(
        "evil.example", {"": (50, 20), path: (30, 15), hidden: (9, 1)}, language=image
    )
    under = ["evil.example", f"evil.example/{path}"]
    formula = r"$\text{<script>window.ran=4</script>}$ $\href{javascript:window.ran=5}{x}$"
    text = f"{evil} {image} {formula} $\\style{{background:url(x)}}{{y}}$ $$\\unknown{{z}}$$"
    tables.add_sample(under, "1", evil + image, text, collected=True)
    tables.add_sample(under, "2", image, PROOF, url="javascript:window.ran=6//")
    workspace = tables.write(tmp_path / "evil")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("dialog", lambda dialog: dialog.dismiss())
    with serving(workspace, run_file(tmp_path), who="<b>ada</b>") as served:
        page.goto(served.address)
        chosen(page, "evil.example")
        page.keyboard.press("ArrowDown")
        chosen(page, f"evil.example/{path}")
        first = page.locator("article").first
        expect(first.locator(".words")).to_have_text(evil + image)
        expect(first.locator(".text")).to_contain_text(evil)
        expect(first.locator("code.tex")).to_have_text([r"$$\unknown{z}$$"])
        expect(page.locator("article").nth(1).locator("a")).to_have_count(0)
        page.keyboard.press("m")
        expect(page.locator("#estimate")).to_contain_text("<b>ada</b>")
        assert page.evaluate("window.ran === undefined")
        assert page.locator("main img, main script, math [href], math [style]").count() == 0
        # Nobody hides within a name.
        expect(page.locator("[data-prefix$=fool]")).to_contain_text("/⟨U+202E⟩lo⟨U+200B⟩of")
        box = page.locator("main").bounding_box()
        assert box is not None
        assert page.evaluate("document.documentElement.scrollWidth") <= 1300
        assert page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'),"
            " {textContent: 'window.ran = 7'})) ?? window.ran === undefined"
        ), said
    assert words(tmp_path) == {f"evil.example/{path}": True}


def test_a_phone_reaches_everything_without_scrolling_sideways(
    served: Served, tmp_path: Path, phone: Page
) -> None:
    page = phone
    page.goto(served.address)
    chosen(page, BOARD)
    # Several samples are in sight at once: a line of title and three of text each.
    footer = page.locator("footer").bounding_box()
    assert footer is not None
    boxes = [article.bounding_box() for article in page.locator("article").all()]
    assert sum(box is not None and box["y"] + box["height"] < footer["y"] for box in boxes) >= 2
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    beyond = """[...document.querySelectorAll('body *')].filter(element => {
        const box = element.getBoundingClientRect();
        return box.width > 0 && box.right > 361 && !element.closest('.display, .inline');
    }).map(element => element.outerHTML.slice(0, 100))"""
    assert page.evaluate(beyond) == []
    for word in ("mathematical", "not", "split", "skip", "undo"):
        box = page.locator(f"[data-word={word}]").bounding_box()
        assert box is not None
        assert box["height"] >= 40
        assert box["y"] + box["height"] <= 700
    page.locator("#queue summary").tap()
    page.locator("#domains button", has_text="lecture-notes").tap()
    chosen(page, "lecture-notes.example")
    # The samples stand before the tree, which is folded.
    samples, paths = page.locator(".samples").bounding_box(), page.locator("#paths").bounding_box()
    assert samples is not None
    assert paths is not None
    assert samples["y"] < paths["y"]
    expect(page.locator("#tree")).to_be_hidden()
    page.locator("#paths summary").tap()
    page.locator(".node", has_text="/notes").tap()
    chosen(page, "lecture-notes.example/notes")
    page.locator("article").last.scroll_into_view_if_needed()
    page.locator("[data-word=mathematical]").tap()
    expect(page.locator("#message")).to_have_text("lecture-notes.example/notes: mathematical")
    assert words(tmp_path) == {"lecture-notes.example/notes": True}
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_disagreement_is_shown_and_settled_by_a_decision(
    small_workspace: Path, tmp_path: Path, page: Page
) -> None:
    config = run_file(tmp_path)
    with serving(small_workspace, config, who="ben") as served:
        served.decide("zhongkao.example", "not", note="exam adverts")
    with serving(small_workspace, config, who="ada") as served:
        page.goto(served.address)
        chosen(page, BOARD)
        page.select_option("[name=state]", "done")
        chosen(page, "zhongkao.example")
        page.keyboard.press("m")
        expect(page.locator("#message.wrong")).to_contain_text("ben says")
        assert words(tmp_path) == {"zhongkao.example": False}
        page.keyboard.press("m")
        expect(page.locator("#message")).to_have_text("zhongkao.example: mathematical")
        assert words(tmp_path) == {"zhongkao.example": True}


def test_several_paths_search_and_help_by_keyboard(
    served: Served, tmp_path: Path, page: Page
) -> None:
    page.goto(served.address)
    chosen(page, BOARD)
    folded = [article.bounding_box() for article in page.locator("article").all()]
    assert sum(box is not None and box["y"] + box["height"] <= 850 for box in folded) >= 5
    page.keyboard.press("?")
    expect(page.locator("#help")).to_be_visible()
    page.keyboard.press("m")  # not while the help is read
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("NUMBERS.example/q")
    expect(page.locator("#found li")).to_have_count(4)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    chosen(page, f"{BOARD}/questions/number-theory")
    page.keyboard.press("/")
    page.keyboard.type(f"https://www.{BOARD}/users/12?tab=1")
    expect(page.locator("#found li")).to_have_count(1)
    page.keyboard.press("Enter")
    chosen(page, f"{BOARD}/users")
    assert not (tmp_path / "tags.tsv").exists()
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowDown")
    chosen(page, f"{BOARD}/blog")
    expect(page.locator("#chosen")).to_contain_text("2 paths chosen")
    expect(page.locator("[data-word=split]")).to_be_disabled()
    page.keyboard.press("n")
    chosen(page, f"{BOARD}/questions")
    assert words(tmp_path) == {f"{BOARD}/blog": False, f"{BOARD}/users": False}
    page.keyboard.press("u")
    chosen(page, f"{BOARD}/users")
    assert words(tmp_path) == {}
    # By Tab alone: a sample opens, and what has the focus is seen.
    page.locator("article .title").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("article.open")).to_have_count(1)
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    page.keyboard.press("Tab")
    assert page.evaluate(outline) == "solid"


def test_the_last_view_says_what_the_next_round_waits_for(
    small_workspace: Path, tmp_path: Path, page: Page
) -> None:
    config = run_file(tmp_path, seed="olympiad-archive.example")
    with serving(small_workspace, config) as served:
        rows = served.get("/api/queue")["domains"]
        assert len(rows) == 10
        for row in rows[1:]:
            served.decide(row["domain"], "not")
        page.goto(served.address)
        note = page.locator("#queue-note")
        expect(note).to_contain_text("1 domain of the seed not asked about.")
        expect(note).to_contain_text("The next ten decisions: 3,930 pages of 3,930 to be gained.")
        chosen(page, BOARD)
        page.keyboard.press("s")
        last = page.locator(".last-view")
        expect(last).to_contain_text("Round 2 would wait for 1 domain")
        expect(last).to_contain_text("1 path skipped, of which nothing is decided")
        expect(page.locator("#progress-text")).to_contain_text("9 of 10 domains")
        assert "100%" not in page.locator("#progress-text").inner_text()
        commands = last.locator("code").all_text_contents()
        assert any("--round 2 --tags skip" in command for command in commands), commands
        last.locator(".waits button").click()
        chosen(page, BOARD)
        page.keyboard.press("m")
        expect(last).to_contain_text("Run round 2")
        expect(last.locator("ul.waits")).to_have_count(0)
        expect(last.locator("ul.gave")).to_contain_text("1 yes (3,930 uncollected pages), 9 no")
        expect(page.locator("#progress-text")).to_contain_text("10 of 10 domains, 100%")


def test_a_second_look_is_blind_and_what_differs_is_queued(
    small_workspace: Path, tmp_path: Path, page: Page
) -> None:
    config = run_file(tmp_path)
    with serving(small_workspace, config, who="ben") as served:
        served.decide("zhongkao.example", "not", note="exam adverts")
        served.decide("lecture-notes.example", "mathematical", confidence="unsure")
    with serving(small_workspace, config, who="ada") as served:
        page.goto(served.address)
        chosen(page, BOARD)
        page.select_option("[name=state]", "second")
        chosen(page, "lecture-notes.example")
        expect(page.locator("#domains li")).to_have_count(2)
        assert "ben" not in page.locator("body").inner_text()
        assert page.locator(".node .chip").count() == 0
        page.keyboard.press("m")
        chosen(page, "zhongkao.example")
        page.keyboard.press("m")
        expect(page.locator(".last-view")).to_contain_text("Nothing more behind these filters")
        assert words(tmp_path) == {"lecture-notes.example": True, "zhongkao.example": False}
        expect(page.locator("#people li")).to_contain_text("ada and ben: 1 of 2 words the same")
        page.select_option("[name=state]", "disputed")
        chosen(page, "zhongkao.example")
        expect(page.locator("#dispute")).to_contain_text("ben says not mathematical")
        page.keyboard.press("n")
        expect(page.locator("#message")).to_have_text("zhongkao.example: not")
        assert served.get("/api/queue", state="disputed")["total"] == 0


def test_a_stored_page_is_shown_offline(tmp_path: Path, page: Page) -> None:
    tables = Tables()
    tables.add_domain("a.example", {"": (50, 20)})
    tables.add_domain("b.example", {"": (40, 0)}, reason="suspected", suspected=20)
    tables.add_sample(["a.example"], "1", "One", PROOF, collected=True)
    tables.add_sample(["a.example"], "2", "Two", PROOF)
    tables.add_sample(["b.example"], "1", "Three", PROOF)
    asks = "http://127.0.0.1:9/asked"
    tables.sample_pages[0]["html"] = (
        f"<link rel=stylesheet href={asks}><meta http-equiv=refresh content='0;url={asks}'>"
        f"<script>top.ran=1</script><h1>As it was</h1><img src={asks} alt='a picture'>"
        f"<a href={asks}>away</a><form action={asks}><button>go</button></form>"
        f"<iframe src={asks}></iframe><p style='background:url({asks})' onclick='top.ran=2'>x</p>"
    )
    stored_pages(tables, tmp_path / "workspace", tmp_path / "pages.warc.gz")
    workspace = tables.write(tmp_path / "workspace")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    with serving(workspace, run_file(tmp_path)) as served:
        page.goto(served.address)
        chosen(page, "a.example")
        page.keyboard.press("v")
        expect(page.locator("#stored-text")).to_contain_text("And so on, to the end.")
        expect(page.locator("#stored-text math").first).to_be_attached()
        page.keyboard.press("f")
        frame = page.frame_locator("#stored-fetched iframe")
        expect(frame.locator("h1")).to_have_text("As it was")
        expect(page.locator("#stored-note")).to_contain_text("1 form, 1 frame, 1 image")
        frame.locator("a").click()
        frame.locator("p").click()
        expect(frame.locator("h1")).to_have_text("As it was")
        assert page.locator("iframe").get_attribute("sandbox") == ""
        assert [url for url in requests if not url.startswith(served.root)] == []
        assert page.evaluate("window.ran === undefined")
        page.locator("#as-text").focus()
        page.keyboard.press("Escape")
        expect(page.locator("#stored")).to_be_hidden()
        (tmp_path / "pages.warc.gz").unlink()
        page.locator("article .title").nth(1).click()
        page.keyboard.press("v")
        page.keyboard.press("f")
        expect(page.locator("#stored-note")).to_contain_text("no WARC file at")
        page.keyboard.press("Escape")
        page.keyboard.press("m")
        expect(page.locator("#message")).to_contain_text("a.example: mathematical")
        # Half of its uncollected pages are counted, so it came second.
        chosen(page, "b.example")
        expect(page.locator("#domains .chip")).to_have_text("suspected")
        expect(page.locator("#domain-head")).to_contain_text("Suspected: 20 of them hold many")
        page.keyboard.press("n")
        expect(page.locator(".gave")).to_contain_text("suspected: 0 yes")
