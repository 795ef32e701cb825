"""A folder goes to the Hub by its own library, here to a server on loopback that plays it."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.base.errors import ConfigError
from pipeline.web.hub_upload import data_set_of

pytest.importorskip("huggingface_hub", reason="Hugging Face's library is not installed here")

#: What of the Hub's own answers the library looks at.
_DATA_SET = "/api/datasets/ada/maths"


class _Hub(BaseHTTPRequestHandler):
    files: dict[str, bytes]
    stored: dict[str, bytes]
    made: list[Any]
    token = "Bearer hf_known"

    def do_POST(self) -> None:
        body = self._body()
        path = self.path.partition("?")[0]
        if self.headers["Authorization"] != self.token:
            self._answer({"error": "Invalid credentials in Authorization header"}, 401)
        elif path == "/api/repos/create":
            self.made.append(json.loads(body))
            self._answer({"url": f"{self.here}/datasets/ada/maths"})
        elif path == "/api/validate-yaml":
            self._answer({"errors": [], "warnings": []})
        elif path == f"{_DATA_SET}/preupload/main":
            files = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["path"].endswith(".parquet") else "regular",
                    "shouldIgnore": False,
                }
                for file in json.loads(body)["files"]
            ]
            self._answer({"files": files})
        elif path.endswith("/info/lfs/objects/batch"):
            objects = [
                one | {"actions": {"upload": {"href": f"{self.here}/lfs/{one['oid']}"}}}
                for one in json.loads(body)["objects"]
            ]
            self._answer({"transfer": "basic", "objects": objects})
        elif path == f"{_DATA_SET}/commit/main":
            self._commit([json.loads(line) for line in body.splitlines()])
            url = f"{self.here}/datasets/ada/maths/commit/1"
            self._answer({"success": True, "commitUrl": url, "commitOid": "1" * 40})
        else:
            self._answer({"error": path}, 404)

    def do_PUT(self) -> None:
        self.stored[self.path.removeprefix("/lfs/")] = self._body()
        self._answer({})

    def do_GET(self) -> None:
        listed = [
            {"type": "file", "path": path, "size": len(data), "oid": "0" * 40}
            for path, data in self.files.items()
        ]
        if self.path.startswith(f"{_DATA_SET}/tree/main"):
            self._answer(listed)
        else:
            self._answer({"id": "ada/maths", "sha": "0" * 40, "siblings": []})

    def _commit(self, operations: list[dict[str, Any]]) -> None:
        for operation in operations:
            value = operation["value"]
            if operation["key"] == "file":
                self.files[value["path"]] = base64.b64decode(value["content"])
            elif operation["key"] == "lfsFile":
                self.files[value["path"]] = self.stored[value["oid"]]
            elif operation["key"] == "deletedFile":
                del self.files[value["path"]]

    @property
    def here(self) -> str:
        host, port = self.server.server_address[:2]
        return f"http://{host!s}:{port}"

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        whole = b""
        while size := int(self.rfile.readline(), 16):
            whole += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return whole

    def _answer(self, content: object, status: int = 200) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def hub() -> Iterator[tuple[str, type[_Hub]]]:
    kind = type("Hub", (_Hub,), {"files": {}, "stored": {}, "made": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", kind
        server.shutdown()


def put(folder: Path, endpoint: str, token: str, home: Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own, as the library reads its settings but once."""
    code = (
        "import sys; from pathlib import Path; from pipeline.web.hub_upload import upload\n"
        "print(upload(Path(sys.argv[1]), 'hf://datasets/ada/maths', private=True, message='m'))"
    )
    own = {"HF_ENDPOINT": endpoint, "HF_TOKEN": token, "HF_HOME": str(home)}
    own |= {"HF_HUB_DISABLE_XET": "1", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    return subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.process
def test_the_data_set_becomes_what_the_folder_is(hub, tmp_path):
    endpoint, server = hub
    server.files |= {"data/part-9/old.parquet": b"old", ".gitattributes": b"kept"}
    (tmp_path / "c/data/part-1").mkdir(parents=True)
    (tmp_path / "c/data/part-1/en-00000.parquet").write_bytes(b"PAR1 rows")
    (tmp_path / "c/README.md").write_text("---\nlicense: other\n---\n# Pages\n")
    done = put(tmp_path / "c", endpoint, "hf_known", tmp_path / "home")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == f"{endpoint}/datasets/ada/maths/commit/1"
    assert server.files == {
        "data/part-1/en-00000.parquet": b"PAR1 rows",
        "README.md": b"---\nlicense: other\n---\n# Pages\n",
        ".gitattributes": b"kept",
    }
    [made] = server.made
    assert (made["name"], made["type"]) == ("maths", "dataset")
    assert made.get("private") or made.get("visibility") == "private"
    refused = put(tmp_path / "c", endpoint, "hf_unknown", tmp_path / "home")
    assert refused.returncode
    assert "hf://datasets/ada/maths was not written" in refused.stderr


@pytest.mark.parametrize("address", ["hf://ada/maths", "hf://buckets/ada/maths", "hf://datasets/a"])
def test_other_addresses_are_refused(address):
    with pytest.raises(ConfigError, match="no data set of the Hub"):
        data_set_of(address)
    assert data_set_of("hf://datasets/ada/maths@v1") == ("ada/maths", "v1")
