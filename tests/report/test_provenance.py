from datetime import UTC, datetime

from pipeline.report.provenance import provenance
from pipeline.workspace.manifest import Counts, Manifest, Recipe

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def manifest(table: str, recipe: Recipe, seconds: float = 90.0) -> Manifest:
    counts = Counts(1, 1)
    finished = "2026-03-01T10:00:00+00:00"
    return Manifest(table, 1, recipe, 1, 1, 1, counts, "0.1", finished, seconds)


EXTRACT = Recipe("extract", 7, {}, {"extract": {"min_words": 10}}, {"warcs": "8 files ab12"})
PAGES = manifest("crawls/c/pages", EXTRACT)
TRAIN = Recipe(
    "train",
    2,
    {},
    {"seed": {"patterns": [], "texts": None}},
    {
        "pages of c": PAGES.identity,
        "seed file /home/ada/secret plans/x/texts.parquet": "77",
        "tags https://u:hunter2@host.example/t?token=abc": "88",
    },
)
SEED, MODEL = manifest("rounds/1/seed", TRAIN), manifest("rounds/1/model", TRAIN)
EMIT = Recipe("emit", 3, {}, {}, {"model": MODEL.identity, "benchmarks": "99"})
MADE = provenance([PAGES, SEED, MODEL], EMIT, NOW)


def by_label(label: str) -> dict:
    [entity] = [one for one in MADE["prov:wasInfluencedBy"] if one["prov:label"] == label]
    return entity


def test_every_entity_stands_once_and_nothing_refers_to_one_that_does_not_stand():
    ids = [one["@id"] for one in MADE["prov:wasInfluencedBy"]]
    assert len(ids) == len(set(ids)) == 6
    activities = [MADE["prov:wasGeneratedBy"]]
    activities += [
        one["prov:wasGeneratedBy"]
        for one in MADE["prov:wasInfluencedBy"]
        if "prov:wasGeneratedBy" in one
    ]
    used = {reference["@id"] for activity in activities for reference in activity["prov:used"]}
    assert used <= set(ids)
    assert [set(one) for one in MADE["prov:wasDerivedFrom"]] == [{"@id"}] * 4


def test_an_activity_says_what_it_was_when_it_was_and_how_it_was_set():
    activity = by_label("crawls/c/pages")["prov:wasGeneratedBy"]
    assert activity["prov:label"] == "extract, version 7"
    assert activity["prov:startedAtTime"] == "2026-03-01T09:58:30+00:00"
    assert activity["prov:endedAtTime"] == "2026-03-01T10:00:00+00:00"
    [setting] = activity["additionalProperty"]
    assert (setting["name"], setting["value"]) == ("extract.min_words", "10")
    assert by_label("warcs, read for crawls/c/pages")["@id"] == activity["prov:used"][0]["@id"]
    assert " " not in activity["prov:used"][0]["@id"]


def test_what_one_step_made_together_is_one_entity():
    activity = by_label("rounds/1/seed, rounds/1/model")["prov:wasGeneratedBy"]
    assert [one["name"] for one in activity["additionalProperty"]] == ["seed.patterns"]


def test_nothing_of_the_machine_and_no_key_is_published():
    labels = [one["prov:label"] for one in MADE["prov:wasInfluencedBy"]]
    text = repr(MADE)
    assert "/home" not in text
    assert "hunter2" not in text
    assert "abc" not in "".join(labels)
    assert "seed file texts.parquet, read for rounds/1/seed" in labels


def test_what_the_data_set_does_not_stand_on_is_not_told():
    other = manifest("rounds/9/domains", Recipe("mine", 1, {}, {}, {"pages": PAGES.identity}))
    made = provenance([PAGES, SEED, MODEL, other], EMIT, NOW)
    assert made == MADE


def test_the_data_set_itself_was_made_by_the_last_step_now():
    made = MADE["prov:wasGeneratedBy"]
    assert made["prov:label"] == "emit, version 3"
    assert made["prov:endedAtTime"] == "2026-03-01T12:00:00+00:00"
    assert MADE["prov:wasAttributedTo"]["@type"] == "prov:SoftwareAgent"
