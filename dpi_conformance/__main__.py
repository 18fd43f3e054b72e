"""``python -m dpi_conformance``."""

from dpi_conformance.cli import main

main()
