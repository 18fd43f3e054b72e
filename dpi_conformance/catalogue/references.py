"""One document while it is read as OpenAPI: local references, and the list of what was in the way."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from dpi_conformance.catalogue.documents import Document
from dpi_conformance.catalogue.trees import Pointer
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.spec import Trouble

__all__ = ["Found", "Reading"]

Found = tuple[Any, Pointer]
"""A value and where it lies."""


@dataclass(kw_only=True)
class Reading:
    """A document, the OpenAPI version that it is read as, and its troubles so far."""

    document: Document
    version: tuple[int, int]
    _troubles: dict[tuple[str, str], Trouble] = field(default_factory=dict)

    @property
    def old(self) -> bool:
        """Tell whether it is OpenAPI 3.0, whose schemas are no JSON Schemas yet."""
        return self.version == (3, 0)

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Give what was listed: first the reader's, then ours, each once."""
        return (*self.document.troubles, *self._troubles.values())

    def trouble(self, at: Pointer, text: str, *, used: bool = True, **values: str | int) -> None:
        """List what is wrong at a place; the same sentence at the same place only once."""
        reason = Message(text=text, values=values)
        place = self.document.place(at)
        trouble = Trouble(file=self.document.file, place=place, reason=reason, used=used)
        self._troubles.setdefault((place, str(reason)), trouble)

    def local(self, reference: Any, at: Pointer) -> Found | None:
        """Give what a ``$ref`` points to in this document; None, and listed, where that is nothing."""
        if not isinstance(reference, str):
            self.trouble(at, N_("A reference must be text; it is left out."), used=False)
            return None
        if not reference.startswith("#"):
            text = N_("The reference “{target}” leaves the document; it is not fetched.")
            self.trouble(at, text, used=False, target=reference)
            return None
        found = self.find(reference)
        if found is None:
            text = N_("The reference “{target}” points to nothing in this document.")
            self.trouble(at, text, used=False, target=reference)
        return found

    def follow(self, node: Any, at: Pointer) -> Found | None:
        """Follow references from a value that may be one; None, and listed, where they lead nowhere."""
        seen: set[Pointer] = set()
        while isinstance(node, dict) and "$ref" in node:
            if at in seen:
                self.trouble(at, N_("The references go round in a circle."), used=False)
                return None
            seen.add(at)
            found = self.local(node["$ref"], at)
            if found is None:
                return None
            node, at = found
        return node, at

    def mapping(self, node: Any, at: Pointer, what: str) -> dict[str, Any]:
        """Give a value that must be a mapping; anything else is listed, and an empty one given."""
        if isinstance(node, dict):
            return node
        if node is not None:
            self.trouble(at, N_("“{what}” must be a mapping; it is left out."), used=False, what=what)
        return {}

    def sequence(self, node: Any, at: Pointer, what: str) -> list[Any]:
        """Give a value that must be a list; anything else is listed, and an empty one given."""
        if isinstance(node, list):
            return node
        if node is not None:
            self.trouble(at, N_("“{what}” must be a list; it is left out."), used=False, what=what)
        return []

    def find(self, reference: Any) -> Found | None:
        """Walk a JSON pointer (RFC 6901, in its URI form); None where it leads nowhere, and nothing is listed."""
        if not isinstance(reference, str) or (reference != "#" and not reference.startswith("#/")):
            return None
        node, at, fragment = self.document.root, (), reference[1:]
        for part in unquote(fragment).split("/")[1:]:
            key: str | int = part.replace("~1", "/").replace("~0", "~")
            if isinstance(node, list):
                if not str(key).isdecimal() or int(key) >= len(node):
                    return None
                key = int(key)
            elif not isinstance(node, dict) or key not in node:
                return None
            node, at = node[key], (*at, key)  # type: ignore[assignment]
        return node, at
