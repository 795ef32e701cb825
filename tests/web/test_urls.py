from __future__ import annotations

import contextlib
import re
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.base.outcomes import Outcome, SetAside
from pipeline.web.urls import host_of, page_id, path_segments, registered_domain


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://example.org/a", "example.org"),
        ("HTTPS://WWW.Example.ORG:8443/", "example.org"),
        ("https://user:secret@math.example.org/x", "math.example.org"),
        ("http://example.org./", "example.org"),
        ("http://www.com/", "www.com"),
        ("http://www.www.example.org/", "www.example.org"),
        ("http://bücher.example/", "xn--bcher-kva.example"),
        ("http://xn--bcher-kva.example/", "xn--bcher-kva.example"),
        ("http://数学.中国/", "xn--48s96u.xn--fiqs8s"),
        ("http://exa%6Dple.org/", "example.org"),
        ("http://my_host.example.org/", "my_host.example.org"),
        ("http://192.0.2.7:80/", "192.0.2.7"),
        ("http://[2001:DB8::1]:8080/", "[2001:db8::1]"),
        ("  http://example.org/\n", "example.org"),
        ("http://localhost/", "localhost"),
    ],
)
def test_hosts_have_one_spelling(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org/a",
        "//example.org/a",
        "ftp://example.org/",
        "dns:example.org",
        "http:///path",
        "http://?q",
        "http://exa mple.org/",
        "http://a..example/",
        "http://-/..",
        "http://example.org:99999/",
        "http://[::1/",
        "http://[zz::1]/",
        f"http://{'a' * 64}.example/",
        f"http://{'a.' * 400}example/",
        "http://" + "é" * 100_000 + ".example/",
        "http://a\x00b.example/",
        "http://*.example.org/",
    ],
)
def test_what_has_no_sane_host_is_set_aside(url: str) -> None:
    with pytest.raises(SetAside) as caught:
        host_of(url)
    assert caught.value.outcome is Outcome.BAD_URL


@given(st.text(max_size=60) | st.text(max_size=60).map(lambda text: f"http://{text}"))
def test_any_text_gives_a_plain_host_or_bad_url(text: str) -> None:
    host = ""
    with contextlib.suppress(SetAside):
        host = host_of(text)
    assert re.fullmatch(r"[a-z0-9._-]*|\[[0-9a-f:.]+\]", host)
    if host:
        assert host_of(f"http://{host}/") in (host, host.removeprefix("www."))


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("math.stackexchange.com", "stackexchange.com"),
        ("maths.ox.ac.uk", "ox.ac.uk"),
        ("www.math.pku.edu.cn", "pku.edu.cn"),
        ("user.github.io", "github.io"),
        ("co.uk", "co.uk"),
        ("192.0.2.7", "192.0.2.7"),
        ("[2001:db8::1]", "[2001:db8::1]"),
        ("localhost", "localhost"),
        ("a.b.nosuchsuffix", "a.b.nosuchsuffix"),
    ],
)
def test_registered_domain_is_one_label_below_the_public_suffix(host: str, domain: str) -> None:
    assert registered_domain(host) == domain


def test_registered_domain_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert registered_domain("never.seen.before.example.co.jp") == "example.co.jp"


def test_path_segments_are_what_stands_between_slashes() -> None:
    assert path_segments("http://a.example//x/y%20z/?q=/no/#/no") == ("x", "y%20z")
    assert path_segments("http://a.example") == ()


def test_path_segments_of_no_url_are_set_aside() -> None:
    with pytest.raises(SetAside):
        path_segments("mailto:a@example.org")


def test_page_ids_are_32_hex_digits_and_never_change() -> None:
    assert page_id("a.warc.gz", 0) == page_id("a.warc.gz", 0)
    assert re.fullmatch("[0-9a-f]{32}", page_id("a.warc.gz", 12))
    assert page_id("CC-MAIN-1.warc.gz", 379) == "3a3952a3d46aee44b838ba7752311d20"
    assert len({page_id(name, at) for name in ("a", "a1", "b") for at in (1, 11, 111)}) == 9


def test_page_ids_of_file_names_that_are_no_text() -> None:
    assert re.fullmatch("[0-9a-f]{32}", page_id(b"\xff.warc".decode("utf-8", "surrogateescape"), 1))
