"""The whole web written out: WARC files, labels, expected outcomes, seed, benchmarks, tags."""

from __future__ import annotations

import gzip
import io
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.base.errors import ConfigError, InputMalformed
from pipeline.base.small_files import write_json, write_whole
from pipeline.sampleweb.articles import article, section_of_root
from pipeline.sampleweb.captures import Stored, Visit, metadata, page, request, warcinfo
from pipeline.sampleweb.dice import Dice
from pipeline.sampleweb.pages import address, html
from pipeline.sampleweb.plan import FEWEST_PAGES, Plan, Spec
from pipeline.sampleweb.sample_benchmark import CHINESE, ENGLISH, items
from pipeline.sampleweb.sample_tags import tag_lines
from pipeline.sampleweb.seed_texts import seed_texts
from pipeline.sampleweb.sundries import DAMAGES, damaged, sundry
from pipeline.sampleweb.warc_records import member, record_id

#: Changes whenever the same numbers would give other bytes.
WEB_VERSION = 1
#: Says that a folder is this generator's to write over.
MARKER = "sampleweb.json"
#: Every so many pages something that is no page.
_PAGES_PER_SUNDRY = 8
_PAGES_PER_WARC = 2000
_FEWEST_WARCS = 8
_SEED_ROW_GROUP = 500


