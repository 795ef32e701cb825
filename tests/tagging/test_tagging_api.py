"""The tagging page's server: who is answered, what is saved, what is refused."""

from __future__ import annotations

import json
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from mined_rounds import large_round
from serving import PROJECT, Served, command, run_file, serving

from pipeline.mine.patterns import Patterns

BOARD = "board.numbers.example"
MATHE = ["mathe-skripte.example", "aufgaben.example"]
Asked = tuple[Served, Path]


def saved(folder: Path) -> dict[str, bool]:
    return {said.pattern: said.mathematical for said in Patterns.read(folder / "tags.tsv")}


def test_a_script_tags_the_whole_queue(served: Served, tmp_path: Path) -> None:
    honest = {"number-theory", "analysis"}
    for _ in range(60):
        queue = served.get("/api/queue")
        if not queue["domains"]:
            break
        first = queue["domains"][0]
        assert first["adds"] == max(row["adds"] for row in queue["domains"])
        nodes = {n["prefix"]: n for n in served.get("/api/domain", domain=first["domain"])["nodes"]}
        node = nodes[first["next"]]
        assert node["open"]
        texts = served.get("/api/samples", prefix=node["prefix"])["samples"]
        if node["children"]:
            served.decide(node["prefix"], "split")
        elif node["prefix"].rpartition("/")[2] in honest:
            served.decide(node["prefix"], "mathematical", note=f"{len(texts)} looked at")
        else:
            served.decide(node["prefix"], "not")
    assert queue["domains"] == []
    assert queue["progress"]["finished"] == queue["progress"]["domains"] == 11
    assert queue["progress"]["pages_left"] == 0
    assert queue["progress"]["seconds_left"] == 0
    assert queue["progress"]["adds"] == queue["progress"]["next_adds"] == 0
    [given] = served.get("/api/decisions")["decisions"]
    tags = saved(tmp_path)
    assert (given["mathematical"], given["not"], given["skip"]) == (2, 24, 0)
    # 1,180 pages of which 640 were collected, and 820 of which 470 were.
    assert given["pages_yes"] == 540 + 350
    assert [name for name, yes in tags.items() if yes] == [
        f"{BOARD}/questions/analysis",
        f"{BOARD}/questions/number-theory",
    ]
    assert len(tags) == 26
    lines = (tmp_path / "tags.tsv").read_text().splitlines()
    assert lines[1:] == sorted(lines[1:])


def test_samples_are_both_kinds_with_their_formulas(asked: Asked) -> None:
    served, _ = asked
    samples = served.get("/api/samples", prefix=BOARD)["samples"]
    assert len(samples) == 10
    assert {sample["collected"] for sample in samples} == {True, False}
    assert all(sample["link"] == sample["url"] for sample in samples)
    trees = [piece for sample in samples for piece in sample["pieces"] if "tree" in piece]
    assert len(trees) > 30
    assert all(piece["tree"][0] == "math" for piece in trees)


def test_the_queue_is_filtered_and_paged(asked: Asked) -> None:
    served, _ = asked
    german = served.get("/api/queue", language="de")
    assert [row["domain"] for row in german["domains"]] == [
        "mathe-skripte.example",
        "aufgaben.example",
    ]
    assert german["languages"] == ["de", "en", "zh"]
    strong = served.get("/api/queue", min_share=0.6)["domains"]
    assert {row["domain"] for row in strong} == {"olympiad-archive.example", "proofs-daily.example"}
    assert served.get("/api/queue", reason="suspected")["total"] == 0
    assert served.request("GET", "/api/queue?reason=whim").status == 400
    weak = served.get("/api/queue", max_share=0.13)["domains"]
    assert {row["domain"] for row in weak} == {"garden-and-kitchen.example", "canal-news.example"}
    second = served.get("/api/queue", offset=1, limit=1)
    assert [row["domain"] for row in second["domains"]] == ["mathe-skripte.example"]
    assert second["total"] == 11


