"""The payer's bank as the harness plays it: it answers whatever it is asked, in whichever order."""

import asyncio
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any

import aiohttp
import pytest

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.execution.steps import NotServed
from dpi_conformance.i18n import Message
from dpi_conformance.model.evidence import Request
from dpi_conformance.wire.listener import CallbackListener

COUNTERPARTIES = Pack.builtin().load("suites.payments.counterparties")
VALIDATE, AUTHORIZE = "account-validation-result", "authorization-result"
ASKS: dict[str, tuple[str, dict[str, Any]]] = {
    "validate": ("/beneficiaries?command=validate", {"batchId": "B1", "creditInstructions": []}),
    "authorize": ("/batches/B1?command=authorize", {"batchID": "B1", "amount": 1}),
    "odd": ("/beneficiaries?command=validate", {"batchId": ["B1"], "note": "B1"}),
}


def answers(*questions: str, refused: frozenset[str] = frozenset(), deadline: float = 2) -> list[str]:
    """Have a product ask the bank these questions, each when the one before is answered; give what the bank said."""

    async def work() -> list[str]:
        async with CallbackListener() as listener, aiohttp.ClientSession() as product:
            bank, said = listener.counterparty("payer-bank"), list[str]()
            left = iter(questions)
            tasks = list[asyncio.Task[None]]()

            async def ask() -> None:
                for path, body in (ASKS[name] for name in left):
                    await product.post(bank.url + path, json=body)
                    if "note" not in body:
                        return

            async def call(variant: str, _request: Request) -> None:
                said.append(variant)
                tasks.append(asyncio.create_task(ask()))
                if variant in refused:
                    raise NotServed(Message(text=f"{variant} was not served"))

            def beside(done: Coroutine[Any, Any, None]) -> None:
                tasks.append(asyncio.create_task(done))

            scene = SimpleNamespace(
                counterparty=lambda _name: bank,
                listener=listener,
                callback_seconds=deadline,
                beside=beside,
                call=call,
            )
            await ask()
            try:
                await COUNTERPARTIES.bank_releases(scene, "B1")
                await asyncio.sleep(0.2)
            finally:
                for task in tasks:
                    task.cancel()
            return said

    return asyncio.run(work())


def test_the_bank_answers_about_accounts_and_then_releases_the_funds() -> None:
    assert answers("validate", "authorize") == [VALIDATE, AUTHORIZE]


def test_the_bank_answers_about_the_accounts_of_each_part() -> None:
    assert answers("validate", "validate", "authorize") == [VALIDATE, VALIDATE, AUTHORIZE]


@pytest.mark.parametrize("refused", [frozenset[str](), frozenset({VALIDATE})])
def test_a_product_that_asks_about_accounts_after_its_funds_is_answered_and_may_not_listen(
    refused: frozenset[str],
) -> None:
    assert answers("authorize", "validate", refused=refused) == [AUTHORIZE, VALIDATE]


def test_an_answer_about_accounts_that_is_not_taken_is_the_reason_why_nothing_follows() -> None:
    with pytest.raises(NotServed, match=VALIDATE):
        answers("validate", refused=frozenset({VALIDATE}), deadline=0.3)


def test_a_question_that_names_its_batch_oddly_is_nobody_s_error() -> None:
    assert answers("odd", "authorize") == [AUTHORIZE]
