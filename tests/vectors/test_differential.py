"""Our own checks against schemathesis' on the same vectors and answers: each disagreement has its reason and its count."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson
import pytest

from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import BodyRefusal, RefusalRules
from dpi_conformance.model.evidence import Exchange, Request, Response
from dpi_conformance.model.vectors import Expectation, Profile, Vector
from dpi_conformance.vectors.generating import Judgement, SyntheticAnswer, judge
from dpi_conformance.vectors.knowledge import load_knowledge
from dpi_conformance.vectors.rules import subjects
from dpi_conformance.vectors.samples import Sampler
from dpi_conformance.vectors.store import VECTORS, read_vectors
from dpi_conformance.vectors.trials import Subject
from dpi_conformance.vectors.writing import SLOT

PACK = Pack.builtin()
PLAIN = {"content-type": "text/plain"}
JSON = {"content-type": "application/json"}
ANSWERS = {
    "served": SyntheticAnswer(status=200),
    "accepted": SyntheticAnswer(status=202),
    "refused": SyntheticAnswer(status=400),
    "not-found": SyntheticAnswer(status=404),
    "method": SyntheticAnswer(status=405, headers={**JSON, "allow": "GET, POST, PUT"}),
    "method-without-allow": SyntheticAnswer(status=405),
    "crashed": SyntheticAnswer(status=500),
    "plain": SyntheticAnswer(status=200, headers=PLAIN, body="fine"),
    "not-json": SyntheticAnswer(status=200, body="{"),
    "wrong-shape": SyntheticAnswer(status=200, body='"text"'),
}
"""From a product that serves everything to one that refuses everything, and answers that are bad in themselves."""

FAMILIES = {
    "ST101": "crash",
    "ST103": "status",
    "ST104": "media-type",
    "ST105": "media-type",
    "ST106": "media-type",
    "ST108": "schema",
    "ST109": "json",
    "ST110": "json",
    "ST201": "refused",
    "ST202": "accepted",
    "ST203": "refused",
    "ST204": "method",
    "ST205": "allow",
    "status.server-error": "crash",
    "status.declared": "status",
    "header.content-type": "media-type",
    "body.schema": "schema",
    "body.json": "json",
    "status.refused": "refused",
    "status.accepted": "accepted",
    "status.method-not-allowed": "method",
    "status.method-refusal": "method",
    "header.allow": "allow",
}
"""What a failure of schemathesis' and a check of ours have in common. Checks without a counterpart are left out:
credentials, media types of requests, text, leaks, times."""


@dataclass(frozen=True)
class Seen:
    vector: Vector
    answer: str
    family: str
    ours: bool
    """We see a deviation, and schemathesis does not; else the other way round."""
    declared: bool
    """The operation declares a body for the answer's status."""

    @property
    def kind(self) -> str:
        return self.vector.case.split("/")[3]


@dataclass(frozen=True)
class Reason:
    """Why the two may differ; ``holds`` tells where."""

    why: str
    holds: Callable[[Seen], bool]


