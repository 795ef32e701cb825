from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import DataFrame, SparkSession
from selectolax.lexbor import LexborHTMLParser

from pipeline.classify import heldout
from pipeline.classify.features import features
from pipeline.classify.heldout import Before, evaluate_round
from pipeline.classify.training import train
from pipeline.classify.trials import HeldOutExample
from pipeline.config.settings import Evaluate, Train
from pipeline.report.evaluation_page import report_html

SETTINGS = Train(dim=8, buckets=1_000, min_count=1, small_seed_updates=(2_000,), max_words=100)
HOSTILE = "<script>alert(1)</script>"
LINES = (
    "id string, label string, held_out boolean, host string, url string, notations string, "
    "language string, line string"
)
SEED = "page_id string, source_id string, host string, label string, held_out boolean"


def examples() -> list[dict[str, Any]]:
    """Pages of 40 hosts, 10 of them held out; a third of the mathematics is Chinese."""
    rng = random.Random(1)
    words = {
        ("math", "en"): "sum theorem proof integer prime $x^2$ lemma".split(),
        ("math", "zh"): "求 圆 面 积 定 理".split(),
        ("other", "en"): "soup onion stir minutes price shop travel".split(),
        ("other", "zh"): "汤 天 气 旅 行 价".split(),
    }
    rows = []
    for number in range(800):
        host = number % 40
        label = "math" if host % 2 else "other"
        language = "zh" if host % 3 == 0 else "en"
        text = " ".join(rng.choices([*words[label, language], *"a1 b1 c1".split()], k=30))
        rows.append(
            {
                "id": f"{number:032x}",
                "label": label,
                "held_out": host >= 30,
                "host": f"h{host}.org",
                "language": language,
                "line": features(text, 100),
                "url": f"https://h{host}.org/{number}?{HOSTILE}",
                "notations": "dollar" if label == "math" and language == "en" else "",
            }
        )
    return rows


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return examples()


@pytest.fixture(scope="module")
def model(rows: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    lines = [(row["label"], row["line"]) for row in rows if not row["held_out"]]
    held_out = [
        HeldOutExample(row["label"], row["line"], row["host"]) for row in rows if row["held_out"]
    ]
    path = folder / "m" / "model.bin"
    train(lines, SETTINGS, path, scratch=folder, note=lambda _: None, held_out=held_out)
    return folder / "m" / "model.bin"


@pytest.fixture(scope="module")
def lines(spark: SparkSession, rows: list[dict[str, Any]]) -> DataFrame:
    outside = ("text", "math", True, "", None, None, "und", rows[1]["line"])
    names = ("id", "label", "held_out", "host", "url", "notations", "language", "line")
    examples = [tuple(row[name] for name in names) for row in rows]
    return spark.createDataFrame([*examples, outside], LINES)


def evaluated(lines, model, before, tmp_path, checkpoint, groups: int = 3) -> dict[str, Any]:
    return evaluate_round(
        lines,
        model,
        before,
        train_settings=SETTINGS,
        settings=Evaluate(left_out_groups=groups),
        scratch=tmp_path,
        checkpoint=checkpoint,
        note=lambda _: None,
    )


def test_a_round_is_tried_on_all_that_was_held_out(
    lines, model, rows, tmp_path, checkpoint, monkeypatch
) -> None:
    monkeypatch.setattr(heldout, "SCORED_TOGETHER", 7)
    found = evaluated(lines, model, None, tmp_path, checkpoint)
    held_out = [row for row in rows if row["held_out"]]
    math = sum(row["label"] == "math" for row in held_out)
    assert found["examples"] == {"math": math + 1, "other": len(held_out) - math}
    assert found["auc"] > 0.95
    assert found["absent_hosts"]["examples"] == found["examples"]
    zh = found["by_language"]["zh"]
    learnt = [row for row in rows if not row["held_out"] and row["language"] == "zh"]
    assert sum(zh["trained_on"].values()) == len(learnt) > 0
    assert found["by_notation"]["outside text"]["examples"] == {"math": 1, "other": 0}
    assert set(found["by_domain"]) == {"org", "none"}
    # Whoever never saw mathematics in Chinese does not know it; with it, they do.
    [left_out] = [one for one in found["left_out"] if one["group"] == "zh"]
    assert left_out["sort"] == "language"
    assert left_out["met"]["recall"] > 0.9
    assert left_out["never_met"]["recall"] < left_out["met"]["recall"] - 0.3
    assert found["compared"] is None
    # Calibrated, and judged by examples of other hosts than an example's own.
    calibration = found["calibration"]
    assert calibration["calibrated"] is True
    assert calibration["by_page"] is False
    assert calibration["expected_error"] < calibration["uncalibrated_error"]
    json.dumps(found, allow_nan=False)
    assert evaluated(lines, model, None, tmp_path, checkpoint, groups=0)["left_out"] == []

    page = report_html(found, 1)
    assert HOSTILE not in page
    error = f"{calibration['expected_error']:.3f}"
    assert f"Expected calibration error: {error}. Each example's score is calibrated by" in page
    tree = LexborHTMLParser(page)
    assert not tree.css("script, a, img, link, iframe")
    assert "language zh, never met" in page
    assert len(tree.css("svg circle")) == sum(
        bool(one["examples"]) for one in found["calibration"]["bins"]
    )


def test_the_round_before_is_compared_on_hosts_that_neither_has_learnt_from(
    spark, lines, model, rows, tmp_path, checkpoint
) -> None:
    # The round before held the same hosts out, but for h31, and had no h39 at all;
    # what it learnt was upside down.
    upside_down = [
        ("other" if row["label"] == "math" else "math", row["line"])
        for row in rows
        if not row["held_out"]
    ]
    path = tmp_path / "before" / "model.bin"
    train(upside_down, SETTINGS, path, scratch=tmp_path, note=lambda _: None)
    seed = [
        (row["id"], None, row["host"], row["label"], row["held_out"] and row["host"] != "h31.org")
        for row in rows
        if row["host"] != "h39.org"
    ]
    worst = Before(path, spark.createDataFrame(seed, SEED))
    found = evaluated(lines, model, worst, tmp_path, checkpoint, groups=0)["compared"]
    both = [row for row in rows if row["held_out"] and row["host"] != "h31.org"]
    assert sum(found["now"]["examples"].values()) == len(both) + 1
    assert found["by_page"] is False
    assert found["before"]["auc"] < 0.1 < 0.9 < found["now"]["auc"]
    assert found["worse"] == []

    # A round that held out single pages: the hosts are known, half of the pages are not.
    seed = [
        (row["id"], None, row["host"], row["label"], number % 80 >= 40)
        for number, row in enumerate(rows)
    ]
    by_page = Before(path, spark.createDataFrame(seed, SEED))
    of_hosts = lines.where("host <> ''")
    found = evaluated(of_hosts, model, by_page, tmp_path, checkpoint, groups=0)["compared"]
    assert found["by_page"] is True
    new = [row for n, row in enumerate(rows) if n % 80 >= 40 and row["held_out"]]
    assert sum(found["now"]["examples"].values()) == len(new) > 0
