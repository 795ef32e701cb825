"""What surrounds a page's content, told by what it calls itself.

Navigation, footers, sidebars, cookie banners and their like carry it in their element,
role, class or id. A name alone is a hint: what holds most of the page's text, or its
main content, is no furniture whatever its name (``content.py`` decides).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from pipeline.text.formulas.formula_classes import is_of_formula


class Name:
    """What an element's names say of it; plain numbers, as ``Kind`` is."""

    NOTHING: Final = 0
    #: Not a part of the content.
    FURNITURE: Final = 1
    #: The page's content, or an answer or comment that belongs to it.
    CONTENT: Final = 2
    #: Not text at all: hidden labels, editing links.
    CLUTTER: Final = 3
    #: Numbers of lines of code, where they are elements of a table or of the code.
    LINE_NUMBERS: Final = 4
    #: Not a part of the content if there is little of it.
    WEAK: Final = 5
    #: Perhaps a formula.
    FORMULA: Final = 6


# Words of names, and pairs of words: "md-nav__item" has "nav", "siteFooter" has "footer".
_FURNITURE = (
    "nav navs navi navbar navbars navigation navigations subnav topnav sidenav mainnav navlinks "
    "navmenu menu menus menubar submenu mainmenu topmenu leftmenu dropdown hamburger offcanvas "
    "drawer breadcrumb breadcrumbs crumbs sidebar sidebars sidepanel sidecol leftcol rightcol "
    "leftside rightside leftbar rightbar rail gutterad footer footers foot colophon copyright "
    "copyrights impressum cookie cookies gdpr dsgvo consent newsletter newsletters subscribe "
    "subscription mailinglist signup signin userbar social socials socialmedia share sharing "
    "sharer sharebar shares sharedaddy addtoany addthis ad ads advert adverts advertisement "
    "advertising adsense sponsor sponsors sponsored promo promos promotion promoted popup popups "
    "popover modal lightbox overlay toast pagination pager paginator paging prevnext nextprev "
    "postnav related trending mostread morelinks toolbar toolbars masthead topbar topnavbar "
    "skiplink skiplinks backtotop totop "
    "tagcloud taglist authorbio toc tocwrapper tocbox tableofcontents searchbox searchform "
    "searchbar rss blogroll sitemap languages langs translations langswitch donate donation "
    "pageactions hiddenprint noprint navheader navfooter ttc ttname ttdef commentform disqus dsq"
).split()
#: Names that content has as well: believed of what has no prose.
_WEAK = (
    "skip legal imprint disclaimer privacy login register account follow popular similar readmore "
    "tags categories byline bio metadata meta postmeta entrymeta widget widgets search feedback "
    "rating ratings rate vote votes voting archives announcement print printonly printfriendly "
    "actions buttons button btn tooltip banner banners ribbon partners clients reply replylink "
    "header"
).split()
_PHRASES = (
    "table-of side-bar side-nav left-col right-col left-column right-column side-column "
    "back-to scroll-to prev-next next-prev post-nav nav-links page-nav page-links "
    "post-meta entry-meta post-info post-tags entry-footer post-footer site-header global-header "
    "site-head page-foot author-bio about-author author-box author-info recent-posts recent-post "
    "recent-comments latest-posts latest-news more-posts more-articles more-stories read-next "
    "you-may you-might also-like see-also skip-to skip-link jump-to tag-cloud tag-list "
    "tag-links cat-links edit-link edit-page edit-this page-edit source-link view-source "
    "lang-switch language-switcher language-selector theme-toggle site-name "
    "site-title site-description site-logo site-branding app-bar mini-cart shopping-cart "
    "cookie-notice comment-form comment-respond comment-reply reply-form call-to top-bar "
    "bottom-bar action-bar status-bar tool-bar"
).split()
_CLUTTER = (
    "sr-only sronly visually-hidden visuallyhidden screen-reader screenreader assistive-text "
    "mw-editsection editsection headerlink header-anchor anchorjs-link anchor-link permalink "
    "copybutton copy-button copy-btn copy-code clipboard noprint mw-jump-link skip-nav"
).split()
_LINE_NUMBERS = (
    "gutter linenos lineno linenum linenumber linenumbers linenodiv line-number line-numbers "
    "rouge-gutter blob-num ln-numbers ln-num"
).split()
_CONTENT = (
    "comment comments commentlist answer answers replies thread posts hentry entry-content "
    "post-content article-content article-body articlebody post-body entry-body main-content "
    "maincontent page-content markdown-body parser-output story-body content-body ltx-document "
    "rst-content body-content question-body answer-body question"
).split()


