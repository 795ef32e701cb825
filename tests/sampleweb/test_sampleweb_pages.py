"""What the pages hold: planted items, what resembles them, and copies."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from functools import cache

import pytest

from pipeline.sampleweb.articles import article
from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.grammar import FORMULA_BASE, FORMULA_MARK, Telling, inflected
from pipeline.sampleweb.mathematics import _SUBJECTS, formula
from pipeline.sampleweb.notation import NOTATIONS, TEX_NOTATIONS, plain, spoken, tex
from pipeline.sampleweb.pages import address, html
from pipeline.sampleweb.plan import AGAIN, EDITED, MIRRORED, ORIGINAL, PRINT, Plan
from pipeline.sampleweb.sample_benchmark import CHINESE, ENGLISH, item, items, resembling
from pipeline.text.words import words

LONG = 10


@pytest.fixture(scope="module")
def plan():
    return Plan(4000, 2)


@pytest.fixture(scope="module")
def specs(plan):
    return [plan.spec(*plan.visit(at)) for at in range(plan.pages)]


_made = {}


def made_of(plan, spec):
    """The article of a page, made once for all tests."""
    if id(spec) not in _made:
        _made[id(spec)] = article(plan, spec)
    return _made[id(spec)]


def text_of(made):
    written = tex if made.notation in TEX_NOTATIONS else plain
    return FORMULA_MARK.sub(
        lambda mark: f" {written(made.formulas[ord(mark.group()) - FORMULA_BASE])} ", made.text()
    )


def grams(found, n):
    return {tuple(found[at : at + n]) for at in range(len(found) - n + 1)}


@cache
def benchmark_grams(seed):
    """Runs of ``LONG`` words of items, and items that are shorter, by their first three words."""
    long, short = set(), defaultdict(set)
    for benchmark in (ENGLISH, CHINESE):
        for one in items(seed, benchmark):
            for text in (one.question.tex(), one.answer.tex()):
                found = words(text)
                long |= grams(found, LONG)
                if 3 <= len(found) < LONG:
                    short[tuple(found[:3])].add(tuple(found))
    return long, short


def contaminated(seed, found):
    """Whether words hold a run of an item's, or a short item whole."""
    long, short = benchmark_grams(seed)
    return any(
        tuple(found[at : at + LONG]) in long
        or any(tuple(found[at : at + len(one)]) == one for one in short.get(first, ()))
        for at, first in enumerate(zip(found, found[1:], found[2:], strict=False))
    )


def test_pages_that_leak_hold_an_item_and_no_other_page_does(plan, specs):
    leaks = 0
    for spec in specs:
        made = made_of(plan, spec)
        assert bool(made.leak) == (spec.planted == "leak")
        found = words(text_of(made))
        assert contaminated(plan.seed, found) == bool(made.leak), address(plan, spec, made)
        leaks += bool(made.leak)
    assert leaks > 25
    assert sum(spec.planted == "lookalike" for spec in specs) > 25


def test_items_leak_in_both_languages_long_and_short(plan, specs):
    leaked = [made_of(plan, spec).leak for spec in specs if spec.planted == "leak"]
    numbers = defaultdict(list)
    for leak in leaked:
        benchmark, _, identity = leak.partition("/")
        numbers[benchmark].append(item(plan.seed, benchmark, int(identity.rpartition("-")[2])))
    for benchmark in (ENGLISH, CHINESE):
        assert {one.short for one in numbers[benchmark]} == {True, False}


def test_what_resembles_an_item_shares_shorter_runs_with_it():
    beginnings = {gram[:3] for gram in benchmark_grams(1)[0]}
    shared = 0
    for number in range(300):
        for language in ("en", "zh"):
            found = words(resembling(Dice("try", number), language).tex())
            assert not contaminated(1, found)
            shared += bool(grams(found, 3) & beginnings)
    assert shared > 300


def test_benchmark_files_hold_the_items(web):
    for benchmark in (ENGLISH, CHINESE):
        path = web.folder / "benchmarks" / f"{benchmark}.jsonl.gz"
        lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        rows = [json.loads(line) for line in lines]
        assert len(rows) == len({row["id"] for row in rows}) == 150
        assert len({row["question"] for row in rows}) > 145
        lengths = [len(words(row["question"])) for row in rows]
        assert sum(3 <= length < LONG for length in lengths) == 30
        assert sum(length >= LONG for length in lengths) == 120
        assert all(set(row) == {"benchmark", "split", "id", "question", "answer"} for row in rows)


