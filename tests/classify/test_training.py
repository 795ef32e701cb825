from __future__ import annotations

import json
import random
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import Any

import fasttext
import numpy as np
import pytest

from pipeline.base.errors import (
    InputMalformed,
    InputMissing,
    ModelMismatch,
    StorageFull,
    TrainingFailed,
)
from pipeline.classify import fit as fit_module
from pipeline.classify import training
from pipeline.classify.calibration import PlattScaling
from pipeline.classify.examples import write_shuffled
from pipeline.classify.features import features
from pipeline.classify.fit import FitFailed, Fitted, fit
from pipeline.classify.model import Description, Model, calibrate, loaded
from pipeline.classify.training import train
from pipeline.classify.trials import HeldOutExample
from pipeline.config.settings import Train

pytestmark = pytest.mark.process

SMALL = Train(dim=8, buckets=1_000, min_count=1, small_seed_updates=(2_000,), max_words=100)


def examples(count: int = 60, seed: int = 1) -> list[tuple[str, str]]:
    """Sentences about sums and about soups, with words in common."""
    rng = random.Random(seed)
    shared = "the we a is and of then let so every one".split()
    kinds = {
        "math": "$\\sum_{k=1}^n k$ theorem proof integer prime $x^2 \\le y$ lemma".split(),
        "other": "soup onion stir minutes price shop travel kitchen".split(),
    }
    return [
        (label, features(" ".join(rng.choice(shared + own) for _ in range(30)), 100))
        for label, own in kinds.items()
        for _ in range(count)
    ]


def trained(
    folder: Path,
    rows: list[tuple[str, str]],
    settings: Train = SMALL,
    held_out: list[HeldOutExample] = [],  # noqa: B006 - read only
) -> tuple[training.TrainingReport, list[str]]:
    notes: list[str] = []
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "out" / "model.bin"
    report = train(
        iter(rows), settings, path, scratch=folder, note=notes.append, held_out=iter(held_out)
    )
    return report, notes


def test_a_model_tells_texts_that_it_has_not_seen(tmp_path: Path) -> None:
    report, notes = trained(tmp_path, examples())
    assert report.examples == {"math": 60, "other": 60}
    assert report.epochs == 17  # 2,000 updates over 120 examples
    assert report.learning_rate == SMALL.learning_rate
    assert report.vocabulary > 10
    assert report.words == sum(len(line.split()) for _, line in examples())
    # numpy and fastText alone are more than this, and the model less.
    assert 20_000_000 < report.peak_memory < 1_000_000_000
    assert report.seconds >= report.trials[0].seconds > 0
    assert report.model_bytes == (tmp_path / "out" / "model.bin").stat().st_size
    assert "60 mathematical" in notes[0]
    fresh = examples(20, seed=2)
    scores = Model.load(tmp_path / "out" / "model.bin").score([line for _, line in fresh])
    assert scores.dtype == np.float32
    assert [("math" if score > 0.5 else "other") for score in scores] == [la for la, _ in fresh]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]  # scratch is clean


def test_the_same_examples_in_any_order_give_the_same_model(tmp_path: Path) -> None:
    rows = examples()
    one, _ = trained(tmp_path / "one", rows)
    random.Random(3).shuffle(rows)
    two, _ = trained(tmp_path / "two", rows)
    files = [tmp_path / name / "out" / "model.bin" for name in ("one", "two")]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert one.model_digest == two.model_digest


def test_what_memory_held_before_does_not_reach_the_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clean, _ = trained(tmp_path / "clean", examples())
    # Has glibc fill what it hands out with a pattern that makes fastText meet NaN.
    monkeypatch.setenv("MALLOC_PERTURB_", "1")
    dirty, notes = trained(tmp_path / "dirty", examples())
    assert dirty.model_digest == clean.model_digest
    assert not [note for note in notes if "NaN" in note]


def test_another_seed_gives_another_model(tmp_path: Path) -> None:
    one, _ = trained(tmp_path / "one", examples())
    two, _ = trained(tmp_path / "two", examples(), SMALL.model_copy(update={"seed": 2}))
    assert one.model_digest != two.model_digest


def test_scores_are_those_of_fasttext(tmp_path: Path) -> None:
    trained(tmp_path, examples())
    path = tmp_path / "out" / "model.bin"
    lines = [line for _, line in examples(20, seed=5)] + ["never seen words", "sum"]
    plain = fasttext.load_model(str(path))
    expected = []
    for line in lines:
        labels, probabilities = plain.predict(line, k=2)
        expected.append(dict(zip(labels, probabilities, strict=True))["__label__math"])
    for scorer in ("folded", "fasttext"):
        np.testing.assert_allclose(
            Model.load(path, scorer).score(lines), np.clip(expected, 0, 1), rtol=0, atol=1e-5
        )


