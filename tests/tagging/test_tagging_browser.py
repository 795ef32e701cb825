"""The tagging page in a real browser, by keyboard and by touch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from browser import CHROMIUM, NO_BROWSER, chromium  # noqa: E402
from mined_rounds import PROOF, Tables  # noqa: E402
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


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a profile of its own."""
    context = browser.new_context(viewport={"width": 1300, "height": 850})
    context.set_default_timeout(120_000)
    yield context.new_page()
    context.close()


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
    page.keyboard.press("n")
    chosen(page, "mathe-skripte.example")
    saved = {f"{BOARD}/questions": True, f"{BOARD}/users": False, f"{BOARD}/help": False}
    assert words(tmp_path) == saved
    assert "questions, no doubt" in (tmp_path / "tags.tsv").read_text()

    served.kill()
    page.keyboard.press("m")
    expect(page.locator("#message.wrong")).to_contain_text("start make tag again")
    assert words(tmp_path) == saved
    with serving(small_workspace, tmp_path / "run.toml") as again:
        page.goto(again.address)
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
    expect(article.locator("math mfrac").first).to_be_attached()
    expect(article).to_contain_text("costs $5 or $7 here")
    assert "\\" not in "".join(article.locator("math").all_text_contents())
    fraction = article.locator(".display mfrac").first.bounding_box()
    assert fraction is not None
    assert fraction["height"] > 25
    link = article.locator("a")
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
    tables.add_domain("evil.example", {"": (50, 20), path: (30, 15)}, language=image)
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
        expect(first.locator("h3")).to_have_text(evil + image)
        expect(first.locator(".text")).to_contain_text(evil)
        expect(first.locator("code.tex")).to_have_text([r"$$\unknown{z}$$"])
        expect(page.locator("article").nth(1).locator("a")).to_have_count(0)
        page.keyboard.press("m")
        expect(page.locator("#estimate")).to_contain_text("<b>ada</b>")
        assert page.evaluate("window.ran === undefined")
        assert page.locator("main img, main script, math [href], math [style]").count() == 0
        assert page.evaluate(
            "document.body.append(Object.assign(document.createElement('script'),"
            " {textContent: 'window.ran = 7'})) ?? window.ran === undefined"
        ), said
    assert words(tmp_path) == {f"evil.example/{path}": True}


def test_a_phone_reaches_everything_without_scrolling_sideways(
    served: Served, tmp_path: Path, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 700}, has_touch=True)
    page = context.new_page()
    page.goto(served.address)
    chosen(page, BOARD)
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
    page.locator(".node", has_text="/notes").tap()
    chosen(page, "lecture-notes.example/notes")
    page.locator("article").last.scroll_into_view_if_needed()
    page.locator("[data-word=mathematical]").tap()
    expect(page.locator("#message")).to_have_text("lecture-notes.example/notes: mathematical")
    assert words(tmp_path) == {"lecture-notes.example/notes": True}
    context.close()


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
