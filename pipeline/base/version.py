"""The version of this code, which manifests carry."""

__version__ = "0.1.0"