def test_a_line_without_words_is_not_mathematics(tmp_path: Path) -> None:
    trained(tmp_path, examples())
    model = Model.load(tmp_path / "out" / "model.bin")
    assert model.score(["", "theorem proof prime", " "]).tolist()[::2] == [0, 0]
    assert model.score([]).shape == (0,)


def test_examples_without_words_are_left_out_and_counted(tmp_path: Path) -> None:
    report, _ = trained(tmp_path, [*examples(), ("math", ""), ("other", " ")])
    assert report.examples == {"math": 60, "other": 60}
    assert report.without_words == 2


@pytest.mark.parametrize("missing", ["math", "other"])
def test_a_class_without_examples_is_refused(tmp_path: Path, missing: str) -> None:
    rows = [row for row in examples() if row[0] != missing]
    with pytest.raises(TrainingFailed) as caught:
        trained(tmp_path, rows)
    assert f"0 of {missing}" in str(caught.value)
    assert caught.value.expected
    assert caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_too_rare_words_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match="no word occurs 100000 times"):
        trained(tmp_path, examples(), SMALL.model_copy(update={"min_count": 100_000}))


def test_nan_halves_the_learning_rate_and_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails_above_a_third(arguments: dict[str, Any], model: Path, note: Any) -> Fitted:
        if arguments["lr"] > 0.3:
            raise FitFailed("Encountered NaN.")
        return fit(arguments, model, note)

    monkeypatch.setattr(training, "fit", fails_above_a_third)
    report, notes = trained(tmp_path, examples(), SMALL.model_copy(update={"learning_rate": 1.0}))
    assert report.learning_rate == 0.25
    assert [note for note in notes if "NaN" in note] == [
        "fastText met NaN at learning rate 1, so the rate is halved",
        "fastText met NaN at learning rate 0.5, so the rate is halved",
    ]


def test_nan_at_every_rate_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TrainingFailed, match="NaN at every learning rate from 1e\\+30"):
        trained(tmp_path, examples(), SMALL.model_copy(update={"learning_rate": 1e30}))


def test_a_disk_that_is_full_is_told_as_such(tmp_path: Path) -> None:
    """fastText itself writes half a model, and says nothing."""
    mount = ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(tmp_path)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk to fill")
    try:
        settings = Train(dim=16, buckets=20_000, small_seed_updates=(), min_count=1)
        lines = [("math", f"sum of {n}") for n in range(99)]
        lines += [("other", f"recipe {n}") for n in range(99)]
        with pytest.raises(StorageFull, match="no space left while writing to"):
            train(lines, settings, tmp_path / "model.bin", scratch=tmp_path, note=print)
        # Room for the half of a model that was there is room again.
        (tmp_path / "fits").write_bytes(b"x" * 200_000)
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_trainer_that_is_killed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: Any) -> None:
        raise FitFailed("killed by signal 9")

    monkeypatch.setattr(training, "fit", dies)
    with pytest.raises(TrainingFailed, match="signal 9") as caught:
        trained(tmp_path, examples())
    assert "train.buckets" in caught.value.remedy


def test_an_unwritable_model_is_told(tmp_path: Path) -> None:
    rows = tmp_path / "rows.txt"
    write_shuffled(examples(), rows, seed=1)
    arguments = {"input": str(rows), "dim": 2, "bucket": 10, "thread": 1, "epoch": 1}
    with pytest.raises(FitFailed, match="cannot be opened for saving"):
        fit(arguments, tmp_path / "no" / "such" / "model.bin", note=lambda _: None)


def test_progress_is_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fit_module, "NOTE_SECONDS", 0.0)
    _, notes = trained(tmp_path, examples())
    assert any(note.startswith("training: 100.0% words/sec") for note in notes)


@pytest.mark.skipif(
    not Path("/proc/self/io").exists(), reason="this system does not tell what a process has read"
)
def test_a_training_with_one_thread_is_not_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fit_module, "NOTE_SECONDS", 0.05)
    long = Train(dim=8, buckets=1_000, small_seed_updates=(200_000,))
    _, notes = trained(tmp_path, examples(3_000), long)
    shares = [
        int(note.removeprefix("training: ").partition("% read, ")[0])
        for note in notes
        if "% read, " in note and note.endswith(" left")
    ]
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] <= 100
    assert len(set(shares)) > 2


