"""Rounds' tables as mining leaves them, made up: a small one to look at, and large ones."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from pipeline.workspace.manifest import Counts, Manifest, Recipe
from pipeline.workspace.places import Workspace
from pipeline.workspace.table_schemas import schema
from pipeline.workspace.tables import Table

Row = dict[str, Any]


def _paragraphs(text: str) -> str:
    """Without the ends of lines within paragraphs."""
    return re.sub(r"(?<!\n)\n(?!\n)", " ", text)


PROOF = _paragraphs(r"""Let $p$ be an odd prime. Then $-1$ is a square modulo $p$ exactly when
$p \equiv 1 \pmod 4$.

Proof. The group $(\mathbb{Z}/p\mathbb{Z})^\times$ is cyclic of order $p-1$, so by Euler's criterion

$$\left(\frac{-1}{p}\right) = (-1)^{\frac{p-1}{2}},$$

which is $1$ exactly when $\frac{p-1}{2}$ is even. An entrance ticket costs $5 or $7 here.""")
SERIES = _paragraphs(r"""How fast does the series converge? I know that

$$\sum_{k=1}^{\infty} \frac{1}{k^2} = \frac{\pi^2}{6}, \qquad
\sum_{k=1}^{n} \frac{1}{k^2} = \frac{\pi^2}{6} - \frac{1}{n} + O\left(\frac{1}{n^2}\right),$$

and a comparison with $\int_n^{\infty} x^{-2}\,dx = \frac{1}{n}$ gives the second term. Can one see
the constant without Fourier series?

Answer. Compare $\cot^2 x < x^{-2} < 1 + \cot^2 x$ at
$x_k = \frac{k\pi}{2n+1}$ and sum over $k$.""")
MATRIX = r"""Die Determinante einer Dreiecksmatrix ist das Produkt ihrer Diagonale:

$$\det \begin{pmatrix} a & b & c \\ 0 & d & e \\ 0 & 0 & f \end{pmatrix} = a\,d\,f.$$

Für $n \times n$-Matrizen folgt das durch Entwicklung nach der ersten Spalte."""
CHINESE = r"""已知圆 $x^2 + y^2 = 25$ 与直线 $3x + 4y = c$ 相切，求 $c$。

解：圆心到直线的距离为 $\frac{|c|}{\sqrt{3^2 + 4^2}} = \frac{|c|}{5}$，得 $c = \pm 25$。"""
NEWS = (
    "The footbridge over the canal is closed until Thursday. Repairs cost $12,000, half of what "
    "the council had put aside, and the rest goes to new lamps along the towpath."
)
RECIPE = (
    "Peel two kilos of quinces, boil the cores for twenty minutes and strain the water. Weigh it "
    "and add three quarters of the weight in sugar."
)


@dataclass
class Tables:
    """Rows of the four tables."""

    domains: list[Row] = field(default_factory=list)
    prefixes: list[Row] = field(default_factory=list)
    samples: list[Row] = field(default_factory=list)
    sample_pages: list[Row] = field(default_factory=list)

    def add_domain(
        self,
        domain: str,
        tree: Mapping[str, tuple[int, int]],
        language: str = "en",
        *,
        reason: str | None = "share",
        suspected: int = 0,
    ) -> None:
        """``tree``: path (empty for the host) to pages and collected pages."""
        pages, collected = tree[""]
        share = collected / pages
        self.domains.append(
            {
                "domain": domain,
                "pages": pages,
                "collected": collected,
                "crawled_pages": None,
                "share": share,
                "language": language,
                "mathematical": reason == "share",
                "suspected": suspected,
                "queued": reason is not None,
                "reason": reason,
            }
        )
        for path, (pages, collected) in tree.items():
            share = collected / pages
            self.prefixes.append(
                {
                    "domain": domain,
                    "prefix": f"{domain}/{path}" if path else domain,
                    "depth": path.count("/") + 1 if path else 0,
                    "pages": pages,
                    "collected": collected,
                    "share": share,
                    "score_10": share * 0.3,
                    "score_50": 0.1 + share * 0.7,
                    "score_90": 0.45 + share * 0.53,
                }
            )

    def add_sample(
        self,
        prefixes: Iterable[str],
        path: str,
        title: str,
        text: str,
        *,
        collected: bool = False,
        url: str = "",
    ) -> None:
        """A page of some prefixes of one host."""
        prefixes = list(prefixes)
        url = url or f"https://{prefixes[0].partition('/')[0]}/{path}"
        page_id = hashlib.md5(f"{url} {title}".encode()).hexdigest()
        self.sample_pages.append(
            {"page_id": page_id, "url": url, "title": title, "language": "en", "text": text}
            | dict.fromkeys(("crawl", "fetch_time", "warc", "warc_offset", "warc_length"))
        )
        for prefix in prefixes:
            place = 1 + sum(
                row["prefix"] == prefix and row["collected"] == collected for row in self.samples
            )
            self.samples.append(
                {
                    "prefix": prefix,
                    "page_id": page_id,
                    "collected": collected,
                    "score": (0.97 if collected else 0.38) - 0.03 * place,
                    "place": place,
                }
            )

    def write(self, workspace: Path, number: int = 1) -> Path:
        place = Workspace(str(workspace), lambda: None)
        for name, rows in vars(self).items():
            table = getattr(place, name)(number)
            write_table(table, [pa.Table.from_pylist(rows, schema=schema(name).arrow())])
        return workspace


def stored_pages(tables: Tables, workspace: Path, warc: Path) -> None:
    """Write a WARC file with each sample page, and the tables of pages and WARCs of crawl ``c``.

    To be called before the tables are written. A page's text goes on behind its sample; its
    HTML is the title and the text, or ``html`` where a sample page has that.
    """
    places = _write_warc(warc, tables.sample_pages)
    rows = []
    for page, (offset, length) in zip(tables.sample_pages, places, strict=True):
        page |= {
            "crawl": "c",
            "fetch_time": datetime(2025, 3, 1, 12, 30, tzinfo=UTC),
            "warc": warc.name,
            "warc_offset": offset,
            "warc_length": length,
        }
        blank = {c.name: 0 if c.type in ("int", "long") else "" for c in schema("pages").columns}
        rows.append(blank | page | {"text": f"{page['text']}\n\nAnd so on, to the end."})
    place = Workspace(str(workspace), lambda: None)
    wanted = schema("pages").arrow()
    write_table(place.pages("c"), [pa.Table.from_pylist(rows, schema=wanted)])
    warcs = [{"name": warc.name, "address": str(warc), "bytes": 1, "identity": "1"}]
    write_table(place.warcs("c"), [pa.Table.from_pylist(warcs, schema=schema("warcs").arrow())])


def _write_warc(path: Path, pages: list[Row]) -> list[tuple[int, int]]:
    """Where each page's record is: offset and length."""
    places = []
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True)
        for page in pages:
            html = page.pop("html", None) or f"<title>{page['title']}</title><p>{page['text']}</p>"
            offset = file.tell()
            head = StatusAndHeaders("200 OK", [("Content-Type", "text/html; charset=utf-8")])
            head.protocol = "HTTP/1.1"
            body = io.BytesIO(html.encode())
            record = writer.create_warc_record(
                page["url"], "response", payload=body, http_headers=head
            )
            writer.write_record(record)
            places.append((offset, file.tell() - offset))
    return places


