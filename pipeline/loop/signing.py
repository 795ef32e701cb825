"""Pages are signed while they are read: no later step reads all text again for it."""

from __future__ import annotations

from functools import partial

from pipeline.config.settings import Dedupe
from pipeline.dedupe.minhash import signature_columns
from pipeline.extract.page_row import RowMaker, row_maker


def signing_row_maker(settings: Dedupe) -> RowMaker:
    """Makes the rows of pages, signatures among them.

    These settings are none of the pages': each row says what it was signed with. datasketch
    signs where pages are compared, as not every machine that reads WARCs has it.
    """
    if settings.minhash != "numpy":
        return row_maker
    return partial(row_maker, signer=partial(signature_columns, settings))