def test_the_training_file_mixes_the_classes_and_forgets_the_order(tmp_path: Path) -> None:
    rows = examples(200)
    path = tmp_path / "rows.txt"
    held = write_shuffled([*rows, ("math", " ")], path, seed=1)
    assert held.of == {"math": 200, "other": 200}
    assert (held.total, held.without_words) == (400, 1)
    written = path.read_text(encoding="utf-8").splitlines()
    assert sorted(written) == sorted(f"__label__{label} {line}" for label, line in rows)
    labels = [line.split()[0] for line in written]
    changes = sum(a != b for a, b in pairwise(labels))
    assert changes > 100  # of 399; one where the classes lie apart
    write_shuffled(reversed(rows), tmp_path / "again.txt", seed=1)
    assert (tmp_path / "again.txt").read_bytes() == path.read_bytes()


class TestDescription:
    @pytest.fixture
    def model_path(self, tmp_path: Path) -> Path:
        trained(tmp_path, examples())
        return tmp_path / "out" / "model.bin"

    def change(self, model_path: Path, **values: object) -> None:
        path = model_path.parent / "features.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    def test_says_what_the_model_reads(self, model_path: Path) -> None:
        document = json.loads((model_path.parent / "features.json").read_text())
        assert document["max_words"] == SMALL.max_words
        assert document["labels"] == ["math", "other"]
        Description.of_model(model_path).check(model_path, SMALL.max_words)

    @pytest.mark.parametrize("name", ["features_version", "words_version", "model_bytes"])
    def test_another_version_or_size_is_refused(self, model_path: Path, name: str) -> None:
        self.change(model_path, **{name: 77})
        with pytest.raises(ModelMismatch, match=f"{name} 77"):
            Model.load(model_path)

    def test_other_labels_are_refused(self, model_path: Path) -> None:
        self.change(model_path, labels=["cc", "owm"])
        with pytest.raises(ModelMismatch, match="labels cc/owm"):
            Model.load(model_path)

    def test_another_number_of_words_is_refused(self, model_path: Path) -> None:
        with pytest.raises(ModelMismatch, match="max_words 100") as caught:
            Description.of_model(model_path).check(model_path, 2_000)
        assert "max_words 2000" in caught.value.expected

    def test_a_model_replaced_under_way_is_refused(self, model_path: Path) -> None:
        with pytest.raises(ModelMismatch, match="replaced"):
            loaded(model_path, "0" * 32)

    def test_another_calibration_is_another_model(self, model_path: Path) -> None:
        lines = [line for _, line in examples(20, seed=5)]
        plain = Model.load(model_path)
        names = {plain.description.digest}
        assert names == {plain.description.model_digest}
        for curve in (PlattScaling(1.0, 0.0), PlattScaling(3.0, -1.0), PlattScaling(3.0, 1.0)):
            calibrate(model_path, curve)
            for scorer in ("folded", "fasttext"):
                model = loaded(model_path, Description.of_model(model_path).digest, scorer)
                expected = curve.of(plain.score(lines))
                np.testing.assert_allclose(model.score(lines), expected, rtol=0, atol=1e-4)
            names.add(model.description.digest)
        assert len(names) == 4
        assert model.score([""]).tolist() == [0]

    def test_models_of_before_calibration_score_as_they_did(self, model_path: Path) -> None:
        expected = Model.load(model_path).score(["sum proof"])
        path = model_path.parent / "features.json"
        document = json.loads(path.read_text())
        del document["calibration"]
        path.write_text(json.dumps(document))
        assert Model.load(model_path).score(["sum proof"]) == expected

    @pytest.mark.parametrize(
        "curve", [{"slope": 1}, {"slope": 0, "intercept": 0}, {"slope": "1", "intercept": 0}, [1]]
    )
    def test_a_curve_that_is_none_is_told(self, model_path: Path, curve: object) -> None:
        self.change(model_path, calibration=curve)
        with pytest.raises(InputMalformed, match="does not describe a model"):
            Model.load(model_path)

    def test_a_folded_model_of_another_training_is_refused(
        self, model_path: Path, tmp_path: Path
    ) -> None:
        trained(tmp_path / "other", examples(seed=9))
        folded = tmp_path / "other" / "out" / "folded.bin"
        folded.replace(model_path.parent / "folded.bin")
        with pytest.raises(ModelMismatch, match=r"folded\.bin was made of the model with digest"):
            Model.load(model_path)
        Model.load(model_path, "fasttext")

    def test_a_folded_model_needs_no_other(self, model_path: Path) -> None:
        expected = Model.load(model_path).score(["sum proof"])
        model_path.unlink()
        assert Model.load(model_path).score(["sum proof"]) == expected
        with pytest.raises(InputMissing, match=r"model\.bin is missing"):
            Model.load(model_path, "fasttext")

    def test_a_missing_or_broken_description_is_told(self, model_path: Path) -> None:
        description = model_path.parent / "features.json"
        description.write_text("{}")
        with pytest.raises(InputMalformed):
            Model.load(model_path)
        description.unlink()
        with pytest.raises(InputMissing):
            Model.load(model_path)
