"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

__all__ = ["language_option", "target_options"]

Command = Callable[..., Any]


def language_option(command: Command) -> Command:
    """Add ``--lang``."""
    return click.option(
        "--lang",
        default="en",
        show_default=True,
        metavar="LANGUAGE",
        help="Language of what a person reads; one without a translation is refused.",
    )(command)


def target_options(command: Command) -> Command:
    """Add ``--target`` and ``--product``."""
    target = click.option(
        "--target",
        metavar="URL",
        help="Address of the product; a bearer token is read from DPI_CONFORMANCE_TOKEN. For other credentials, and "
        "for what depends on banks and billers that the product asks, write a product.yaml (see: init).",
    )
    product = click.option(
        "--product",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="product.yaml, which describes the product (see: init).",
    )
    return target(product(command))
