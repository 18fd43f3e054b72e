"""What schemathesis generates for one operation, and what its checks say of an answer; the only place that knows it.

Run as a program it must be given as text (``python -I -c``), not as a file: Hypothesis draws from the constants
of every local file that a process has imported, so an edit to one of ours would change what is generated. For the
same reason it imports nothing of ours.
"""

import contextlib
import hashlib
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, CheckContext, load_all_checks, run_checks
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NotSet
from schemathesis.core.mutations import Mutation, MutationChannel, OperatorKind
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.generation.meta import (
    CaseMetadata,
    ComponentInfo,
    CoverageScenario,
    GenerationInfo,
    PhaseInfo,
    TestPhase,
    build_phase_data,
)

__all__ = ["Oracle", "generated"]

_METHODS_AT_RANDOM = {"unspecified_http_method", "malformed_content_type", "unsupported_content_type"}
"""Probes of the request's shape, which rules of ours make for each operation."""


def _schema(document: Mapping[str, Any], seed: int) -> Any:
    """Load a document without any configuration from outside (files, environment, databases)."""
    no_responses = {"extra-data-sources": {"responses": False}}
    config = SchemathesisConfig.from_dict(
        {
            "seed": seed,
            "generation": {"database": "none"},
            "output": {"sanitization": {"enabled": False}},
            "phases": {
                "stateful": {"enabled": False},
                "examples": no_responses,
                "coverage": no_responses,
                "fuzzing": {**no_responses, "error-feedback": {"enabled": False}},
            },
        }
    )
    return schemathesis.openapi.from_dict(dict(document), config=config)


def generated(document: Mapping[str, Any], *, seed: int, examples: int) -> Iterator[dict[str, Any]]:
    """Give the cases of a document with one operation: by coverage first, then drawn at random.

    Each has ``origin``, ``mode`` (``positive`` or ``negative``), and the containers ``path``, ``query``,
    ``headers`` and (where there is one) ``body``.
    """
    schema = _schema(document, seed)
    (operation,) = [result.ok() for result in schema.get_all_operations()]
    coverage = schema.iter_coverage_cases(
        operation,
        generation_modes=list(GenerationMode),
        generation_config=schema.config.generation_for(operation=operation, phase="coverage"),
    )
    for case in coverage:
        scenario = str(case.meta.phase.data.scenario.value)
        if scenario not in _METHODS_AT_RANDOM:
            yield _plain(case, f"schemathesis:{scenario}")
    for mode in GenerationMode:
        for case in _drawn(operation, mode, seed, examples):
            yield _plain(case, f"hypothesis:{mode.value}")


def _drawn(operation: Any, mode: GenerationMode, seed: int, examples: int) -> list[Case[Any]]:
    """Draw cases; none where nothing can be violated. The seed is the operation's own, so that one build of all
    operations and one of each give the same."""
    name = operation.definition.raw["operationId"]
    digest = hashlib.sha256(f"{seed} {name} {mode.value}".encode()).digest()
    drawn: list[Case[Any]] = []

    @hypothesis.seed(int.from_bytes(digest[:8], "big"))
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def draw(case: Case[Any]) -> None:
        drawn.append(case)

    try:
        draw()
    except Unsatisfiable:
        return []
    return drawn


def _plain(case: Case[Any], origin: str) -> dict[str, Any]:
    assert case.meta is not None  # noqa: S101 -- generated cases have it
    plain = {
        "origin": origin,
        "mode": str(case.meta.generation.mode.value),
        "path": dict(case.path_parameters or {}),
        "query": dict(case.query or {}),
        "headers": dict(case.headers or {}),
    }
    return plain if isinstance(case.body, NotSet) else {**plain, "body": case.body}


