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

create or replace view contamination as
select * from read_parquet('contamination/*.parquet');

create or replace view corpus as
select * from read_parquet('corpus/data/*.parquet');
