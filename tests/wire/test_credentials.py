"""Operations that ask for a security scheme of a name have credentials of their own, where product.yaml gives some."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from dpi_conformance.catalogue.target import Target
from dpi_conformance.model.evidence import Request
from dpi_conformance.wire.client import Wire

if TYPE_CHECKING:
    from tests.wire.conftest import Serving

NAMED = {
    "enrollment": {"type": "bearer", "token": "of-enrollment"},
    "partner": {"type": "headers", "headers": {"X-Partner": "of-partner"}},
    "open": {"type": "none"},
}
USUAL = {"type": "bearer", "token": "the-usual-one"}


@pytest.mark.parametrize(
    ("scheme", "credentials", "shown"),
    [
        ("enrollment", "own", "Authorization: Bearer of-enrollment"),
        ("partner", "own", "X-Partner: of-partner"),
        ("", "own", "Authorization: Bearer the-usual-one"),
        ("another", "own", "Authorization: Bearer the-usual-one"),
    ],
)
def test_each_scheme_has_its_own(
    serving: Serving, ok: bytes, scheme: str, credentials: str, shown: str
) -> None:
    head = _head(serving, ok, scheme, credentials)
    assert shown in head
    assert head.count("Authorization:") + head.count("X-Partner:") == 1


def test_none_and_wrong_ones_are_of_the_scheme_s_kind(serving: Serving, ok: bytes) -> None:
    nothing = _head(serving, ok, "enrollment", "none")
    assert "Authorization:" not in nothing
    wrong = _head(serving, ok, "partner", "wrong")
    assert "X-Partner: " in wrong
    assert "of-partner" not in wrong
    assert "Authorization:" not in wrong


def test_an_operation_that_asks_for_nothing_is_shown_nothing(serving: Serving, ok: bytes) -> None:
    assert "Authorization:" not in _head(serving, ok, None, "own")


def test_a_scheme_may_need_none(serving: Serving, ok: bytes) -> None:
    assert "Authorization:" not in _head(serving, ok, "open", "own")


def test_the_target_knows_what_it_can_prove_and_hides_it() -> None:
    target = Target.model_validate({"base_url": "http://127.0.0.1:1", "credentials": NAMED})
    assert [target.proves(scheme) for scheme in ("enrollment", "partner", "open", "")] == [
        True,
        True,
        False,
        False,
    ]
    assert {"of-enrollment", "of-partner"} <= target.secrets()
    assert "of-" not in str(target.public())
    assert "of-" not in repr(target)


def test_mutual_tls_of_a_scheme_needs_a_certificate_too() -> None:
    with pytest.raises(ValueError, match="certificate"):
        Target.model_validate(
            {"base_url": "https://127.0.0.1:1", "credentials": {"enrollment": {"type": "mutual_tls"}}}
        )


def _head(serving: Serving, ok: bytes, scheme: str | None, credentials: str) -> str:
    async def run() -> Any:
        async with serving(ok) as product, Wire(product.target(auth=USUAL, credentials=NAMED)) as wire:
            request = Request(method="GET", url="/")
            await wire.send(request, credentials=credentials, scheme=scheme, exchange_id="x")
            return product.requests[0].decode()

    return str(asyncio.run(run()))
