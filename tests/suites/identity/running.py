"""The identity suite against the built-in mock, without the frozen vectors: only the cases that a test names."""

import asyncio
import fnmatch
import functools
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

from aiohttp import ClientSession
from yarl import URL

from dpi_conformance.campaign.assignment import Assignment
from dpi_conformance.campaign.bench import make_bench
from dpi_conformance.campaign.certify import open_stage
from dpi_conformance.campaign.order import Order
from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.requirements import load_requirements
from dpi_conformance.catalogue.target import Client, Target
from dpi_conformance.execution.behaviour import Performed, SuiteCase, perform, suite_cases
from dpi_conformance.execution.selection import applicable
from dpi_conformance.execution.slots import Fresh
from dpi_conformance.execution.steps import Stage
from dpi_conformance.model.vectors import Profile
from dpi_conformance.wire.client import Wire
from dpi_conformance.wire.listener import CallbackListener, reserve
from tests.suites.identity.plain_provider import CLIENTS, PlainProvider, Walker, serving

PACK = Pack.builtin()
PREFIX = "identity/suite/"
PLAIN = ("openid-connect",)
"""What a plain provider claims."""


def cases(*globs: str) -> list[SuiteCase]:
    """Give the suite's cases whose names match."""
    files = sorted((PACK.root / "suites" / "identity").glob("test_*.py"))
    modules = [PACK.load(f"suites.identity.{path.stem}") for path in files]
    every = suite_cases("identity", modules, Profile.STANDARD)
    names = [f"{PREFIX}{glob}" for glob in globs]
    return [one for one in every if any(fnmatch.fnmatch(one.case.id, name) for name in names)]


@functools.cache
def assignment() -> Assignment:
    """Give the block's content without vectors."""
    return Assignment(
        pack=PACK,
        block=load_block(PACK.spec("identity", "block.yaml")),
        spec=load_spec(PACK.spec("identity", "openapi.yaml")),
        requirements=load_requirements(PACK.spec("identity", "requirements.yaml")),
        cases=(),
        profile=Profile.STANDARD,
        digests={},
        frozen=Path(),
    )


def on_plain(
    provider: PlainProvider,
    *globs: str,
    claims: Collection[str] = PLAIN,
    persons: Sequence[str] = ("first", "second"),
) -> Mapping[str, Performed]:
    """Carry out the cases that match, and that the claims make applicable, against a plain provider."""
    return asyncio.run(_on_plain(provider, globs, frozenset(claims), persons))


async def _on_plain(
    provider: PlainProvider, globs: Collection[str], claims: frozenset[str], persons: Sequence[str]
) -> Mapping[str, Performed]:
    async with serving(provider) as url, ClientSession() as browser:
        with reserve("127.0.0.1", 0) as listening:
            target = Target(base_url=url, clients=configured(), claims=tuple(sorted(claims)))
            async with Wire(target) as wire, CallbackListener(socket=listening) as listener:
                stage = Stage(
                    wire=wire,
                    listener=listener,
                    answers=assignment().answers(10),
                    fresh=Fresh(),
                    callback_seconds=3,
                    login=Walker(fetch=functools.partial(fetched, browser)),
                    persons=persons,
                    clients=target.clients,
                    base_url=url,
                    claims=claims,
                )
                chosen = [one for one in cases(*globs) if applicable(one.case, claims)]
                results = await asyncio.gather(*(perform(one, stage) for one in chosen))
    return {one.case.id.removeprefix(PREFIX): result for one, result in zip(chosen, results, strict=True)}


async def fetched(browser: ClientSession, method: str, url: str, body: bytes) -> tuple[str, str]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
    address = URL(url, encoded=True)
    async with browser.request(method, address, data=body, headers=headers, allow_redirects=False) as answer:
        return answer.headers.get("Location", ""), await answer.text()


def configured() -> dict[str, Client]:
    return {
        name: Client(
            client_id=name,
            redirect_uris=(redirect_uri,),
            token_endpoint_auth_method="client_secret_basic",
            client_secret=secret,
        )
        for name, (secret, redirect_uri) in CLIENTS.items()
    }


async def _performed(globs: Collection[str], faults: Collection[str]) -> Mapping[str, Performed]:
    order = Order(blocks=("identity",), profile=Profile.STANDARD, faults=frozenset(faults))
    work = assignment()
    with make_bench(order, PACK, "identity") as bench:
        async with open_stage(bench, work) as stage:
            chosen = cases(*globs)
            results = await asyncio.gather(*(perform(one, stage) for one in chosen))
    return {one.case.id.removeprefix(PREFIX): result for one, result in zip(chosen, results, strict=True)}


def performed(*globs: str, faults: Collection[str] = ()) -> Mapping[str, Performed]:
    """Carry out the cases that match against a fresh mock with these faults; by the case's name."""
    return asyncio.run(_performed(globs, faults))
