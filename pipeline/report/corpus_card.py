"""The corpus's README.md: what a person who meets the data needs to know of it."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from pipeline.report.corpus_facts import DATA_FILES, TOP_HOSTS, CorpusFacts, Share
from pipeline.report.hub_head import hub_head
from pipeline.workspace.table_schemas import schema

_READING = """## Reading it

```sql
-- duckdb, started in the folder of this file
select language, count(*) as pages, sum(tokens) as tokens
from 'data/*.parquet' group by language order by tokens desc;

-- the best million tokens
select text from (
    select text, sum(tokens) over (order by rank) as running from 'data/*.parquet'
) where running <= 1000000;

-- one site, formulas only
select url, title, formulas from 'data/*.parquet'
where registered_domain = 'example.org' and formulas > 0 order by rank;
```

`warc`, `warc_offset` and `warc_length` lead back to the record that a page came from."""
_ESTIMATED = ", by the shapes of words, without a vocabulary"
#: Characters of a name out of the crawl that are shown.
_LONGEST_NAME = 80


def corpus_card(facts: CorpusFacts) -> str:
    """Markdown, below the YAML that the Hugging Face Hub reads. Names that come from the crawl
    can neither mark up nor link.
    """
    sections = [
        _title(facts),
        _decontamination(facts),
        _origin(facts),
        _contents(facts),
        _columns(),
        _queries(facts),
        _rights(facts),
    ]
    return hub_head(facts) + "\n" + "\n\n".join(sections) + "\n"


def _title(facts: CorpusFacts) -> str:
    mean = facts.tokens / facts.pages if facts.pages else 0
    return f"""# Mathematical web pages

{facts.pages:,} pages, {facts.tokens:,} tokens ({mean:,.0f} a page), \
{facts.text_bytes:,} bytes of text in {facts.shards:,} Parquet \
file{"" if facts.shards == 1 else "s"} under `data/`.

Mined from {_listed(share.name for share in facts.crawls)} by mathmine {_code(facts.version)}. \
Formulas are LaTeX, `$…$` in a line and `$$…$$` on their own; a dollar sign that is money stays \
`$`. Tokens are counted by {_code(facts.tokenizer)}{_ESTIMATED if facts.is_estimated else ""}. How \
the data was made, input by input, is in `manifest.json`.{_budgets(facts)}"""


def _budgets(facts: CorpusFacts) -> str:
    if not facts.budgets:
        return ""
    table = _table(
        ("budget", "pages", "tokens", "last rank"),
        [
            (_code(end.name), f"{end.pages:,}", f"{end.tokens:,}", f"{end.last_rank:,}")
            for end in facts.budgets
        ],
    )
    return f"""

Several budgets of tokens, each the best pages down to a rank. `load_dataset` takes their names as \
configurations, and `budgets.json` names the files of each:

{table}"""


def _decontamination(facts: CorpusFacts) -> str:
    if not facts.benchmarks:
        return """## NOT DECONTAMINATED

