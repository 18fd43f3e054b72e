"""What a single value of product.yaml must be: URLs, headers, files. Each rule gives the value back, or says why not."""

import re
import shutil
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from dpi_conformance.i18n import N_

__all__ = [
    "CALCULATED",
    "ExistingFile",
    "HeaderMap",
    "HttpUrl",
    "OneLine",
    "Program",
    "SomeHeaders",
    "complaint",
]

CALCULATED = frozenset({"connection", "content-length", "transfer-encoding"})
"""Headers that the harness works out for each request; a fixed value would break the framing."""

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\x20-\x7e\t]*")


def complaint(kind: str, sentence: str, **values: str) -> PydanticCustomError:
    """Make an error whose sentence stays translatable: the template goes along beside its values."""
    return PydanticCustomError(kind, sentence, {**values, "sentence": sentence})


def _url(text: str) -> str:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise complaint("url", N_("{place}: {value} is no URL ({reason})."), reason=str(error)) from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or re.search(r"\s", text):
        raise complaint(
            "url",
            N_(
                "{place}: {value} is no web address; write it in full, like https://payments.example.org/api."
            ),
        )
    if parts.username is not None or parts.password is not None:
        raise complaint(
            "url_credentials",
            N_(
                "{place}: the address holds credentials; write them under auth, and the address without them."
            ),
        )
    if parts.query or parts.fragment:
        raise complaint(
            "url_query",
            N_("{place}: {value} holds a query or fragment; write the address without “?” and “#”."),
        )
    return text.rstrip("/")


def _one_line(text: str) -> str:
    if not _VALUE.fullmatch(text) or text != text.strip():
        raise complaint(
            "header_value",
            N_(
                "{place}: {value} cannot be sent; write visible ASCII characters, with no space at either end."
            ),
        )
    return text


def _headers(headers: dict[str, str]) -> dict[str, str]:
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name):
            raise complaint(
                "header_name",
                N_("{place}: “{name}” is no header name (RFC 9110, 5.1); write letters, digits and hyphens."),
                name=name,
            )
        if name.lower() in CALCULATED:
            raise complaint(
                "header_calculated",
                N_("{place}: {name} is worked out for each request; leave it out."),
                name=name,
            )
        _one_line(value)
    return headers


def _file(path: Path, info: ValidationInfo) -> Path:
    """Make the path absolute, from the folder of the file that names it, and see that it can be read."""
    folder: Path = (info.context or {}).get("folder", Path())
    full = (folder / path.expanduser()).resolve()
    if full.exists() and not full.is_file():  # a device or a pipe might never end
        raise complaint("no_file", N_("{place}: {path} is no regular file; name one."), path=str(full))
    try:
        with full.open("rb"):
            return full
    except OSError as error:
        raise complaint(
            "file",
            N_(
                "{place}: the file {path} cannot be read ({reason}); write a path from the folder of this file."
            ),
            path=str(full),
            reason=error.strerror or str(error),
        ) from error


def _program(words: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
    """Make the program's path absolute where it is one, and see that it can be run."""
    folder: Path = (info.context or {}).get("folder", Path())
    named = str((folder / Path(words[0]).expanduser()).resolve()) if "/" in words[0] else words[0]
    if shutil.which(named) is None:
        raise complaint(
            "no_program",
            N_(
                "{place}: there is no program {program} that can be run; write its name, or a path with a slash from "
                "the folder of this file, and make it executable (chmod +x)."
            ),
            program=named,
        )
    return (named, *words[1:])


HttpUrl = Annotated[str, AfterValidator(_url)]
"""An absolute http or https address without credentials, query, fragment or closing slash."""
OneLine = Annotated[str, AfterValidator(_one_line)]
"""Text that can be the value of a header."""
HeaderMap = Annotated[dict[str, OneLine], AfterValidator(_headers)]
"""Headers by name."""
SomeHeaders = Annotated[dict[str, OneLine], Field(min_length=1), AfterValidator(_headers)]
"""At least one header, by name."""
ExistingFile = Annotated[Path, AfterValidator(_file)]
"""A file that can be read; relative paths start at the folder of product.yaml."""
Program = Annotated[
    tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1), AfterValidator(_program)
]
"""A program that can be run, and its arguments; a relative path starts at the folder of product.yaml."""
