"""Whole runs: from what a user asked for to a run directory with a verdict."""
