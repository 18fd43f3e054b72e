"""Sentences for the reader, with the values that fill them."""

from dpi_conformance.i18n import Message

__all__ = ["say"]


def say(text: str, **values: str | int | float) -> Message:
    """Give a sentence; the text is marked with N_ where it is written."""
    return Message(text=text, values=values)
