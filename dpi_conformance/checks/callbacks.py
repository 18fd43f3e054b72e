"""Checks on the calls that a product makes, callbacks and calls to counterparties, against the specification; pure."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import jsonschema_rs

from dpi_conformance.checks.content import stamps_out_of_utc
from dpi_conformance.checks.spellings import Spellings
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.bodies import json_in_unicode
from dpi_conformance.model.evidence import Callback, Finding
from dpi_conformance.model.spec import Outbound, Parameter, Spec

__all__ = ["OUTBOUND_CHECKS", "Calls", "OutboundCheck"]

_COMPLAINTS = 8
_SHOWN = 300
_NOT_JSON = object()
_TOO_LONG = 413
"""What the harness answers to a body that it does not read to its end."""

Deviations = Iterator[tuple[str, str, str]]


@dataclass(frozen=True, kw_only=True)
class Made:
    """One call of the product, as the checks see it."""

    declared: Outbound
    callback: Callback
    below: str
    """What was called below the address that the product was given: path and query."""
    secrets: Collection[str]
    """What proves who the harness is; the product's own to nobody else."""
    complaints: Callable[[object], Iterator[tuple[str, str]]]

    @cached_property
    def json(self) -> Any:
        """Give the parsed body; ``_NOT_JSON`` if it is empty or not JSON."""
        try:
            return json_in_unicode(self.callback.request.body)
        except ValueError:
            return _NOT_JSON

    @cached_property
    def query(self) -> Mapping[str, str]:
        """Give the query's pairs."""
        return dict(parse_qsl(urlsplit(self.below).query, keep_blank_values=True))

    @property
    def path(self) -> str:
        """Give the path below the address, without a slash at its end."""
        return urlsplit(self.below).path.rstrip("/")

    def header(self, name: str) -> str | None:
        """Give a header's value; None if it was not sent."""
        found = (value for key, value in self.callback.request.headers if key.lower() == name.lower())
        return next(found, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboundCheck:
    """One check on a product's call: its id, what it finds, what to do, and the function that looks."""

    id: str
    found: str
    advice: str
    run: Callable[[Made], Deviations]


@dataclass(kw_only=True)
class Calls:
    """Checks a product's calls against one block's specification; keeps the compiled schemas."""

    spec: Spec
    spellings: Spellings = field(default_factory=Spellings)
    _validators: dict[str, jsonschema_rs.Draft202012Validator] = field(default_factory=dict)

    def check(
        self, call: str, callback: Callback, address: str, secrets: Collection[str] = ()
    ) -> tuple[Finding, ...]:
        """Give the deviations of one call from what is declared for it; ``address`` is what the product was given."""
        declared = self.declared(call)
        made = Made(
            declared=declared,
            callback=callback,
            below=callback.request.url.removeprefix(address),
            secrets=secrets,
            complaints=lambda body: self._complaints(declared, body),
        )
        return tuple(_finding(check, made, *one) for check in OUTBOUND_CHECKS for one in check.run(made))

    def declared(self, call: str) -> Outbound:
        """Give what the specification declares of a call; KeyError if nothing."""
        for outbound in self.spec.outbounds:
            if outbound.id == call:
                return outbound
        raise KeyError(call)

    def _complaints(self, declared: Outbound, body: object) -> Iterator[tuple[str, str]]:
        if declared.body is None:
            return
        if declared.id not in self._validators:
            schema = dict(declared.body.schema)
            self._validators[declared.id] = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        for _, error in zip(
            range(_COMPLAINTS),
            self._validators[declared.id].iter_errors(self.spellings.respelt(body, declared.body.schema)),
            strict=False,
        ):
            yield ".".join(["body", *map(str, error.instance_path)]), error.message[:_SHOWN]


def clause_of(declared: Outbound) -> str:
    """Name the clause and the published place of a call."""
    place = declared.published
    return f"{declared.clause}; {place.get('file', '')}: {place.get('method', '').upper()} {place.get('path', '')}"


def _finding(check: OutboundCheck, made: Made, place: str, expected: str, actual: str) -> Finding:
    who = made.declared.counterparty or "caller"
    return Finding(
        code=check.id,
        message=Message(text=check.found, values={"call": made.declared.id, "who": who}),
        expected=expected,
        actual=actual,
        clause=clause_of(made.declared),
        exchange=made.callback.id,
        place=place,
        advice=Message(text=check.advice),
    )


def _method(made: Made) -> Deviations:
    wanted = made.declared.method.upper()
    if made.callback.request.method != wanted:
        yield "method", wanted, made.callback.request.method


def _path(made: Made) -> Deviations:
    """A callback goes to the address itself; where the files publish a path for it, that path below it is as good."""
    published = urlsplit(made.declared.published.get("path", "")).path
    below = {"" if made.declared.kind == "callback" else made.declared.path, made.declared.path, published}
    templates = {path for path in below if not path.startswith("{$")}
    if not any(_template(path).fullmatch(made.path) for path in templates):
        yield "path", " / ".join(sorted(templates - {""})) or "X-Callback-URL", made.path or "/"


def _template(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]*\}", path.rstrip("/"))
    return re.compile("[^/]+".join(map(re.escape, parts)))


