"""The page's address outlives its server, and nobody else reads it."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from pipeline.base.errors import SetupError
from pipeline.tagging.kept_address import KeptAddress


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def started(workspace: str = "w", who: str = "ada", port: int | None = None) -> tuple[int, str]:
    """Port and token of a server that was started, and has ended."""
    kept = KeptAddress.of(workspace, who)
    with kept.listen(port) as listener:
        bound = listener.getsockname()[1]
        assert kept.keep(bound)
    return bound, kept.token


def test_it_is_the_same_after_a_restart_and_for_nobody_else(state: Path) -> None:
    first = started(port=0)
    assert started() == first
    assert started("./w") == first
    assert started(who="ben", port=0)[1] != first[1]
    assert started("other", port=0)[1] != first[1]
    folder = state / "mathmine" / "tagging"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    files = list(folder.iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_where_the_port_is_taken_another_one_is_found() -> None:
    port, token = started(port=0)
    kept = KeptAddress.of("w", "ada")
    with kept.listen(None) as first, KeptAddress.of("w", "ada").listen(None) as second:
        assert first.getsockname()[1] == port
        assert second.getsockname()[1] != port
        with pytest.raises(SetupError, match=f"port {port} cannot be used"):
            kept.listen(port)
    with pytest.raises(SetupError, match="port 70000 cannot be used"):
        kept.listen(70_000)
    assert kept.token == token


@pytest.mark.parametrize(
    "held",
    [
        "",
        "[]",
        '{"port": 1}',
        '{"port": "x", "token": 5}',
        json.dumps({"port": 8765, "token": "guessed"}),
        json.dumps({"port": 99_999, "token": "a" * 32}),
    ],
)
def test_a_file_that_is_no_address_is_written_anew(state: Path, held: str) -> None:
    started(port=0)
    [file] = (state / "mathmine" / "tagging").iterdir()
    file.write_text(held)
    kept = KeptAddress.of("w", "ada")
    assert (kept.port, len(kept.token)) == (0, 32)
    assert kept.keep(1234)
    assert KeptAddress.of("w", "ada") == KeptAddress(file, 1234, kept.token)


def test_a_token_that_others_could_read_is_not_used_again(state: Path) -> None:
    _, token = started(port=0)
    [file] = (state / "mathmine" / "tagging").iterdir()
    file.chmod(0o644)
    assert started(port=0)[1] != token
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_home_the_page_is_served_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    monkeypatch.delenv("XDG_STATE_HOME")
    kept = KeptAddress.of("w", "ada")
    assert (kept.path, kept.port, kept.keep(1)) == (None, 0, False)
    with kept.listen(0):
        pass
