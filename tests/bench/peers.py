"""Other projects' extractors: which there are, and Pythons that have them.

Each runs through ``peer.py`` in an environment below ``build/peers``, made with pip on
first use; never in the project's own.
"""

from __future__ import annotations

import functools
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.bench.interleaved import PROJECT

_PINS = Path(__file__).with_name("peers.toml")
_SCRIPT = Path(__file__).with_name("peer.py")
_FOLDER = PROJECT / "build" / "peers"
_LONGEST_SECONDS = 600

#: Names in ``peer.py`` to the environment that has them.
PEERS = {
    "trafilatura": "extractors",
    "trafilatura fast": "extractors",
    "resiliparse main content": "extractors",
    "resiliparse whole page": "extractors",
    "jusText": "extractors",
    "readability-lxml": "readability",
    "OpenWebMath": "openwebmath",
    "datatrove's Trafilatura": "datatrove",
}
#: Reads WARCs itself.
DATATROVE_WARC = "datatrove: WarcReader > Trafilatura"


@dataclass(frozen=True)
class Environment:
    """Its Python, or why there is none."""

    python: str = ""
    problem: str = ""


@functools.cache
def environment(name: str) -> Environment:
    """The environment, made where it is not there or its pins have changed."""
    packages = tomllib.loads(_PINS.read_text(encoding="utf-8"))[name]["packages"]
    folder = _FOLDER / name
    complete, wanted = folder / ".complete", "\n".join([sys.version, *packages])
    python = str(folder / "bin" / "python")
    if complete.is_file() and complete.read_text(encoding="utf-8") == wanted:
        return Environment(python)
    print(f"installing {name}: {', '.join(packages)}", file=sys.stderr, flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        for command in (
            [sys.executable, "-m", "venv", str(folder)],
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages],
        ):
            subprocess.run(
                command,
                check=True,
                capture_output=True,
                text=True,
                timeout=_LONGEST_SECONDS,
            )
    except subprocess.CalledProcessError as error:
        told = (error.stderr or error.stdout).strip().splitlines() or [str(error)]
        return Environment(problem=f"not installed: {told[-1]}")
    except (OSError, subprocess.TimeoutExpired) as error:
        return Environment(problem=f"not installed: {error}")
    complete.write_text(wanted, encoding="utf-8")
    return Environment(python)


def peer_command(name: str, python: str, action: str, *files: str) -> list[str]:
    """``action`` is ``time`` or ``texts``, see ``peer.py``."""
    # -P: the benchmark's own modules must not be found before the peer's.
    return [python, "-P", str(_SCRIPT), name, action, *files]