@dataclass(frozen=True)
class Size:
    """How much web: pages, WARC files, and the seed that it all follows from."""

    pages: int
    seed: int = 1
    warcs: int = 0

    def __post_init__(self) -> None:
        if self.pages < FEWEST_PAGES:
            raise ConfigError(f"{self.pages} pages", expected=f"at least {FEWEST_PAGES}")
        if not 0 <= self.warcs <= self.pages:
            raise ConfigError(f"{self.warcs} WARC files for {self.pages} pages")

    @property
    def files(self) -> int:
        return self.warcs or max(_FEWEST_WARCS, -(-self.pages // _PAGES_PER_WARC))


def generate(out: Path, size: Size, progress: Callable[[str], None] = lambda _: None) -> None:
    """Write the web into ``out``, which must be new, empty or of an earlier run.

    Nothing is done where that very web lies there complete. Raises
    ``InputMalformed`` where ``out`` holds anything else.
    """
    marker = {
        "made_by": "pipeline.sampleweb",
        "version": WEB_VERSION,
        "pages": size.pages,
        "seed": size.seed,
        "warcs": size.files,
        "complete": True,
    }
    if _marker(out) == marker:
        progress(f"{out} is up to date")
        return
    _make_room(out)
    plan = Plan(size.pages, size.seed)
    progress(f"{size.pages} pages of {len(plan.hosts)} hosts into {size.files} WARC files")
    outcomes: dict[str, object] = {}
    with (out / "labels.jsonl").open("w", encoding="utf-8", newline="\n") as labels:
        for number in range(size.files):
            name = f"SAMPLE-{size.seed:05d}-{number:05d}.warc.gz"
            with (out / "warc" / name).open("wb") as target:
                outcomes[name] = _write_warc(plan, size, number, name, target, labels)
            progress(f"{number + 1} of {size.files} WARC files written")
    _write_seed(out / "seed" / "openwebmath-like.parquet", size)
    for benchmark in (ENGLISH, CHINESE):
        _write_benchmark(out / "benchmarks" / f"{benchmark}.jsonl.gz", size.seed, benchmark)
    write_whole(out / "url_patterns.tsv", "".join(tag_lines(plan)))
    write_json(out / "outcomes.json", {"version": WEB_VERSION, "warcs": outcomes})
    write_json(out / MARKER, marker)
    progress("seed texts, benchmarks, tags and outcomes written")


def _marker(out: Path) -> object:
    try:
        return json.loads((out / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _make_room(out: Path) -> None:
    if out.is_dir() and any(out.iterdir()):
        if not (out / MARKER).is_file():
            raise InputMalformed(
                f"{out} holds files that the sample web did not write",
                expected=f"a new or empty folder, or one with {MARKER} in it",
                remedy="give --out another folder, or empty this one yourself",
            )
        for name in ("warc", "seed", "benchmarks"):
            shutil.rmtree(out / name, ignore_errors=True)
        for name in ("labels.jsonl", "outcomes.json", "url_patterns.tsv"):
            (out / name).unlink(missing_ok=True)
    for name in ("warc", "seed", "benchmarks"):
        (out / name).mkdir(parents=True, exist_ok=True)
    # From here on the folder is ours, also when this run is cut short.
    write_json(out / MARKER, {"made_by": "pipeline.sampleweb", "complete": False})


class _Writer:
    """Appends records to a WARC and counts what is to become of them."""

    def __init__(self, target: io.BufferedWriter) -> None:
        self._target = target
        self._offset = 0
        self._outcomes: Counter[str] = Counter()
        self._uncertain: list[dict[str, object]] = []

    def write(self, stored: Stored) -> None:
        packed = stored.data if stored.ready else member(stored.data)
        self._target.write(packed)
        if len(stored.outcomes) == 1 and not stored.may_vanish:
            self._outcomes[stored.outcomes[0].value] += 1
        else:
            self._uncertain.append(
                {
                    "offset": self._offset,
                    "length": len(packed),
                    "damage": stored.damage,
                    "damages_file": stored.ready,
                    "may_vanish": stored.may_vanish,
                    "allowed": [outcome.value for outcome in stored.outcomes],
                }
            )
        self._offset += len(packed)

    def summary(self) -> dict[str, object]:
        return {
            "records": sum(self._outcomes.values()) + len(self._uncertain),
            "outcomes": dict(sorted(self._outcomes.items())),
            "uncertain": self._uncertain,
        }


def _write_warc(
    plan: Plan,
    size: Size,
    number: int,
    name: str,
    target: io.BufferedWriter,
    labels: io.TextIOWrapper,
) -> dict[str, object]:
    first = size.pages * number // size.files
    end = size.pages * (number + 1) // size.files
    writer = _Writer(target)
    info_name = f"{size.seed} {name}"
    info = record_id("warcinfo", info_name)
    writer.write(warcinfo(info_name, name, first, size.pages, size.seed))
    spoils = {
        first + (end - first) * (at + 1) // (len(DAMAGES) + 1): kind
        for at, kind in enumerate(DAMAGES)
        if at % size.files == number % len(DAMAGES)
    }
    for visit in range(first, end):
        host, slot = plan.visit(visit)
        spec = plan.spec(host, slot)
        for stored in _page_records(plan, spec, visit, info, labels):
            writer.write(stored)
        if visit % _PAGES_PER_SUNDRY == 3:
            for stored in sundry(size.seed, visit // _PAGES_PER_SUNDRY, host.name, info, visit):
                writer.write(stored)
        if visit in spoils:
            for stored in damaged(size.seed, spoils[visit], host.name, info, visit):
                writer.write(stored)
    return writer.summary()


def _page_records(
    plan: Plan, spec: Spec, visit: int, info: str, labels: io.TextIOWrapper
) -> Iterator[Stored]:
    made = article(plan, spec)
    url = address(plan, spec, made)
    root = section_of_root(plan, spec)
    row = {
        "url": url,
        "label": "math" if root.section.mathematical else "not-math",
        "kind": root.section.kind,
        "language": made.language,
        "family": spec.family,
        "leak": made.leak,
        "lookalike": root.planted == "lookalike",
        "topic": root.section.maker,
    }
    labels.write(json.dumps(row, ensure_ascii=False) + "\n")
    charset, meta, header = _charset(plan, spec)
    body = html(plan, spec, made, url, meta).encode(charset, "xmlcharrefreplace")
    where = Visit(
        visit, f"page {plan.seed} {spec.host.name} {spec.slot}", spec.host.name, url, info
    )
    yield request(where)
    yield page(where, body, header)
    yield metadata(where)


def _charset(plan: Plan, spec: Spec) -> tuple[str, str, str]:
    """The encoding of a page, what its ``<meta>`` says, and its Content-Type."""
    charset = spec.host.site.charset
    dice = Dice(plan.seed, "charset", spec.host.name, spec.slot)
    media = "application/xhtml+xml" if spec.section.path.endswith(".xhtml") else "text/html"
    roll = dice.random()
    named = "gb2312" if charset == "gbk" and roll < 0.6 else charset
    if roll < 0.75:
        return charset, named, f"{media}; charset={named}"
    if roll < 0.85:
        return charset, named, media
    if roll < 0.93:
        return charset, "", f"{media}; charset={charset.upper()}"
    if roll < 0.97:
        # The server's own default, against what the page says.
        wrong = "iso-8859-1" if charset == "utf-8" else charset
        return charset, charset, f"{media};charset={wrong}"
    return charset, "" if charset == "utf-8" else charset, media


def _write_seed(path: Path, size: Size) -> None:
    columns = pa.schema([("url", pa.string()), ("text", pa.string())])
    with pq.ParquetWriter(path, columns, compression="zstd") as writer:
        rows: list[dict[str, str]] = []
        for row in seed_texts(size.seed, max(1000, size.pages // 2)):
            rows.append(row)
            if len(rows) == _SEED_ROW_GROUP:
                writer.write_table(pa.Table.from_pylist(rows, columns))
                rows = []
        if rows:
            writer.write_table(pa.Table.from_pylist(rows, columns))


def _write_benchmark(path: Path, seed: int, benchmark: str) -> None:
    lines = []
    for item in items(seed, benchmark):
        row = {
            "benchmark": benchmark,
            "split": "test",
            "id": item.id,
            "question": item.question.tex(),
            "answer": item.answer.tex(),
        }
        lines.append(json.dumps(row, ensure_ascii=False) + "\n")
    packed = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as target:
        target.write("".join(lines).encode())
    path.write_bytes(packed.getvalue())
