"""Bodies, answers and parameters of an OpenAPI document → what the harness tests."""

import re
from typing import Any

from dpi_conformance.catalogue.references import Reading
from dpi_conformance.catalogue.schemas import Schemas
from dpi_conformance.catalogue.trees import Pointer
from dpi_conformance.i18n import N_
from dpi_conformance.model.spec import BodyDeclared, Parameter, ResponseDeclared, Schema

__all__ = ["Contents", "is_form", "is_json"]

_JSON = "application/json"
_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~\w-]+/[!#$%&'*+.^_`|~\w-]+(?:[ \t]*;.*)?\Z", re.ASCII)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~\w-]+\Z", re.ASCII)
_STATUS = re.compile(r"[1-5](?:[0-9][0-9]|XX)\Z")
_LOCATIONS = frozenset({"path", "query", "header", "cookie"})
_NOT_PARAMETERS = frozenset({"accept", "content-type", "authorization"})
_BODILESS = frozenset({"204", "205", "304"})
_SWAGGER = (
    "type",
    "format",
    "enum",
    "items",
    "maxLength",
    "minLength",
    "maximum",
    "minimum",
    "pattern",
    "default",
)


def is_json(media_type: str) -> bool:
    """Tell whether a media type is JSON (RFC 6839: also ``+json``)."""
    bare = media_type.partition(";")[0].strip().lower()
    return bare == _JSON or bare.endswith("+json")


def is_form(media_type: str) -> bool:
    """Tell whether a media type is that of a form of names and texts (RFC 6749, appendix B)."""
    return media_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"


class Contents:
    """Reads the parts of operations in one document."""

    def __init__(self, reading: Reading, schemas: Schemas) -> None:
        """Take the document and its schemas."""
        self._reading = reading
        self._schemas = schemas

    def parameters(self, node: Any, at: Pointer) -> dict[tuple[str, str], Parameter]:
        """Read a list of parameters, by location and name; the first of a pair counts."""
        known: dict[tuple[str, str], Parameter] = {}
        for index, entry in enumerate(self._reading.sequence(node, at, "parameters")):
            place = (*at, index)
            parameter = self._parameter(entry, place)
            if parameter is None:
                continue
            key = (parameter.location, parameter.name)
            if key in known:
                text = N_("The parameter “{name}” is declared twice in one list; the first counts.")
                self._reading.trouble(place, text, name=parameter.name)
            known.setdefault(key, parameter)
        return known

    def schema(self, node: Any, at: Pointer) -> Schema:
        """Read the schema of a body that is sent."""
        return self._schemas.bundle(node, at, request=True)

    def swagger_body(self, node: Any, at: Pointer) -> BodyDeclared | None:
        """Read a body that is declared as a parameter, as Swagger 2 does."""
        for index, entry in enumerate(node if isinstance(node, list) else []):
            place = (*at, index)
            found = self._reading.follow(entry, place)
            if found and isinstance(found[0], dict) and found[0].get("in") == "body":
                schema = self._schemas.bundle(found[0].get("schema", {}), (*found[1], "schema"), request=True)
                return BodyDeclared(schema=schema, required=found[0].get("required") is True)
        return None

    def body(self, node: Any, at: Pointer) -> BodyDeclared | None:
        """Read a request body; of several media types, the JSON one."""
        found = self._reading.follow(node, at)
        if found is None or node is None:
            return None
        declared = self._reading.mapping(found[0], found[1], "requestBody")
        contents = self._contents(declared.get("content"), (*found[1], "content"), request=True)
        if not contents:
            text = N_("The request body declares no content; it is left out.")
            self._reading.trouble(found[1], text, used=False)
            return None
        media_type = next((name for name in contents if is_json(name)), next(iter(contents)))
        if not (is_json(media_type) or is_form(media_type)):
            text = N_("The request body is {media_type}; only JSON bodies and forms are tested.")
            self._reading.trouble(found[1], text, used=False, media_type=media_type)
        required = declared.get("required") is True
        return BodyDeclared(schema=contents[media_type], required=required, media_type=media_type)

    def responses(self, node: Any, at: Pointer) -> tuple[ResponseDeclared, ...]:
        """Read the answers that an operation declares."""
        declared = self._reading.mapping(node, at, "responses")
        if not declared:
            self._reading.trouble(at, N_("No answer is declared; any status is undeclared."))
        answers: dict[str, ResponseDeclared] = {}
        for status, entry in declared.items():
            if status.startswith("x-"):
                continue
            answer = self._response(status, entry, (*at, status))
            if answer:
                answers[answer.status] = answer
        return tuple(answers.values())

    def _response(self, status: str, node: Any, at: Pointer) -> ResponseDeclared | None:
        known = status if status == "default" else status.upper()
        if known != "default" and not _STATUS.match(known):
            text = N_("“{status}” is no status; write 200, 4XX or default.")
            self._reading.trouble(at, text, used=False, status=status)
            return None
        if known != status:
            self._reading.trouble(at, N_("“{status}” is read as {known}."), status=status, known=known)
        found = self._reading.follow(node, at)
        if found is None:
            return ResponseDeclared(status=known)
        declared = self._reading.mapping(found[0], found[1], "response")
        contents = self._contents(declared.get("content"), (*found[1], "content"), request=False)
        if "schema" in declared and not contents:
            self._reading.trouble(
                found[1], N_("The answer's schema lies where Swagger 2 has it; it is read as JSON.")
            )
            contents = {_JSON: self._schemas.bundle(declared["schema"], (*found[1], "schema"), request=False)}
        if known in _BODILESS and contents:
            text = N_("An answer {status} has no body (RFC 9110); the declared one is left out.")
            self._reading.trouble(at, text, status=known)
            contents = {}
        headers = self._headers(declared.get("headers"), (*found[1], "headers"))
        return ResponseDeclared(status=known, content=contents, required_headers=headers)

    def _headers(self, node: Any, at: Pointer) -> tuple[str, ...]:
        required = []
        for name, entry in self._reading.mapping(node, at, "headers").items():
            found = self._reading.follow(entry, (*at, name))
            header = self._reading.mapping(found[0], found[1], "header") if found else {}
            if header.get("required") is True and name.lower() != "content-type":
                required.append(name)
        return tuple(required)

    def _contents(self, node: Any, at: Pointer, *, request: bool) -> dict[str, Schema]:
        """Read schemas by media type."""
        contents: dict[str, Schema] = {}
        for written, entry in self._reading.mapping(node, at, "content").items():
            place = (*at, written)
            name = self._media_type(written, place)
            if name is None:
                continue
            media = self._reading.mapping(entry, place, "media type")
            schema = (
                self._schemas.bundle(media["schema"], (*place, "schema"), request=request)
                if "schema" in media
                else {}
            )
            contents[name] = schema
        return contents

    def _media_type(self, written: str, at: Pointer) -> str | None:
        if _MEDIA_TYPE.match(written):
            return written
        if written.strip().lower() == "json":
            self._reading.trouble(
                at, N_("“{name}” is no media type; it is read as application/json."), name=written
            )
            return _JSON
        self._reading.trouble(at, N_("“{name}” is no media type; it is left out."), used=False, name=written)
        return None

    def _parameter(self, node: Any, at: Pointer) -> Parameter | None:
        found = self._reading.follow(node, at)
        if found is None:
            return None
        declared = self._reading.mapping(found[0], found[1], "parameter")
        name, location = declared.get("name"), declared.get("in")
        if location == "body" and "schema" in declared:
            self._reading.trouble(
                at, N_("A body as a parameter is Swagger 2; it is read as the request body.")
            )
            return None
        if not isinstance(name, str) or not name or location not in _LOCATIONS:
            text = N_("A parameter needs a name and a place (path, query, header or cookie); it is left out.")
            self._reading.trouble(at, text, used=False)
            return None
        if location == "header" and not self._sendable(name, at):
            return None
        required = self._required(declared, str(location), name, at)
        schema = self._parameter_schema(declared, found[1])
        return Parameter(name=name, location=str(location), required=required, schema=schema)

    def _sendable(self, name: str, at: Pointer) -> bool:
        if name.lower() in _NOT_PARAMETERS:
            text = N_("The header “{name}” is no parameter in OpenAPI; it is ignored.")
            self._reading.trouble(at, text, name=name)
            return False
        if not _TOKEN.match(name):
            text = N_("“{name}” is no header name (RFC 9110, 5.1) and cannot be sent; it is left out.")
            self._reading.trouble(at, text, used=False, name=name)
            return False
        return True

    def _required(self, declared: dict[str, Any], location: str, name: str, at: Pointer) -> bool:
        required = declared.get("required")
        if location == "path" and required is not True:
            text = N_("The path parameter “{name}” must say “required: true”; it is read so.")
            self._reading.trouble(at, text, name=name)
            return True
        if required is not None and not isinstance(required, bool):
            text = N_("“required” of “{name}” is neither true nor false; it is read as false.")
            self._reading.trouble(at, text, name=name)
        return required is True

    def _parameter_schema(self, declared: dict[str, Any], at: Pointer) -> Schema:
        if "schema" in declared:
            return self._schemas.bundle(declared["schema"], (*at, "schema"), request=True)
        if "content" in declared:
            contents = self._contents(declared["content"], (*at, "content"), request=True)
            return next(iter(contents.values()), {})
        loose = {key: declared[key] for key in _SWAGGER if key in declared}
        if loose:
            self._reading.trouble(
                at, N_("The parameter's type lies where Swagger 2 has it; it is read as its schema.")
            )
            return self._schemas.bundle(loose, at, request=True)
        self._reading.trouble(at, N_("The parameter has no schema; any text is allowed."))
        return {}
