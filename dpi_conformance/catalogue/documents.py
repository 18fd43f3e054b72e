"""Documents as they lie on disk → a tree of plain values with places; what they are is seen from their content."""

import codecs
import hashlib
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dpi_conformance.catalogue.json_text import read_json_text
from dpi_conformance.catalogue.trees import Mark, Marks, Pointer, TreeBuilder, fail, pointer_text
from dpi_conformance.catalogue.yaml_text import read_yaml_text
from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.spec import Trouble

__all__ = ["MAX_BYTES", "Document", "parse_document", "read_document"]

MAX_BYTES = 32 * 1024 * 1024
"""Larger files are refused: the largest published OpenAPI documents stay below 16 MiB."""

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_FENCE = re.compile(r"^[ \t]*(```+|~~~+)[ \t]*(?:ya?ml|json|openapi)?[ \t\r]*$", re.IGNORECASE | re.MULTILINE)
_MAX_FENCES = 64
_BARE_KEY = re.compile(r"\s*\{\s*[^\"}\s]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A parsed document: mappings with text keys, lists, text, numbers, true, false and null."""

    file: str
    kind: str
    """``JSON``, ``YAML``, or either ``in a Markdown fence``."""
    root: Any
    digest: str
    """sha256 of the file's bytes, hexadecimal."""
    troubles: tuple[Trouble, ...] = ()
    _marks: Marks = field(default_factory=dict, repr=False)

    def mark(self, pointer: Pointer) -> Mark | None:
        """Give the mark of a value; where it is not in the text itself, that of what holds it."""
        node, found = self.root, self._marks.get(0, {}).get("")
        for part in pointer:
            entry = self._marks.get(id(node), {}).get(part)
            if entry is None:
                break
            node, found = node[part], entry
        return found

    def place(self, pointer: Pointer) -> str:
        """Write where a value is: its JSON pointer, line and column (from 1)."""
        mark = self.mark(pointer)
        text = pointer_text(pointer)
        return f"{text} (line {mark.line}, column {mark.column})" if mark else text

    def written(self, pointer: Pointer) -> str | None:
        """Give a scalar as it was written where its value is not that text: ``00`` for 0; else None."""
        mark = self.mark(pointer)
        return mark.written if mark else None


def read_document(path: Path | str) -> Document:
    """Read a JSON or YAML file, whatever its suffix; UsageError with the place where it is neither."""
    return parse_document(_bytes(Path(path)), str(path))


def parse_document(content: bytes, file: str) -> Document:
    """Parse a document's bytes; ``file`` names it in messages."""
    text, troubles = _text(content, file)
    builder, kind = _parsed(text, file)
    if builder.numeric_statuses:
        _number_keys(builder)
    return Document(
        file=file,
        kind=kind,
        root=builder.root,
        digest=hashlib.sha256(content).hexdigest(),
        troubles=(*troubles, *builder.troubles),
        _marks=builder.marks,
    )


def _bytes(path: Path) -> bytes:
    if not path.exists():
        _refuse(path, N_("There is no file {file}; write the path of an OpenAPI document."))
    if not path.is_file():
        _refuse(path, N_("{file} is no ordinary file; write the path of an OpenAPI document."))
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        _refuse(path, N_("{file} cannot be read: {problem}."), error.strerror or str(error))
    if len(content) > MAX_BYTES:
        _refuse(path, N_("{file} is larger than {problem} MiB and is not read."), str(MAX_BYTES // 1024**2))
    return content


def _refuse(path: Path, text: str, problem: str = "") -> Any:
    raise UsageError(Message(text=text, values={"file": str(path), "problem": problem}))


def _text(content: bytes, file: str) -> tuple[str, list[Trouble]]:
    """Decode; a byte order mark is left out and listed."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            text = _decode(content[len(bom) :], encoding, file)
            reason = Message(
                text=N_("The file begins with a byte order mark ({encoding}); it is left out."),
                values={"encoding": encoding.upper()},
            )
            return text, [Trouble(file=file, place="line 1, column 1", reason=reason, used=True)]
    return _decode(content, "utf-8", file), []


def _decode(content: bytes, encoding: str, file: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        text = N_("{file}, line {line}, column {column}: byte {byte} is not {encoding} text.")
        fail(file, Mark(line, 1), text, byte=error.start, encoding=encoding.upper())
    if "\0" in text:
        mark = Mark(text.count("\n", 0, text.index("\0")) + 1, 1)
        fail(file, mark, N_("{file}, line {line}, column {column}: a NUL character: this is no text."))
    if not text.strip():
        raise UsageError(Message(text=N_("{file} is empty."), values={"file": file}))
    return text


def _parsed(text: str, file: str) -> tuple[TreeBuilder, str]:
    """Try what the content looks like first, then what it could still be."""
    if text.lstrip()[:1] in {"{", "["}:
        return _json_or_flow(text, file)
    try:
        builder = _built(read_yaml_text, text, file)
    except UsageError:
        fenced = _fenced(text, file)
        if fenced is None:
            raise
        return fenced
    if not isinstance(builder.root, (dict, list)):
        return _fenced(text, file) or (builder, "YAML")
    return builder, "YAML"


def _built(read: Callable[[str, TreeBuilder], None], text: str, file: str) -> TreeBuilder:
    builder = TreeBuilder(file)
    read(text, builder)
    return builder


def _json_or_flow(text: str, file: str) -> tuple[TreeBuilder, str]:
    """Read JSON; where it is faulty, YAML may still take it (comments, bare keys, a last comma)."""
    try:
        return _built(read_json_text, text, file), "JSON"
    except UsageError as error:
        try:
            builder = _built(read_yaml_text, text, file)
        except UsageError as yaml_error:
            raise (yaml_error if _BARE_KEY.match(text) else error) from None
        reason = Message(text=N_("Not JSON, but read as YAML. {problem}"), values={"problem": str(error)})
        builder.trouble(Mark(1, 1), reason, ())
        return builder, "YAML"


def _fenced(text: str, file: str) -> tuple[TreeBuilder, str] | None:
    """Read what lies between a Markdown fence and the next, or the file's end; None where no mapping does."""
    fences = list(itertools.islice(_FENCE.finditer(text), _MAX_FENCES))
    for index, opening in enumerate(fences):
        closing = fences[index + 1].start() if index + 1 < len(fences) else len(text)
        inside = text[opening.end() : closing]
        line = text.count("\n", 0, opening.end())
        builder = TreeBuilder(file)
        try:
            read_yaml_text(inside, builder, line)
        except UsageError:
            continue
        if isinstance(builder.root, dict):
            reason = Message(
                text=N_("Not YAML as a whole: what lies in the Markdown fence from here on is read.")
            )
            builder.trouble(Mark(line + 1, 1), reason, ())
            return builder, "YAML in a Markdown fence"
    return None


def _number_keys(builder: TreeBuilder) -> None:
    pointer, mark = builder.numeric_statuses[0]
    reason = Message(
        text=N_("{count} status codes are numbers; OpenAPI wants them in quotes. They are read as text."),
        values={"count": len(builder.numeric_statuses)},
    )
    builder.trouble(mark, reason, pointer)
