"""``specs/<block>/block.yaml`` → ``Block``; what is missing, unknown or of the wrong kind is named with its line.

A scenario's ``scenario.yaml`` is read the same way.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from dpi_conformance.catalogue.documents import Document, read_document
from dpi_conformance.catalogue.trees import Pointer
from dpi_conformance.errors import PackError, UsageError
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.block import CANARY, Block, Named, RefusalBody, RefusalRedirect

__all__ = ["load_block"]

_REQUIRED = ("id", "title", "specification")
_KEYS = (
    *_REQUIRED,
    "functions",
    "optional",
    "properties",
    "counterparties",
    "fixtures",
    "declares",
    "scenario",
    "refusal",
    "echo",
    "aliases",
    "personal",
    "secret",
    "proofs",
    "introduced",
    "doctor",
)


def load_block(path: Path | str) -> Block:
    """Read a block's description; PackError names file, line, key and what to write instead."""
    try:
        document = read_document(path)
    except UsageError as error:
        raise PackError(error.message) from error
    for trouble in document.troubles:
        values = {"file": document.file, "place": trouble.place, "reason": str(trouble.reason)}
        raise PackError(Message(text=N_("{file}: {place}: {reason}"), values=values))
    return _block(_Node(document, (), document.root), Path(path))


def _block(root: "_Node", path: Path) -> Block:
    root.expect(required=_REQUIRED, known=_KEYS)
    refusal = root.child("refusal").expect(known=("bodies", "redirects", "success_fields", "undeclared"))
    doctor = root.child("doctor").expect(known=("probe", "canary"))
    name = root.child("id").text()
    if name != path.parent.name:
        root.child("id").fail(
            N_("{file}: {place}: the id is that of the folder, “{folder}”."), folder=path.parent.name
        )
    return Block(
        id=name,
        title=root.child("title").text(),
        specification=root.child("specification").text(),
        functions={key: node.text() for key, node in root.child("functions").entries()},
        properties={key: node.text() for key, node in root.child("properties").entries()},
        optional=_optional(root),
        counterparties={key: node.text() for key, node in root.child("counterparties").entries()},
        fixtures={key: _named(node) for key, node in root.child("fixtures").entries()},
        declares={key: _named(node) for key, node in root.child("declares").entries()},
        scenario=tuple(node.text() for node in root.child("scenario").members()),
        bodies=tuple(_body(node) for node in refusal.child("bodies").members()),
        redirects=tuple(_redirect(node) for node in refusal.child("redirects").members()),
        success_fields={key: node.texts() for key, node in refusal.child("success_fields").entries()},
        undeclared=refusal.child("undeclared").statuses(),
        echo={key: node.texts() for key, node in root.child("echo").entries()},
        aliases={key: node.texts() for key, node in root.child("aliases").entries()},
        personal=root.child("personal").texts(),
        secret=root.child("secret").texts(),
        proofs=root.child("proofs").texts(),
        introduced=root.child("introduced").texts(),
        probe=doctor.child("probe").text() if doctor.has("probe") else "",
        canary=_canary(doctor),
    )


def _named(node: "_Node") -> Named:
    node.expect(required=("title", "example"), known=("title", "example"))
    return Named(title=node.child("title").text(), example=node.child("example").text())


def _optional(root: "_Node") -> frozenset[str]:
    functions = [key for key, _ in root.child("functions").entries()]
    for node in root.child("optional").members():
        if node.text() not in functions:
            node.fail(N_("{file}: {place}: “{name}” is none of the functions."), name=node.text())
    return root.child("optional").texts()


def _body(node: "_Node") -> RefusalBody:
    required = ("filled",) if node.has("filled") else ("fields", "values")
    node.expect(required=required, known=(*required, "statuses", "variants"))
    statuses = node.child("statuses").statuses() if node.has("statuses") else frozenset({200, 202})
    return RefusalBody(
        fields=node.child("fields").texts(),
        values=node.child("values").texts(),
        filled=node.child("filled").texts(),
        statuses=statuses,
        variants=node.child("variants").texts(),
    )


def _redirect(node: "_Node") -> RefusalRedirect:
    node.expect(required=("parameter", "variants"), known=("parameter", "variants"))
    return RefusalRedirect(parameter=node.child("parameter").text(), variants=node.child("variants").texts())


def _canary(doctor: "_Node") -> str:
    if not doctor.has("canary"):
        return CANARY
    canary = doctor.child("canary")
    if not canary.text().startswith("/"):
        canary.fail(N_("{file}: {place}: a canary is a path and begins with “/”."))
    return canary.text()


@dataclass(frozen=True, slots=True)
class _Node:
    """A value of the document, asked for what it must be."""

    document: Document
    at: Pointer
    value: Any

    def has(self, key: str) -> bool:
        return isinstance(self.value, Mapping) and key in self.value

    def child(self, key: str) -> "_Node":
        """Give the value of a key; an absent one is empty."""
        return _Node(self.document, (*self.at, key), self.value.get(key) if self.has(key) else None)

    def expect(self, *, known: tuple[str, ...], required: tuple[str, ...] = ()) -> "_Node":
        """Check the keys of a mapping."""
        names = [key for key, _ in self.entries()]
        for key in names:
            if key not in known:
                self.child(key).fail(
                    N_("{file}: {place}: there is no key “{key}”; write one of: {known}."),
                    key=key,
                    known=", ".join(known),
                )
        for key in required:
            if key not in names:
                self.fail(N_("{file}: {place}: the key “{key}” is missing."), key=key)
        return self

    def entries(self) -> list[tuple[str, "_Node"]]:
        if self.value is None:
            return []
        if not isinstance(self.value, Mapping):
            self.fail(N_("{file}: {place}: a mapping belongs here, not {value}."), value=self._shown())
        return [(key, self.child(key)) for key in self.value]

    def members(self) -> list["_Node"]:
        if self.value is None:
            return []
        if not isinstance(self.value, list):
            self.fail(N_("{file}: {place}: a list belongs here, not {value}."), value=self._shown())
        return [_Node(self.document, (*self.at, index), value) for index, value in enumerate(self.value)]

    def text(self) -> str:
        if not isinstance(self.value, str) or not self.value.strip():
            self.fail(
                N_("{file}: {place}: a text belongs here, not {value}; put it in quotes."),
                value=self._shown(),
            )
        return self.value

    def texts(self) -> frozenset[str]:
        return frozenset(node.text() for node in self.members())

    def statuses(self) -> frozenset[int]:
        return frozenset(node._status() for node in self.members())  # noqa: SLF001 -- its own kind

    def _status(self) -> int:
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not 100 <= self.value <= 599:
            self.fail(
                N_("{file}: {place}: a status from 100 to 599 belongs here, not {value}."),
                value=self._shown(),
            )
        return self.value

    def fail(self, text: str, **values: str) -> NoReturn:
        """Raise the PackError; ``text`` begins with ``{file}: {place}: ``."""
        place = {"file": self.document.file, "place": self.document.place(self.at)}
        raise PackError(Message(text=text, values={**place, **values}))

    def _shown(self) -> str:
        text = repr(self.value)
        return text if len(text) <= 60 else f"{text[:59]}…"
