import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.base.errors import ConfigError, InputEmpty, InputMalformed, InputMissing
from pipeline.config.settings import Decontaminate
from pipeline.decontaminate.benchmarks import (
    Item,
    fingerprint_files,
    load_benchmarks,
    load_catalogue,
    names_without_items,
)
from tests.places import SHARED

CATALOGUE = Path(__file__).parents[2] / "seeds" / "benchmarks.toml"
BENCHMARKS = SHARED / "benchmarks"

ROW = {"benchmark": "gsm8k", "split": "test", "id": "1", "question": "How many?", "answer": "7"}


def settings(folder, names=("*",), catalogue=""):
    return Decontaminate(benchmarks=str(folder), names=tuple(names), catalogue=str(catalogue))


def write_lines(path, *rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows)
    opened = gzip.open if path.name.endswith(".gz") else open
    with opened(path, "wt", encoding="utf-8") as stream:
        stream.write(lines)


@pytest.mark.parametrize(
    "name", ["a.jsonl", "a.jsonl.gz", "deep/er/a.jsonl", "a.parquet", "a.json"]
)
def test_the_normal_form_is_read_from_every_kind_of_file(tmp_path, name):
    path = tmp_path / name
    if name.endswith(".parquet"):
        pq.write_table(pa.Table.from_pylist([ROW]), path)
    else:
        write_lines(path, ROW)
    assert load_benchmarks(settings(tmp_path)) == [Item("gsm8k", "test", "1", "How many?", "7")]


def test_numbers_are_texts_and_a_missing_answer_is_empty(tmp_path):
    write_lines(tmp_path / "a.jsonl", ROW | {"id": 5, "answer": None}, "\n", ROW | {"answer": 7})
    assert [(item.id, item.answer) for item in load_benchmarks(settings(tmp_path))] == [
        ("5", ""),
        ("1", "7"),
    ]


def test_a_line_separator_inside_a_string_ends_no_line(tmp_path):
    row = json.dumps(ROW | {"question": "one\u2028two\u0085three"}, ensure_ascii=False)
    write_lines(tmp_path / "a.jsonl", row + "\n")
    assert load_benchmarks(settings(tmp_path))[0].question == "one\u2028two\u0085three"


def test_names_choose_benchmarks_by_glob_and_without_regard_to_case(tmp_path):
    names = ["agieval_math", "AGIEval_sat", "math", "mathqa"]
    write_lines(tmp_path / "a.jsonl", *(ROW | {"benchmark": name} for name in names))
    chosen = settings(tmp_path, ["agieval*", "MATH", "cmath"])
    items = load_benchmarks(chosen)
    assert [item.benchmark for item in items] == ["agieval_math", "AGIEval_sat", "math"]
    assert names_without_items(items, chosen) == ["cmath"]


def test_no_folder_configured_is_no_benchmarks():
    assert load_benchmarks(Decontaminate()) == []
    assert fingerprint_files(Decontaminate()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputMissing, match="nowhere"):
        load_benchmarks(settings(tmp_path / "nowhere"))


def test_names_that_match_nothing_are_told_what_there_is(tmp_path):
    write_lines(tmp_path / "a.jsonl", ROW, ROW | {"benchmark": "math"})
    with pytest.raises(InputEmpty, match="gsm8k, math"):
        load_benchmarks(settings(tmp_path, ["cmath"]))


def test_an_empty_folder_is_an_error(tmp_path):
    with pytest.raises(InputEmpty, match="holds none"):
        load_benchmarks(settings(tmp_path))


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        ('{"benchmark": "gsm8k", \n', "not JSON"),
        ("[1, 2]\n", "a row is list"),
        (json.dumps(ROW | {"question": "  "}) + "\n", "no question"),
        (json.dumps({"benchmark": "x", "problem": "How many?"}) + "\n", "problem"),
        (json.dumps(ROW | {"benchmark": None}) + "\n", "no benchmark"),
        (json.dumps(ROW | {"question": {"en": "How many?"}}) + "\n", "nested"),
        ("[" * 100_000 + "\n", "not JSON"),
        ('{"benchmark": "x", "question": "q", "answer": ' + "9" * 5_000 + "}\n", "not JSON"),
    ],
)
def test_a_broken_line_is_named_and_never_skipped(tmp_path, broken, complaint):
    write_lines(tmp_path / "a.jsonl", ROW, "\n", broken, ROW)
    with pytest.raises(InputMalformed, match=r"a\.jsonl:3: ") as caught:
        load_benchmarks(settings(tmp_path))
    assert complaint in str(caught.value)


def test_bytes_that_are_no_utf8_are_named(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(json.dumps(ROW).encode() + b"\n\xff\xfe\n")
    with pytest.raises(InputMalformed, match=r"a\.jsonl:2: not UTF-8"):
        load_benchmarks(settings(tmp_path))


def test_a_file_cut_short_is_named(tmp_path):
    path = tmp_path / "a.jsonl.gz"
    write_lines(path, *(ROW | {"question": f"How many {n * 7919}?"} for n in range(500)))
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputMalformed, match=r"a\.jsonl\.gz:\d+: damaged gzip"):
        load_benchmarks(settings(tmp_path))
    path.write_text("no gzip at all")
    with pytest.raises(InputMalformed, match="damaged gzip"):
        load_benchmarks(settings(tmp_path))


def test_parquet_that_is_none_is_named(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"PAR1 not really")
    with pytest.raises(InputMalformed, match=r"a\.parquet:1: not Parquet"):
        load_benchmarks(settings(tmp_path))


