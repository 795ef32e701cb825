from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.allowed import AllowList, Entry
from pipeline.decontaminate.benchmarks import Item
from pipeline.decontaminate.findings import DecontaminateNotes, index_report, not_indexable
from pipeline.report.closing_benchmarks import report_lines

SETTINGS = Decontaminate(grams=5, min_grams=3)
ALLOWED = AllowList(
    allowed=(
        Entry(text="they are equal", reason="a phrase of English", reviewed="a test"),
        Entry(pattern=r"\d( \d)+", reason="it is counting", reviewed="a test"),
        Entry(text="never met on a page", reason="it is unused", reviewed="a test"),
    )
)
ITEMS = [
    Item("long", "test", "a", "one two three four five six", "2"),
    Item("long", "test", "b", "one two three four five six", "they are equal"),
    Item("short", "dev", "c", "they are equal", "2"),
    Item("short", "dev", "d", "find it now", "a whole answer"),
    Item("short", "dev", "e", "find it", "5"),
]


def notes(**changed):
    found = {
        "benchmarks": index_report(ITEMS, SETTINGS, ALLOWED),
        "missing names": [],
        "pages hit": {"long": 1_234},
        "items hit": {"long": 2},
        "top grams": [
            {"rule": "ngram", "gram": "a b c d e", "pages": 1_000, "alone": 7, "benchmark": "long"}
        ],
        "allowed": [
            {"entry": "they are equal", "reason": "…", "pages": 3, "grams": 1},
            {"entry": "never met " * 10, "reason": "…", "pages": 0, "grams": 0},
        ],
        "exempted pages": 3,
        "exempted grams": 1,
        "spared pages": 2,
        "weighed": {
            "rule": "evidence",
            "condemned": {"pages": 3, "tokens": 4_000},
            "let pass": {"pages": 7, "tokens": 9_000},
            "by paper": {"pages": 10, "tokens": 13_000},
        },
        "reviewed": {"condemned": {"leak": 2, "near": 1, "chance": 1}},
    }
    return DecontaminateNotes.model_validate(found | changed)


def test_each_item_counts_once_by_the_rule_that_finds_it():
    report = index_report(ITEMS, SETTINGS, ALLOWED)
    counted = {
        name: (line.items, line.items_by_ngram, line.items_by_exact, line.unseen_items)
        for name, line in report.items()
    }
    assert counted == {"long": (2, 2, 0, 0), "short": (3, 0, 1, 2)}
    assert (report["long"].exempt, report["short"].exempt) == (1, 1)


def test_items_that_cannot_be_found_are_named():
    named = not_indexable(ITEMS, SETTINGS, ALLOWED)
    assert [one.item for one in named] == ["c", "e"]
    assert named[0].document() == {"benchmark": "short", "split": "dev", "item": "c"}
    assert [one.item for one in not_indexable(ITEMS, SETTINGS, AllowList())] == ["e"]


def test_only_so_many_are_named(monkeypatch):
    monkeypatch.setattr("pipeline.decontaminate.findings.MOST_NAMED", 1)
    assert len(not_indexable(ITEMS, SETTINGS, ALLOWED)) == 1


def test_the_lines_tell_of_every_benchmark():
    lines = report_lines(notes())
    assert lines[0] == (
        "decontaminated against 2 benchmarks, 5 items, 2 of them too short to be found"
    )
    cells = [line.split() for line in lines]
    assert ["long", "2", "2", "0", "0", "2", "1,234"] in cells
    assert ["short", "3", "0", "1", "2", "0", "0"] in cells
    assert ["1,000", "7", "ngram", "long", "a", "b", "c", "d", "e"] in cells


def test_the_lines_tell_what_was_let_pass_and_what_is_allowed_for_nothing():
    lines = report_lines(notes())
    assert "exempted 1 grams in 3 pages, 2 of which nothing else condemns" in lines
    assert ["3", "1", "they", "are", "equal"] in [line.split() for line in lines]
    assert "1 of 2 allowed entries exempt nothing here" in lines


def test_the_lines_tell_what_either_rule_condemns_and_how_true_the_hits_are():
    lines = report_lines(notes())
    told = (
        "condemned by the rule evidence: 3 pages (4,000 tokens); "
        "by the paper's: 10 pages (13,000 tokens)"
    )
    assert told in lines
    assert (
        "let pass, for it is too little of any text: 7 pages (9,000 tokens), in table let_pass"
        in lines
    )
    assert "reviewed hits: 1 chance, 2 leak, 1 near; precision 75%" in lines


def test_names_that_were_not_found_are_told():
    assert report_lines(notes(**{"missing names": ["gsm9k"]}))[-1] == (
        "NOT FOUND: no benchmark named gsm9k"
    )


def test_a_run_without_benchmarks_says_so():
    [line] = report_lines(DecontaminateNotes(benchmarks={}))
    assert line.startswith("NOT DECONTAMINATED")


def test_without_hits_and_rulings_there_is_one_table():
    lines = report_lines(notes(**{"top grams": [], "allowed": []}))
    assert len(lines) == 1 + 1 + 2 + 3