_NAMES: dict[str, int] = {
    word: name
    for words, name in (
        (_WEAK, Name.WEAK),
        (_CONTENT, Name.CONTENT),
        (_FURNITURE + _PHRASES, Name.FURNITURE),
        (_LINE_NUMBERS, Name.LINE_NUMBERS),
        (_CLUTTER, Name.CLUTTER),
    )
    for word in words
}
#: "has-sidebar", "no-menu", "sidebar-open": what frames about everything are called.
_FRAMES_BEGIN = frozenset(
    "has have with without no not is hide hidden show open enable enabled disable disabled "
    "default layout body".split()
)
_FRAMES_END = frozenset("open opened closed visible enabled layout active".split())
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Letters up to a separator, but for digits at the end: no part of a hash.
_WORD = re.compile(r"(?<![a-z0-9])[a-z]+(?=\d*(?![a-z0-9]))")
_WORDS_OF_AN_ID, _LONGEST_ID = 2, 40
#: Characters of names that are looked at.
_MAX_NAMES = 300


@lru_cache(maxsize=32_768)
def name_of(names: str) -> int:
    """What the classes (or the id) of one element say together."""
    if is_of_formula(names):
        return Name.FORMULA
    found = Name.NOTHING
    for one in _WORD_START.sub("-", names[:_MAX_NAMES]).lower().split():
        words = _WORD.findall(one)
        if not words or words[0] in _FRAMES_BEGIN or words[-1] in _FRAMES_END:
            continue
        before = ""
        for word in words:
            pair = _NAMES.get(f"{before}-{word}")
            name = pair or _NAMES.get(word, Name.NOTHING)
            before = word
            if name in _DECIDING:
                return name
            if name == Name.FURNITURE and (pair or found != Name.CONTENT):
                return name
            # Whichever is said first of content and furniture: "comment-menu".
            if name == Name.CONTENT or not found:
                found = name
    return found


@lru_cache(maxsize=32_768)
def name_of_id(identity: str) -> int:
    """Likewise of an ``id``, which of more than two words is a heading's, or a number's."""
    if len(identity) > _LONGEST_ID:
        return Name.NOTHING
    words = _WORD.findall(_WORD_START.sub("-", identity).lower())
    return name_of(identity) if len(words) <= _WORDS_OF_AN_ID else Name.NOTHING


_DECIDING = (Name.CLUTTER, Name.LINE_NUMBERS)


def named_by(attributes: dict[str, str | None], *, slugged: bool) -> int:
    """What an element's class says, or else its id.

    ``slugged``: its id is made of its heading's words, such as "other-related-functions".
    """
    classes, identity = attributes.get("class"), attributes.get("id")
    named = name_of(classes) if classes else Name.NOTHING
    if identity and not named and not slugged and classes != "section":
        return name_of_id(identity)
    return named


def is_hidden(style: str) -> bool:
    """Whether a ``style`` keeps its element from being shown."""
    return "none" in style and "display:none" in style.replace(" ", "").lower()


#: Values of ``role``.
FURNITURE_ROLES = frozenset(
    "navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar "
    "tablist tooltip alert".split()
)
MAIN_ROLES = frozenset(("main", "article"))

#: What links within the page show that are no text: to headings, over navigation, back up.
JUMPS = frozenset(
    line.strip()
    for line in """

        ¶\n # \n § \n 🔗 \n ⚓ \n ∞ \n ☍ \n ↑ \n ^ \n ⇧ \n edit \n [edit] \n link \n [link]
        skip to content \n skip to main content \n skip to the content \n skip to navigation
        skip navigation \n skip to main \n skip to search \n skip to primary navigation
        jump to content \n jump to navigation \n jump to search \n skip to primary sidebar
        skip to footer \n skip links \n back to top \n to top \n return to top \n go to top
        top \n ↑ top \n ↑ back to top \n back to the top \n top of page \n zum inhalt springen
        zum inhalt \n nach oben \n direkt zum inhalt \n aller au contenu \n haut de page
        aller au contenu principal \n ir al contenido \n saltar al contenido \n volver arriba
        vai al contenuto \n torna su \n ir para o conteúdo \n pular para o conteúdo
        перейти к содержимому \n наверх \n 跳转至 \n 跳到内容 \n 跳到主要内容 \n 跳至主要內容
        回到顶部 \n 返回顶部 \n 回到頂部 \n コンテンツへスキップ \n トップへ戻る \n 본문 바로가기
        본문으로 바로가기 \n 맨 위로
        """.split("\n")
)
LONGEST_JUMP = 40
