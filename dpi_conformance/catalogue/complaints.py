"""Turns what pydantic complains about into sentences that say what to write instead."""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from dpi_conformance.catalogue.environment import names_in
from dpi_conformance.catalogue.product_schema import SchemaAt, described_schema, schema_at
from dpi_conformance.catalogue.product_text import KeyPath, ProductText
from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message

__all__ = ["Problem", "complaints", "one_error", "unknown_name"]

Problem = tuple[KeyPath, Message]
"""A sentence, and the keys of what it is about."""

_HIDDEN = frozenset({"auth", "headers", "token", "value", "client_secret", "fixtures", "persons"})
"""Keys whose values may be secrets, and are never shown."""


def one_error(file: str, problems: Iterable[Message]) -> UsageError:
    """Make one UsageError of all the problems of a file."""
    listed = tuple(problems)
    if len(listed) == 1:
        return UsageError(listed[0])
    lines = "\n".join(f"  {problem}" for problem in listed)
    return UsageError(
        Message(
            text=N_("{file} has {count} problems:\n{problems}"),
            values={"file": file, "count": len(listed), "problems": lines},
        )
    )


def complaints(model: type[BaseModel], error: ValidationError, text: ProductText) -> list[Problem]:
    """Give one sentence for each thing that is wrong."""
    schema = described_schema(model)
    found = [(schema_at(schema, one["loc"]), one) for one in error.errors(include_url=False)]
    return [
        (_keys(at, one), _sentence(at, one, text, schema_at(schema, one["loc"][:-1]))) for at, one in found
    ]


def _keys(at: SchemaAt, error: Mapping[str, Any]) -> KeyPath:
    """Give the keys of what is wrong; pydantic places a wrong ``type`` at what it is the type of."""
    return (*at.keys, "type") if error["type"] == "union_tag_invalid" else at.keys


def unknown_name(place: str, name: str, known: Iterable[str]) -> Message:
    """Say that a name is none of those known, and which was probably meant."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    values = {"place": place, "name": name, "known": ", ".join(names) or "-"}
    if near:
        text = N_("{place}: there is no “{name}” here; did you mean “{near}”? (One of: {known}.)")
        return Message(text=text, values={**values, "near": near[0]})
    return Message(text=N_("{place}: there is no “{name}” here; write one of: {known}."), values=values)


def _sentence(at: SchemaAt, error: Mapping[str, Any], text: ProductText, above: SchemaAt) -> Message:
    place = text.place(at.keys)
    if error["type"] == "extra_forbidden":
        return unknown_name(place, str(at.keys[-1]), above.names)
    if error["type"] == "missing":
        sentence = N_("{place} is missing; write it. ({purpose})")
        return Message(text=sentence, values={"place": place, "purpose": _purpose(at)})
    values = {"place": place, "value": _shown(at, error, text)}
    own = error.get("ctx", {})
    if "sentence" in own:
        named = {key: str(value) for key, value in own.items() if key != "sentence"}
        return Message(text=own["sentence"], values={**values, **named})
    if error["loc"][-1:] == ("[key]",) or error["type"] == "invalid_key":
        return Message(text=N_("{place}: this key is a number for YAML; put it in quotes."), values=values)
    empty = _empty(at, error, text, above) if error["input"] in ("", {}) else None
    return empty or _by_schema(at.schema, error, values)


def _empty(at: SchemaAt, error: Mapping[str, Any], text: ProductText, above: SchemaAt) -> Message | None:
    """Say what to write where nothing stands; None where the key may as well be left out."""
    values = {"place": text.place(at.keys), "purpose": _purpose(at)}
    if variables := names_in(text.written.get(tuple(map(str, at.keys)), "")):
        sentence = N_("{place}: the environment variable {name} is empty; set it to the value that is meant.")
        return Message(text=sentence, values={**values, "name": ", ".join(variables)})
    if at.keys[-1] not in above.schema.get("required", ()):
        return None
    if error["input"] == "":
        return Message(text=N_("{place}: is empty; write its value. ({purpose})"), values=values)
    sentence = N_("{place}: is empty; write at least one entry below it. ({purpose})")
    return Message(text=sentence, values=values)


def _purpose(at: SchemaAt) -> str:
    return str(at.schema.get("description", "")).replace("\n", " ")


def _shown(at: SchemaAt, error: Mapping[str, Any], text: ProductText) -> str:
    if _HIDDEN & set(map(str, at.keys)) and at.keys[-1] not in {"type", "in", "client_auth"}:
        return N_("the value given")
    written = text.written.get(tuple(map(str, at.keys)))
    return f"“{error['input'] if written is None else written}”"[:120]


def _by_schema(schema: Mapping[str, Any], error: Mapping[str, Any], values: Mapping[str, str]) -> Message:
    """Say what to write where pydantic's own rules are broken, from the schema of that place."""
    kind = schema.get("type", "")
    given = error["input"]
    limits = {"least": schema.get("minimum", 0), "most": schema.get("maximum", "∞")}
    sentences: Mapping[str, tuple[str, Mapping[str, Any]]] = {
        "integer": (N_("{place}: {value} does not do; write a whole number from {least} to {most}."), limits),
        "number": (N_("{place}: {value} does not do; write a number from {least} to {most}."), limits),
        "boolean": (N_("{place}: {value} does not do; write true or false."), {}),
        "array": (N_("{place}: write a list with at least one entry, or leave the key out."), {}),
        "object": _keys_sentence(schema, given),
        "string": _text_sentence(schema, given),
    }
    if "discriminator" in schema:
        given_type = given.get("type") if isinstance(given, Mapping) else None
        if isinstance(given_type, str):
            return unknown_name(f"{values['place']}.type", given_type, schema["discriminator"]["mapping"])
        text = N_("{place}: write “type:” below it, with one of: {known}.")
        return Message(text=text, values={**values, "known": ", ".join(schema["discriminator"]["mapping"])})
    sentence, more = sentences.get(
        str(kind), (N_("{place}: {value} does not do ({reason})."), {"reason": error["msg"]})
    )
    return Message(text=sentence, values={**values, **more})


def _keys_sentence(schema: Mapping[str, Any], given: object) -> tuple[str, Mapping[str, Any]]:
    if given is None:
        return N_("{place}: nothing stands below it; write there some of: {known}."), {
            "known": ", ".join(schema.get("properties", ())) or "-"
        }
    if given == {}:
        return N_("{place}: is empty; write at least one entry, or leave the key out."), {}
    known = ", ".join(schema.get("properties", ()))
    if known:
        return N_("{place}: a value stands where keys are asked for; write below it some of: {known}."), {
            "known": known
        }
    return N_("{place}: a value stands where entries are asked for; write “name: value” lines below it."), {}


def _text_sentence(schema: Mapping[str, Any], given: object) -> tuple[str, Mapping[str, Any]]:
    choices = schema.get("enum") or ([schema["const"]] if "const" in schema else [])
    if choices:
        return N_("{place}: {value} does not do; write one of: {known}."), {
            "known": ", ".join(map(str, choices))
        }
    if given == "":
        return N_("{place}: is empty; write its value, or leave the key out."), {}
    if isinstance(given, str):
        return N_("{place}: {value} does not have the form asked for ({pattern})."), {
            "pattern": schema.get("pattern", "-")
        }
    if given is None or isinstance(given, (dict, list)):
        return N_("{place}: one text is asked for; write it on the line of the key."), {}
    return N_(
        "{place}: {value} is a number, a date or true/false for YAML; put it in quotes to make it text."
    ), {}
