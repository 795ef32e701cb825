"""Mathematical domains and people's tags on URL patterns."""
