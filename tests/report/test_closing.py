"""The command that a run ends with, as a person pastes it into a shell."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.base.printing import visible
from pipeline.report.closing_corpus import query_command

FOLDERS = [
    "plain",
    "two words",
    "it's",
    "''; rm -rf x; '",
    'say "no"',
    "$HOME `id` $(id) ${x} !! %s",
    "a[b]*?{c,d}",
    "year=2024/month=?",
    "back\\slash\\",
    "~/#; drop table x --",
    "größe ∑ 中文 😀",
    "line\nend\ttab\x1b[31m\x7f\u202e\u200d\ufe0f\u2028",
    "?X-Amz-Signature=abc&token=1",
    "x" * 200 + "/" + "y" * 200,
]


@pytest.mark.process
@pytest.mark.parametrize("shell", ["sh", "bash"])
@pytest.mark.parametrize("folder", FOLDERS)
def test_the_printed_query_works_for_any_workspace(tmp_path: Path, folder: str, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell} here")
    data = tmp_path / folder / "corpus" / "data"
    data.mkdir(parents=True)
    # What a pattern in the path would match, too.
    (tmp_path / "ab" / "corpus" / "data").mkdir(parents=True)
    rows = pa.table({"language": ["en", "en", "zh"], "tokens": [1_000, 234, 77]})
    pq.write_table(rows, data / "part-0.parquet")
    pq.write_table(rows, tmp_path / "ab" / "corpus" / "data" / "part-0.parquet")
    line = query_command(str(data))
    assert visible(line) == line, "what is printed is what is meant"
    told = subprocess.run(
        [shell, "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False
    )
    assert told.returncode == 0, told.stderr
    cells = [row.replace("│", " ").split() for row in told.stdout.splitlines()]
    assert ["en", "2", "1234"] in cells
    assert ["zh", "1", "77"] in cells
