"""The sites of the sample web: what they are about, how their addresses and their pages look."""

from __future__ import annotations

from dataclasses import dataclass

#: Kinds of page, as the labels name them.
LIKE_SEED = "math-like"
UNLIKE_SEED = "math-unlike"
UNDER_PREFIX = "math-prefix"
NEAR_MISS = "near-miss"
ORDINARY = "ordinary"


@dataclass(frozen=True)
class Section:
    """Pages of a site that have a path and a way of being written in common.

    ``path`` has ``{id}`` and maybe ``{slug}``; ``maker`` is a key of
    ``articles.MAKERS``; ``share`` is the section's part of the site's pages.
    ``pattern`` is the path prefix that people tag, and ``seed_like`` the share of
    pages that hold a passage in the seed's manner.
    """

    path: str
    maker: str
    kind: str
    share: float = 1.0
    pattern: str = ""
    seed_like: float = 0.0

    @property
    def mathematical(self) -> bool:
        return self.kind in (LIKE_SEED, UNLIKE_SEED, UNDER_PREFIX)


@dataclass(frozen=True)
class Site:
    """A site; larger webs have several hosts of each."""

    name: str
    weight: float
    sections: tuple[Section, ...]
    language: str = "en"
    notation: str = "typed"
    charset: str = "utf-8"
    #: 1: in webs of any size, 2: from 1,500 pages, 3: from 3,000.
    rank: int = 1
    #: The site whose pages this one shows again in a furniture of its own.
    mirror_of: str = ""


def _with_about(section: Section, maker: str = "life:company") -> tuple[Section, ...]:
    """A site's one subject, and its pages about itself that are no mathematics."""
    about = Section("/about/{id}", maker, ORDINARY, share=0.07, pattern="/about")
    return (section, about)


def _like(name: str, weight: float, maker: str, path: str, notation: str, rank: int) -> Site:
    section = Section(path, maker, LIKE_SEED, share=0.93, pattern=_tagged(path))
    return Site(name, weight, _with_about(section), notation=notation, rank=rank)


def _unlike(
    name: str,
    weight: float,
    maker: str,
    path: str,
    rank: int,
    *,
    language: str = "en",
    notation: str = "typed",
    charset: str = "utf-8",
    seed_like: float = 0.25,
) -> Site:
    section = Section(
        path, maker, UNLIKE_SEED, share=0.93, pattern=_tagged(path), seed_like=seed_like
    )
    about = {"zh": "zh:news", "de": "life:de"}.get(language, "life:company")
    return Site(name, weight, _with_about(section, about), language, notation, charset, rank)


def _plain(
    name: str, weight: float, maker: str, path: str, rank: int, kind: str = ORDINARY
) -> Site:
    return Site(name, weight, (Section(path, maker, kind),), rank=rank)


def _foreign(name: str, weight: float, maker: str, language: str, charset: str, rank: int) -> Site:
    section = Section("/{id}.html" if language == "zh" else "/artikel/{id}", maker, ORDINARY)
    return Site(name, weight, (section,), language, charset=charset, rank=rank)


def _tagged(path: str) -> str:
    """The whole path segments before the first that varies, or the whole host."""
    fixed = path.partition("{")[0].partition("?")[0]
    return fixed[: fixed.rfind("/")]


