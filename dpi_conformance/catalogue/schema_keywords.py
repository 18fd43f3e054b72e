"""Keywords of a schema that hold no schema: read, converted from OpenAPI 3.0, and repaired."""

from collections.abc import Callable
from typing import Any

from dpi_conformance.catalogue.references import Reading
from dpi_conformance.catalogue.schema_types import NUMERIC, TYPES, as_count, as_number, known_type
from dpi_conformance.catalogue.trees import Pointer
from dpi_conformance.i18n import N_

__all__ = ["COUNTS", "LEFT_OUT", "LISTS", "MAPPINGS", "NUMBERS", "PLAIN", "SUBSCHEMA", "Keywords"]

SUBSCHEMA = frozenset(
    {"items", "additionalProperties", "not", "contains", "propertyNames", "if", "then", "else"}
    | {"unevaluatedItems", "unevaluatedProperties", "contentSchema"}
)
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
MAPPINGS = frozenset({"properties", "patternProperties", "dependentSchemas"})
COUNTS = frozenset(
    {"maxLength", "minLength", "maxItems", "minItems", "maxProperties", "minProperties"}
    | {"maxContains", "minContains"}
)
NUMBERS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_TEXTS = frozenset({"title", "description", "format", "$comment", "contentEncoding", "contentMediaType"})
_FLAGS = frozenset({"uniqueItems", "deprecated", "readOnly", "writeOnly"})
PLAIN = (
    _TEXTS
    | _FLAGS
    | {"type", "enum", "const", "default", "examples", "required", "pattern", "dependentRequired"}
)
LEFT_OUT = frozenset(
    {"example", "nullable", "discriminator", "xml", "externalDocs"}
    | {"$id", "$schema", "$anchor", "$dynamicAnchor", "$vocabulary", "$defs", "definitions"}
)
"""Keywords that are converted, only annotate, or whose content is reached by reference."""


