"""Our own extractors, measured as the peers are in ``peer.py``: python -m tests.bench.ours."""

from __future__ import annotations

from collections.abc import Callable

from pipeline.text import EXTRACTORS, Extractor, extract_page
from tests.bench.peer import Capture, Maker, Text, main

#: What each extractor stands on.
_PACKAGES = {"trafilatura": ("selectolax", "trafilatura")}


def _ours(extractor: Extractor) -> Maker:
    def make() -> tuple[Callable[[Capture], Text], tuple[str, ...]]:
        def extract(capture: Capture) -> Text:
            page = extract_page(
                capture.body,
                url=capture.url,
                content_type=capture.content_type,
                extractor=extractor,
            )
            return Text(page.text, page.formulas)

        return extract, _PACKAGES.get(extractor, ("selectolax",))

    return make


#: The whole of ``extract_page``: decoding, formulas, extraction, language.
OURS: dict[str, Maker] = {f"extract_page, {name}": _ours(name) for name in EXTRACTORS}

if __name__ == "__main__":
    main(OURS)