_MATHEMATICAL = (
    _like("mathoverse.example", 75, "question", "/questions/{id}/{slug}", "dollars", 1),
    _like("lemma-notes.example", 60, "lecture", "/notes/{slug}-{id}.html", "brackets", 1),
    _like("proofs-and-pies.example", 40, "lecture", "/posts/{id}/{slug}/", "katex", 2),
    _like("wiki.theoremarium.example", 60, "lecture", "/wiki/{slug}_{id}", "wiki", 1),
    _like("epsilonblog.example", 45, "lecture", "/archive/{id}/{slug}/", "image-tex", 2),
    _like("ask.calculia.example", 55, "question", "/t/{slug}/{id}", "script", 2),
    _like("algebra-lectures.example", 40, "lecture", "/lectures/{id}.html", "script", 3),
    _like("primesieve.example", 40, "question", "/q/{id}", "dollars", 3),
    Site(
        "notes-mirror.example",
        22,
        (Section("/cache/{id}", "", LIKE_SEED),),
        notation="brackets",
        rank=3,
        mirror_of="lemma-notes.example",
    ),
    _unlike(
        "xiaoxue-shuxue.example",
        65,
        "school-zh",
        "/tiku/{id}.html",
        1,
        language="zh",
        charset="gbk",
    ),
    _unlike("zhongkao-ti.example", 60, "school-zh", "/shuxue/{id}/", 2, language="zh"),
    _unlike(
        "shuxueke.example", 50, "school-zh", "/ke/{slug}/{id}.htm", 2, language="zh", charset="gbk"
    ),
    Site(
        "tiku-jingxiang.example",
        24,
        (Section("/mirror/{id}.html", "", UNLIKE_SEED, pattern="/mirror"),),
        "zh",
        rank=3,
        mirror_of="zhongkao-ti.example",
    ),
    _unlike(
        "vorlesung-analysis.example",
        50,
        "notes-de",
        "/skript/{id}.xhtml",
        1,
        language="de",
        notation="mathml",
    ),
    _unlike(
        "mathe-skripte.example",
        45,
        "notes-de",
        "/kapitel/{slug}/{id}",
        2,
        language="de",
        notation="mathml",
    ),
    _unlike("gifalgebra.example", 55, "worksheet", "/lessons/{id}.htm", 1, notation="image-spoken"),
    _unlike(
        "revise-sums.example",
        45,
        "worksheet",
        "/revision/{slug}-{id}",
        2,
        notation="image-spoken",
    ),
    _unlike("olympiadforum.example", 60, "thread", "/viewtopic.php?t={id}", 1),
    _unlike("contest-talk.example", 45, "thread", "/community/c{id}h{slug}", 3),
    _unlike("storysums.example", 55, "stories", "/problems/{slug}/{id}", 1),
    _unlike("worksheets-for-children.example", 50, "stories", "/sheets/{id}", 3),
)

_BY_PREFIX = (
    Site(
        "norvale-university.example",
        120,
        (
            Section("/math/courses/{id}/{slug}.html", "lecture", UNDER_PREFIX, 0.35, "/math"),
            Section("/news/{id}/{slug}", "life:company", ORDINARY, 0.3, "/news"),
            Section("/chemistry/{id}", "near:chemistry", NEAR_MISS, 0.15, "/chemistry"),
            Section("/history/{id}/{slug}", "life:history", ORDINARY, 0.2, "/history"),
        ),
        notation="script",
    ),
    Site(
        "stackery.example",
        160,
        (
            Section("/math/questions/{id}/{slug}", "question", UNDER_PREFIX, 0.3, "/math"),
            Section("/gardening/questions/{id}/{slug}", "life:garden", ORDINARY, 0.2, "/gardening"),
            Section("/code/questions/{id}/{slug}", "near:coding", NEAR_MISS, 0.3, "/code"),
            Section("/pets/questions/{id}/{slug}", "life:pets", ORDINARY, 0.2, "/pets"),
        ),
        notation="dollars",
    ),
    Site(
        "daily-courant.example",
        120,
        (
            Section("/puzzles/{id}", "stories", UNDER_PREFIX, 0.32, "/puzzles", 0.55),
            Section("/politics/{slug}-{id}", "life:news", ORDINARY, 0.28, "/politics"),
            Section("/sport/{slug}-{id}", "near:sports", NEAR_MISS, 0.2, "/sport"),
            Section("/food/{slug}-{id}", "life:recipe", ORDINARY, 0.2, "/food"),
        ),
        notation="brackets",
    ),
    Site(
        "uni-talheim.example",
        80,
        (
            Section("/mathematik/{id}.html", "notes-de", UNDER_PREFIX, 0.4, "/mathematik", 0.5),
            Section("/aktuelles/{id}.html", "life:de", ORDINARY, 0.6, "/aktuelles"),
        ),
        "de",
        notation="mathml",
        charset="iso-8859-1",
        rank=2,
    ),
)


def _near(name: str, weight: float, trade: str, path: str, rank: int) -> Site:
    return _plain(name, weight, f"near:{trade}", path, rank, NEAR_MISS)


