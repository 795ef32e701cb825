"""Notes of steps: the JSON that workspaces hold, as it was before there were classes for it."""

from __future__ import annotations

import json

import pytest

from pipeline.base.errors import WorkspaceError
from pipeline.classify.train_notes import TrainNotes
from pipeline.corpus.convergence import ConvergeNotes
from pipeline.corpus.selection import SelectNotes
from pipeline.corpus.shards import EmitNotes
from pipeline.decontaminate.findings import DecontaminateNotes
from pipeline.dedupe.pool_notes import PoolNotes
from pipeline.loop.batches import BatchNotes, CrawlNotes
from pipeline.report.closing_judgement import JudgeNotes
from pipeline.topics.shares import TopicCountNotes, TopicShareNotes
from pipeline.workspace.manifest import Counts, Manifest
from pipeline.workspace.notes import Notes

LEDGER = {"ledger_rows": 5, "ledger_files": 2, "ledger_bytes": 7_000}
FIGURES = {
    "examples": {"math": 40, "other": 60},
    "precision": 0.9,
    "recall": 0.8,
    "f1": 0.847059,
    "auc": None,
    "average_precision": 0.95,
    "precision_at_recall_95": 0.7,
    "why_not": "",
}
TRIAL = {
    "epochs": 5,
    "learning_rate": 0.1,
    "seconds": 1.5,
    "peak_memory": 1_000,
    "figures": {
        "average_precision": 0.9,
        "auc": 0.9,
        "f1": 0.8,
        "expected_error": 0.03,
        "uncalibrated_error": 0.12,
        "by_page": True,
        "blind": "",
    },
    "calibration": {"slope": 0.7, "intercept": -0.5},
    "problem": "",
    "threads": 1,
}
SHARE = {
    "topic": "geometry",
    "candidates": 10,
    "candidate_share": 0.5,
    "collected": 5,
    "collected_share": 0.4,
    "taken": 0.5,
    "taken_low": 0.2,
    "taken_high": 0.8,
    "starved": False,
}
OVERLAP = {
    "pages": 3,
    "tokens": 100,
    "known pages": 2,
    "known tokens": 90,
    "page share": 0.75,
    "token share": 0.9,
}
POOL = {
    "signatures": {"seed": 1, "shingle_words": 5, "signature_scheme": "affine32-loads64"},
    "banding": {"bands": 14, "rows": 8},
    "expected recall by similarity": {"0.6": 0.211, "0.75": 0.77},
    "buckets": {
        "shared": 12,
        "pages of the largest": 3,
        "of 10,000 pages or more": 0,
        "rows of those": 0,
    },
}
VERIFIED = {"dropped": 7, "not like the best of their cluster": 2, "left when turns ended": 1}
BENCHMARK = {
    "items": 3,
    "items by ngram": 1,
    "items by exact": 1,
    "unseen items": 1,
    "ngram": 1,
    "exact": 2,
    "too-short": 2,
    "bare-value": 1,
    "exempt": 0,
}
JUDGED = {
    "pages": 4,
    "math pages": 3,
    "math collected": 2,
    "other pages": 1,
    "other collected": 1,
    "precision": None,
    "recall": 0.5,
    "kinds": [{"label": "math", "kind": None, "pages": 2, "collected": 1, "share": 0.5}],
    "topics": [{"topic": "geometry", "pages": 2, "collected": 1, "recall": 0.5}],
}
TRAINED = {
    "patterns": {"people": 2, "automatic": 1},
    "training": {
        "examples": {"math": 100, "other": 200},
        "without_words": 3,
        "words": 30_000,
        "epochs": 5,
        "chosen_by": "100 held-out examples",
        "trials": [TRIAL, TRIAL | {"figures": None, "calibration": None, "problem": "NaN"}],
        "learning_rate": 0.1,
        "seconds": 2.5,
        "peak_memory": 2_000,
        "vocabulary": 900,
        "model_bytes": 10_000,
        "model_digest": "5f",
        "dim": 64,
        "buckets": 50_000,
        "threads": 1,
        "calibration": {"slope": 0.7, "intercept": -0.5},
        "calibrated_by": "80 held-out examples of 16 hosts",
    },
    "held out": {
        "examples": {"math": 40, "other": 60},
        "precision": 0.9,
        "recall": 0.8,
        "auc": None,
        "by page": False,
        "calibration": {
            "expected_error": 0.01,
            "bins": [{"examples": 0, "mean_score": None, "mathematical": None}],
            "calibrated": True,
            "by_page": False,
            "uncalibrated_error": 0.12,
        },
        "precision recall": [{"threshold": 0.5, "precision": 0.9, "recall": 0.8}],
    },
    "compared": {
        "by_page": True,
        "before": FIGURES,
        "now": FIGURES,
        "difference": {"auc": None, "recall": {"change": -0.1, "interval": [-0.2, -0.05]}},
        "worse": ["recall"],
    },
    "origins": {"pattern": 5, "text": 95},
}
OF_STEPS: list[tuple[type[Notes], dict]] = [
    (BatchNotes, LEDGER),
    (BatchNotes, LEDGER | {"failed": {"a.warc.gz": 7, "b.warc.gz": None}}),
    (CrawlNotes, {}),
    (CrawlNotes, {"failed": 2}),
    (PoolNotes, POOL),
    (PoolNotes, POOL | {"verified": VERIFIED}),
    (TrainNotes, TRAINED),
    (TrainNotes, TRAINED | {"compared": None}),
    (SelectNotes, {"tokens": 5}),
    (SelectNotes, {"tokens": 5, "already collected": OVERLAP}),
    (
        ConvergeNotes,
        {
            "new pages": 10,
            "new tokens": 50,
            "hosts": 3,
            "by host": [{"host": "a.org", "pages": 4, "tokens": 9}],
            "by language": [{"language": "en", "pages": 5, "tokens": 9}],
            "in both": {"1": 40},
        },
    ),
    (TopicCountNotes, {"topics": {"geometry": 5, "any": 9}}),
    (TopicShareNotes, {"topics": [SHARE]}),
    (JudgeNotes, JUDGED),
    (
        DecontaminateNotes,
        {
            "benchmarks": {"x": BENCHMARK},
            "not indexable": [{"benchmark": "x", "split": "test", "item": "1"}],
            "missing names": ["gsm9k"],
            "pages hit": {"x": 4},
            "items hit": {"x": 1},
            "top grams": [
                {"rule": "ngram", "gram": "a b", "pages": 4, "alone": 2, "benchmark": "x"}
            ],
            "allowed": [{"entry": "they are equal", "reason": "…", "pages": 2, "grams": 1}],
            "exempted pages": 2,
            "exempted grams": 1,
            "spared pages": 1,
            "weighed": {
                "rule": "evidence",
                "condemned": {"pages": 4, "tokens": 40},
                "let pass": {"pages": 1, "tokens": 10},
                "by paper": {"pages": 5, "tokens": 50},
            },
            "reviewed": {"condemned": {"leak": 1}, "let pass": {}},
            "soft copies": {"pages": 3, "questions": 1, "nearest": []},
        },
    ),
    (EmitNotes, {"tokens": 5, "bytes of text": 20, "shards": 1}),
]


