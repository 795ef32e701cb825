"""German and Russian: everyday pages, and German lecture notes."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import Telling
from pipeline.sampleweb.math_en import Block
from pipeline.sampleweb.names import FIRST_NAMES, PLACES, SURNAMES

_DE: dict[str, Sequence[str]] = {
    "surname": SURNAMES,
    "first": FIRST_NAMES,
    "town": PLACES,
    # Feminine nouns throughout, so that articles agree.
    "noun": (
        "Stadt Regierung Schule Straße Firma Gemeinde Zeitung Wohnung Küche Reise Familie Zeit "
        "Lösung Aufgabe Funktion Reihe Menge Gruppe Größe Grenze Richtung Wurzel Summe Fläche "
        "Veranstaltung Ausstellung Versicherung Rechnung Bestellung Lieferung Heizung Werkstatt "
        "Mannschaft Saison Tabelle Brücke Bahn Kirche Insel Küste Wanderung Hütte Suppe Soße "
        "Kartoffel Zwiebel Butter Pfanne Maschine Batterie Software Datei Anwendung Abbildung"
    ).split(),
    "adj": (
        "neue alte große kleine wichtige schöne schnelle einfache besondere bekannte junge "
        "regionale öffentliche private günstige teure gute frische ruhige moderne stetige lineare "
        "offene volle leere ganze eigene richtige falsche schwere leichte beliebte"
    ).split(),
    "verb": (
        "besucht prüft zeigt ändert eröffnet verbessert plant findet liefert bestätigt fördert "
        "beschreibt erreicht erweitert verlässt begleitet unterstützt verkauft kauft testet"
    ).split(),
    "sentence": (
        "Die {adj} {noun} in {town} {verb} seit {1980-2023} die {noun}.",
        "{first} {surname} {verb} die {adj} {noun} und eine {adj} {noun}.",
        "Für {20-900} Euro gibt es eine {adj} {noun}, sagt {surname}.",
        "Wer die {noun} {verb}, braucht {2-20} Minuten und eine {adj} {noun}.",
        "Nach Angaben von {surname} war die {noun} {2-9} Tage geschlossen.",
        "Die {noun} ist eine {adj} {noun} zwischen {town} und {town}.",
        "Im Sommer {verb} man die {noun}, im Winter die {adj} {noun}.",
        "Mehr als {100-900} Gäste kamen, weil die {noun} so {noun} heißt.",
        "Ob die {adj} {noun} hält, {verb} erst die nächste {noun}.",
        "Zuerst die {noun} waschen, dann die {adj} {noun} {3-40} Minuten kochen.",
        "Meine {noun} geht nicht mehr, hat jemand eine {adj} {noun}?",
    ),
    "title": ("Die {adj} {noun} von {town}", "{noun} und {noun}: eine {adj} {noun}", "Neue {noun}"),
    "comment": ("Danke, die {noun} hat geholfen.", "Bei mir {verb} die {noun} nichts, {first}."),
}

_NOTES: dict[str, Sequence[str]] = {
    "surname": SURNAMES,
    "object": (
        "Menge Funktion Folge Reihe Gruppe Matrix Abbildung Gleichung Ungleichung Ableitung "
        "Umgebung Norm Metrik Basis Relation Ordnung Verknüpfung Untergruppe Nullstelle Lösung "
        "Stammfunktion Potenzreihe Teilmenge Zahl Primzahl Restklasse Permutation Verteilung "
        "Wahrscheinlichkeit Zufallsvariable Ebene Gerade Fläche Determinante Dimension"
    ).split(),
    "kind": (
        "stetige konvergente beschränkte offene abgeschlossene kompakte endliche abzählbare "
        "lineare injektive surjektive bijektive orthogonale symmetrische positive ganze rationale "
        "reelle komplexe differenzierbare integrierbare monotone absolute normale zyklische leere "
        "maximale eindeutige allgemeine spezielle homogene inverse"
    ).split(),
    "do": "betrachten bestimmen untersuchen wählen konstruieren ersetzen benutzen erhalten".split(),
    "sentence": (
        "Sei {=v} eine {kind} {object} mit {=rel}.",
        "Dann ist {=small} eine {kind} {object}, also {=f}.",
        "Wir {do} nun die {object} {=v}.",
        "Nach Voraussetzung gilt {=f}, und die {object} ist keine {kind} {object}.",
        "Daraus folgt die Behauptung für jede {kind} {object}.",
        "Angenommen, die {object} wäre keine {kind} {object}; das widerspricht der Annahme.",
        "Für jede {kind} {object} gibt es genau eine {object}, die wir {do}.",
        "Der Satz von {surname} besagt, dass jede {kind} {object} eine {object} besitzt.",
        "Umgekehrt sei eine {object} gegeben; wir {do} eine {kind} {object}.",
        "Die {object} heißt {surname}-{object}, wenn sie eine {kind} {object} hat.",
        "Man beachte, dass die {object} von der Wahl der {object} nicht abhängt.",
        "Übungsaufgabe: Zeigen Sie, dass die {kind} {object} eindeutig ist.",
        "Zum Beispiel hat {=small} keine {kind} {object}.",
        "Damit ist der Beweis erbracht.",
        "Im Fall {=eq} {do} wir die {kind} {object}.",
    ),
    "name": ("Satz", "Lemma", "Definition", "Folgerung", "Bemerkung", "Beispiel"),
    "title": (
        "Vorlesung {1-30}: {kind} {object}",
        "Die {kind} {object}",
        "Der Satz von {surname}",
        "{object} und {object}",
    ),
}

_RU: dict[str, Sequence[str]] = {
    "name": (
        "Иванов Петров Сидоров Кузнецов Смирнов Попов Волков Соколов Лебедев Морозов Новиков "
        "Козлов Павлов Орлов Макаров Никитин Захаров Зайцев Борисов Яковлев Григорьев Романов"
    ).split(),
    "town": (
        "Москве Казани Самаре Перми Омске Туле Рязани Твери Томске Уфе Пскове Вологде Калуге "
        "Курске Орле Саратове Иркутске Якутске Брянске Липецке"
    ).split(),
    "noun": (
        "программа система работа школа компания группа страница область функция задача книга "
        "команда игра погода дорога квартира машина реформа встреча выставка цена услуга доставка "
        "поездка прогулка площадь граница сумма таблица длина скорость температура вода мука "
        "морковь сметана кастрюля сковорода больница помощь проверка олимпиада победа"
    ).split(),
    "adj": (
        "новая старая большая важная простая интересная известная открытая полная городская "
        "областная общая последняя первая хорошая быстрая зимняя летняя дорогая свежая вкусная"
    ).split(),
    "verb": (
        "открылась началась завершилась изменилась появилась прошла выросла понравилась "
        "потребовалась продолжилась подтвердилась отменилась"
    ).split(),
    "sentence": (
        "В {town} {verb} {adj} {noun}, сообщил {name}.",
        "{adj|cap} {noun} стоит {100-9000} рублей и {adj} {noun} тоже.",
        "Как отметил {name}, {noun} {verb} в {1990-2023} году.",
        "Нужна {adj} {noun}, затем {noun} и {3-60} минут времени.",
        "Вчера {verb} {noun}, а сегодня {adj} {noun}.",
        "По словам жителей, {noun} в {town} {verb} {2-20} раз.",
        "Эта {noun} не такая {adj}, как {noun} в {town}.",
        "Если {noun} {adj}, то {noun} не нужна.",
        "У меня {verb} {noun}, подскажите, где {adj} {noun}?",
        "{name} и {name} обсудили, почему {noun} {verb}.",
    ),
    "title": ("{adj|cap} {noun} в {town}", "{noun|cap} и {noun}", "{name}: {noun} {verb}"),
    "comment": ("Спасибо, {noun} {verb}!", "А где {adj} {noun}, {name}?"),
}

_RULES = {"de": _DE, "ru": _RU}


def life_telling(dice: Dice, language: str) -> Telling:
    """A telling of an everyday page, ``language`` de or ru."""
    telling = Telling(dice, _RULES[language])
    telling.narrow(noun=14, adj=8, verb=6)
    return telling


def life(telling: Telling, paragraphs: int) -> list[Block]:
    """Paragraphs under a few headings."""
    blocks: list[Block] = []
    for at in range(paragraphs):
        if at % 4 == 3:
            blocks.append(("h2", telling.say("title")))
        blocks.append(("p", telling.paragraph("sentence", 3, 7)))
    return blocks


def notes_telling(dice: Dice, subject: str) -> Telling:
    """A telling of German lecture notes."""
    telling = Telling(dice, _NOTES, subject)
    telling.narrow(object=10, kind=9, surname=4)
    return telling


def notes(telling: Telling, paragraphs: int) -> list[Block]:
    """Numbered statements with few formulas."""
    blocks: list[Block] = []
    for at in range(paragraphs):
        if at % 5 == 3:
            blocks.append(("h2", telling.say("title")))
        if telling.dice.chance(0.5):
            blocks.append(("p", f"{telling.say('name')} {at + 1}. " + telling.say("sentence")))
        blocks.append(("p", telling.paragraph("sentence", 3, 6)))
        if telling.dice.chance(0.2):
            blocks.append(("display", telling.fill("{=eq}")))
    return blocks