def _parameters(made: Made) -> Deviations:
    for parameter in made.declared.parameters:
        value = _value(made, parameter)
        place = f"{parameter.location}.{parameter.name}"
        if value is None:
            if parameter.required and parameter.location != "path":
                yield place, place, "-"
            continue
        schema = dict(parameter.schema)
        for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(value):
            yield place, N_("a value valid against the declared schema"), f"{place}: {error.message[:_SHOWN]}"


def _value(made: Made, parameter: Parameter) -> str | None:
    if parameter.location == "query":
        return made.query.get(parameter.name)
    if parameter.location == "header":
        return made.header(parameter.name)
    names = re.findall(r"\{([^}]*)\}", made.declared.path)
    pattern = re.sub(r"\\\{[^}]*\\\}", "([^/]+)", re.escape(made.declared.path.rstrip("/")))
    found = re.fullmatch(pattern, made.path)
    return unquote(found[names.index(parameter.name) + 1]) if found and parameter.name in names else None


def _media_type(made: Made) -> Deviations:
    if made.declared.body is None and not made.callback.request.body:
        return
    media = made.header("content-type") or ""
    if media.partition(";")[0].strip().lower() != "application/json":
        yield "header.content-type", "application/json", media or "-"


def _json(made: Made) -> Deviations:
    if made.callback.answered == _TOO_LONG:
        yield "body", N_("a body that ends within 1 MiB"), f"> {len(made.callback.request.body)} bytes"
        return
    if made.json is _NOT_JSON and (made.declared.body is not None or made.callback.request.body):
        start = made.callback.request.body[:120].decode("utf-8", "replace")
        yield "body", N_("JSON (RFC 8259)"), start or N_("an empty body")


def _schema(made: Made) -> Deviations:
    if made.json is not _NOT_JSON:
        for place, complaint in made.complaints(made.json):
            yield place, N_("a body valid against the declared schema"), f"{place}: {complaint}"


def _utc(made: Made) -> Deviations:
    if made.json is not _NOT_JSON:
        for place, text in stamps_out_of_utc(made.json):
            yield place, N_("a time stamp in UTC, e.g. 2026-03-01T09:30:00Z"), f"{place}: {text}"


def _credentials(made: Made) -> Deviations:
    request = made.callback.request
    texts = {f"header.{name.lower()}": value for name, value in request.headers}
    texts |= {"url": unquote(request.url), "body": request.body.decode("utf-8", "replace")}
    for place, text in texts.items():
        if any(secret in text for secret in made.secrets if secret):
            yield place, N_("none of the caller's credentials"), N_("the caller's credentials")


_AS_DECLARED = N_(
    "The other side reads what the specification declares, and cannot act on anything else. Send the call as it is "
    "declared."
)

OUTBOUND_CHECKS = (
    OutboundCheck(
        id="outbound.method",
        found=N_("The product's call “{call}” to the {who} uses another method than the declared one."),
        advice=_AS_DECLARED,
        run=_method,
    ),
    OutboundCheck(
        id="outbound.path",
        found=N_("The product's call “{call}” to the {who} goes to another path than the declared one."),
        advice=_AS_DECLARED,
        run=_path,
    ),
    OutboundCheck(
        id="outbound.parameter",
        found=N_(
            "The product's call “{call}” to the {who} lacks a declared header or parameter, or has it wrong."
        ),
        advice=N_(
            "The other side needs them to tell whose call it is and where to answer. Send each as it is declared."
        ),
        run=_parameters,
    ),
    OutboundCheck(
        id="outbound.content-type",
        found=N_("The product's call “{call}” to the {who} does not say that its body is JSON."),
        advice=N_("Send Content-Type: application/json; many servers do not read a body without it."),
        run=_media_type,
    ),
    OutboundCheck(
        id="outbound.json",
        found=N_("The body of the product's call “{call}” to the {who} is no JSON."),
        advice=_AS_DECLARED,
        run=_json,
    ),
    OutboundCheck(
        id="outbound.schema",
        found=N_("The body of the product's call “{call}” to the {who} is not valid against its schema."),
        advice=_AS_DECLARED,
        run=_schema,
    ),
    OutboundCheck(
        id="outbound.utc",
        found=N_("A time stamp in the product's call “{call}” to the {who} is not in UTC."),
        advice=N_(
            "Write time stamps in UTC with Z: a receiver in another zone may put it on the wrong day otherwise."
        ),
        run=_utc,
    ),
    OutboundCheck(
        id="outbound.credentials",
        found=N_(
            "The product's call “{call}” to the {who} carries the credentials that its caller authenticates with."
        ),
        advice=N_(
            "Whoever gets the caller's token can act in its name. Leave it out of what goes to others, and use "
            "credentials of the product's own."
        ),
        run=_credentials,
    ),
)
