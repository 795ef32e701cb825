"""What stands around the text on real sites: navigation, banners, styles, scripts, footers."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.names import BRANDS, FIRST_NAMES, SURNAMES

_LINKS = {
    "en": (
        "Home About Contact Archive Topics News Login Register Search Help Shop Forum Blog Careers "
        "Privacy Terms Newsletter Gallery Events Members Downloads Support Partners Press FAQ "
        "Categories Popular Latest Guides Reviews Community Donate Jobs Advertise Sitemap Feedback"
    ).split(),
    "zh": (
        "首页 关于我们 联系我们 登录 注册 搜索 帮助 论坛 博客 新闻 专题 图片 视频 下载 会员 收藏 "
        "网站地图 广告合作 免责声明 隐私政策 手机版 最新文章 热门推荐 排行榜 投稿 意见反馈 "
        "友情链接 返回顶部"
    ).split(),
    "de": (
        "Startseite Kontakt Impressum Datenschutz Anmelden Suche Hilfe Archiv Aktuelles Themen "
        "Shop Forum Veranstaltungen Galerie Presse Karriere Newsletter Mitglieder Sitemap "
        "Barrierefreiheit"
    ).split(),
    "ru": (
        "Главная Контакты Новости Форум Вход Регистрация Поиск Помощь Архив Реклама Магазин "
        "Галерея События Карта Подписка Вакансии Правила Отзывы"
    ).split(),
}
_COOKIES = {
    "en": "We value your privacy. We and our {n} partners store and access information on your "
    "device, such as cookies, to personalise content and advertisements.",
    "zh": "本网站使用Cookie以改善您的浏览体验，继续浏览即表示您同意我们的隐私政策。",
    "de": "Wir verwenden Cookies und ähnliche Verfahren, um unsere Webseite zu verbessern.",
    "ru": "Мы используем файлы cookie, чтобы сайт работал лучше.",
}
_BUTTONS = {
    "en": ("Accept all", "Reject", "Settings"),
    "zh": ("同意", "拒绝", "设置"),
    "de": ("Alle akzeptieren", "Ablehnen", "Einstellungen"),
    "ru": ("Принять", "Отклонить", "Настройки"),
}
_PROPERTIES = (
    "margin:{n}px 0",
    "padding:{n}px",
    "font-size:{n}px",
    "color:#{h}",
    "background:#{h}",
    "border:1px solid #{h}",
    "display:flex",
    "display:none",
    "width:{n}%",
    "line-height:1.{d}",
    "transition:opacity .{d}s ease-in-out",
    "box-shadow:0 {d}px {n}px rgba(0,0,0,.{d})",
    "position:absolute;top:{n}px",
    "float:left",
    "text-decoration:none",
    "grid-template-columns:repeat({d},1fr)",
)
#: Bytes of styles, of scripts and of inline state: quantiles over hosts.
_STYLE_BYTES = (300, 2000, 6000, 12000, 25000, 60000)
_SCRIPT_BYTES = (200, 1500, 4000, 9000, 20000, 45000)
_STATE_BYTES = (0, 0, 0, 1000, 8000, 60000)
_PARTS = (
    "main hero card list item btn nav menu grid col row wrap inner top foot side post meta".split()
)


@dataclass(frozen=True)
class Skin:
    """A host's furniture: the same on all of its pages."""

    head: str
    top: str
    open_main: str
    close_main: str
    side: str
    bottom: str
    related: str
    comments: str


_MAINS = (
    ('<main id="main" role="main"><article class="post hentry">', "</article></main>"),
    ('<div id="content"><div class="entry-content">', "</div></div>"),
    ('<main class="site-main"><div class="article-body">', "</div></main>"),
    ('<div class="container"><article itemscope><section>', "</section></article></div>"),
    ('<div class="layout"><main class="content">', "</main></div>"),
)


