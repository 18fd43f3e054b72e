"""For a vendor's own unit tests: the mock of a building block in the test's process, behind httpx.

Imports nothing, because pytest loads the plug-in in every run: see ``mounting`` and ``plugin``.
"""
