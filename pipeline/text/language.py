"""The main language of a text, as a two-letter code."""

from __future__ import annotations

import re
import unicodedata

from resiliparse.parse.lang import detect_fast

from pipeline.text.layout import without_formulas

#: What is looked at, at the beginning and in the middle of a text each: more where less
#: leaves a doubt.
SAMPLE_CHARACTERS = (400, 2_500)
#: Likewise, where the page has said which language that will be.
LEAST_SAMPLE = 150
#: Fewer letters than this say nothing.
MIN_LETTERS = 20
#: Distance from a language's profile beyond which resiliparse's detector guesses.
MAX_DISTANCE = 1_000
#: Function words must make up this share of all words, and be ahead of the next
#: language's by this factor.
MIN_FUNCTION_WORDS = 0.06
CLEAR_LEAD = 1.5
MIN_VOTES = 3
#: A Chinese or Japanese character says as much as so many letters.
LETTERS_A_CHARACTER = 3
#: Among Japanese text's characters at least this share is kana; in Chinese text
#: they only occur in names.
KANA_SHARE = 0.1
#: Share of a text above which its script decides, and above which it does where
#: function words do not: among code and names there is often little prose.
HALF = 0.5
SOME = 0.15

# Scripts by which a language can be told; Latin and Cyrillic are shared by many.
_BEYOND_LATIN = re.compile("[\u0370-\uffff]+")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_KANA = re.compile(r"[\u3041-\u309f\u30a1-\u30fa]+")
_HANGUL = re.compile(r"[\uac00-\ud7a3\u1100-\u11ff]+")
_SINGLE_SCRIPTS = (
    ("el", re.compile(r"[\u0370-\u03ff\u1f00-\u1fff]+")),
    ("he", re.compile(r"[\u05d0-\u05ea]+")),
    ("th", re.compile(r"[\u0e01-\u0e3a]+")),
    ("hy", re.compile(r"[\u0531-\u0587]+")),
    ("ka", re.compile(r"[\u10d0-\u10ff]+")),
)
#: Any of them: one search tells of most text that it has none.
_TELLING = re.compile(
    "[{}]".format(
        "".join(
            script.pattern.removeprefix("[").removesuffix("]+")
            for script in (_HAN, _KANA, _HANGUL, *(script for _, script in _SINGLE_SCRIPTS))
        )
    )
)
_NO_LETTERS = bytes(code for code in range(256) if not chr(code).isalpha() or code > 127)

_FUNCTION_WORDS = {
    "en": "the of and to is in that it for are with as be this on by or from which not can if we "
    "an at have has was you but will when then there all any more your our their",
    "de": "der die das und ist nicht ein eine zu den mit von auf für im dem sich als auch es wird "
    "werden sind oder wenn aus einer kann bei einen wie nach durch nur über",
    "fr": "le la les des et est une dans que pour qui sur pas du au avec ce il sont par ou plus "
    "cette ne nous vous être aux mais peut sa ces",
    "es": "el la los las de que y en un una es por con para del se no al lo como más su pero este "
    "esta son entre cuando también",
    "pt": "o os as de que e do da em um uma é para com não dos das se na no por mais como ao ou "
    "são esta pelo quando também",
    "it": "il di che e la le un una è per con non del della i si da in sono dei alla nel come più "
    "gli anche questo delle o",
    "nl": "de het een en van is in dat op te zijn voor met niet aan er om die als ook bij naar "
    "door wordt worden maar",
    "sv": "och att det som en är på för av med den till inte har ett de om var kan men eller från",
    "da": "og at det som en er på for af med den til ikke har et de om var kan men eller fra der",
    "no": "og å det som en er på for av med den til ikke har et de om var kan men eller fra jeg",
    "pl": "i w na z nie się do to jest że o jak od po przez są dla co oraz lub który może być",
    "cs": "a v se na je že to s z do o i pro jako jsou by ale nebo které při jeho není který",
    "tr": "ve bir bu için ile da de çok olarak olan daha gibi en kadar ne sonra ya değil veya her",
    "id": "yang dan di dengan untuk dari ini pada tidak dalam adalah itu atau ke akan juga oleh",
    "vi": "và của là có được trong một cho không các với này những khi người đã để từ về",
    "hu": "a az és hogy nem is egy ez van meg de csak mint vagy már volt ha el kell azt",
    "ro": "și de în la cu a pe care nu este o un să din pentru mai sunt ca sau prin",
    "fi": "ja on ei se että oli hän ovat kun niin mutta myös tai joka olla sen kuin ole",
    "ru": "и в не на что с как это по для из к то от при или если так но мы все также может",
    "uk": "і в не на що з як це до для та від при або якщо так але ми є також може у",
    "bg": "и в не на че с как това по за от да се или ако така но са е също може",
}
#: Languages of each function word, a character a language: strings are counted fast.
_LANGUAGES_OF: dict[str, str] = {}
for _number, _words in enumerate(_FUNCTION_WORDS.values()):
    for _function_word in _words.split():
        _LANGUAGES_OF[_function_word] = _LANGUAGES_OF.get(_function_word, "") + chr(_number)
