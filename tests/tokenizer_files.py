"""A tokenizer.json of a few words, of the form that large ones have."""

from __future__ import annotations

from pathlib import Path

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

_TEXTS = ["the area of a circle is the square of its radius"] * 9


def small_tokenizer(path: Path) -> Tokenizer:
    """Write one to ``path``; it cuts what it reads after three tokens, as some models' do."""
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<end>"],
        show_progress=False,
    )
    made.train_from_iterator(_TEXTS, trainer)
    made.enable_truncation(3)
    made.save(str(path))
    made.no_truncation()
    return made
