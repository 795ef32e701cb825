"""One WARC to rows: pages worked on in a process that may die of them."""
