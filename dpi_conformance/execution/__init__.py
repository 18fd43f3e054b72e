"""Runs cases against a target and journals what happens."""