OPEN = {Expectation.EITHER, Expectation.UNHARMED}
REASONS = {
    "left-open": Reason(
        "Errata and knowledge leave it open (contradicting files, null for what is optional, content of a GET, text).",
        lambda s: not s.ours and s.family in {"refused", "accepted"} and s.vector.expect in OPEN,
    ),
    "about-something-else": Reason(
        "The vector is about credentials or the request's media type, which schemathesis does not see in it.",
        lambda s: not s.ours and s.family == "accepted" and s.kind in {"credentials", "protocol"},
    ),
    "request-media-type": Reason(
        "A body under another media type must be refused (RFC 9110, 15.5.16); schemathesis looks for a 5xx only.",
        lambda s: s.ours and s.family == "refused" and s.vector.expect is Expectation.UNSUPPORTED_MEDIA_TYPE,
    ),
    "body-missing": Reason(
        "A request without any body has no part that schemathesis could call negative.",
        lambda s: s.vector.case.endswith("/required/body") and s.family in {"refused", "accepted"},
    ),
    "status-only-for-another-method": Reason(
        "Of the answer to a method that the path does not have, schemathesis judges the status only.",
        lambda s: (
            s.ours
            and s.vector.expect is Expectation.METHOD_NOT_ALLOWED
            and s.family not in {"method", "allow"}
        ),
    ),
    "crash-is-one-finding": Reason(
        "A 5xx is one finding of ours; that it is undeclared, or no 405, says nothing more.",
        lambda s: not s.ours and s.family in {"status", "method"} and s.answer == "crashed",
    ),
    "allow-is-its-own-finding": Reason(
        "Schemathesis calls a 405 without Allow a wrong answer to the method; ours is a finding of its own.",
        lambda s: not s.ours and s.family == "method" and s.answer == "method-without-allow",
    ),
    "allow-on-every-405": Reason(
        "RFC 9110, 15.5.6, wants Allow with every 405, without the method that was refused; schemathesis asks for it "
        "only where it sent an undeclared method.",
        lambda s: s.ours and s.family == "allow" and s.answer.startswith("method"),
    ),
    "refusals-need-no-declaration": Reason(
        "The files publish hardly any refusal (payments-e064), so a refusing status needs no declaration.",
        lambda s: not s.ours and s.family == "status" and 400 <= ANSWERS[s.answer].status < 500,
    ),
    "404-refuses": Reason(
        "Schemathesis tolerates 404 on a valid request (the resource may be gone); every vector of ours has its own.",
        lambda s: s.ours and s.family == "accepted" and s.answer == "not-found",
    ),
    "405-is-a-should": Reason(
        "That a method which the path does not have is refused with 405 and no other status is a SHOULD (RFC 9110, 9.1), "
        "and an advisory finding of ours.",
        lambda s: not s.ours and s.family == "method" and 400 <= ANSWERS[s.answer].status < 500,
    ),
    "json-where-nothing-is-declared": Reason(
        "Where the operation declares no body for a status, one that comes all the same has to be JSON.",
        lambda s: s.ours and s.family in {"media-type", "json"} and not s.declared,
    ),
}

EXPECTED: Mapping[str, int] = {
    "405-is-a-should": 30,
    "404-refuses": 170,
    "about-something-else": 183,
    "allow-is-its-own-finding": 17,
    "allow-on-every-405": 2696,
    "body-missing": 40,
    "crash-is-one-finding": 1351,
    "json-where-nothing-is-declared": 1038,
    "left-open": 1914,
    "refusals-need-no-declaration": 4671,
    "request-media-type": 85,
    "status-only-for-another-method": 78,
}
"""Disagreements by reason, over the quick profile; any other number is to be explained anew."""


@pytest.fixture(scope="module")
def known() -> dict[str, Subject]:
    spec = load_spec(PACK.spec("payments", "openapi.yaml"))
    knowledge = load_knowledge(PACK.suite("payments", "knowledge.yaml"))
    return {subject.variant.id: subject for subject in subjects(spec, knowledge)}


@pytest.fixture(scope="module")
def answers() -> Answers:
    spec = load_spec(PACK.spec("payments", "openapi.yaml"))
    code = BodyRefusal(fields=frozenset({"responseCode"}), values=frozenset({"01"}))
    return Answers(spec=spec, rules=RefusalRules(bodies=(code,), undeclared=frozenset(range(400, 500))))


@pytest.fixture(scope="module")
def vectors() -> list[Vector]:
    frozen = read_vectors(PACK.suite("payments", f"vectors/{VECTORS}"), Profile.QUICK)
    return [
        vector for vector in frozen if vector.body_base64 is None and not vector.repeat and _is_json(vector)
    ]


def _is_json(vector: Vector) -> bool:
    """Tell whether the body is a JSON value (RFC 8259): schemathesis has no opinion on anything else."""
    try:
        orjson.loads(SLOT.sub("1", "1" if vector.body is None else vector.body))
    except orjson.JSONDecodeError:
        return False
    return True


