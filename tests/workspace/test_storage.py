"""Both storages keep the same promises; Hadoop's is tried on ``file:`` through the JVM."""

import errno
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.base.errors import StorageFull, WorkspaceBusy, WorkspaceError
from pipeline.workspace.hadoop import STALE_LOCK_SECONDS, HadoopStorage
from pipeline.workspace.places import Workspace
from pipeline.workspace.session import in_our_terms
from pipeline.workspace.storage import LocalStorage, for_spark, local_path


@pytest.fixture(params=["local", pytest.param("hadoop", marks=pytest.mark.spark)])
def storage(request, tmp_path):
    if request.param == "local":
        return LocalStorage(tmp_path / "root")
    spark = request.getfixturevalue("spark")
    return HadoopStorage((tmp_path / "root").as_uri(), lambda: spark.sparkContext)


def test_what_is_written_is_read_back_and_replaced(storage):
    assert storage.read("a/b.json") is None
    storage.write("a/b.json", "first ∑\n")
    storage.write("a/b.json", "second ∫\n")
    assert storage.read("a/b.json") == "second ∫\n"
    assert [n for n in storage.names("a") if not n.endswith(".crc")] == ["b.json"]


def test_folders_are_measured_and_deleted(storage, tmp_path):
    local = tmp_path / "made"
    local.mkdir()
    (local / "part.parquet").write_bytes(b"x" * 10)
    (local / "model.bin").write_bytes(b"xx")
    storage.put(local, "deep/in/table")
    assert storage.size("deep/in/table") == (2, 12)
    assert storage.size("deep/in/table/part.parquet") == (1, 10)
    names = storage.names("deep/in/table")
    assert [name for name in names if name[0] != "."] == ["model.bin", "part.parquet"]
    assert storage.read_all(["deep/in/table/model.bin", "deep/no.json"]) == ["xx", None]
    storage.delete("deep")
    storage.delete("deep")
    assert storage.size("deep") == (0, 0)
    assert storage.names("deep/in/table") == []


def test_second_run_in_a_workspace_is_refused_and_told_who_has_it(storage, tmp_path):
    again = type(storage).__new__(type(storage))
    again.__dict__.update(storage.__dict__)
    with storage.lock():
        with pytest.raises(WorkspaceBusy, match=r"in use by process \d+ on"), again.lock():
            pass
    with again.lock():
        pass


@pytest.mark.process
def test_lock_of_a_killed_process_is_free_again(tmp_path):
    code = (
        "import os, sys, signal, pathlib\n"
        "from pipeline.workspace.storage import LocalStorage\n"
        "with LocalStorage(pathlib.Path(sys.argv[1])).lock():\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert (tmp_path / ".lock").exists()
    with LocalStorage(tmp_path).lock():
        pass


def test_abandoned_lock_on_a_shared_file_system_is_taken_over(spark, tmp_path):
    storage = HadoopStorage(tmp_path.as_uri(), lambda: spark.sparkContext)
    gone = {"owner": "process 1 on elsewhere", "renewed": time.time() - STALE_LOCK_SECONDS - 1}
    storage.write(".lock", json.dumps(gone))
    with storage.lock():
        pass
    [latest] = [name for name in storage.names("") if name.startswith(".lock")]
    storage.write(latest, json.dumps(gone | {"renewed": time.time()}))
    with pytest.raises(WorkspaceBusy, match="process 1 on elsewhere"), storage.lock():
        pass


def test_full_disk_is_told_in_our_terms(tmp_path, monkeypatch):
    storage = LocalStorage(tmp_path)

    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(StorageFull, match="no space left"):
        storage.write("manifest.json", "{}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/w/x"),
        OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)),
        FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']"),
        RuntimeError("An error occurred\n\tat org.x\nCaused by: java.io.IOException: "
                     "No space left on device\n\tat java.io"),
    ],
)  # fmt: skip
def test_full_disk_is_known_whoever_tells_of_it(error):
    ours = in_our_terms(error)
    assert isinstance(ours, StorageFull)
    assert str(ours).count("\n") == 1
    assert "name another place" in ours.remedy


def test_other_errors_of_the_system_are_not_taken_for_a_full_disk():
    assert in_our_terms(OSError(errno.EACCES, "Permission denied")) is None


def test_run_that_lost_its_lock_leaves_the_new_owners_alone(spark, tmp_path):
    storage = HadoopStorage(tmp_path.as_uri(), lambda: spark.sparkContext)
    other = json.dumps({"owner": "process 2 on elsewhere", "renewed": time.time()})
    with storage.lock():
        storage.write(".lock-2", other)
    assert storage.read(".lock-2") == other


def test_slow_rival_cannot_take_the_lock_from_who_was_faster(spark, tmp_path, monkeypatch):
    """Both see a lock that was left behind; one has it, and perhaps another after that."""
    monkeypatch.setattr("pipeline.workspace.hadoop.SETTLE_SECONDS", 0)
    fast, slow = (HadoopStorage(tmp_path.as_uri(), lambda: spark.sparkContext) for _ in range(2))
    fast.write(".lock-7", json.dumps({"owner": "process 1 on elsewhere", "renewed": 0}))
    seen, look = slow._holder(), slow._holder
    for runs in (1, 2):
        looks = iter([seen])
        monkeypatch.setattr(slow, "_holder", lambda looks=looks: next(looks, None) or look())
        for _ in range(runs - 1):  # others have come and gone since it looked
            with fast.lock():
                pass
        with fast.lock():
            with pytest.raises(WorkspaceBusy, match=r"in use by process"), slow.lock():
                pass
            assert "process" in look().owner
    with slow.lock():
        pass


@pytest.mark.parametrize(
    ("uri", "local"),
    [
        ("/data/run", "/data/run"),
        ("run", "run"),
        ("file:///data/a%20b", "/data/a b"),
        ("file:/data/run", "/data/run"),
        ("hdfs://name/run", None),
        ("hdfs:/run", None),
        ("s3a://bucket/run", None),
    ],
)
def test_uris_choose_the_storage(uri, local):
    assert local_path(uri) == (Path(local) if local else None)
    kind = LocalStorage if local else HadoopStorage
    assert isinstance(Workspace(uri, lambda: None).storage, kind)


def test_spark_is_given_local_paths_that_no_default_file_system_can_move():
    assert for_spark("/data/run") == "file:///data/run"
    assert for_spark("hdfs:/run") == "hdfs:/run"
    assert LocalStorage(Path("/data")).uri("pool") == "file:///data/pool"


def test_workspace_that_is_a_file_is_told(tmp_path):
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(WorkspaceError, match="is no folder"), LocalStorage(path).lock():
            pass


def test_workspace_that_cannot_be_locked_is_told(tmp_path):
    (tmp_path / ".lock").mkdir()
    with pytest.raises(WorkspaceError, match=r"\.lock cannot be locked: Is a directory"):
        with LocalStorage(tmp_path).lock():
            pass