def test_hosts_and_paths_are_found(asked: Asked) -> None:
    served, _ = asked

    def hits(text: str) -> list[str]:
        return [hit["prefix"] for hit in served.get("/api/find", text=text)["found"]]

    assert hits("NUMBERS") == [
        BOARD,
        *(f"{BOARD}/{name}" for name in ("questions", "users", "blog", "help")),
        *(f"{BOARD}/questions/{name}" for name in ("number-theory", "analysis", "tagged")),
    ]
    assert hits(f"http://www.{BOARD}:80/questions/unheard/of?x#y") == [f"{BOARD}/questions"]
    assert hits("aufgaben.example/klasse-9")[0] == "aufgaben.example/klasse-9"
    for nothing in ("", "  ", "\\", "(", "[::1", "\u202e", "x" * 5_000, "%00"):
        assert hits(nothing) == []


@pytest.mark.process
def test_the_seeds_own_hosts_are_not_asked_about(small_workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "tags.tsv").write_text(
        "pattern\tmathematical\twho\twhen\tround\tnote\n"
        "proofs-daily.example\tno\tada\t2025-01-01\t1\t\n"
    )
    config = run_file(tmp_path, seed='proofs-daily.example", "aufgaben.example/klasse-9')
    with serving(small_workspace, config) as served:
        queue = served.get("/api/queue", limit=20)
        progress = queue["progress"]
        assert (progress["of_seed"], progress["domains"], progress["waits"]) == (1, 10, 9)
        names = {row["domain"]: row for row in queue["domains"]}
        assert "proofs-daily.example" not in names
        # Of a host of which the seed names a part, the rest is asked about.
        assert names["aufgaben.example"]["next"] == "aufgaben.example/about"
        [row] = served.get("/api/queue", state="seed")["domains"]
        assert (row["domain"], row["state"], row["gain"]) == ("proofs-daily.example", "seed", 0)
        root = served.get("/api/domain", domain=row["domain"])["nodes"][0]
        assert (root["tag"]["seed"], root["tag"]["mathematical"]) == (True, True)


def test_only_who_has_the_token_is_answered(asked: Asked) -> None:
    served, _ = asked
    assert served.request("GET", "/api/queue", X_Mathmine_Token="wrong").status == 403
    assert served.request("GET", "/assets/page.js", X_Mathmine_Token="").status == 403
    assert served.request("GET", "/?token=wrong", X_Mathmine_Token="").status == 403
    for host in ("evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "localhost@x"):
        led_here = served.request("GET", "/api/queue", Host=host)
        assert led_here.status == 400, host
        assert led_here.headers["cache-control"] == "no-store"
    assert served.request("GET", "/api/queue", Host="localhost").status == 200
    assert served.request("POST", "/api/undo", {}, Origin="http://evil.example").status == 403
    assert served.request("POST", "/api/undo", {}, Content_Type="text/plain").status == 415
    opened = served.request("GET", f"/?token={served.token}", X_Mathmine_Token="")
    assert opened.status == 303
    cookie = opened.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    by_cookie = served.request("GET", "/", X_Mathmine_Token="", Cookie=cookie.partition(";")[0])
    assert by_cookie.status == 200
    policy = by_cookie.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert by_cookie.headers["cache-control"] == "no-store"


def test_it_listens_on_loopback_only(asked: Asked) -> None:
    served, _ = asked
    port = int(served.root.rpartition(":")[2])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no other address than loopback")
        address = probe.getsockname()[0]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((address, port), timeout=120)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"prefix": "elsewhere.example", "word": "not"}, 404),
        ({"prefix": f"{BOARD}/no/such", "word": "not"}, 404),
        ({"prefix": f"{BOARD}/../../etc", "word": "not"}, 404),
        ({"prefix": BOARD, "word": "perhaps"}, 409),
        ({"prefix": f"{BOARD}/help", "word": "split"}, 409),
        ({"prefix": ["a"], "word": {}}, 404),
        ([], 400),
        (b"{", 400),
        (b"[" * 9_000, 400),
        (b" " * 1_100_000, 413),
    ],
)
def test_what_is_no_decision_saves_nothing(asked: Asked, body: object, status: int) -> None:
    served, folder = asked
    answer = served.request("POST", "/api/decision", body)
    assert answer.status == status
    assert answer.json()["error"]
    assert not (folder / "tags.tsv").exists()


