"""Declared schemas, a TOML a table, and DuckDB views; see ``pipeline.workspace.table_schemas``."""
