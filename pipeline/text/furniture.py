"""What surrounds a page's content, told by what it calls itself.

Navigation, footers, sidebars, cookie banners and their like carry it in their element,
role, class or id; posts, and the cards of people beside them, carry it there and in
microdata. A name alone is a hint: what holds most of the page's text, or its main content,
is no furniture whatever its name (``content.py`` decides).
"""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files
from typing import Final

from pipeline.text.formulas.formula_classes import is_of_formula


class Name:
    """What an element's names say of it; plain numbers, as ``Kind`` is.

    The words of each are in ``class_words.toml``.
    """

    NOTHING: Final = 0
    #: Not a part of the content.
    FURNITURE: Final = 1
    #: The page's content, or answers and comments that belong to it.
    CONTENT: Final = 2
    #: Not text at all: hidden labels, editing links.
    CLUTTER: Final = 3
    #: Numbers of lines of code, where they are elements of a table or of the code.
    LINE_NUMBERS: Final = 4
    #: Not a part of the content if there is little of it.
    WEAK: Final = 5
    #: Perhaps a formula.
    FORMULA: Final = 6
    #: A box that an author wrote.
    AUTHORED: Final = 7
    #: The title of the page, or of a post, where it is no heading.
    TITLE: Final = 12
    #: What one person wrote among others.
    POST: Final = 8
    #: The text of a post.
    BODY: Final = 9
    QUOTE: Final = 10
    #: Who wrote a post, and when.
    CARD: Final = 11


_TABLES: dict[str, int] = {
    "title": Name.TITLE,
    "furniture": Name.FURNITURE,
    "weak": Name.WEAK,
    "clutter": Name.CLUTTER,
    "line-numbers": Name.LINE_NUMBERS,
    "content": Name.CONTENT,
    "authored": Name.AUTHORED,
    "post": Name.POST,
    "body": Name.BODY,
    "quote": Name.QUOTE,
    "card": Name.CARD,
}


def read_words(source: str) -> dict[str, int]:
    """Words, and pairs of words, to what they say. Raises ``ValueError`` for one named twice."""
    meanings: dict[str, int] = {}
    for table, words in tomllib.loads(source).items():
        for word in words:
            if word in meanings:
                raise ValueError(f"the word {word} is in two tables")
            meanings[word] = _TABLES[table]
    return meanings


_NAMES = read_words((files("pipeline.text") / "class_words.toml").read_text(encoding="utf-8"))
_AUTHORED = frozenset(word for word, name in _NAMES.items() if name == Name.AUTHORED)
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
#: What posts are called besides, as in "comment-item".
_UNITS = frozenset("item container wrapper wrap row box block entry holder".split())
#: Not shown, as utility classes have it; ``d-md-block`` shows it where there is room.
_UNSHOWN = frozenset("d-none dno is-hidden".split())
_SHOWN_AGAIN = re.compile(r"\bd-(?:\w+-)?(?:block|flex|inline|grid|table)")


@lru_cache(maxsize=32_768)
def name_of(names: str) -> int:
    """What the classes (or the id) of one element say together."""
    if is_of_formula(names):
        return Name.FORMULA
    chosen = Name.NOTHING
    ones = _WORD_START.sub("-", names[:_MAX_NAMES]).lower().split()
    if not _AUTHORED.isdisjoint(ones):
        return Name.AUTHORED
    for one in ones:
        if one in _UNSHOWN and not _SHOWN_AGAIN.search(names):
            return Name.CLUTTER
        whole = _NAMES.get(f"={one}")
        # Beside other classes "title" may be of anything.
        if whole and (whole != Name.TITLE or len(ones) == 1):
            return whole
        words = _WORD.findall(one)
        if not words or words[0] in _FRAMES_BEGIN or words[-1] in _FRAMES_END:
            continue
        name, of_a_pair = _name_of_words(words)
        if name in _DECIDING:
            return name
        if name == Name.FURNITURE and (of_a_pair or chosen not in _OF_CONTENT):
            return name
        # "post" of several classes says more than "post-author" or "tag-algebra" beside it.
        more = (
            len(words) == 1 if name == Name.POST else name == Name.CONTENT and chosen != Name.POST
        )
        if not chosen or more:
            chosen = name
    return chosen


