"""``make bench BENCH=lookup``: what of the columnar index a look-up of hosts asks for.

The part file is made here, of the columns and the sizes that Common Crawl's have, sorted by
``url_surtkey``; the server is on loopback, the reader that of a run.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import random
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.config.sources import Read
from pipeline.extract.columnar_index import CLAIMS, COLUMNS
from pipeline.web.parquet_ranges import Hosts, RangeFile, rows_of_hosts, turned
from tests.servers import web_server

#: Pages of a host: most have few, some very many.
_SIZES = (1, 2, 3, 5, 8, 20, 60, 400)
_WORDS = "forum thread viewtopic question article index tag page node answer topic blog".split()


def rows(count: int, chance: random.Random) -> Iterator[dict[str, object]]:
    """Captures in the order of their keys, of made-up hosts."""
    start = datetime(2024, 3, 1)
    host_number = made = 0
    while made < count:
        host = f"www.site{host_number:07d}.org"
        key = turned(host.removeprefix("www."))
        host_number += 1
        for page in range(chance.choice(_SIZES)):
            path = "/".join(chance.choices(_WORDS, k=3)) + f"/{page:05d}-{chance.randrange(10**6)}"
            digest = hashlib.sha1(f"{host}{path}".encode()).hexdigest()[:32].upper()
            made += 1
            yield {
                "url_surtkey": f"{key})/{path}", "url": f"https://{host}/{path}",
                "url_host_name": host, "url_host_tld": "org", "url_path": f"/{path}",
                "url_host_registered_domain": host.removeprefix("www."), "url_query": None,
                "fetch_time": start + timedelta(seconds=chance.randrange(10**6)),
                "fetch_status": chance.choice((200, 200, 200, 301, 404)),
                "content_digest": digest, "content_mime_type": "text/html",
                "content_mime_detected": "text/html", "content_charset": "UTF-8",
                "content_languages": "eng", "warc_filename": f"crawl-data/CC-MAIN-2024-10/"
                f"segments/1707947473360.9/warc/CC-MAIN-{chance.randrange(900):05d}.warc.gz",
                "warc_record_offset": chance.randrange(10**9),
                "warc_record_length": chance.randrange(3_000, 90_000), "warc_segment": "1707947",
            }  # fmt: skip


def part_file(path: Path, count: int, group: int) -> list[str]:
    """Write it; the hosts in it."""
    chance = random.Random(1)
    hosts: dict[str, None] = {}
    writer = None
    gathered: list[dict[str, object]] = []
    for row in rows(count, chance):
        gathered.append(row)
        hosts[str(row["url_host_name"])] = None
        if len(gathered) == group:
            table = pa.Table.from_pylist(gathered)
            writer = writer or pq.ParquetWriter(path, table.schema, compression="gzip")
            writer.write_table(table, row_group_size=group)
            gathered = []
    assert writer is not None
    writer.close()
    return list(hosts)


def main() -> None:
    """Print a line for each number of hosts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--row-group", type=int, default=50_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, web_server() as web:
        path = Path(folder) / "part"
        hosts = part_file(path, options.rows, options.row_group)
        web.files["part"] = path.read_bytes()
        size = len(web.files["part"])
        groups = pq.ParquetFile(io.BytesIO(web.files["part"])).num_row_groups
        print(
            f"{size / 1e6:.1f} MB, {options.rows:,} rows in {groups} row groups, "
            f"{len(hosts):,} hosts"
        )
        print(f"{'hosts':>6} {'rows':>7} {'requests':>9} {'MB asked':>9} {'share':>7}")
        for number in (0, 1, 3, 10):
            chosen = random.Random(2).sample(hosts, number)
            names = frozenset(host.removeprefix("www.") for host in chosen) or {"elsewhere.net"}
            web.requests.clear()
            file = RangeFile(web.url("part"), Read())
            tables = rows_of_hosts(
                file, "part", Hosts(frozenset(names)), list(COLUMNS), list(CLAIMS)
            )
            found = sum(len(table) for table in tables)
            print(
                f"{number:>6} {found:>7,} {len(web.requests):>9} {file.asked / 1e6:>9.2f} "
                f"{file.asked / size:>7.2%}"
            )


if __name__ == "__main__":
    main()