class Keywords:
    """Reads single keywords of the schemas of one document."""

    def __init__(self, reading: Reading) -> None:
        """Take the document that is being read."""
        self._reading = reading
        self._readers: dict[str, Callable[[Any, Pointer], dict[str, Any]]] = {
            "type": self._type,
            "enum": self._enum,
            "required": self._required,
            "pattern": self._pattern,
            "examples": self._examples,
            "dependentRequired": self._dependent,
        }

    def limit(self, keyword: str, value: Any, at: Pointer) -> dict[str, Any]:
        """Read a numeric limit; ``exclusiveMinimum: true`` of OpenAPI 3.0 waits for ``finish``."""
        if isinstance(value, bool) and keyword in {"exclusiveMinimum", "exclusiveMaximum"}:
            if not self._reading.old:
                text = N_("“{keyword}” is a truth value as in OpenAPI 3.0; it is read so.")
                self._reading.trouble(at, text, keyword=keyword)
            return {}
        limit = as_count(value) if keyword in COUNTS else as_number(value)
        if limit is None or (keyword == "multipleOf" and limit <= 0):
            text = N_("“{keyword}” has no usable number; it is ignored.")
            self._reading.trouble(at, text, keyword=keyword)
            return {}
        if isinstance(value, str):
            text = N_("“{keyword}” is a number written as text; it is read as a number.")
            self._reading.trouble(at, text, keyword=keyword)
        return {keyword: limit}

    def plain(self, keyword: str, value: Any, at: Pointer) -> dict[str, Any]:
        """Read a keyword that is neither a limit nor holds schemas."""
        reader = self._readers.get(keyword)
        if reader is not None:
            return reader(value, at)
        wrong = (keyword in _TEXTS and not isinstance(value, str)) or (
            keyword in _FLAGS and not isinstance(value, bool)
        )
        if wrong:
            self._reading.trouble(at, N_("“{keyword}” has no usable value; it is ignored."), keyword=keyword)
            return {}
        return {keyword: value}

    def finish(self, schema: dict[str, Any], node: dict[str, Any], at: Pointer) -> None:
        """Convert what depends on several keywords: null, exclusive limits, examples, and typed values."""
        self._nullable(schema, node, at)
        for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if node.get(exclusive) is True and bound in schema:
                schema[exclusive] = schema.pop(bound)
        if "example" in node and "examples" not in schema:
            schema["examples"] = [node["example"]]
        self._typed(schema, node, at)

    def _nullable(self, schema: dict[str, Any], node: dict[str, Any], at: Pointer) -> None:
        if "nullable" not in node:
            return
        if not self._reading.old:
            self._reading.trouble(
                (*at, "nullable"), N_("“nullable” was left behind with OpenAPI 3.0; it is read so.")
            )
        if node["nullable"] is True and "type" in schema:
            kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            schema["type"] = kinds if "null" in kinds else [*kinds, "null"]

    def _type(self, value: Any, at: Pointer) -> dict[str, Any]:
        if isinstance(value, str) and value in TYPES:
            return {"type": value}
        if isinstance(value, list):
            return self._types(value, at)
        meant = known_type(value)
        if meant is None:
            self._reading.trouble(at, N_("“{name}” is no type; any value is allowed."), name=_short(value))
            return {}
        text = N_("“{name}” is no type; it is read as “{meant}”.")
        self._reading.trouble(at, text, name=_short(value), meant=meant["type"])
        return dict(meant)

    def _types(self, value: list[Any], at: Pointer) -> dict[str, Any]:
        known = list(dict.fromkeys(name for name in value if isinstance(name, str) and name in TYPES))
        if len(known) != len(value):
            self._reading.trouble(at, N_("The list of types holds what is no type; that is left out."))
        elif self._reading.old:
            self._reading.trouble(at, N_("OpenAPI 3.0 knows no list of types; it is read as in 3.1."))
        return {"type": known} if known else {}

    def _enum(self, value: Any, at: Pointer) -> dict[str, Any]:
        if not isinstance(value, list) or not value:
            if value is None or isinstance(value, (list, dict)):
                self._reading.trouble(at, N_("“enum” is no list of values; it is ignored."))
                return {}
            self._reading.trouble(at, N_("“enum” is a single value; it is read as a list of one."))
            return {"enum": [value]}
        distinct = _distinct(value)
        if len(distinct) != len(value):
            self._reading.trouble(at, N_("“enum” names a value twice; it counts once."))
        return {"enum": distinct}

    def _required(self, value: Any, at: Pointer) -> dict[str, Any]:
        if isinstance(value, str):
            self._reading.trouble(at, N_("“required” is a single name; it is read as a list of one."))
            return {"required": [value]}
        if not isinstance(value, list):
            text = N_("“required” of a schema is a list of property names; this one is ignored.")
            self._reading.trouble(at, text)
            return {}
        names = list(dict.fromkeys(name for name in value if isinstance(name, str)))
        if len(names) != len(value):
            self._reading.trouble(at, N_("“required” names a property twice, or something that is no name."))
        return {"required": names}

    def _pattern(self, value: Any, at: Pointer) -> dict[str, Any]:
        import jsonschema_rs  # noqa: PLC0415 -- only documents with patterns need it

        try:
            jsonschema_rs.validator_for({"pattern": value})
        except ValueError:
            self._reading.trouble(
                at, N_("“{pattern}” is no regular expression; it is ignored."), pattern=_short(value)
            )
            return {}
        return {"pattern": value}

    def _examples(self, value: Any, at: Pointer) -> dict[str, Any]:
        if isinstance(value, list):
            return {"examples": value}
        self._reading.trouble(
            at, N_("“examples” of a schema is a list; what is there is read as one example each.")
        )
        return {"examples": list(value.values()) if isinstance(value, dict) else [value]}

    def _dependent(self, value: Any, at: Pointer) -> dict[str, Any]:
        entries = self._reading.mapping(value, at, "dependentRequired")
        good = {
            k: v for k, v in entries.items() if isinstance(v, list) and all(isinstance(n, str) for n in v)
        }
        if len(good) != len(entries):
            self._reading.trouble(
                at, N_("“dependentRequired” holds what is no list of names; that is left out.")
            )
        return {"dependentRequired": {name: list(dict.fromkeys(names)) for name, names in good.items()}}

    def _typed(self, schema: dict[str, Any], node: dict[str, Any], at: Pointer) -> None:
        """Give values of a text schema as they were written: ``00`` without quotes is not 0."""
        kinds = schema.get("type")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if "string" in kinds and NUMERIC.isdisjoint(kinds):
            self._as_text(schema, node, at)
            return
        numeric = not NUMERIC.isdisjoint(kinds) and "string" not in kinds
        if numeric and "enum" in schema and all(isinstance(member, str) for member in schema["enum"]):
            text = N_("No value of “enum” has the type “{kind}”; the type is left out.")
            self._reading.trouble((*at, "enum"), text, kind=str(schema.pop("type")))

    def _as_text(self, schema: dict[str, Any], node: dict[str, Any], at: Pointer) -> None:
        for keyword in {"enum", "examples"} & schema.keys() & node.keys():
            if isinstance(node[keyword], list):
                texts = [self._text(member, (*at, keyword, i)) for i, member in enumerate(node[keyword])]
                schema[keyword] = _distinct(texts)
        if "example" in node and "examples" not in node:
            schema["examples"] = [self._text(node["example"], (*at, "example"))]
        for keyword in ("default", "const"):
            if keyword in schema:
                schema[keyword] = self._text(schema[keyword], (*at, keyword))

    def _text(self, value: Any, at: Pointer) -> Any:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return value
        written = self._reading.document.written(at) or str(value)
        text = N_("“{written}” is a number where the schema allows text; it is read as text.")
        self._reading.trouble(at, text, written=written)
        return written


def _distinct(values: list[Any]) -> list[Any]:
    """Leave out what is there already; 1 and true are two values, as in JSON."""
    return list({(type(value), str(value)): value for value in values}.values())


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:59]}…"
