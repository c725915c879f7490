"""Sources that lie in a database: a DuckDB file, or PostgreSQL."""