> **WARNING: no benchmarks were given to this run, so nothing was checked. Pages may hold \
problems and solutions of any benchmark. Do not report results of a model trained on it before \
you have decontaminated it (`[decontaminate] benchmarks` in the run's configuration).**"""
    removed = {
        "page": "left out",
        "segment": "kept without the paragraphs that hold one",
    }[facts.unit]
    table = _table(
        ("benchmark", "items", "items that cannot be looked for", "pages with a trace"),
        [
            (_code(line.name), f"{line.items:,}", f"{line.unseen_items:,}", f"{line.pages_hit:,}")
            for line in facts.benchmarks
        ],
    )
    text = f"""## Decontamination

{facts.contaminated_pages:,} collected pages with a trace of a benchmark were {removed}. Items too \
short to be told from ordinary text cannot be looked for, and paraphrases and translations are \
not found.

{table}"""
    if facts.missing_names:
        text += f"""

> **WARNING: the run was to check {_listed(facts.missing_names)} too, but found no file of \
{"it" if len(facts.missing_names) == 1 else "them"}.**"""
    return text


def _origin(facts: CorpusFacts) -> str:
    rounds = _table(
        ("round", "pages collected", "tokens", "pages known before", "tokens known before"),
        [
            (
                str(line.round),
                f"{line.collected_pages:,}",
                f"{line.collected_tokens:,}",
                _percent(line.known_page_share),
                _percent(line.known_token_share),
            )
            for line in facts.rounds
        ],
    )
    settings = _table(
        ("setting", "value"), [(_code(key), _code(value)) for key, value in facts.settings]
    )
    return f"""## How it was made

After DeepSeekMath ([arXiv 2402.03300](https://arxiv.org/abs/2402.03300), section 2.1): pages are \
extracted from WARC files and deduplicated; a fastText classifier trained on a seed ranks them, \
the best are collected up to a budget of tokens; domains of which a large share was collected are \
looked at by people, and their pages join the seed of the next round. The last round's collection \
is this corpus.{_cut(facts)}

{rounds}

{settings}"""


def _cut(facts: CorpusFacts) -> str:
    if not facts.cut:
        return ""
    named = ", ".join(f"{pages:,} for {_code(why)}" for why, pages in facts.cut)
    return f" Left out of it: {named}."


def _contents(facts: CorpusFacts) -> str:
    hosts = facts.hosts[:TOP_HOSTS]
    rest = facts.host_count - len(hosts)
    named = _shares("host", hosts, facts)
    if rest > 0:
        pages = facts.pages - sum(share.pages for share in hosts)
        tokens = facts.tokens - sum(share.tokens for share in hosts)
        named += "\n" + _row(
            (f"{rest:,} more", f"{pages:,}", f"{tokens:,}", _share(tokens, facts.tokens))
        )
    return f"""## What is in it

{_shares("language", facts.languages, facts)}

{_shares("crawl", facts.crawls, facts)}

{named}"""


def _columns() -> str:
    columns = [
        (_code(column.name), _code(column.type), column.about.replace("|", "\\|"))
        for column in schema("corpus").columns
    ]
    return f"""## Columns

{_table(("column", "type", "meaning"), columns)}"""


def _queries(facts: CorpusFacts) -> str:
    return _READING.replace(DATA_FILES, facts.data_files)


def _rights(facts: CorpusFacts) -> str:
    return f"""## Rights

The pages belong to those who published them. They are no one's to relicense, and this \
collection grants no right in them: what may be done with a page depends on its own terms and on \
the law where you are. Data out of Common Crawl is subject to \
[Common Crawl's terms of use](https://commoncrawl.org/terms-of-use). Pages may hold personal data; \
honour requests for removal (`url` finds the page).

What pages say of their own licence is in `licence`, and where they say it in `licence_source`: \
nobody has checked that they may, and a link to Creative Commons (`cc-anchor`) may be about a \
picture. `reservation` says how a page asks not to be mined. {_left_out(facts)}

{_shares("licence", facts.licences, facts)}

{_shares("reservation", facts.reservations, facts)}"""


def _left_out(facts: CorpusFacts) -> str:
    if not facts.left_out:
        return "No page was left out for either."
    named = ", ".join(f"{pages:,} for {_code(wish)}" for wish, pages in facts.left_out)
    return f"Collected pages that were left out for what they say: {named}."


def _shares(what: str, shares: Sequence[Share], facts: CorpusFacts) -> str:
    return _table(
        (what, "pages", "tokens", "share of tokens"),
        [
            (
                _code(share.name),
                f"{share.pages:,}",
                f"{share.tokens:,}",
                _share(share.tokens, facts.tokens),
            )
            for share in shares
        ],
    )


def _share(part: int, whole: int) -> str:
    return _percent(part / whole if whole else None)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join([_row(head), _row(["---"] * len(head)), *map(_row, rows)])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(_code, names)) or "nothing"


def _code(name: str) -> str:
    """A name as a Markdown code span, which nothing in it can end or turn into markup."""
    # Controls would break lines; invisible format characters can reverse what is read.
    shown = "".join(
        " " if unicodedata.category(character)[0] in "CZ" else character for character in name
    ).strip()
    if len(shown) > _LONGEST_NAME:
        shown = shown[: _LONGEST_NAME - 1] + "…"
    shown = shown.replace("`", "'").replace("|", "\\|")
    return f"`{shown}`" if shown else "(none)"
