"""The envelope that all answers but OpenID Connect's have (GovStack Identity 8): when, and what or why not."""

from collections.abc import Iterator, Mapping
from typing import Any

from dpi_conformance.execution.scene import Answer, Scene
from dpi_conformance.i18n import N_

from .moments import moment_of, seconds_from_now
from .replies import error_of
from .sentences import say

__all__ = ["expect_envelope"]

_TIMES = ("responseTime", "responseTIme", "responsetime")
"""identity-e006; enrollment writes it small."""
_SKEW_SECONDS = 300.0
"""So far a product's clock may be from ours; the doctor tells of less."""


def expect_envelope(scene: Scene, variant: str, answer: Answer) -> None:
    """Expect that an answer says when it is, in UTC, and either what was done or, by a published code, why not."""
    if answer.status >= 300 or not answer.body:
        return
    _expect_time(scene, answer)
    errors, response = answer.get("errors"), answer.get("response")
    scene.expect(
        bool(errors) != (response not in (None, {}, [])),
        code="envelope.one-of",
        message=say(N_("An answer has both a response and errors, or neither: was the request served?")),
        expected="either response or errors",
        actual=answer,
        seen=answer,
    )
    _expect_code(scene, variant, answer)


def _expect_time(scene: Scene, answer: Answer) -> None:
    written = answer.get(*_TIMES)
    moment = moment_of(written)
    utc = moment is not None and not moment.utcoffset()
    scene.expect(
        utc and moment is not None and abs(seconds_from_now(moment)) < _SKEW_SECONDS,
        code="envelope.time",
        message=say(
            N_("The answer does not say when it was given, in UTC: logs of two parties cannot be compared.")
        ),
        expected="this moment by ISO 8601, in UTC",
        actual=written,
        seen=answer,
        place="body.responseTime",
    )


def _expect_code(scene: Scene, variant: str, answer: Answer) -> None:
    published = _published(scene, variant)
    code = error_of(answer.body)
    if code and published:
        scene.expect(
            code in published,
            code="envelope.code-listed",
            message=say(
                N_("The refusal is by a code that the operation does not publish: clients do not know it.")
            ),
            expected=" / ".join(sorted(published)),
            actual=code,
            seen=answer,
            place="body.errors[0].errorCode",
        )


def _published(scene: Scene, variant: str) -> frozenset[str]:
    """Give the codes that an operation publishes; empty if it lists none."""
    schemas = (
        one.content.get("application/json", {}) for one in scene.answers.spec.variant(variant).responses
    )
    return frozenset(code for schema in schemas for code in _codes(schema))


def _codes(schema: Mapping[str, Any]) -> Iterator[str]:
    node: Any = schema
    for name in ("properties", "errors", "items", "properties", "errorCode", "enum"):
        node = node.get(name) if isinstance(node, Mapping) else None
    yield from node or ()
