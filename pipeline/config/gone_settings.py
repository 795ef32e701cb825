"""Keys that a run's TOML had once, and what to write in their place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pipeline.config.settings import Train

#: What the old keys meant where they were left out.
_MIN_UPDATES, _UPDATE_FACTORS = 130_000, (0.5, 1.0, 2.0)


def _updates(document: dict[str, Any]) -> str:
    """The one list that says what ``min_updates`` and ``update_factors`` said together."""
    train = document["train"]
    least = train.get("min_updates", _MIN_UPDATES)
    # Without factors min_updates itself was trained for, and nothing tried.
    factors = train.get("update_factors", _UPDATE_FACTORS) or (1.0,)
    try:
        updates = [round(least * factor) for factor in factors]
        written = Train(small_seed_updates=tuple(filter(None, updates))).small_seed_updates
    except (TypeError, ValueError, OverflowError):
        written = Train().small_seed_updates  # what they held was never allowed
    listed = ", ".join(f"{one:_}" for one in written)
    return f"write train.small_seed_updates = [{listed}] in place of min_updates and update_factors"


def _at_most(_: dict[str, Any]) -> str:
    return (
        "leave it out: a small seed has 50 epochs at most. How long it is trained is for "
        "train.small_seed_updates to say"
    )


def _quantize(_: dict[str, Any]) -> str:
    return "leave it out: pages are scored with folded.bin, which is small without it"


def _languages(document: dict[str, Any]) -> str:
    return f"write suspects.other_languages = {document['train']['other_languages']}"


def _budgets(document: dict[str, Any]) -> str:
    budget = document["emit"]["budget"]
    return f"write emit.budgets = [{budget or ''}]"


#: By the key that is gone: from the whole document to what to do.
GONE: Mapping[str, Callable[[dict[str, Any]], str]] = {
    "train.min_updates": _updates,
    "train.update_factors": _updates,
    "train.max_epochs": _at_most,
    "train.quantize": _quantize,
    "train.quantize_rows": _quantize,
    "train.other_languages": _languages,
    "emit.budget": _budgets,
}
