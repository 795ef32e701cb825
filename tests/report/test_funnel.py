from pipeline.report.funnel import LATER, together, with_later
from pipeline.workspace.manifest import Counts


def test_crawls_are_counted_together():
    parts = [
        Counts(10, 6, {"request": 3, "no-text": 1}, "records"),
        Counts(5, 5, {}, "records"),
        Counts(4, 1, {"request": 2, "too-deep": 1}, "records"),
    ]
    whole = together(parts)
    assert whole == Counts(19, 12, {"request": 5, "no-text": 1, "too-deep": 1}, "records")
    whole.reconcile("extraction")


def test_pages_that_came_after_the_pool_was_made_are_told():
    pool = Counts(100, 80, {"duplicate by url": 20})
    assert with_later(pool, 100) == pool
    later = with_later(pool, 130)
    assert later == Counts(130, 80, {"duplicate by url": 20, LATER: 30})
    later.reconcile("deduplication")
