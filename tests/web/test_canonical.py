import re
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.web.canonical import canonical_url

SESSION = "0123456789abcdef0123456789abcdef"

SAME_PAGE = {
    "scheme": ("http://example.org/a", "https://example.org/a"),
    "scheme in capitals": ("HTTP://example.org/a", "http://example.org/a"),
    "www": ("https://www.example.org/a", "https://example.org/a"),
    "host of another alphabet": ("https://bücher.example/a", "https://xn--bcher-kva.example/a"),
    "host of another alphabet, encoded": (
        "https://B%C3%9Ccher.example/a",
        "https://xn--bcher-kva.example/a",
    ),
    "host case": ("https://Example.ORG/a", "https://example.org/a"),
    "final dot of the host": ("https://example.org./a", "https://example.org/a"),
    "default port of http": ("http://example.org:80/a", "http://example.org/a"),
    "default port of https": ("https://example.org:443/a", "https://example.org/a"),
    "empty port": ("https://example.org:/a", "https://example.org/a"),
    "leading zeros of a port": ("https://example.org:08080/a", "https://example.org:8080/a"),
    "no path": ("https://example.org", "https://example.org/"),
    "trailing slash": ("https://example.org/a/", "https://example.org/a"),
    "doubled slash": ("https://example.org//a///b", "https://example.org/a/b"),
    "dot segments": ("https://example.org/x/./y/../a", "https://example.org/x/a"),
    "dot segments above the root": ("https://example.org/../../a", "https://example.org/a"),
    "encoded dot segments": ("https://example.org/x/%2e%2E/a", "https://example.org/a"),
    "unreserved characters encoded": (
        "https://example.org/%7Eann/%61",
        "https://example.org/~ann/a",
    ),
    "hexadecimal case": ("https://example.org/%e6%95%b0", "https://example.org/%E6%95%B0"),
    "bare characters": ("https://example.org/数 学", "https://example.org/%E6%95%B0%20%E5%AD%A6"),
    "bare brackets": ("https://example.org/a?x[]=1", "https://example.org/a?x%5B%5D=1"),
    "fragment": ("https://example.org/a#section-2", "https://example.org/a"),
    "empty query": ("https://example.org/a?", "https://example.org/a"),
    "empty parameters": ("https://example.org/a?&&b=1&", "https://example.org/a?b=1"),
    "parameter order": ("https://example.org/a?y=1&x=2", "https://example.org/a?x=2&y=1"),
    "tracking": (
        "https://example.org/a?utm_source=x&UTM_Medium=y&gclid=1&b=2",
        "https://example.org/a?b=2",
    ),
    "tracking, name encoded": ("https://example.org/a?utm%5Fsource=x", "https://example.org/a"),
    "session parameter": (
        f"https://example.org/a?PHPSESSID={SESSION}&id=3",
        "https://example.org/a?id=3",
    ),
    "session of a forum": (
        f"https://example.org/t.php?t=4&sid={SESSION}",
        "https://example.org/t.php?t=4",
    ),
    "session in the path": (f"https://example.org/a;jsessionid={SESSION}", "https://example.org/a"),
    "session inside the path": (
        f"https://example.org/x;JSESSIONID={SESSION}/a",
        "https://example.org/x/a",
    ),
    "session of ASP.NET": (
        "https://example.org/(S(abcdefghijklmnopqrstuvwx))/a",
        "https://example.org/a",
    ),
    "index.html": ("https://example.org/a/index.html", "https://example.org/a"),
    "index.htm at the root": ("https://example.org/index.htm", "https://example.org/"),
    "index.php with parameters": (
        "https://example.org/w/index.php?title=A",
        "https://example.org/w/?title=A",
    ),
    "Default.aspx": ("https://example.org/Default.aspx", "https://example.org"),
    "white space around": (" \thttps://example.org/a\r\n", "https://example.org/a"),
    "line end inside": ("https://example.org/a\nb", "https://example.org/ab"),
    "all at once": (
        f"http://www.Example.org:80/x/../a/index.html;jsessionid={SESSION}?utm_source=n&id=1#top",
        "https://example.org/a?id=1",
    ),
}