def skin(seed: int, host: str, language: str, notation: str) -> Skin:
    """The furniture of a host."""
    dice = Dice(seed, "skin", host)
    prefix = dice.pick(BRANDS).lower()[:3]
    css = _styles(dice, prefix, int(dice.quantile(_STYLE_BYTES)))
    js = _scripts(dice, prefix, int(dice.quantile(_SCRIPT_BYTES)))
    state = _state(dice, int(dice.quantile(_STATE_BYTES)))
    links = _LINKS[language]
    head = (
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<link rel="stylesheet" href="/assets/{prefix}.{dice.hex(8)}.css">\n'
        f'<link rel="icon" href="/favicon.ico"><meta name="generator" content="{prefix} '
        f'{dice.between(1, 9)}.{dice.between(0, 20)}">\n'
        f"<style>{css}</style>\n<script>{js}</script>\n{_MATH_HEAD.get(notation, '')}"
    )
    menu = "".join(
        [
            f'<li class="{prefix}-menu-item"><a href="/{dice.hex(5)}/" class="{prefix}-link">{word}'
            "</a></li>"
            for word in dice.some(links, dice.between(6, 18))
        ]
    )
    top = (
        f'<header class="{prefix}-header site-header"><a class="logo" href="/">{host}</a>'
        f'<svg viewBox="0 0 24 24"><path d="M{dice.below(24)} {dice.below(24)}h{dice.below(24)}v'
        f'{dice.below(24)}z"/></svg><nav class="{prefix}-nav" role="navigation"><ul>{menu}</ul>'
        '</nav><form class="search" action="/search"><input name="q" type="search"></form></header>'
    )
    cookies = _COOKIES[language].format(n=dice.between(20, 900))
    buttons = "".join([f"<button>{word}</button>" for word in _BUTTONS[language]])
    if dice.chance(0.7):
        top = (
            f'<div id="cookie-banner" class="cookie-consent"><p>{cookies}</p>{buttons}</div>' + top
        )
    tags = "".join(
        [
            f'<li><a rel="tag" href="/tag/{dice.hex(4)}">{word}</a> ({dice.between(1, 400)})</li>'
            for word in dice.some(links, dice.between(4, 20))
        ]
    )
    side = f'<aside class="{prefix}-sidebar sidebar"><ul class="tags">{tags}</ul></aside>'
    feet = "".join(
        [
            f'<li><a href="/{dice.hex(6)}">{word}</a></li>'
            for word in dice.some(links, dice.between(5, 20))
        ]
    )
    bottom = (
        f'<footer class="{prefix}-footer site-footer"><ul>{feet}</ul><p>&copy; '
        f"{dice.between(2008, 2024)} {host}</p></footer>"
        f'<script id="__STATE__" type="application/json">{state}</script>'
        f'<script async src="https://stats.example/{dice.hex(8)}.js"></script>'
    )
    before, after = dice.pick(_MAINS)
    return Skin(head, top, before, after, side, bottom, f"{prefix}-related", f"{prefix}-comments")


_MATH_HEAD = {
    "dollars": "<script>MathJax={tex:{inlineMath:[['$','$'],['\\\\(','\\\\)']]}};</script>"
    '<script async src="/mathjax/es5/tex-chtml.js"></script>\n',
    "brackets": '<script async src="/mathjax/es5/tex-mml-chtml.js"></script>\n',
    "script": '<script type="text/x-mathjax-config">MathJax.Hub.Config({TeX:{}});</script>'
    '<script src="/mathjax/2.7.9/MathJax.js?config=TeX-AMS_CHTML"></script>\n',
    "katex": '<link rel="stylesheet" href="/katex/katex.min.css">\n',
}


def _styles(dice: Dice, prefix: str, size: int) -> str:
    rules = []
    length = 0
    while length < size:
        declarations = ";".join(
            [
                dice.pick(_PROPERTIES).format(n=dice.below(99), h=dice.hex(6), d=dice.below(10))
                for _ in range(dice.between(1, 5))
            ]
        )
        rule = f".{prefix}-{dice.pick(_PARTS)}__{dice.pick(_PARTS)}{{{declarations}}}"
        rules.append(rule)
        length += len(rule)
    return "".join(rules)


def _scripts(dice: Dice, prefix: str, size: int) -> str:
    lines = [f"window.{prefix}=window.{prefix}||[];"]
    length = 0
    while length < size:
        a, b = dice.pick("abcdefgh"), dice.pick("ijklmnop")
        line = (
            f"function _{dice.hex(4)}({a},{b}){{var t={a}[{dice.below(99)}]||{b};if(t<"
            f"{dice.below(999)}&&{a}.length>{dice.below(20)}){{return document.querySelector("
            f'".{prefix}-{dice.pick(_PARTS)}")}}{b}.push({{k:"{dice.hex(10)}",v:{dice.below(9999)}}})}}'
        )
        lines.append(line)
        length += len(line)
    return "".join(lines)


def _state(dice: Dice, size: int) -> str:
    entries = []
    length = 0
    while length < size:
        author = f"{dice.pick(FIRST_NAMES)} {dice.pick(SURNAMES)}"
        entry = (
            f'{{"id":{dice.below(999999)},"slug":"{dice.hex(8)}","author":"{author}",'
            f'"score":{dice.below(500)},"open":{dice.pick(("true", "false"))}}}'
        )
        entries.append(entry)
        length += len(entry)
    return f'{{"items":[{",".join(entries)}]}}'


def banner(title: str, url: str, dice: Dice) -> str:
    """The head's own part of a page: metadata for others to read."""
    name = escape(title)
    return (
        f"<title>{name}</title>\n"
        f'<meta property="og:title" content="{name}"><link rel="canonical" href="{escape(url)}">\n'
        f'<meta name="csrf-token" content="{dice.hex(32)}">\n'
    )
