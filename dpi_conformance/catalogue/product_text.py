"""The text of a product.yaml as plain values and the line of each key, or one clear complaint about it."""

import itertools
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message

__all__ = ["KeyPath", "ProductText", "read_product_text"]

KeyPath = tuple[str | int, ...]

_MOST_BYTES = 1_000_000
_MOST_NODES = 20_000
_TOO_MUCH = N_("{file} holds far more than a product's description; is it the right file?")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductText:
    """A parsed file: its values, and where each key stands and how its value was written."""

    name: str
    values: Any
    lines: Mapping[tuple[str, ...], int]
    """Line of each key, from 1."""
    written: Mapping[tuple[str, ...], str]
    """Scalars as they were written, before YAML made numbers or dates of them."""

    def place(self, path: KeyPath) -> str:
        """Name a key as ``file:line: a.b.c``."""
        return ": ".join(filter(None, (f"{self.name}:{self.line(path)}", ".".join(map(str, path)))))

    def line(self, path: KeyPath) -> int:
        """Give the line of a key, or of the nearest above it."""
        names = tuple(map(str, path))
        return next((self.lines[names[:n]] for n in range(len(names), 0, -1) if names[:n] in self.lines), 1)


def read_product_text(path: Path) -> ProductText:
    """Read a YAML 1.2 file; whatever is wrong with it is one UsageError that names file, line and column."""
    text = _text(path)
    from ruamel.yaml import YAML  # noqa: PLC0415 -- 50 ms that a run without product.yaml does not need
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    yaml = YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
        places = list(itertools.islice(_walk(root, (), 1), _MOST_NODES)) if root else []
        values = yaml.load(text) if len(places) < _MOST_NODES else None
    except YAMLError as error:
        raise _broken(path, error) from error
    except RecursionError as error:
        raise _unusable(path, N_("{file} is nested too deep to be read.")) from error
    if len(places) == _MOST_NODES:
        raise _unusable(path, _TOO_MUCH)
    if values is None:
        raise _unusable(
            path, N_("{file} is empty; run “dpi-conformance init” to write one with every key explained.")
        )
    return ProductText(
        name=str(path),
        values=values,
        lines={key: line for key, line, _ in places},
        written={key: scalar for key, _, scalar in places if scalar is not None},
    )


def _text(path: Path) -> str:
    if path.is_dir():
        raise _unusable(path, N_("{file} is a folder; name the file in it, like {file}/product.yaml."))
    try:
        content = _content(path)
    except FileNotFoundError as error:
        raise _unusable(
            path, N_("There is no file {file}; run “dpi-conformance init {file}” to write one.")
        ) from error
    except OSError as error:
        raise _unusable(
            path, N_("{file} cannot be read: {reason}."), reason=error.strerror or str(error)
        ) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _unusable(
            path,
            N_("{file}:{line}: byte {byte} is not UTF-8; save the file with the encoding UTF-8."),
            line=content.count(b"\n", 0, error.start) + 1,
            byte=f"0x{content[error.start]:02x}",
        ) from error


def _content(path: Path) -> bytes:
    """Read what can be a description: a device or a pipe might never end, and a huge file is none."""
    if not stat.S_ISREG(path.stat().st_mode):
        raise _unusable(path, N_("{file} is no regular file; name the file that describes the product."))
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise _unusable(path, _TOO_MUCH)
    return content


def _unusable(path: Path, sentence: str, **values: str | int) -> UsageError:
    return UsageError(Message(text=sentence, values={"file": str(path), **values}))


def _broken(path: Path, error: Exception) -> UsageError:
    mark = getattr(error, "problem_mark", None)
    # A duplicate key's complaint goes on with its value, which may be a secret.
    problem = str(getattr(error, "problem", None) or error).partition(" with value ")[0].splitlines()[0]
    if problem.startswith("but "):
        problem = f"{getattr(error, 'context', None) or 'something else is asked for'}, {problem}"
    return _unusable(
        path,
        N_("{file}:{line}:{column}: this is not YAML: {problem}. Mend that line, or the one before it."),
        line=mark.line + 1 if mark else 1,
        column=mark.column + 1 if mark else 1,
        problem=problem,
    )


def _walk(node: Any, path: tuple[str, ...], line: int) -> Iterator[tuple[tuple[str, ...], int, str | None]]:
    """Yield (path, line, scalar as written or None) for a node and all below it."""
    scalar = isinstance(node.value, str)
    yield path, line, node.value if scalar else None
    for index, part in enumerate(() if scalar else node.value):
        key, child = part if isinstance(part, tuple) else (None, part)
        name = str(index) if key is None else str(key.value)
        yield from _walk(child, (*path, name), (key or child).start_mark.line + 1)
