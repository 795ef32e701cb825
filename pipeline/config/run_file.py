"""A run's TOML: read once, unknown keys refused with the nearest known one.

Paths in it are relative to its own folder.
"""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipeline.base.arguments import Takes, checked
from pipeline.base.errors import ConfigError
from pipeline.config.gone_settings import GONE
from pipeline.config.settings import TOKENIZERS, Config, SeedTexts
from pipeline.config.sources import CRAWL_ID, PATTERN_FILES, S3, Annotation, Crawl, Section
from pipeline.config.toml_file import read_toml


@checked(path=Takes((str, Path), "a str or a Path: where the run's TOML is"))
def load_config(path: str | Path) -> Config:
    """Read a run's TOML.

    Raises ``InputMissing`` where there is no such file and ``ConfigError`` where
    it is no TOML, has an unknown key (the nearest known one is suggested) or a
    value out of range.
    """
    path = Path(path)
    return parse_config(_read_toml(path), folder=path.parent, name=str(path))


def parse_config(document: dict[str, Any], *, folder: Path, name: str = "configuration") -> Config:
    """As :func:`load_config`, from what the TOML holds; paths start at ``folder``."""
    document = _with_seed_file(document, folder)
    try:
        # By way of JSON, where a list may be a tuple while "64" is still no number.
        config = Config.model_validate_json(json.dumps(document, default=str), strict=True)
    except ValidationError as error:
        raise _explained(error, name, document) from None
    return _with_absolute_paths(config, folder)


def _read_toml(path: Path) -> dict[str, Any]:
    return read_toml(path, what="configuration", remedy="give --config the path of a run's TOML")


def _with_seed_file(document: dict[str, Any], folder: Path) -> dict[str, Any]:
    """``seed.texts`` may name a TOML that holds the same keys (openwebmath.toml)."""
    seed = document.get("seed")
    if not isinstance(seed, dict) or not isinstance(seed.get("texts"), str):
        return document
    path = folder / seed["texts"]
    texts = _read_toml(path)
    texts["paths"] = [_absolute(item, path.parent) for item in texts.get("paths", [])]
    return document | {"seed": seed | {"texts": texts}}


def _with_absolute_paths(config: Config, folder: Path) -> Config:
    def absolute(text: str) -> str:
        return _absolute(text, folder)

    crawls = {
        name: crawl.model_copy(
            update={
                "warcs": tuple(absolute(text) for text in crawl.warcs),
                "index": tuple(absolute(text) for text in crawl.index),
                "host_index": tuple(absolute(text) for text in crawl.host_index),
                "patterns": tuple(
                    absolute(text) if text.endswith(PATTERN_FILES) else text
                    for text in crawl.patterns
                ),
            }
        )
        for name, crawl in config.crawls.items()
    }
    annotations = {
        name: one.model_copy(update={"tables": tuple(absolute(text) for text in one.tables)})
        for name, one in config.annotations.items()
    }
    seed = config.seed
    if seed.texts:
        texts = seed.texts.model_copy(update={"paths": tuple(map(absolute, seed.texts.paths))})
        seed = seed.model_copy(update={"texts": texts})
    return config.model_copy(
        update={
            "crawls": crawls,
            "annotations": annotations,
            "read": config.read.model_copy(
                update={"common_crawl": absolute(config.read.common_crawl)}
            ),
            "seed": seed,
            "tokens": config.tokens.model_copy(
                update={"tokenizer": _tokenizer(config.tokens.tokenizer, folder)}
            ),
            "tags": config.tags.model_copy(update={"file": absolute(config.tags.file)}),
            "decontaminate": config.decontaminate.model_copy(
                update={
                    "benchmarks": absolute(config.decontaminate.benchmarks),
                    "catalogue": absolute(config.decontaminate.catalogue),
                    "allowed": absolute(config.decontaminate.allowed),
                    "rulings": absolute(config.decontaminate.rulings),
                }
            ),
            "labels": config.labels.model_copy(update={"path": absolute(config.labels.path)}),
        }
    )


def _tokenizer(text: str, folder: Path) -> str:
    return text if text in TOKENIZERS else _absolute(text, folder)


def _absolute(text: str, folder: Path) -> str:
    """A path made absolute; URIs, ids of crawls and the empty string stay as they are."""
    if not text or "://" in text or CRAWL_ID.fullmatch(text):
        return text
    return str((folder / text).resolve())


def _explained(error: ValidationError, name: str, document: dict[str, Any]) -> ConfigError:
    # A misspelt required key is two errors; the spelling is the one to tell.
    first = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
    location = [str(part) for part in first["loc"]]
    key = ".".join(location)
    if first["type"] != "extra_forbidden":
        return ConfigError(f"{name}: {key or 'document'} is {first['input']!r}: {first['msg']}")
    if key in GONE:
        return ConfigError(f"{name}: {key} is no setting any more", remedy=GONE[key](document))
    known = sorted(_section_at(location[:-1]).model_fields)
    near = difflib.get_close_matches(location[-1], known, n=1)
    return ConfigError(
        f"{name}: unknown key {key}",
        expected=f"one of {', '.join(known)}",
        remedy=f"did you mean {near[0]}?" if near else "",
    )


def _section_at(location: list[str]) -> type[Section]:
    """The section whose key was refused: ``['seed', 'texts']`` gives SeedTexts."""
    nested: dict[tuple[str, ...], type[Section]] = {
        ("seed", "texts"): SeedTexts,
        ("read", "s3"): S3,
    }
    if location[:1] == ["crawls"]:
        return Crawl
    if location[:1] == ["annotations"]:
        return Annotation
    if tuple(location[:2]) in nested:
        return nested[tuple(location[:2])]
    if location:
        annotation = Config.model_fields[location[0]].annotation
        assert isinstance(annotation, type)
        assert issubclass(annotation, Section)
        return annotation
    return Config