def test_published_files_are_read_as_the_catalogue_says(tmp_path):
    write_lines(tmp_path / "gsm8k/test.jsonl", {"question": "How many?", "answer": "7"})
    write_lines(
        tmp_path / "cmath/cmath_dev.jsonl", {"grade": 1, "question": "几个苹果？", "golden": "7"}
    )
    write_lines(tmp_path / "cmath/distractor.jsonl", {"input": "几个梨？", "golden": 8})
    write_lines(
        tmp_path / "agieval/data/v1_1/sat-math.jsonl",
        {
            "passage": None,
            "question": "What is x?",
            "options": ["(A)1", "(B)2"],
            "label": "B",
            "answer": None,
            "other": {"solution": "It is 2."},
        },
        {"question": "And y?", "options": None, "label": "A", "other": None},
    )
    write_lines(
        tmp_path / "mgsm_zh/mgsm_zh.jsonl",
        {"id": "9", "messages": [{"role": "user", "content": "几只鸭子？"}], "answer": "3"},
    )
    write_lines(
        tmp_path / "mathqa/test.json",
        json.dumps([{"Problem": "a train", "options": "a ) 1 , b ) 2", "Rationale": "so"}] * 2),
    )
    (tmp_path / "math/algebra").mkdir(parents=True)
    pq.write_table(
        pa.Table.from_pylist([{"problem": "Find $x$.", "level": "5", "solution": "$x=1$"}]),
        tmp_path / "math/algebra/test-00000-of-00001.parquet",
    )
    assert load_benchmarks(settings(tmp_path, catalogue=CATALOGUE)) == [
        Item(
            "agieval_sat_math",
            "test",
            "agieval/data/v1_1/sat-math:1",
            "What is x?\n(A)1\n(B)2",
            "B\nIt is 2.",
        ),
        Item("agieval_sat_math", "test", "agieval/data/v1_1/sat-math:2", "And y?", "A"),
        Item("cmath", "cmath_dev", "cmath/cmath_dev:1", "几个苹果？", "7"),
        Item("cmath", "distractor", "cmath/distractor:1", "几个梨？", "8"),
        Item("gsm8k", "test", "gsm8k/test:1", "How many?", "7"),
        Item("math", "test", "math/algebra/test-00000-of-00001:1", "Find $x$.", "$x=1$"),
        Item("mathqa", "test", "mathqa/test:1", "a train\na ) 1 , b ) 2", "so"),
        Item("mathqa", "test", "mathqa/test:2", "a train\na ) 1 , b ) 2", "so"),
        Item("mgsm_zh", "test", "9", "几只鸭子？", "3"),
    ]


def test_published_files_of_benchmarks_that_do_not_count_are_not_even_opened(tmp_path):
    write_lines(tmp_path / "gsm8k/test.jsonl", {"question": "How many?", "answer": "7"})
    write_lines(tmp_path / "svamp/SVAMP.json", "this is no JSON")
    write_lines(tmp_path / "own.jsonl", ROW)
    chosen = settings(tmp_path, ["gsm8k"], CATALOGUE)
    assert len(load_benchmarks(chosen)) == 2
    assert fingerprint_files(chosen) == [
        CATALOGUE,
        tmp_path / "gsm8k/test.jsonl",
        tmp_path / "own.jsonl",
    ]


def test_a_published_file_with_other_fields_is_told_which_were_expected(tmp_path):
    write_lines(tmp_path / "cmath/cmath_dev.jsonl", {"problem": "几个苹果？"})
    with pytest.raises(InputMalformed, match=r"cmath_dev\.jsonl:1: no question.*problem"):
        load_benchmarks(settings(tmp_path, catalogue=CATALOGUE))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[gsm8k", "not TOML"),
        (
            '[x]\nbenchmark="x"\nhomepage=""\nget=""\nfiles=["a"]\nsplit="s"\nquestion=["q"]\nid_=""',
            "x.id_",
        ),
        ('[x]\nbenchmark="x"', "x.homepage"),
    ],
)
def test_a_catalogue_that_is_wrong_is_refused(tmp_path, text, complaint):
    (tmp_path / "c.toml").write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        load_catalogue(tmp_path / "c.toml")


def test_a_catalogue_may_name_a_place_of_any_number_of_digits(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps([{"messages": ["How many?"] * 3}]))
    for place, complaint in (("2", None), ("9" * 5_000, "no question")):
        (tmp_path / "c.toml").write_text(
            '[x]\nbenchmark="gsm8k"\nhomepage=""\nget=""\nfiles=["a.json"]\nsplit="s"\n'
            f'question=["messages.{place}"]\n'
        )
        loaded = settings(tmp_path, catalogue=tmp_path / "c.toml")
        if complaint:
            with pytest.raises(InputMalformed, match=complaint):
                load_benchmarks(loaded)
        else:
            assert [item.question for item in load_benchmarks(loaded)] == ["How many?"]


def test_a_catalogue_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputMissing, match=r"none\.toml"):
        load_benchmarks(settings(tmp_path, catalogue=tmp_path / "none.toml"))


def test_the_shipped_catalogue_covers_the_four_of_the_paper():
    tables = load_catalogue(CATALOGUE)
    assert {"gsm8k", "math", "cmath", "agieval_{stem}"} <= {
        how.benchmark for how in tables.values()
    }


@pytest.mark.skipif(not BENCHMARKS.is_dir(), reason="no ../shared/benchmarks beside the project")
def test_every_shared_benchmark_file_is_read_whole():
    items = load_benchmarks(settings(BENCHMARKS, catalogue=CATALOGUE))
    expected = 0
    for path in BENCHMARKS.glob("*.jsonl.gz"):
        with gzip.open(path) as stream:
            expected += sum(1 for _ in stream)
    assert len(items) == expected > 0
    names = {path.name.removesuffix(".jsonl.gz") for path in BENCHMARKS.glob("*.jsonl.gz")}
    assert {item.benchmark for item in items} == names