OTHER_PAGE = {
    "page number": ("https://example.org/a?page=2", "https://example.org/a"),
    "two page numbers": ("https://example.org/a?page=2", "https://example.org/a?page=3"),
    "id": ("https://example.org/a?id=1", "https://example.org/a?id=2"),
    "article whose number is called sid": ("https://example.org/a.php?sid=45", "https://example.org/a.php?sid=46"),
    "section called s": ("https://example.org/?s=algebra", "https://example.org/"),
    "branch called ref": ("https://example.org/f?ref=main", "https://example.org/f?ref=dev"),
    "language": ("https://example.org/a?lang=de", "https://example.org/a?lang=en"),
    "order of one name's values": ("https://example.org/a?x=1&x=2", "https://example.org/a?x=2&x=1"),
    "case of the path": ("https://example.org/A", "https://example.org/a"),
    "encoded slash": ("https://example.org/a%2Fb", "https://example.org/a/b"),
    "encoded question mark": ("https://example.org/a%3Fb", "https://example.org/a?b"),
    "encoded ampersand": ("https://example.org/?a=1%26b=2", "https://example.org/?a=1&b=2"),
    "plus and encoded plus": ("https://example.org/?q=c%2B", "https://example.org/?q=c+"),
    "subdomain": ("https://m.example.org/a", "https://example.org/a"),
    "port": ("https://example.org:8080/a", "https://example.org/a"),
    "domain that is called www": ("https://www.com/", "https://com/"),
    "hashbang": ("https://example.org/#!/algebra", "https://example.org/#!/geometry"),
    "index page of a program's path": ("https://example.org/index.php/a", "https://example.org/a"),
    "page named like an index": ("https://example.org/a/myindex.html", "https://example.org/a"),
    "path parameter": ("https://example.org/a;v=1", "https://example.org/a;v=2"),
}  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME_PAGE.values(), ids=SAME_PAGE)
def test_addresses_of_one_page_are_spelt_alike(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


@pytest.mark.parametrize(("one", "other"), OTHER_PAGE.values(), ids=OTHER_PAGE)
def test_addresses_of_two_pages_stay_apart(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "text",
    ["", "urn:isbn:0451450523", "mailto:a@example.org", "https://", "http:///a", "http://:80/"],
)
def test_what_is_no_web_address_comes_back_as_it_is(text: str) -> None:
    assert canonical_url(text) == text


@pytest.mark.parametrize(
    "authority",
    [
        "[::1]:80",
        "a:80:80",
        "user:secret@example.org",
        "@example.org",
        "example.org:x",
        "www.www.a.b",
    ],
)
def test_odd_authorities_have_a_canonical_form(authority: str) -> None:
    once = canonical_url(f"http://{authority}/a")
    assert once.endswith("/a")
    assert canonical_url(once) == once


# Pieces that rules act on, so that random addresses meet the rules together.
PIECES = [
    "http://", "HTTPS://", "www.", "example.org", ":80", ":443", ":", "/", "//", "/.", "/..",
    "%2e", "%2f", "%", "%2", "%25", "41", "%C3", "é", "数", " ", "\n", "\ud800", "\x00", "\xa0",
    "?", "#", "#!", "&", "=", ";", ";jsessionid=1", "utm_source=x", "sid=", SESSION,
    "index.html", "/index.php", "default.aspx", "a", "B", ".", "@", "[", "]", "+", "~", "\\",
    "(S(", "/(S(abcdefghijklmnopqrstuvwx))", ")",
]  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
@example("http://www.example.org/%%34%31")
@example("http://www.www.example.org:443/index.html/./index.htm//")
def test_a_canonical_form_is_its_own(text: str) -> None:
    once = canonical_url("http://example.org/" + text)
    assert canonical_url(once) == once
    once = canonical_url(text)
    assert canonical_url(once) == once


@given(st.text())
def test_no_string_raises_and_each_has_a_fixed_point(text: str) -> None:
    once = canonical_url(text)
    assert canonical_url(once) == once


# The characters of an ordinary parameter; "-" is in no tracking parameter's name.
plain = st.text("abcxyz019_.~", min_size=1, max_size=5).map(lambda name: "p-" + name)
pairs = st.lists(st.tuples(plain, plain), unique_by=lambda pair: pair[0], max_size=4)


@given(pairs, st.randoms(use_true_random=False))
def test_parameters_that_no_list_names_all_count_and_their_order_does_not(
    parameters: list[tuple[str, str]], random: object
) -> None:
    def address(items: list[tuple[str, str]]) -> str:
        return "https://example.org/a?" + "&".join(f"{name}={value}" for name, value in items)

    shuffled = list(parameters)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    tracked = [("utm_campaign", "x"), *shuffled, ("fbclid", "y")]
    whole = canonical_url(address(parameters))
    assert canonical_url(address(tracked)) == whole
    for index in range(len(parameters)):
        assert canonical_url(address(parameters[:index] + parameters[index + 1 :])) != whole


def test_the_parameter_list_is_in_order_in_lower_case_and_names_nothing_twice() -> None:
    text = (files("pipeline.web") / "tracking_parameters.txt").read_text(encoding="utf-8")
    names = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert len(names) > 60
    assert names == sorted(set(names))
    for name in names:
        assert re.fullmatch(r"[a-z0-9_]+(\*|=token|=flag| beside [a-z0-9_]+)?", name), name


# Names of parameters that say which page it is, somewhere on the web, and their values.
SELECTING = [
    "page", "p", "id", "q", "lang", "hl", "v", "t", "tid", "pid", "cat", "ref", "source", "from",
    "s", "sid", "session", "start", "offset", "year", "action", "title", "tab", "view", "sort",
]  # fmt: skip
values = st.one_of(st.integers(0, 99_999).map(str), st.sampled_from(["en", "de", "algebra", "A-1"]))
queries = st.dictionaries(st.sampled_from(SELECTING), values, max_size=4)
segments = st.lists(st.text("abcXYZ019_-~", min_size=1, max_size=4), max_size=3)
# Page 2 is told in many ways; each with its disguises: what must not make another page of it.
addresses = st.tuples(st.sampled_from(["example.org", "m.example.org", "example.com:8080"]),
                      segments, queries)  # fmt: skip
disguises = st.tuples(
    st.sampled_from(["http://", "https://", "HTTP://www.", "https://www."]),
    st.sampled_from(["", "/", "/index.html", "/./", "/x/../index.php"]),
    st.sampled_from(["", "utm_source=a", "fbclid=b&gclid=c", f"PHPSESSID={SESSION}"]),
    st.sampled_from(["", "#top", "#page=2"]),
)


def disguised(
    page: tuple[str, list[str], dict[str, str]], disguise: tuple[str, str, str, str]
) -> str:
    host, path, query = page
    scheme, tail, tracking, fragment = disguise
    parameters = [f"{name}={value}" for name, value in reversed(query.items())]
    joined = "&".join([part for part in (tracking, *parameters) if part])
    return f"{scheme}{host}/{'/'.join(path)}{tail}?{joined}{fragment}"


@given(addresses, addresses, disguises, disguises)
@example(
    ("example.org", ["a"], {"page": "2"}), ("example.org", ["a"], {"page": "3"}),
    ("http://", "/", "", "#page=3"), ("https://www.", "", "fbclid=b", "#page=2"),
)  # fmt: skip
@example(
    ("example.org", ["a"], {"id": "1", "p": "2"}), ("example.org", ["a"], {"id": "2", "p": "1"}),
    ("http://", "", "", ""), ("http://", "", "", ""),
)  # fmt: skip
def test_planted_pages_are_joined_with_their_own_disguises_and_with_no_other_page(
    one: tuple[str, list[str], dict[str, str]],
    other: tuple[str, list[str], dict[str, str]],
    first: tuple[str, str, str, str],
    second: tuple[str, str, str, str],
) -> None:
    assert canonical_url(disguised(one, first)) == canonical_url(disguised(one, second))
    assert (canonical_url(disguised(one, first)) == canonical_url(disguised(other, second))) == (
        one == other
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://m.example.org/a", "https://example.org/a"),
        ("https://a.m.example/b", "https://a.example/b"),
        ("https://en.mx.example.org/a", "https://en.example.org/a"),
        ("https://example.org/a?rq=7", "https://example.org/a"),
        ("https://example.org/a?amp=2", "https://example.org/a"),
        ("https://example.org/a?amp=article", "https://example.org/a"),
        ("https://example.org/a?request_id=1", "https://example.org/a"),
        ("https://example.org/a?biz_id=5&b=1", "https://example.org/a?b=1"),
        ("https://example.org/a/amp", "https://example.org/a"),
    ],
)
def test_what_may_be_another_page_stays_one(one: str, other: str) -> None:
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://de.m.example.org/wiki/A", "https://de.example.org/wiki/A"),
        ("https://example.org/q/1?rq=1", "https://example.org/q/1"),
        ("https://example.org/q/1?lq=1&noredirect=1", "https://example.org/q/1"),
        ("https://example.org/p?amp", "https://example.org/p"),
        ("https://example.org/p?a=1&amp;b=2", "https://example.org/p?b=2&a=1"),
        ("https://example.org/p?a=1&amp;amp;b=2", "https://example.org/p?a=1&b=2"),
        (
            "https://example.org/p?ops_request_misc=1&biz_id=2&request_id=3&q=4",
            "https://example.org/p?q=4",
        ),
    ],
)
def test_what_a_link_says_of_itself_is_no_page(one: str, other: str) -> None:
    assert canonical_url(one) == canonical_url(other)


