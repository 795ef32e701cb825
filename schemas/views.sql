-- Views over those of the tables: the end of every workspace's views.sql.

-- One line for each crawl and outcome: what became of every record.
create or replace view outcomes as
select crawl, outcome, sum(records) as records
from ledger
where kind = 'count'
group by all
order by crawl, records desc;

-- Each dropped copy beside the page that is kept.
create or replace view duplicates as
select method, similarity, copy.url as url, kept.url as kept_url
from pool
join pages as copy using (page_id)
join pages as kept on kept.page_id = pool.kept_page_id
where pool.page_id <> pool.kept_page_id;

-- Pages to look at under each prefix, with the beginnings of their texts.
create or replace view samples as
select round, prefix, collected, place, score, url, title, language, text
from sample_places join sample_pages using (round, page_id);

-- The grams that hit most pages. What hits many, and few of them beside other grams
-- (alone: pages that nothing else condemns), is as a rule a stock phrase or a standard
-- formula: rule on it in the list of allowed grams.
create or replace view contaminating_grams as
with grams as (
    select rule, gram, page_id, list(distinct benchmark) as benchmarks, min(context) as context
    from contamination
    group by all
), counted as (
    select *, count(*) over (partition by page_id) = 1 as alone from grams
)
select
    rule, gram, count(*) as pages, count(*) filter (alone) as alone,
    list_sort(list_distinct(flatten(list(benchmarks)))) as benchmarks, min(context) as example
from counted
group by rule, gram
order by pages desc, gram;

-- What each entry of the list of allowed grams exempted; spared: pages that nothing condemns.
create or replace view exemptions as
select
    entry, count(distinct page_id) as pages, count(distinct gram) as grams,
    count(distinct page_id) filter (page_id not in (select page_id from contamination)) as spared
from exempted
group by entry
order by pages desc, entry;
