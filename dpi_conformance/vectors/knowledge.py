"""What a block knows that its OpenAPI document cannot say: valid requests, dictionaries, and what is left open."""

import fnmatch
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dpi_conformance.errors import PackError
from dpi_conformance.i18n import N_, Message

__all__ = ["Dictionary", "Knowledge", "Open", "VariantKnowledge", "load_knowledge"]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Dictionary(_Value):
    """A closed list of values from outside the documents, e.g. ISO 4217."""

    clause: str
    values: tuple[str, ...]
    """Each must be accepted."""
    wrong: tuple[str, ...] = ()
    """Of the right shape and not in the list: whether they are refused, the documents leave open."""


class Open(_Value):
    """Something that the documents do not decide: accepting and refusing are both good there."""

    place: str
    """A glob over place names, e.g. ``body.voucherInstructions.*``."""
    kinds: tuple[str, ...]
    """Kinds of vectors that it holds for, e.g. ``required``, or ``required/null``; ``*``: all."""
    why: str
    variants: tuple[str, ...] = ("*",)
    """Variants (globs) that it holds for, where it stands outside them."""

    def holds(self, kind: str, keyword: str, place: str) -> bool:
        """Tell whether a vector of this kind at this place is left open."""
        return fnmatch.fnmatchcase(place, self.place) and (
            "*" in self.kinds or kind in self.kinds or f"{kind}/{keyword}" in self.kinds
        )


class VariantKnowledge(_Value):
    """One variant's valid request (its positive control) by place, and what is known about its places."""

    path: Mapping[str, Any] = Field(default_factory=dict)
    query: Mapping[str, Any] = Field(default_factory=dict)
    headers: Mapping[str, Any] = Field(default_factory=dict)
    body: Any = None
    needs: tuple[str, ...] = ()
    """Resources that a step must create, e.g. ``voucher-active``."""
    bound: Mapping[str, str] = Field(default_factory=dict)
    """Places (globs) whose values come from a dictionary."""
    free: tuple[str, ...] = ()
    """Places (globs) that hold free text."""
    echo: Mapping[str, str] = Field(default_factory=dict)
    """Places whose text comes back in the answer, and the JSON pointers where."""
    refers: tuple[str, ...] = ()
    """Places (globs) whose value must name something that exists, besides those with a resource's slot."""
    methods: tuple[str, ...] = ()
    """Further methods that its path may have, in capitals: they are not tried as wrong ones."""
    marks: tuple[str, ...] = ()
    """Places that tell its requests from those of another variant on the same address."""
    open: tuple[Open, ...] = ()
    never: tuple[Open, ...] = ()
    """What is never sent, as a product that took it would lose the ground that other requests stand on."""
    alternatives: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    """Further valid requests by name: the places that differ from the base, with their values (null: left out)."""
    texts: Mapping[str, Mapping[str, str]] = Field(default_factory=dict)
    """Resources ``<prefix>-<script>`` that hold text, and which field must come back at which JSON pointer."""
    shows: tuple[str, ...] = ()
    """JSON pointers of the answer to a valid request: if something stands at none of them, nothing was seen."""
    unmatched: tuple[str, ...] = ()
    """Places (globs) whose other values may match nothing, e.g. a page or a filter."""
    times: tuple[str, ...] = ()
    """JSON pointers of the answer's time stamps."""
    many: tuple[str, ...] = ()
    """Places of the lists whose entries an order is about: it may have many."""


class Knowledge(_Value):
    """One block's knowledge."""

    block: str
    dictionaries: Mapping[str, Dictionary] = Field(default_factory=dict)
    resources: Mapping[str, Mapping[str, Any]] = Field(default_factory=dict)
    """For each resource a sample of its fields, by which frozen requests are held against their schemas.

    A field whose sample is no text is written without quotes; a list or an object stands in ``{{json:…}}`` alone.
    """
    shared: tuple[str, ...] = ()
    """Resources of which there is one for all requests, and for all entries of one."""
    open: tuple[Open, ...] = ()
    clauses: Mapping[str, str] = Field(default_factory=dict)
    """The block's own clause for a kind of case, e.g. ``credentials``, in place of the usual one."""
    variants: Mapping[str, VariantKnowledge]

    @property
    def numbers(self) -> frozenset[str]:
        """Give the resource slots whose values are numbers, and so stand in JSON without quotes."""
        return frozenset(
            f"{resource}.{field}"
            for resource, fields in self.resources.items()
            for field, sample in fields.items()
            if isinstance(sample, int)
        )

    def dictionary(self, variant: str, place: str) -> Dictionary | None:
        """Give the dictionary that a place's values come from; None if there is none."""
        for glob, name in self.variants[variant].bound.items():
            if fnmatch.fnmatchcase(place, glob):
                return self.dictionaries[name]
        return None

    def never(self, variant: str, kind: str, keyword: str, place: str) -> bool:
        """Tell whether a vector is never to be sent."""
        return any(entry.holds(kind, keyword, place) for entry in self.variants[variant].never)

    def left_open(self, variant: str, kind: str, keyword: str, place: str) -> Open | None:
        """Give the reason why the documents do not decide a vector; None if they do."""
        ours = [one for one in self.open if any(fnmatch.fnmatchcase(variant, glob) for glob in one.variants)]
        for entry in (*self.variants[variant].open, *ours):
            if entry.holds(kind, keyword, place):
                return entry
        return None


def load_knowledge(path: Path) -> Knowledge:
    """Read a block's ``knowledge.yaml``; raises PackError that says what is wrong in it."""
    from ruamel.yaml import YAML  # noqa: PLC0415 -- only the compiler of vectors reads YAML
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415

    try:
        return Knowledge.model_validate(YAML(typ="safe", pure=True).load(path.read_text("utf-8")))
    except (YAMLError, ValidationError, OSError) as error:
        raise PackError(
            Message(
                text=N_("{path} cannot be read: {reason}"), values={"path": str(path), "reason": str(error)}
            )
        ) from error
