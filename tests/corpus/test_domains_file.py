import csv
import io

from pipeline.corpus.domains_file import COLUMNS, HostTotal, domains_file, host_totals

TOTALS = [
    HostTotal("math.example", "example", 30, 600),
    HostTotal("[2001:db8::1]", "[2001:db8::1]", 1, 300),
    HostTotal("b.example", "example", 2, 100),
]


def test_every_host_has_a_line_with_its_share():
    made = domains_file(iter(TOTALS), 1_000, 2)
    head, *lines = csv.reader(io.StringIO(made.text))
    assert tuple(head) == COLUMNS
    assert lines == [
        ["math.example", "example", "30", "600", "0.600000000"],
        ["[2001:db8::1]", "[2001:db8::1]", "1", "300", "0.300000000"],
        ["b.example", "example", "2", "100", "0.100000000"],
    ]
    assert made.hosts == 3
    assert made.largest == tuple(TOTALS[:2])


def test_a_corpus_without_tokens_has_shares_of_nothing():
    assert domains_file([HostTotal("a.example", "a.example", 1, 0)], 0, 5).text.endswith(
        "1,0,0.000000000\n"
    )


def test_hosts_are_in_the_order_of_their_tokens(spark):
    rows = [("b.example", "example", 5), ("a.example", "example", 9), ("b.example", "example", 4)]
    frame = spark.createDataFrame(rows, "host string, registered_domain string, tokens int")
    assert list(host_totals(frame)) == [
        HostTotal("a.example", "example", 1, 9),
        HostTotal("b.example", "example", 2, 9),
    ]