class Oracle:
    """Schemathesis' own judgement of a request, and of an answer to it."""

    def __init__(self, document: Mapping[str, Any], seed: int = 0) -> None:
        """Take a document with one operation."""
        load_all_checks()
        self._schema = _schema(document, seed)
        (self._operation,) = [result.ok() for result in self._schema.get_all_operations()]
        self._checks: list[Any] = [
            CHECKS.get_one(name)
            for name in (
                "not_a_server_error",
                "status_code_conformance",
                "content_type_conformance",
                "response_schema_conformance",
                "negative_data_rejection",
                "positive_data_acceptance",
                "missing_required_header",
                "unsupported_method",
            )
        ]

    def codes(
        self, request: Mapping[str, Any], status: int, headers: Mapping[str, str], body: bytes
    ) -> set[str]:
        """Name the failures (``ST201`` ...) that schemathesis sees in an answer to a request.

        ``request`` has ``method``, ``path``, ``query``, ``headers`` and perhaps ``body``; whether it is valid
        schemathesis decides anew from its own reading of the document.
        """
        case = self._case(request)
        prepared = case.as_transport_kwargs(base_url="http://127.0.0.1")
        response = Response(
            status_code=status,
            headers={name.lower(): [value] for name, value in headers.items()},
            content=body,
            request=_prepared(prepared),
            elapsed=0.001,
            verify=True,
            http_version="1.1",
        )
        context = CheckContext(
            override=None,
            auth=None,
            headers=None,
            config=self._schema.config.checks_config_for(operation=self._operation),
            transport_kwargs=None,
            recorder=None,
            response_checks=None,
        )
        codes: set[str] = set()
        run_checks(
            case=case,
            response=response,
            ctx=context,
            checks=self._checks,
            on_failure=lambda _name, _seen, failure: codes.add(failure.code),
        )
        return codes

    def mode(self, request: Mapping[str, Any]) -> str:
        """Tell whether schemathesis takes a request for ``positive`` or ``negative``."""
        meta = self._case(request).meta
        assert meta is not None  # noqa: S101 -- given in _case
        return str(meta.generation.mode.value)

    def _case(self, request: Mapping[str, Any]) -> Any:
        containers = {"path_parameters": "path", "query": "query", "headers": "headers"}
        parts: dict[str, Any] = {name: dict(request.get(given) or {}) for name, given in containers.items()}
        if "body" in request:
            parts.update(body=request["body"], media_type="application/json")
        unknown = request["method"].upper() != self._operation.method.upper()
        case = self._operation.Case(
            method=request["method"], **parts, _meta=_unjudged(parts, request.get("varied"), unknown=unknown)
        )
        for location in case._meta.components:  # noqa: SLF001 -- makes schemathesis judge it itself
            case._meta.mark_dirty(location)  # noqa: SLF001
        return case


def _unjudged(parts: Mapping[str, Any], varied: Sequence[str] | None, *, unknown: bool) -> CaseMetadata:
    """Give metadata that schemathesis revises by its own validation; it believes only which place was varied."""
    locations = {
        "path_parameters": ParameterLocation.PATH,
        "query": ParameterLocation.QUERY,
        "headers": ParameterLocation.HEADER,
        "body": ParameterLocation.BODY,
    }
    mode = GenerationMode.NEGATIVE if unknown else GenerationMode.POSITIVE
    if unknown:
        phase = PhaseInfo.coverage(scenario=CoverageScenario.UNSPECIFIED_HTTP_METHOD, description="")
    else:
        mutations = () if varied is None or varied[0] == "body" else (_mutation(*varied[:2]),)
        data = build_phase_data(TestPhase.FUZZING, None, mutations=mutations)
        phase = PhaseInfo(name=TestPhase.FUZZING, data=data)
    return CaseMetadata(
        generation=GenerationInfo(time=0.0, mode=mode),
        components={
            location: ComponentInfo(mode=mode) for name, location in locations.items() if name in parts
        },
        phase=phase,
    )


def _mutation(location: str, name: str) -> Mutation:
    return Mutation(
        path=(name,),
        parameter_location=ParameterLocation(location),
        schema_pointer=f"/properties/{name}",
        channel=MutationChannel.VALUE,
        operator=OperatorKind.VALUE_VIOLATOR,
        keywords=(),
        parameter=name,
        original_value=None,
        new_value=None,
    )


def _prepared(kwargs: dict[str, Any]) -> Any:
    import requests  # noqa: PLC0415 -- only the oracle needs it

    kwargs.pop("auth", None)
    return requests.Request(**kwargs).prepare()


def _generate(order: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for variant, document in order["documents"].items():
        for case in generated(document, seed=order["seed"], examples=order["examples"]):
            yield {"variant": variant, **case}


def _judge(order: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Say of each request what schemathesis takes it for, and the failures that it sees in each of the answers."""
    oracles = {variant: Oracle(document, order["seed"]) for variant, document in order["documents"].items()}
    answers = {
        name: (answer["status"], answer["headers"], answer["body"].encode())
        for name, answer in order["answers"].items()
    }
    for request in order["requests"]:
        oracle = oracles[request["variant"]]
        codes = {name: sorted(oracle.codes(request, *answer)) for name, answer in answers.items()}
        yield {"mode": oracle.mode(request), "codes": codes}


def _main() -> None:
    """Read an order (``task``: generate or judge) from standard input, write one JSON object a line."""
    order = json.load(sys.stdin)
    for line in {"generate": _generate, "judge": _judge}[order["task"]](order):
        with contextlib.suppress(TypeError):  # bytes for a body, which rules of ours try for each operation
            sys.stdout.write(f"{json.dumps(line)}\n")


if __name__ == "__main__":
    _main()