_NEAR_MISSES = (
    _near("tickerline.example", 55, "finance", "/markets/{id}/{slug}", 1),
    _near("yieldwatch.example", 40, "finance", "/{slug}-{id}.html", 3),
    _near("bashcorner.example", 55, "shell", "/howto/{slug}", 1),
    _near("phpfragen.example", 40, "shell", "/showthread.php?tid={id}", 3),
    _near("scoresheet.example", 55, "sports", "/match/{id}", 1),
    _near("lapcharts.example", 40, "sports", "/stats/{slug}/{id}", 3),
    _near("molarmass.example", 50, "chemistry", "/compounds/{slug}-{id}", 2),
    _near("pocket-physics.example", 45, "physics", "/articles/{id}", 1),
    _near("angelnumbers.example", 45, "numerology", "/number/{id}", 1),
    _near("textbook-barn.example", 55, "books", "/product/{id}/{slug}", 1),
    _near("codepit.example", 55, "coding", "/questions/{id}/{slug}", 2),
    _near("devthreads.example", 40, "coding", "/d/{id}-{slug}", 3),
)


def _life(name: str, weight: float, genre: str, path: str, rank: int) -> Site:
    return _plain(name, weight, f"life:{genre}", path, rank)


_ORDINARY = (
    _life("harbourpost.example", 90, "news", "/{slug}-{id}", 1),
    _life("www2.citygazette.example", 70, "news", "/story/{id}", 3),
    _life("onionandthyme.example", 80, "recipe", "/recipes/{slug}/", 1),
    _life("grandmas-oven.example", 55, "recipe", "/r/{id}", 3),
    _life("slowferries.example", 70, "travel", "/guide/{slug}/{id}", 1),
    _life("twosuitcases.example", 50, "travel", "/blog/{slug}", 3),
    _life("brightkettle.example", 85, "shop", "/p/{slug}?sku={id}", 1),
    _life("shop.lampandloom.example", 60, "shop", "/item/{id}", 2),
    _life("rootsandshoots.example", 65, "garden", "/forum/{slug}.{id}/", 2),
    _life("lawnlimit.example", 45, "garden", "/tips/{slug}", 3),
    _life("pawprints.example", 60, "pets", "/threads/{id}", 2),
    _life("kennel-club-talk.example", 45, "pets", "/index.php?topic={id}", 3),
    _life("trondex.example", 55, "company", "/insights/{slug}", 2),
    _life("northbeam-logistics.example", 45, "company", "/en/press/{id}", 3),
    _life("kneeandspine.example", 65, "health", "/conditions/{slug}", 2),
    _life("calmclinic.example", 45, "health", "/advice/{id}/{slug}", 3),
    _life("seriesfinale.example", 65, "film", "/review/{slug}", 1),
    _life("vinyl-nights.example", 45, "film", "/album/{id}", 3),
    _life("torquetalk.example", 60, "cars", "/topic/{id}-{slug}", 2),
    _life("secondgear.example", 45, "cars", "/ads/{id}", 3),
    _life("oldchronicle.example", 60, "history", "/entries/{slug}", 2),
    _life("castlewalks.example", 45, "history", "/site/{id}", 3),
    _life("purlrow.example", 60, "craft", "/patterns/{slug}", 2),
    _life("matrix-knits.example", 45, "craft", "/p/{id}", 3),
    Site(
        "harbourpost-reader.example",
        30,
        (Section("/read/{id}", "", ORDINARY),),
        rank=3,
        mirror_of="harbourpost.example",
    ),
    _foreign("jiangcheng-ribao.example", 80, "zh:news", "zh", "utf-8", 1),
    _foreign("chufang-wang.example", 60, "zh:food", "zh", "gbk", 1),
    _foreign("gouwu-jie.example", 60, "zh:shop", "zh", "utf-8", 2),
    _foreign("lvxing-zhe.example", 55, "zh:travel", "zh", "gbk", 3),
    _foreign("daima-bbs.example", 55, "zh:tech", "zh", "utf-8", 2),
    _foreign("talheimer-bote.example", 65, "life:de", "de", "iso-8859-1", 1),
    _foreign("werkstatt-forum.example", 50, "life:de", "de", "utf-8", 3),
    _foreign("kueche-und-garten.example", 45, "life:de", "de", "iso-8859-1", 3),
    _foreign("volzhskie-vesti.example", 60, "life:ru", "ru", "windows-1251", 1),
    _foreign("dacha-sovet.example", 50, "life:ru", "ru", "utf-8", 3),
)

SITES = _MATHEMATICAL + _BY_PREFIX + _NEAR_MISSES + _ORDINARY
