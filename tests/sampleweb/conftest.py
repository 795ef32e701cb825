"""One small web for all tests of the sample web."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from pipeline.sampleweb.generate import Size, generate


@dataclass(frozen=True)
class Web:
    folder: Path
    size: Size

    @property
    def warcs(self) -> list[Path]:
        return sorted((self.folder / "warc").iterdir())

    @cached_property
    def labels(self) -> list[dict[str, Any]]:
        lines = (self.folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]

    @cached_property
    def outcomes(self) -> dict[str, Any]:
        return json.loads((self.folder / "outcomes.json").read_text())["warcs"]


@pytest.fixture(scope="session")
def web(tmp_path_factory: pytest.TempPathFactory) -> Web:
    size = Size(600, seed=3)
    folder = tmp_path_factory.mktemp("sampleweb") / "web"
    generate(folder, size)
    return Web(folder, size)