names = st.sampled_from(["a", "id", "p", "q", "request_id", "biz_id", "amp", "rq", "x"])
values = st.sampled_from(["2", "7", "0", "x", "article"])


@given(st.dictionaries(names, values, max_size=4), st.dictionaries(names, values, max_size=4))
def test_parameters_that_may_select_pages_keep_them_apart(
    one: dict[str, str], other: dict[str, str]
) -> None:
    def address(parameters: dict[str, str]) -> str:
        return "https://example.org/p?" + "&".join(f"{k}={v}" for k, v in parameters.items())

    same = canonical_url(address(one)) == canonical_url(address(other))
    assert same == (one == other)


labels = st.lists(
    st.sampled_from(["m", "en", "www", "example", "org", "mm"]), min_size=2, max_size=5
)


@given(labels, labels)
def test_hosts_that_differ_by_more_than_a_label_for_telephones_stay_apart(
    one: list[str], other: list[str]
) -> None:
    def bare(host: list[str]) -> list[str]:
        while host[0] == "www" and len(host) > 2:
            host = host[1:]
        for at in range(1, len(host) - 2):
            if host[at] == "m":
                return host[:at] + host[at + 1 :]
        return host

    addresses = [canonical_url(f"https://{'.'.join(host)}/") for host in (one, other)]
    if addresses[0] == addresses[1]:
        assert bare(one) == bare(other) or bare(bare(one)) == bare(bare(other))
