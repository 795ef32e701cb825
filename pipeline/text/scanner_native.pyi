from collections.abc import Callable

# ``kinds``: a byte for each character of the Basic Multilingual Plane, see ``characters``;
# ``kind_of``: tells that of a character beyond it, of a text and a place. ``ValueError`` for
# another number of kinds.

def find_words(
    text: str,
    kinds: bytes,
    kind_of: Callable[[str, int], int],
    names: dict[str, str],
    match: Callable[[str, int], object],
) -> list[str]:
    """The words of a folded text, in order. ``names``: what commands are called; ``match``:
    tells of a sign at a place whether it is a word, None where it is not.
    """

def count_tokens(text: str, kinds: bytes, kind_of: Callable[[str, int], int]) -> int:
    """Estimated tokens."""

def find_features(
    text: str,
    kinds: bytes,
    kind_of: Callable[[str, int], int],
    most: int,
    signs: str,
    names: dict[str, str],
    environment_end: Callable[[str, int], int],
) -> list[str]:
    """At most so many words of the classifier's, in order; those that one space parts are left
    together. ``signs``: of ASCII, which are words; ``names``: what commands and other signs are
    called; ``environment_end``: where one that delimits a formula ends, that place itself where
    none begins there.
    """
