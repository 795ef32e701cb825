"""Traces of benchmarks in pages."""