def _name_of_words(words: list[str]) -> tuple[int, bool]:
    """What the words of one class say, and whether it was a pair that said it.

    Of a post's parts the last word counts: a "post-signature" is a signature.
    """
    chosen = Name.NOTHING
    before = ""
    for word in words:
        pair = _NAMES.get(f"{before}-{word}")
        name = pair or _NAMES.get(word, Name.NOTHING)
        before = word
        if name in _DECIDING or (name == Name.FURNITURE and (pair or not chosen)):
            return name, bool(pair)
        if name == Name.FURNITURE:
            # "comment-menu": a part of content, whatever is said after.
            if chosen == Name.CONTENT:
                continue
            if chosen != Name.POST:
                return name, False
            name = Name.WEAK
        if name and chosen != Name.CONTENT and name != Name.AUTHORED:
            chosen = name
    # "post-left" is a part of a post.
    if chosen == Name.POST and _NAMES.get(words[-1]) != Name.POST and words[-1] not in _UNITS:
        chosen = Name.NOTHING
    return chosen, False


@lru_cache(maxsize=32_768)
def name_of_id(identity: str) -> int:
    """Likewise of an ``id``, which of more than two words is a heading's, or a number's."""
    if len(identity) > _LONGEST_ID:
        return Name.NOTHING
    words = _WORD.findall(_WORD_START.sub("-", identity).lower())
    return name_of(identity) if len(words) <= _WORDS_OF_AN_ID else Name.NOTHING


_DECIDING = (Name.CLUTTER, Name.LINE_NUMBERS)
_OF_CONTENT = (Name.CONTENT, Name.POST)


def named_by(attributes: dict[str, str | None], classes: str | None, *, slugged: bool) -> int:
    """What an element's class says, or its microdata, or else its id.

    ``slugged``: its id is made of its heading's words, such as "other-related-functions".
    """
    identity = attributes.get("id")
    named = name_of(classes) if classes else Name.NOTHING
    if "itemprop" in attributes:
        named = _PROPERTIES.get(attributes["itemprop"] or "", named)
    elif "itemtype" in attributes and not named:
        kind = (attributes["itemtype"] or "").rpartition("/")[2]
        named = Name.POST if kind in _POST_TYPES else named
    if identity and not named and not slugged and classes != "section":
        return name_of_id(identity)
    return named


#: Of schema.org: what properties say of an element, and types that are posts.
_PROPERTIES: dict[str, int] = {
    **dict.fromkeys(("text", "articleBody"), Name.BODY),
    **dict.fromkeys(("comment", "suggestedAnswer", "acceptedAnswer"), Name.POST),
    **dict.fromkeys(
        "author creator dateCreated datePublished dateModified upvoteCount downvoteCount "
        "commentCount answerCount interactionStatistic interactionCount".split(),
        Name.CARD,
    ),
}
CARD_PROPERTIES = frozenset(name for name, meaning in _PROPERTIES.items() if meaning == Name.CARD)
_POST_TYPES = frozenset("Question Answer Comment DiscussionForumPosting".split())


@lru_cache(maxsize=32_768)
def signature_of(classes: str) -> str:
    """Classes without numbers: the same for all posts of a page."""
    return _NUMBER.sub("", classes)


_NUMBER = re.compile(r"\d+")


#: What a link is called that leads to a person.
PERSON = "user"
_PEOPLE = re.compile(
    r"(?:^|/)(?:users?|u|members?|people|profiles?|accounts?)[/.=?]", re.IGNORECASE
)
#: Characters of an address that are looked at.
_LONGEST_ADDRESS = 200


def leads_to_a_person(address: str | None) -> bool:
    """Whether a link's address is that of a member of the site."""
    return address is not None and _PEOPLE.search(address[:_LONGEST_ADDRESS]) is not None


def is_hidden(style: str) -> bool:
    """Whether a ``style`` keeps its element from being shown."""
    return "none" in style and "display:none" in style.replace(" ", "").lower()


#: Values of ``role``.
FURNITURE_ROLES = frozenset(
    "navigation banner contentinfo complementary search dialog alertdialog menu menubar toolbar "
    "tablist tooltip alert".split()
)
MAIN_ROLES = frozenset(("main", "article"))
#: What an author wrote beside the text.
NOTE_ROLES = frozenset("note doc-footnote doc-endnotes doc-example doc-pullquote".split())

#: What links within the page show that are no text: to headings, over navigation, back up.
JUMPS = frozenset(
    line.strip()
    for line in """

        ¶\n # \n § \n 🔗 \n more... \n more… \n ⚓ \n ∞ \n ☍ \n ↑ \n ^ \n ⇧
        edit \n [edit] \n link \n [link] \n [source] \n [src] \n [docs] \n [view source]
        [复制链接]
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
#: What leads from a manual to the code, where its class says so: others are words of a sentence.
SOURCES = frozenset(("source", "src", "view source", "view code"))
_OF_SOURCES = re.compile(r"(?:^|[\s-])(?:src|source-?link|viewcode)(?=$|[\s-])")


def leads_to_source(classes: str | None) -> bool:
    """Whether the classes of a link say that it leads to the code of what a manual describes."""
    return classes is not None and _OF_SOURCES.search(classes[:_MAX_NAMES]) is not None
