"""Duplicates: by URL, by exact text, by MinHash."""
