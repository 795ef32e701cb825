"""A folder put on the Hugging Face Hub as a data set, by its own library."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.base.errors import ConfigError, SetupError

#: ``hf://datasets/owner/name``, and a branch if one is named.
_DATA_SET = re.compile(r"hf://datasets/([\w.-]+/[\w.-]+)(?:@([\w./-]+))?/?")


def data_set_of(address: str) -> tuple[str, str | None]:
    """Owner and name of a data set, and its branch; ``ConfigError`` for any other address."""
    match = _DATA_SET.fullmatch(address)
    if match is None:
        raise ConfigError(
            f"{address} is no data set of the Hub",
            expected="hf://datasets/OWNER/NAME, with @BRANCH behind it if you like",
        )
    return match[1], match[2]


def check_library() -> None:
    """``SetupError`` where the library is not there; before any work."""
    try:
        import huggingface_hub  # noqa: F401
    except ImportError:
        raise SetupError(
            "Hugging Face's library is not installed",
            remedy="pip install 'mathmine[huggingface]'",
        ) from None


def upload(folder: Path, address: str, *, private: bool, message: str) -> str:
    """Let the data set be what is in ``folder``, in one commit; where people find that.

    A data set that is not there is made, ``private`` or for all. Files of its ``data/`` that the
    folder does not have go. With the user's own token, as the library finds it. Raises
    ``ConfigError`` with what the Hub says.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError

    name, branch = data_set_of(address)
    hub = HfApi(library_name="mathmine")
    try:
        hub.create_repo(name, repo_type="dataset", private=private, exist_ok=True)
        commit = hub.upload_folder(
            repo_id=name,
            repo_type="dataset",
            folder_path=folder,
            revision=branch,
            commit_message=message,
            delete_patterns=["data/**"],
        )
    except (HfHubHTTPError, ValueError, OSError) as error:
        text = " ".join(str(error).split())[:400]
        raise ConfigError(
            f"{address} was not written: {text or type(error).__name__}",
            expected="a data set that you may write to, and a token: hf auth login, or HF_TOKEN",
        ) from None
    return str(commit.commit_url)
