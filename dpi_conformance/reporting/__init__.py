"""The report: its published shape, and the renderers that a pack brings."""