def test_bad_questions_are_refused(asked: Asked) -> None:
    served, _ = asked
    assert served.request("GET", "/api/queue?offset=x").status == 400
    assert served.request("GET", "/api/domain?domain=elsewhere.example").status == 404
    assert served.request("GET", "/api/samples?prefix=elsewhere.example").status == 404
    for path in ("..%2Fapp.py", "%2Fetc%2Fpasswd", "..%2F..%2F..%2F..%2Fetc%2Fpasswd", "no", ""):
        assert served.request("GET", f"/assets/{path}").status == 404, path
    assert served.request("POST", "/assets/page.js", {}).status == 405
    assert served.request("GET", "/api/decision").status == 405


@pytest.mark.process
def test_two_people_at_once_lose_nothing(small_workspace: Path, tmp_path: Path) -> None:
    config = run_file(tmp_path)
    (tmp_path / "tags.tsv").write_text(
        "# ours\npattern\tmathematical\twho\twhen\tround\tnote\n"
        "# seen twice\nold.example\tno\tcy\t2024-01-01\t1\tkept\n"
    )
    with (
        serving(small_workspace, config, who="ada") as ada,
        serving(small_workspace, config, who="ben") as ben,
        ThreadPoolExecutor(2) as threads,
    ):
        rows = ada.get("/api/queue")["domains"]
        names = [row["domain"] for row in rows]
        half = len(names) // 2
        jobs = [
            threads.submit(lambda s, mine: [s.decide(name, "not") for name in mine], *job)
            for job in ((ada, names[:half]), (ben, names[half:]))
        ]
        for job in jobs:
            job.result()
        assert saved(tmp_path) == dict.fromkeys([*names, "old.example"], False)
        text = (tmp_path / "tags.tsv").read_text()
        assert text.startswith("# ours\npattern\t")
        assert "# seen twice\nold.example\tno\tcy\t2024-01-01\t1\tkept\n" in text
        assert ben.undo()["undone"]["prefix"] == names[-1]
        assert ada.undo()["undone"]["prefix"] == names[half - 1]
        refused = ben.request("POST", "/api/decision", {"prefix": names[0], "word": "mathematical"})
        assert refused.status == 409
        assert "ada says" in refused.json()["error"]


def test_a_broken_file_of_tags_is_told_and_not_touched(served: Served, tmp_path: Path) -> None:
    broken = "pattern\tmathematical\twho\twhen\tround\tnote\nhalf a line"
    (tmp_path / "tags.tsv").write_text(broken)
    answer = served.request("POST", "/api/decision", {"prefix": BOARD, "word": "not"})
    assert answer.status == 500
    assert "tags.tsv:2" in answer.json()["error"]
    assert (tmp_path / "tags.tsv").read_text() == broken


@pytest.mark.process
def test_ten_thousand_domains(tmp_path: Path) -> None:
    large_round(tmp_path / "workspace")
    with serving(tmp_path / "workspace", run_file(tmp_path)) as served:
        queue = served.get("/api/queue", limit=20)
        assert queue["total"] == 10_000
        assert len(queue["domains"]) == 20
        name = queue["domains"][0]["domain"]
        assert len(served.get("/api/domain", domain=name)["nodes"]) == 9
        assert len(served.get("/api/samples", prefix=f"{name}/a")["samples"]) == 10
        served.decide(name, "mathematical")
        assert served.get("/api/queue", limit=1)["total"] == 9_999
        status = Path(f"/proc/{served.process.pid}/status")
        if status.exists():
            peak = next(ln for ln in status.read_text().splitlines() if ln.startswith("VmHWM"))
            assert int(peak.split()[1]) < 500_000


