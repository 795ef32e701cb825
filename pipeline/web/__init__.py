"""WARC files, their records, and URLs."""
