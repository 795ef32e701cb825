"""A simulated web with known truth: the embedded default and a load generator."""
