"""Invented names of people, places and companies, by the thousand."""

from __future__ import annotations

from pipeline.sampleweb.dice import Dice

_ONSETS = (
    "b br c ch cl cr d dr f fl fr g gl gr h j k kl kr l m n p pl pr qu r s sch sh sk sl sm sp st "
    "str t th tr v w wh y z"
).split()
_VOWELS = "a e i o u ai au ea ee ei ie oa oo ou ay".split()
_CODAS = "b ck d ff g k l ll m mp n nd ng nk nn nt p r rd rk rn rs rt s sk ss st t th tt x".split()
_SURNAME_ENDS = "er son man ton ley field ford well berg stein mann ov ski ez ini ard wick".split()
_PLACE_ENDS = "ton ville burg ford field haven port mouth bury dale wood bridge ham stead".split()
_BRAND_ENDS = "ia ex ora ify ix on io ent ado um ara el".split()

FIRST_NAMES = (
    "Ada Alan Alice Amir Amy Andre Anna Ben Bella Carl Carmen Chloe Clara Colin Dana Daniel Daria "
    "David Dora Eli Ella Emil Emma Erik Eva Felix Fiona Frank Grace Greta Hana Hugo Ian Ida Ines "
    "Iris Isaac Ivan Jack Jana Jill Joan John Jonas Julia Karim Kate Kevin Lara Laura Leo Lena "
    "Liam Lily Lucas Lucy Maria Mark Marta Max Maya Mia Mila Nadia Naomi Nina Noah Nora Olga Oscar "
    "Owen Paul Peter Petra Priya Quinn Rachel Ravi Rosa Ruth Sam Sara Simon Sofia Tara Theo Tina "
    "Tom Uma Vera Victor Wendy Will Yara Yusuf Zoe"
).split()


def _syllable(dice: Dice) -> str:
    return dice.pick(_ONSETS) + dice.pick(_VOWELS) + dice.pick(_CODAS)


def surname(dice: Dice) -> str:
    """Such as Brandley or Koulstein."""
    return (_syllable(dice) + (dice.pick(_SURNAME_ENDS) if dice.chance(0.7) else "")).capitalize()


def place(dice: Dice) -> str:
    """Such as Glennport."""
    return (_syllable(dice) + dice.pick(_PLACE_ENDS)).capitalize()


def brand(dice: Dice) -> str:
    """Such as Trondify."""
    return (_syllable(dice) + dice.pick(_BRAND_ENDS)).capitalize()


def _many(what: str, count: int) -> tuple[str, ...]:
    makers = {"surname": surname, "place": place, "brand": brand}
    dice = Dice("names", what)
    return tuple(makers[what](dice) for _ in range(count))


SURNAMES = _many("surname", 2400)
PLACES = _many("place", 1200)
BRANDS = _many("brand", 900)
