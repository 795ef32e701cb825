-- Views over a workspace for DuckDB. Start it in the workspace's folder:
--   duckdb -cmd ".read <mathmine>/schemas/views.sql"
-- A view of a table that the run has not made yet fails when the file is read;
-- delete those lines, or finish a round first.

create or replace view pages as
select * exclude (batch) from read_parquet('crawls/*/pages/batch=*/*.parquet', hive_partitioning = true);

create or replace view ledger as
select * exclude (batch) from read_parquet('crawls/*/ledger/batch=*/*.parquet', hive_partitioning = true);

-- One line for each crawl and outcome: what became of every record.
create or replace view outcomes as
select crawl, outcome, sum(records) as records
from ledger
where kind = 'count'
group by all
order by crawl, records desc;

create or replace view signatures as
select * from read_parquet('crawls/*/signatures/*.parquet');

create or replace view pool as
select * from read_parquet('pool/*.parquet');

-- Each dropped copy beside the page that is kept.
create or replace view duplicates as
select method, similarity, copy.url as url, kept.url as kept_url
from pool
join pages as copy using (page_id)
join pages as kept on kept.page_id = pool.kept_page_id
where pool.page_id <> pool.kept_page_id;

-- What each round's classifier was trained and tried on.
create or replace view seed as
select cast(regexp_extract(filename, 'rounds/(\d+)/', 1) as integer) as round, * exclude (filename)
from read_parquet('rounds/*/seed/*.parquet', filename = true);

create or replace view scores as
select cast(regexp_extract(filename, 'rounds/(\d+)/', 1) as integer) as round, page_id, score
from read_parquet('rounds/*/scores/*.parquet', filename = true);

create or replace view collected as
select cast(regexp_extract(filename, 'rounds/(\d+)/', 1) as integer) as round, page_id, score, tokens, rank
from read_parquet('rounds/*/collected/*.parquet', filename = true);

create or replace view domains as
select cast(regexp_extract(filename, 'rounds/(\d+)/', 1) as integer) as round, * exclude (filename)
from read_parquet('rounds/*/domains/*.parquet', filename = true);

create or replace view prefixes as
select cast(regexp_extract(filename, 'rounds/(\d+)/', 1) as integer) as round, * exclude (filename)
from read_parquet('rounds/*/prefixes/*.parquet', filename = true);

create or replace view round_topics as
select cast(regexp_extract(filename, 'rounds/(\d+)/', 1) as integer) as round, * exclude (filename)
from read_parquet('rounds/*/topics/*.parquet', filename = true);

create or replace view page_topics as
select * from read_parquet('page_topics/*.parquet');

-- Pages to look at under each prefix, with the beginnings of their texts.
create or replace view samples as
select round, prefix, collected, place, score, url, title, language, text
from (
    select cast(regexp_extract(filename, 'rounds/(\d+)/', 1) as integer) as round, * exclude (filename)
    from read_parquet('rounds/*/samples/*.parquet', filename = true)
)
join (
    select cast(regexp_extract(filename, 'rounds/(\d+)/', 1) as integer) as round, * exclude (filename)
    from read_parquet('rounds/*/sample_pages/*.parquet', filename = true)
) using (round, page_id);

create or replace view contamination as
select * from read_parquet('contamination/*.parquet');

-- What the page holds too little of to be condemned; the most of a text first.
create or replace view let_pass as
select * from read_parquet('let_pass/*.parquet') order by share desc, words desc;

create or replace view exempted as
select * from read_parquet('exempted/*.parquet');

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

create or replace view corpus as
select * from read_parquet('corpus/data/*.parquet');
