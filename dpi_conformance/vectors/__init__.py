"""Vectors: compiled with schemathesis and hypothesis, frozen, and read back."""
