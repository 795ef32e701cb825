from pathlib import Path

import pytest

from pipeline.base.errors import ConfigError, InputMissing
from pipeline.classify.trials import MOST_EPOCHS
from pipeline.config import settings
from pipeline.config.gone_settings import GONE
from pipeline.config.run_file import load_config, parse_config
from pipeline.config.tag_settings import Suspects

CRAWLS = {"crawls": {"one": {"warcs": ["a/*.warc.gz"]}}}


def parse(document, folder=Path("/data")):
    return parse_config(CRAWLS | document, folder=folder)


def test_defaults_are_the_papers_numbers():
    train = parse({}).train
    assert (train.positives, train.negatives) == (500_000, 500_000)
    assert (train.learning_rate, train.word_ngrams) == (0.1, 3)
    assert (train.min_count, train.epochs) == (3, 3)
    assert parse({}).select.budgets[0] == 40_000_000_000
    assert parse({}).emit.budgets[-1] == 160_000_000_000
    assert parse({}).mine.share == 0.10
    assert parse({}).decontaminate.grams == 10
    assert parse({}).decontaminate.min_grams == 3


@pytest.mark.parametrize(
    ("document", "key", "suggestion"),
    [
        ({"dedupe": {"band": 3}}, "dedupe.band", "bands"),
        ({"sede": {}}, "sede", "seed"),
        ({"crawls": {"one": {"warc": ["x"]}}}, "crawls.one.warc", "warcs"),
        ({"seed": {"texts": {"path": ["x"]}}}, "seed.texts.path", "paths"),
    ],
)
def test_misspelt_key_is_refused_with_the_right_one(document, key, suggestion):
    with pytest.raises(ConfigError) as caught:
        parse(document)
    assert f"unknown key {key}" in str(caught.value)
    assert f"did you mean {suggestion}?" in str(caught.value)


@pytest.mark.parametrize(
    ("train", "key", "remedy"),
    [
        (
            {"min_updates": 130_000},
            "min_updates",
            "train.small_seed_updates = [65_000, 130_000, 260_000]",
        ),
        (
            {"min_updates": 60_000, "update_factors": [1.0]},
            "min_updates",
            "small_seed_updates = [60_000]",
        ),
        ({"min_updates": 60_000, "update_factors": []}, "min_updates", "= [60_000] in place"),
        ({"update_factors": [2, 4]}, "update_factors", "= [260_000, 520_000] in place of"),
        ({"min_updates": 0}, "min_updates", "small_seed_updates = [] in place"),
        ({"min_updates": "many"}, "min_updates", "[65_000, 130_000, 260_000]"),
        ({"max_epochs": 20}, "max_epochs", "leave it out: a small seed has 50 epochs at most"),
        ({"quantize": True}, "quantize", "leave it out: pages are scored with folded.bin"),
        ({"quantize_rows": 9}, "quantize_rows", "leave it out"),
        ({"other_languages": 0.2}, "other_languages", "suspects.other_languages = 0.2"),
    ],
)
def test_a_key_that_is_gone_says_what_to_write_instead(train, key, remedy):
    with pytest.raises(ConfigError, match=f"train.{key} is no setting any more") as caught:
        parse({"train": train})
    assert remedy in caught.value.remedy


@pytest.mark.parametrize(
    ("budget", "budgets"), [(1_000_000, "emit.budgets = [1000000]"), (0, "emit.budgets = []")]
)
def test_one_budget_of_the_corpus_is_a_list_now(budget, budgets):
    with pytest.raises(ConfigError, match=r"emit\.budget is no setting any more") as caught:
        parse({"emit": {"budget": budget}})
    assert caught.value.remedy == f"write {budgets}"


def test_what_a_gone_key_suggests_is_what_was_the_default():
    assert parse({}).train.small_seed_updates == (65_000, 130_000, 260_000)
    assert f"{MOST_EPOCHS} epochs" in GONE["train.max_epochs"]({})


@pytest.mark.parametrize(
    "document",
    [
        {"train": {"dim": -1}},
        {"train": {"small_seed_updates": [0]}},
        {"train": {"dim": "many"}},
        {"select": {"floor": 1.5}},
        {"extract": {"reader": "curl"}},
        {"crawls": {}},
        {"crawls": {"one": {"warcs": []}}},
        {"crawls": {"../elsewhere": {"warcs": ["x"]}}},
    ],
)
def test_value_out_of_range_names_its_key(document):
    with pytest.raises(ConfigError) as caught:
        parse(document)
    section = next(iter(document))
    assert section in str(caught.value)


def test_paths_start_at_the_folder_of_the_file_and_uris_stay(tmp_path):
    (tmp_path / "seed.toml").write_text('paths = ["texts/*.parquet", "s3a://bucket/x.parquet"]\n')
    (tmp_path / "run.toml").write_text(
        '[crawls.one]\nwarcs = ["warc/*.gz", "/elsewhere/b.gz"]\n[seed]\ntexts = "seed.toml"\n'
    )
    read = load_config(tmp_path / "run.toml")
    assert read.crawls["one"].warcs == (str(tmp_path / "warc/*.gz"), "/elsewhere/b.gz")
    assert read.seed.texts is not None
    assert read.seed.texts.paths == (
        str(tmp_path / "texts/*.parquet"),
        "s3a://bucket/x.parquet",
    )


def test_missing_or_broken_file_is_told(tmp_path):
    with pytest.raises(InputMissing, match="no configuration at"):
        load_config(tmp_path / "none.toml")
    (tmp_path / "broken.toml").write_text("[crawls\n")
    with pytest.raises(ConfigError, match="is not TOML"):
        load_config(tmp_path / "broken.toml")


@pytest.mark.parametrize(
    "value",
    ["9" * 5_000, "0x" + "f" * 5_000, "[1, [0b1" + "0" * 70 + "]]", "{ a = -1" + "0" * 30 + " }"],
)
def test_numbers_that_toml_does_not_have_are_told(tmp_path, value):
    (tmp_path / "run.toml").write_text(f"[train]\ndim = {value}\n")
    with pytest.raises(ConfigError, match=r"run\.toml is not TOML") as caught:
        load_config(tmp_path / "run.toml")
    assert len(str(caught.value)) < 2_100


def test_toml_that_is_nested_without_end_is_told(tmp_path):
    (tmp_path / "run.toml").write_text("x = " + "[" * 50_000)
    with pytest.raises(ConfigError, match="is not TOML"):
        load_config(tmp_path / "run.toml")


def test_configuration_is_frozen():
    with pytest.raises(ValueError, match="frozen"):
        parse({}).train.dim = 3


def test_every_number_of_the_paper_is_a_default_somewhere():
    """No PAPER_ constant is left that the configuration does not use."""
    source = Path(settings.__file__).read_text()
    for name in vars(settings):
        if name.startswith("PAPER_"):
            assert source.count(name) >= 2, name


def test_one_setting_gives_the_papers_rounds_and_what_is_set_beside_it_holds():
    paper = Suspects(paper_alone=True)
    assert (paper.spare, paper.negatives, paper.positives, paper.domains) == (False, 0, 0, 0)
    assert paper.other_languages == 1
    assert Suspects(paper_alone=True, domains=3) == paper.model_copy(update={"domains": 3})
    assert Suspects() == paper
    everything = Suspects(paper_alone=False)
    assert everything.spare
    assert everything.domains
