from __future__ import annotations

import pytest

from pipeline.text import extract_page, language_of

TEXTS = {
    "en": "Let us show that every continuous function on a closed interval is bounded there.",
    "zh": "证明：闭区间上的连续函数必定有界，并且能够取到最大值和最小值。",
    "ja": "閉区間上の連続関数は有界であり、最大値と最小値をとることを証明せよ。",
    "ko": "닫힌 구간에서 연속인 함수는 유계이며 최댓값과 최솟값을 가짐을 증명하시오.",
    "ru": "Докажите, что функция, непрерывная на отрезке, ограничена, и что она не растёт.",
    "uk": "Доведіть, що функція, яка неперервна на відрізку, є обмеженою або досягає максимуму.",
    "de": "Man zeige, dass jede auf einem Intervall stetige Funktion dort auch beschränkt ist.",
    "fr": "Montrer que toute fonction continue sur un segment est bornée et atteint ses bornes.",
    "es": "Demuestre que toda función continua en un intervalo cerrado está acotada y es uniforme.",
    "it": "Si dimostri che ogni funzione continua su un intervallo chiuso è limitata e non vuota.",
    "pt": "Mostre que toda função contínua em um intervalo fechado é limitada e não tem saltos.",
    "nl": "Bewijs dat elke functie die continu is op een gesloten interval ook begrensd is.",
    "pl": "Wykaż, że każda funkcja ciągła na przedziale jest ograniczona, i że nie jest zerem.",
    "tr": "Kapalı bir aralıkta sürekli olan her fonksiyonun sınırlı olduğunu ve bir",
    "el": "Να αποδειχθεί ότι κάθε συνεχής συνάρτηση σε κλειστό διάστημα είναι φραγμένη.",
    "he": "הוכיחו כי כל פונקציה רציפה בקטע סגור היא חסומה ומקבלת מקסימום ומינימום.",
    "th": "จงพิสูจน์ว่าฟังก์ชันต่อเนื่องบนช่วงปิดมีขอบเขตและมีค่าสูงสุด",
}


@pytest.mark.parametrize("language", TEXTS)
def test_language_of_one_sentence(language: str) -> None:
    assert language_of(TEXTS[language]) == language


def test_traditional_chinese_is_chinese() -> None:
    assert language_of("證明：閉區間上的連續函數必定有界，並且能夠取到最大值和最小值。") == "zh"


@pytest.mark.parametrize("text", ["", "12 + 34 = 46", "x", "↑ → ←", "ABC 2010"])
def test_too_little_is_undetermined(text: str) -> None:
    assert language_of(text) == "und"


def test_chinese_among_code_stays_chinese() -> None:
    code = "for (int i = 0; i < n; ++i) { sum += value[i]; } return sum; // loop\n" * 4
    assert language_of(TEXTS["zh"] * 2 + code) == "zh"


def test_english_with_a_chinese_name_stays_english() -> None:
    assert language_of(TEXTS["en"] * 3 + " Author: 陈省身") == "en"


def test_formulas_do_not_disturb_it() -> None:
    formulas = (
        r"<p>\(\operatorname{le}(la, des, est, une, dans, les, et) = \text{pour le et les}\)</p>"
    )
    html = f"<body><p>{TEXTS['de']}</p>{formulas * 30}<p>Das ist nicht mehr zu zeigen.</p></body>"
    assert extract_page(html.encode()).language == "de"


def test_a_long_text_is_judged_by_more_than_its_beginning() -> None:
    menu = "Home Login Contact " * 40
    assert language_of(menu + (TEXTS["de"] + " ") * 200) == "de"