def shingles(plan, spec):
    return grams(words(text_of(made_of(plan, spec))), 5)


def jaccard(one, two):
    return len(one & two) / len(one | two)


def test_pages_of_a_family_are_alike_and_of_every_sort(plan, specs):
    families = defaultdict(list)
    for spec in specs:
        if spec.family:
            families[spec.family].append(spec)
    assert len(families) > 200
    roles = defaultdict(int)
    for family in families.values():
        assert len(family) > 1
        first, *rest = sorted(family, key=lambda spec: spec.role != ORIGINAL)
        assert first.role == ORIGINAL
        for spec in rest:
            roles[spec.role] += 1
            least = 0.88 if spec.role in (EDITED, MIRRORED) else 1.0
            assert jaccard(shingles(plan, first), shingles(plan, spec)) >= least, spec
    assert all(roles[role] > 20 for role in (AGAIN, PRINT, EDITED, MIRRORED))


def test_pages_without_a_family_are_unlike_all_others_of_their_site(plan, specs):
    sites = defaultdict(list)
    for spec in specs:
        if spec.role == ORIGINAL:
            sites[spec.host.site.name].append(spec)
    for site in ("zhongkao-ti.example", "storysums.example", "bashcorner.example"):
        sets = [shingles(plan, spec) for spec in sites[site]]
        for at, one in enumerate(sets):
            assert all(jaccard(one, two) < 0.5 for two in sets[:at])


def test_addresses_differ_and_copies_at_other_addresses_say_the_same(plan, specs):
    urls = [address(plan, spec, made_of(plan, spec)) for spec in specs]
    assert len(set(urls)) == len(urls)
    for mark in ("utm_source=", "jsessionid=", "PHPSESSID=", "fbclid=", "#", "print=1"):
        assert any(mark in url for url in urls), mark
    assert all(".example/" in url for url in urls)


def test_pages_unlike_the_seed_hold_tex_on_some_pages_only(plan, specs):
    for name in ("xiaoxue-shuxue.example", "storysums.example", "gifalgebra.example"):
        mine = [spec for spec in specs if spec.host.name == name and spec.section.mathematical]
        pages = []
        for spec in mine:
            made = made_of(plan, spec)
            notation = spec.host.site.notation
            pages.append(made.notation != notation and len(made.formulas) > 8)
        assert 0.1 < sum(pages) / len(pages) < 0.45, name


def test_sizes_of_pages_are_those_of_the_web(plan, specs):
    sizes = []
    for spec in specs[:400]:
        made = made_of(plan, spec)
        sizes.append(len(html(plan, spec, made, address(plan, spec, made), "utf-8")))
    sizes.sort()
    assert 20_000 < sizes[len(sizes) // 2] < 90_000
    assert sizes[-1] > 150_000


def test_every_notation_writes_every_kind_of_formula():
    for subject in _SUBJECTS:
        for number in range(60):
            node = formula(Dice("notation", subject, number), "f", subject)
            for display in (True, False):
                for name, write in NOTATIONS.items():
                    assert write(node, display), name
            assert tex(node).count("{") == tex(node).count("}")
            assert "\\" not in plain(node)
            assert "\\" not in spoken(node)


def test_a_telling_fills_slots_and_keeps_formulas_in_order():
    rules = {"word": ["root"], "all": ["{word|cap} of {=n} and {=v}, {3-3} {word|s}"]}
    told = Telling(Dice(1), rules, "school")
    text = told.say("all")
    marks = FORMULA_MARK.findall(text)
    assert [ord(mark) - FORMULA_BASE for mark in marks] == [0, 1]
    assert told.formulas[0][0] == "n"
    assert FORMULA_MARK.sub("#", text) == "Root of # and #, 3 roots"


@pytest.mark.parametrize(
    ("word", "how", "expected"),
    [
        ("city", "s", "cities"),
        ("day", "s", "days"),
        ("box", "s", "boxes"),
        ("carry", "ed", "carried"),
        ("bake", "ed", "baked"),
        ("agree", "ing", "agreeing"),
        ("bake", "ing", "baking"),
        ("egg", "a", "an egg"),
    ],
)
def test_words_inflect_regularly(word, how, expected):
    assert inflected(word, how) == expected
