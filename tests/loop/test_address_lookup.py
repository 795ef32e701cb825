import pytest

from pipeline.loop.address_lookup import spellings_of


@pytest.mark.parametrize(
    ("address", "also"),
    [
        ("https://www.example.org/a/", "http://example.org/a"),
        ("example.org/a", "https://www.example.org/a/"),
        ("http://example.org", "https://example.org/"),
        ("https://example.org/a?b=c/", "http://example.org/a?b=c/"),
    ],
)
def test_an_address_is_looked_for_in_all_its_spellings(address, also):
    spellings = spellings_of(address)
    assert spellings[0] == address
    assert also in spellings
    assert len(set(spellings)) == len(spellings) <= 19


def test_other_schemes_are_looked_for_as_they_are():
    assert spellings_of("dns:example.org") != []
    assert spellings_of("ftp://example.org/x") == ["ftp://example.org/x"]