def write_table(table: Table, parts: Iterable[pa.Table]) -> None:
    folder = Path(table.place)
    folder.mkdir(parents=True, exist_ok=True)
    rows = 0
    for number, part in enumerate(parts):
        pq.write_table(part, folder / f"part-{number:05d}.parquet", row_group_size=20_000)
        rows += part.num_rows
    recipe = Recipe("mine", 1, {}, {}, {})
    manifest = Manifest(
        table.path,
        table.schema_version,
        recipe,
        rows,
        1,
        1,
        Counts(rows, rows),
        "test",
        "2025-01-01",
        0.0,
    )
    Path(table.storage.place(table.manifest_path)).write_text(manifest.to_json())


def small_round() -> Tables:
    """A dozen domains; the one to decide first has a tree of three levels and ten samples."""
    tables = Tables()
    board = "board.numbers.example"
    tables.add_domain(
        board,
        {
            "": (5_240, 1_310),
            "questions": (2_900, 1_190),
            "questions/tagged": (640, 22),
            "questions/number-theory": (1_180, 640),
            "questions/analysis": (820, 470),
            "users": (1_400, 14),
            "help": (240, 2),
            "blog": (610, 98),
        },
    )
    mathematics = [(PROOF, "When is −1 a square?"), (SERIES, "Sum of inverse squares by hand")]
    for number in range(8):
        text, title = mathematics[number % 2]
        topic = ("number-theory", "analysis")[number % 2]
        name = f"{board}/questions"
        tables.add_sample(
            [board, name, f"{name}/{topic}"],
            f"questions/{topic}/{1_000 + number}",
            title if number < 2 else f"{title} ({number})",
            text,
            collected=number != 1 and number < 6,
        )
    tables.add_sample([board, f"{board}/users"], "users/17", "User 17", "Member since March.")
    tables.add_sample([board, f"{board}/blog"], "blog/bridge", "The footbridge is closed", NEWS)
    others = [
        ("mathe-skripte.example", "de", 2_480, 1_020, "kapitel", "Dreiecksmatrizen", MATRIX),
        ("shuxue-ti.example", "zh", 1_950, 860, "timu", "圆与直线相切", CHINESE),
        ("lecture-notes.example", "en", 1_700, 890, "notes", "Quadratic residues", PROOF),
        ("garden-and-kitchen.example", "en", 1_320, 160, "recipes", "Quince jelly", RECIPE),
        ("physics-corner.example", "en", 980, 310, "posts", "Sums that physicists need", SERIES),
        ("aufgaben.example", "de", 760, 420, "klasse-9", "Determinanten", MATRIX),
        ("olympiad-archive.example", "en", 610, 540, "problems", "Residues again", PROOF),
        ("canal-news.example", "en", 540, 61, "local", "The footbridge is closed", NEWS),
        ("zhongkao.example", "zh", 420, 190, "shijuan", "直线与圆", CHINESE),
        ("proofs-daily.example", "en", 300, 240, "archive", "An old proof", PROOF),
    ]
    for domain, language, pages, collected, path, title, text in others:
        branch = (pages * 7 // 10, collected * 9 // 10)
        tables.add_domain(
            domain, {"": (pages, collected), path: branch, "about": (12, 0)}, language
        )
        under = [domain, f"{domain}/{path}"]
        tables.add_sample(under, f"{path}/1", title, text, collected=True)
        tables.add_sample(under, f"{path}/2", f"{title} (2)", text)
    tables.add_domain("shop.example", {"": (900, 9)}, reason=None)
    return tables


def large_round(workspace: Path, domains: int = 10_000) -> None:
    """Many domains with trees of nine nodes, and ten samples of each node."""
    place = Workspace(str(workspace), lambda: None)
    names = [f"site-{number:05d}.example" for number in range(domains)]
    paths = ["", "a", "a/x", "a/y", "b", "b/x", "c", "d", "e"]
    pages = [20 + (number * 7919) % 5_000 for number in range(domains)]
    taken = [count * (11 + number % 80) // 100 for number, count in enumerate(pages)]
    languages = ["en", "en", "en", "de", "zh", "ru"]
    write_table(
        place.domains(1),
        [
            pa.Table.from_pydict(
                {
                    "domain": names,
                    "pages": pages,
                    "collected": taken,
                    "crawled_pages": [None] * domains,
                    "share": [t / p for t, p in zip(taken, pages, strict=True)],
                    "language": [languages[n % len(languages)] for n in range(domains)],
                    "mathematical": [True] * domains,
                    "suspected": [0] * domains,
                    "queued": [True] * domains,
                    "reason": ["share"] * domains,
                },
                schema=schema("domains").arrow(),
            )
        ],
    )
    tree = [(n, path) for n in range(domains) for path in paths]
    sizes = [
        (pages[n] // (1 + 2 * bool(path)), taken[n] // (1 + 2 * bool(path))) for n, path in tree
    ]
    prefixes = [f"{names[n]}/{path}".rstrip("/") for n, path in tree]
    write_table(
        place.prefixes(1),
        [
            pa.Table.from_pydict(
                {
                    "domain": [names[n] for n, _ in tree],
                    "prefix": prefixes,
                    "depth": [len(path.split("/")) if path else 0 for _, path in tree],
                    "pages": [p for p, _ in sizes],
                    "collected": [t for _, t in sizes],
                    "share": [t / max(1, p) for p, t in sizes],
                    "score_10": [0.1] * len(tree),
                    "score_50": [0.5] * len(tree),
                    "score_90": [0.9] * len(tree),
                },
                schema=schema("prefixes").arrow(),
            )
        ],
    )
    ids = [[f"{n * 10 + k:032x}" for k in range(10)] for n in range(domains)]
    write_table(
        place.samples(1),
        [
            pa.Table.from_pydict(
                {
                    "prefix": [prefix for prefix in prefixes for _ in range(10)],
                    "page_id": [name for n, _ in tree for name in ids[n]],
                    "collected": [k < 5 for _ in tree for k in range(10)],
                    "score": [0.5] * (10 * len(tree)),
                    "place": [1 + k % 5 for _ in tree for k in range(10)],
                },
                schema=schema("samples").arrow(),
            )
        ],
    )
    text = pa.array([SERIES * 3, PROOF * 3, MATRIX * 3]).dictionary_encode()
    flat = [(n, k) for n in range(domains) for k in range(10)]
    write_table(
        place.sample_pages(1),
        [
            pa.Table.from_arrays(
                [
                    pa.array([ids[n][k] for n, k in flat]),
                    pa.array([f"https://{names[n]}/a/{k}" for n, k in flat]),
                    pa.array([f"Page {k} of {names[n]}" for n, k in flat]),
                    pa.array(["en"] * len(flat)),
                    pa.DictionaryArray.from_arrays(
                        pa.array([(n + k) % 3 for n, k in flat], pa.int32()), text.dictionary
                    ).cast(pa.string()),
                ],
                schema=pa.schema(list(schema("sample_pages").arrow())[:5]),
            )
        ],
    )
