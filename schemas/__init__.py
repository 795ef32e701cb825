"""Declared schemas, a TOML a table, and DuckDB views; read by ``pipeline.tables``."""