_LANGUAGES = tuple(_FUNCTION_WORDS)


def language_of(text: str, declared: str = "") -> str:
    """ISO 639-1 code of the language that most of ``text`` is in, ``und`` if unclear.

    ``declared`` is what the page says of itself (``<html lang>``): it decides where the
    text leaves a doubt, as tables of names and code do.

    Marked formulas in ``text`` say nothing. Chinese, Japanese, Korean and languages with
    a script of their own are told by their characters, others by their function
    words, which names, code and vocabulary of a trade do not disturb; where these
    are too few, resiliparse's n-gram profiles decide. Looks at 5,000 characters.
    """
    declared = declared[:2].lower()
    if declared and _language_of(_sample(text, LEAST_SAMPLE), declared) == (declared, True):
        return declared
    for size in SAMPLE_CHARACTERS:
        language, certain = _language_of(_sample(text, size), declared)
        if certain or len(text) <= 2 * size:
            break
    return language


def _sample(text: str, size: int) -> str:
    if len(text) > 2 * size:
        middle = len(text) // 2
        text = f"{text[:size]} {text[middle : middle + size]}"
    if not text.isascii():
        text = unicodedata.normalize("NFC", without_formulas(text))
    return text


def _language_of(sample: str, declared: str) -> tuple[str, bool]:
    """The sample's language, and whether that is beyond doubt."""
    ascii_only = sample.encode("ascii", "ignore")
    latin = len(ascii_only.translate(None, _NO_LETTERS))
    beyond = len(sample) - len(ascii_only)
    foreign = beyond * LETTERS_A_CHARACTER
    by_script, weight = _script(sample, latin) if foreign > SOME * (foreign + latin) else ("", 0.0)
    if latin + beyond < MIN_LETTERS and weight < HALF:
        return "und", False
    if weight >= HALF:
        return by_script, True
    prose = sample.lower().replace(",", " ").replace(".", " ")
    best, certain = _function_words(prose.split())
    if certain:
        return best, True
    if weight >= SOME:
        return by_script, False
    # Profiles take code and names for any language; English is the likeliest by far.
    if best == "en":
        return best, False
    declared = declared if declared in _FUNCTION_WORDS else ""
    return (declared or _profile(sample) or best or "und"), False


def _script(sample: str, latin: int) -> tuple[str, float]:
    """The language that the sample's scripts speak for, and the share they make up.

    ``latin``: ASCII letters in it. An East Asian character weighs as much as three.
    """
    foreign = " ".join(_BEYOND_LATIN.findall(sample))
    if not _TELLING.search(foreign):
        return "", 0.0
    han, kana, hangul = (_count(script, foreign) for script in (_HAN, _KANA, _HANGUL))
    if east_asian := han + kana + hangul:
        weight = east_asian * LETTERS_A_CHARACTER
        share = weight / max(weight + latin, MIN_LETTERS)
        if hangul > han + kana:
            return "ko", share
        return "ja" if kana > KANA_SHARE * (han + kana) else "zh", share
    for language, script in _SINGLE_SCRIPTS:
        if count := _count(script, foreign):
            return language, count / max(count + latin, MIN_LETTERS)
    return "", 0.0


def _count(script: re.Pattern[str], text: str) -> int:
    return sum(map(len, script.findall(text)))


def _function_words(words: list[str]) -> tuple[str, bool]:
    """The language most function words are from, and whether that is beyond doubt."""
    votes = "".join(filter(None, map(_LANGUAGES_OF.get, words)))
    counts = sorted(((votes.count(voted), ord(voted)) for voted in set(votes)), reverse=True)
    (most, best), (second, _) = [*counts, (0, 0), (0, 0)][:2]
    enough = most >= MIN_VOTES and most >= MIN_FUNCTION_WORDS * len(words)
    return (_LANGUAGES[best] if most > second else ""), enough and most >= CLEAR_LEAD * second


def _profile(sample: str) -> str:
    language, distance = detect_fast(sample)
    return str(language) if distance <= MAX_DISTANCE and len(language) == 2 else ""
