"""Conformance harness for digital public infrastructure building blocks."""

__all__ = ["__version__"]

__version__ = "0.1.0"
