"""Checkpoints outlive executors: one is killed in the middle, and nothing changes."""

import json
import subprocess
import sys

import pytest

from tests import quick_java
from tests.places import PROJECT

SCRIPT = """
import json, os, signal, sys
from pathlib import Path
from pyspark.sql import SparkSession
from pipeline.config.settings import Dedupe
from pipeline.dedupe.pool import build_pool
from tests.bench.pool_growth import session
from tests.bench.synthetic import synthetic_signatures

folder, kill = Path(sys.argv[1]), sys.argv[2] == "kill"
spark, settings = session(), Dedupe()
killed = []

def executors():
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            command = (place / "cmdline").read_bytes()
            environment = (place / "environ").read_bytes()
        except OSError:
            continue
        # This very run's, and nobody else's.
        if b"CoarseGrainedExecutorBackend" in command and folder.name.encode() in environment:
            found.append(int(place.name))
    return found

def checkpoint(rows, name):
    rows.write.parquet(str(folder / name))
    if kill and name in ("stars", "components-01-large", "by-minhash"):
        for process in executors():
            os.kill(process, signal.SIGKILL)
            killed.append(name)
    return spark.read.schema(rows.schema).parquet(str(folder / name))

signatures = checkpoint(synthetic_signatures(spark, 2000, settings), "signatures")
pool = build_pool(signatures, settings, checkpoint=checkpoint).pool
rows = sorted(map(list, pool.collect()))
print(json.dumps({"killed": killed, "rows": rows}))
spark.stop()
"""


@pytest.mark.slow
def test_killed_executors_change_nothing(tmp_path):
    told = {}
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    for way in ("quiet", "kill"):
        folder = tmp_path / f"{tmp_path.name}-{way}"
        folder.mkdir()
        ended = subprocess.run(
            [sys.executable, script, folder, way],
            cwd=PROJECT, capture_output=True, text=True, timeout=900,
            env={
                "PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT), "MARK": folder.name,
                quick_java.VARIABLE: quick_java.options(quick_java.shared_classes()),
            },
        )  # fmt: skip
        assert ended.returncode == 0, ended.stderr
        told[way] = json.loads(ended.stdout.splitlines()[-1])
    assert told["kill"]["killed"] == ["stars", "components-01-large", "by-minhash"]
    assert len(told["quiet"]["rows"]) == 2000
    assert told["kill"]["rows"] == told["quiet"]["rows"]