def run(workspace: Path, config: Path, *more: str) -> subprocess.CompletedProcess[str]:
    line = command(workspace, config, *more)
    return subprocess.run(line, cwd=PROJECT, capture_output=True, text=True, timeout=300)


@pytest.mark.process
def test_errors_say_what_to_do(small_workspace: Path, tmp_path: Path) -> None:
    config = run_file(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        outcome = run(small_workspace, config, "--port", port)
    assert outcome.returncode == 1
    assert f"port {port} cannot be used" in outcome.stderr
    assert "PORT=" in outcome.stderr
    outcome = run(small_workspace, config, "--round", "7")
    assert "there is no rounds/7/domains" in outcome.stderr
    assert "Traceback" not in outcome.stderr


@pytest.mark.process
def test_merging_shows_disagreements_and_keeps_both(small_workspace: Path, tmp_path: Path) -> None:
    header = "pattern\tmathematical\twho\twhen\tround\tnote\n"
    (tmp_path / "tags.tsv").write_text(f"{header}{BOARD}\tno\tada\t2025-01-01\t1\tchat\n")
    other = tmp_path / "ben.tsv"
    other.write_text(
        f"{header}{BOARD}\tyes\tben\t2025-01-02\t1\tproofs\n"
        f"{BOARD}/questions\tyes\tben\t2025-01-02\t1\t\n"
        "zhongkao.example\tyes\tben\t2025-01-02\t1\t\n"
    )
    config = run_file(tmp_path)
    for _ in range(2):
        outcome = run(small_workspace, config, "--merge", str(other))
        assert outcome.returncode == 0, outcome.stderr
        assert "1 disagree" in outcome.stdout
        assert f"{BOARD}  not mathematical (ada, 2025-01-01)" in outcome.stdout
        assert "mathematical (ben, 2025-01-02)" in outcome.stdout
    assert saved(tmp_path) == {BOARD: False, f"{BOARD}/questions": True, "zhongkao.example": True}
    journal = (tmp_path / "tags.journal.jsonl").read_text().splitlines()
    assert [json.loads(line)["action"] for line in journal] == ["dispute"]
    with serving(small_workspace, config, who="cy") as served:
        first = served.get("/api/queue")["domains"][0]
        assert (first["domain"], first["state"], first["next"]) == (BOARD, "disputed", BOARD)
        root = served.get("/api/domain", domain=BOARD)["nodes"][0]
        assert (root["tag"]["who"], root["disputed"]["who"]) == ("ada", "ben")
        served.decide(BOARD, "mathematical", overrule=True)
        assert served.get("/api/queue", state="disputed")["total"] == 0
        served.undo()
        assert served.get("/api/queue", state="disputed")["total"] == 1


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/assets/page.css", "text/css"),
        ("/assets/page.js", "text/javascript"),
        ("/assets/icon.svg", "image/svg+xml"),
        ("/assets/STIXTwoMath-Regular.ttf", "font/ttf"),
    ],
)
def test_files_of_the_page_come_as_what_they_are(asked: Asked, path: str, kind: str) -> None:
    served, _ = asked
    answer = served.request("GET", path)
    assert answer.status == 200
    assert answer.headers["content-type"].partition(";")[0] == kind
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert len(answer.data) > 100


def test_no_asset_names_a_network() -> None:
    assets = sorted((PROJECT / "pipeline" / "tagging" / "assets").iterdir())
    assert len(assets) == 10
    for path in assets:
        text = path.read_text().replace("http://www.w3.org/", "")
        assert "://" not in text, path