def request_of(vector: Vector, subject: Subject) -> dict[str, Any]:
    """Read a frozen vector back into the parts that schemathesis judges, samples in its slots."""
    sample = subject.validity.sample
    filled = SLOT.sub(lambda match: str(sample(match[1])), vector.target)
    path, query = urlsplit(filled).path, urlsplit(filled).query
    template = re.sub(r"\\\{([^{}]+)\\\}", r"(?P<p_\1>[^/]*)", re.escape(subject.variant.path))
    names = re.fullmatch(template, path)
    assert names is not None, (template, path)
    request: dict[str, Any] = {
        "variant": subject.variant.id,
        "method": vector.method,
        "path": {name.removeprefix("p_"): unquote(value) for name, value in names.groupdict().items()},
        "query": dict(parse_qsl(query, keep_blank_values=True)),
        "headers": {name: _filled(text, sample) for name, text in vector.headers if name != "Content-Type"},
    }
    if vector.body is not None:
        request["body"] = json.loads(_filled(vector.body, sample))
    location, _, below = vector.case.split("/")[4].partition(".")
    return {**request, "varied": [location, below]} if location in {"header", "query", "path"} else request


def _filled(text: str, sample: Sampler) -> str:
    return SLOT.sub(lambda match: json.dumps(str(sample(match[1])), ensure_ascii=False)[1:-1], text)


@pytest.fixture(scope="module")
def judgements(vectors: list[Vector], known: dict[str, Subject]) -> list[Judgement]:
    requests = [request_of(vector, known[vector.variant]) for vector in vectors]
    return judge(known.values(), requests, ANSWERS, seed=0)


def _disagreements(
    vector: Vector, judgement: Judgement, subject: Subject, answers: Answers
) -> Iterator[Seen]:
    request = Request(
        method=vector.method, url=vector.target, headers=vector.headers, body=(vector.body or "").encode()
    )
    declared = {int(one.status) for one in subject.variant.responses if one.content}
    for name, answer in ANSWERS.items():
        headers = tuple(answer.headers.items())
        response = Response(status=answer.status, headers=headers, body=answer.body.encode())
        findings = answers.check(vector, Exchange(id="e", request=request, response=response))
        ours = {FAMILIES[f.code] for f in findings if not f.advisory and f.code in FAMILIES}
        theirs = {FAMILIES[code] for code in judgement.codes[name] if code in FAMILIES}
        for family in sorted(ours ^ theirs):
            yield Seen(vector, name, family, family in ours, answer.status in declared)


def test_every_disagreement_with_schemathesis_is_explained_and_counted(
    vectors: list[Vector], judgements: list[Judgement], known: dict[str, Subject], answers: Answers
) -> None:
    counted: Counter[str] = Counter()
    unexplained: Counter[tuple[object, ...]] = Counter()
    for vector, judgement in zip(vectors, judgements, strict=True):
        for seen in _disagreements(vector, judgement, known[vector.variant], answers):
            reason = next((name for name, reason in REASONS.items() if reason.holds(seen)), None)
            if reason is None:
                unexplained[(seen.answer, seen.family, seen.ours, vector.expect.value, seen.kind)] += 1
            else:
                counted[reason] += 1
    assert not unexplained
    assert dict(counted) == dict(EXPECTED)


def test_what_must_be_refused_schemathesis_takes_for_invalid_too(
    vectors: list[Vector], judgements: list[Judgement]
) -> None:
    refused = [
        (vector, judgement)
        for vector, judgement in zip(vectors, judgements, strict=True)
        if vector.expect is Expectation.REFUSED and not vector.case.endswith("/required/body")
    ]
    wrong = [
        vector.case
        for vector, judgement in refused
        if judgement.mode != "negative" or not judgement.codes["served"] & {"ST201", "ST203"}
    ]
    assert len(refused) > 300
    assert wrong == []


def test_what_must_be_served_schemathesis_takes_for_valid_too(
    vectors: list[Vector], judgements: list[Judgement]
) -> None:
    served = [
        (vector, judgement)
        for vector, judgement in zip(vectors, judgements, strict=True)
        if vector.expect in {Expectation.ACCEPTED, Expectation.UNHARMED}
    ]
    wrong = [
        vector.case
        for vector, judgement in served
        if judgement.mode != "positive" or "ST202" not in judgement.codes["refused"]
    ]
    assert len(served) > 300
    assert wrong == []