def manifest(notes: dict) -> Manifest:
    """A manifest as it was written before notes had classes, read from its JSON."""
    document = {
        "table": "rounds/2/model",
        "schema_version": 1,
        "recipe": {"step": "train", "version": 6, "schemas": {}, "settings": {}, "inputs": {}},
        "rows": 0,
        "bytes": 10,
        "files": 2,
        "counts": {"in": 3, "out": 2, "set_aside": {"held out": 1}, "unit": "examples"},
        "code_version": "0.1",
        "finished": "2025-01-31T12:00:00+00:00",
        "seconds": 1.5,
        "content": "5f",
        "notes": notes,
        "fingerprint": "00",
    }
    return Manifest.from_json(json.dumps(document))


@pytest.mark.parametrize(("kind", "document"), OF_STEPS)
def test_what_workspaces_hold_is_read_and_written_as_it_was(
    kind: type[Notes], document: dict
) -> None:
    notes = kind.of(manifest(document))
    assert type(notes) is kind
    assert json.loads(json.dumps(notes.document())) == document


def test_a_whole_manifest_is_written_as_it_was_read() -> None:
    old = manifest(TRAINED)
    assert old.counts == Counts(3, 2, {"held out": 1}, "examples")
    written = json.loads(old.to_json())
    assert written["counts"] == {
        "in": 3,
        "out": 2,
        "set_aside": {"held out": 1},
        "unit": "examples",
    }
    assert written["notes"] == TRAINED
    assert Manifest.from_json(old.to_json()) == old


def test_notes_without_benchmarks_had_three_keys_only() -> None:
    short = {"benchmarks": {}, "missing names": [], "pages hit": {}}
    assert DecontaminateNotes.of(manifest(short)) == DecontaminateNotes(benchmarks={})


def test_what_another_version_noted_more_is_passed_over() -> None:
    more = TRAINED | {"training": TRAINED["training"] | {"more": None}, "new": 1}
    assert TrainNotes.of(manifest(more)) == TrainNotes.of(manifest(TRAINED))


@pytest.mark.parametrize(
    ("kind", "document", "where"),
    [
        (SelectNotes, {}, "tokens"),
        (SelectNotes, {"tokens": "many"}, "tokens"),
        (TrainNotes, TRAINED | {"held out": {"precision": 1.0}}, "held out"),
        (PoolNotes, POOL | {"buckets": {}}, "buckets"),
    ],
)
def test_notes_that_lack_something_say_what_and_what_to_do(
    kind: type[Notes], document: dict, where: str
) -> None:
    with pytest.raises(WorkspaceError, match=f"rounds/2/model have no good '{where}") as caught:
        kind.of(manifest(document))
    assert "--force" in str(caught.value)
