"""Character sets: what pages say, what they are in, and the two at odds."""

from __future__ import annotations

import codecs
import random

import pytest

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.text.decode import decode

CHINESE = (
    "设函数在区间上连续，证明存在一点使得等式成立。我们先考虑简单的情形，然后推广到一般的情况。"
)
TRADITIONAL = "設函數在區間上連續，證明存在一點使得等式成立。我們先考慮簡單的情形，然後推廣。"
JAPANESE = "関数が区間で連続であるとき、等式が成り立つことを証明せよ。まず簡単な場合を考える。"
KOREAN = "함수가 구간에서 연속일 때 등식이 성립함을 증명하시오. 먼저 간단한 경우를 생각한다."
RUSSIAN = "Пусть функция непрерывна на отрезке. Докажите, что найдётся такая точка на отрезке."
GERMAN = "Die Funktion sei stetig. Für größere Räume gilt das übrigens nicht, wie später gezeigt."

SETS = [
    (CHINESE, "gbk", "gb2312", "gb18030"),
    (CHINESE, "gb18030", "gb18030", "gb18030"),
    (TRADITIONAL, "big5", "big5", "big5"),
    (JAPANESE, "shift_jis", "Shift_JIS", "shift_jis"),
    (JAPANESE, "euc_jp", "euc-jp", "euc-jp"),
    (JAPANESE, "iso2022_jp", "iso-2022-jp", "iso-2022-jp"),
    (KOREAN, "euc_kr", "ks_c_5601-1987", "euc-kr"),
    (RUSSIAN, "cp1251", "windows-1251", "windows-1251"),
    (RUSSIAN, "koi8_r", "koi8-r", "koi8-r"),
    (GERMAN, "cp1252", "iso-8859-1", "windows-1252"),
    (GERMAN, "iso8859_15", "iso-8859-15", "iso-8859-15"),
    (CHINESE, "utf-8", "utf8", "utf-8"),
]


def page(text: str, codec: str, head: str = "") -> bytes:
    return f"<html><head>{head}</head><body><p>{text}</p></body></html>".encode(codec)


@pytest.mark.parametrize(("text", "codec", "label", "name"), SETS)
def test_declared_in_the_page(text: str, codec: str, label: str, name: str) -> None:
    for declaration in (
        f'<meta charset="{label}">',
        f'<meta http-equiv="Content-Type" content="text/html; charset={label}">',
    ):
        decoded, encoding = decode(page(text, codec, declaration))
        assert text in decoded
        assert encoding == name


@pytest.mark.parametrize(("text", "codec", "label", "name"), SETS)
def test_declared_by_the_header(text: str, codec: str, label: str, name: str) -> None:
    decoded, encoding = decode(page(text, codec), f'text/html; Charset="{label}"')
    assert text in decoded
    assert encoding == name


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        (CHINESE * 4, "gbk"),
        (TRADITIONAL * 4, "big5"),
        (JAPANESE * 4, "shift_jis"),
        (JAPANESE * 4, "euc_jp"),
        (KOREAN * 4, "euc_kr"),
        (RUSSIAN * 4, "cp1251"),
    ],
)
@pytest.mark.parametrize("declared", ["", "utf-8", "no-such-charset"])
def test_undeclared_or_wrongly_declared_is_detected(text: str, codec: str, declared: str) -> None:
    head = f'<meta charset="{declared}">' if declared else ""
    decoded, _ = decode(page(text, codec, head))
    assert text in decoded


def test_header_comes_before_the_page() -> None:
    html = page(RUSSIAN, "cp1251", '<meta charset="koi8-r">')
    assert RUSSIAN in decode(html, "text/html; charset=windows-1251")[0]


def test_blanket_latin1_header_yields_to_the_page() -> None:
    html = page(RUSSIAN, "cp1251", '<meta charset="windows-1251">')
    assert RUSSIAN in decode(html, "text/html; charset=ISO-8859-1")[0]


def test_blanket_latin1_header_yields_to_detection() -> None:
    decoded, _ = decode(page(RUSSIAN * 4, "cp1251"), "text/html; charset=ISO-8859-1")
    assert RUSSIAN in decoded


def test_utf8_wins_over_any_other_label() -> None:
    decoded, encoding = decode(page(CHINESE, "utf-8", '<meta charset="gb2312">'))
    assert CHINESE in decoded
    assert encoding == "utf-8"


@pytest.mark.parametrize(
    ("mark", "codec", "name"),
    [
        (codecs.BOM_UTF8, "utf-8", "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16le"),
        (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16be"),
    ],
)
def test_byte_order_mark_comes_before_all(mark: bytes, codec: str, name: str) -> None:
    html = mark + page(CHINESE, codec, '<meta charset="gbk">')
    decoded, encoding = decode(html, "text/html; charset=big5")
    assert decoded.startswith("<html>")
    assert CHINESE in decoded
    assert encoding == name


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [CHINESE, "plain English text"])
def test_unmarked_utf16_is_seen(codec: str, text: str) -> None:
    filler = "<p>some markup</p>" * 20
    decoded, _ = decode(page(filler + text, codec))
    assert text in decoded


def test_declaration_in_a_comment_does_not_count() -> None:
    head = '<!-- <meta charset="koi8-r"> --><meta charset="windows-1251">'
    assert RUSSIAN in decode(page(RUSSIAN, "cp1251", head))[0]


def test_declaration_after_the_first_kilobyte_does_not_count() -> None:
    head = "<!-- " + "x" * 1100 + ' --><meta charset="koi8-r">'
    assert RUSSIAN in decode(page(RUSSIAN * 4, "cp1251", head))[0]


def test_xml_declaration_counts() -> None:
    html = b'<?xml version="1.0" encoding="windows-1251"?>' + page(RUSSIAN, "cp1251")
    assert decode(html)[1] == "windows-1251"


def test_a_few_broken_bytes_leave_utf8_in_place() -> None:
    html = page(CHINESE * 4, "utf-8").replace(b"</p>", b"\xff</p>")
    decoded, encoding = decode(html)
    assert encoding == "utf-8"
    assert decoded.count("\ufffd") == 1


def test_page_cut_inside_a_character_keeps_its_charset() -> None:
    html = page(CHINESE * 4, "utf-8")
    cut = html[: html.index(CHINESE.encode()) + 100]
    assert decode(cut)[1] == "utf-8"


def test_ascii_is_called_what_it_says() -> None:
    assert decode(b"<p>plain</p>")[1] == "utf-8"
    assert decode(b"<meta charset=gbk><p>plain</p>")[1] == "gb18030"


@pytest.mark.parametrize("declared", ["", "utf-8", "euc-kr"])
def test_bytes_that_are_no_text_are_set_aside(declared: str) -> None:
    noise = random.Random(1).randbytes(20_000)
    with pytest.raises(SetAside) as caught:
        decode(b"<html><body>" + noise, f"text/html; charset={declared}")
    assert caught.value.outcome is Outcome.BAD_CHARSET
