"""product.yaml: the product under test, how each of its blocks is reached, and what the vendor claims."""

import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol
from urllib.parse import urlsplit

from pydantic import Field, PrivateAttr, ValidationError

from dpi_conformance.catalogue.cautions import cautions
from dpi_conformance.catalogue.complaints import Problem, complaints, one_error, unknown_name
from dpi_conformance.catalogue.environment import MalformedError, UnsetError, expand
from dpi_conformance.catalogue.product_text import KeyPath, read_product_text
from dpi_conformance.catalogue.strict import Strict
from dpi_conformance.catalogue.target import (
    HEADER,
    ApiKeyAuth,
    Auth,
    BearerAuth,
    Callbacks,
    Client,
    Consent,
    HeadersAuth,
    Limits,
    Login,
    MutualTlsAuth,
    NoAuth,
    OAuth2Auth,
    PlayedCounterparty,
    Target,
    Tls,
)
from dpi_conformance.errors import UsageError
from dpi_conformance.i18n import N_, Message

__all__ = [
    "TOKEN_VARIABLE",
    "ApiKeyAuth",
    "Auth",
    "BearerAuth",
    "Callbacks",
    "Client",
    "Consent",
    "Described",
    "HeadersAuth",
    "Limits",
    "Login",
    "MutualTlsAuth",
    "NoAuth",
    "OAuth2Auth",
    "PlayedCounterparty",
    "Product",
    "ProductFile",
    "Target",
    "Tls",
    "load_product",
    "product_at",
    "target_at",
]

TOKEN_VARIABLE = "DPI_CONFORMANCE_TOKEN"  # noqa: S105 -- a variable's name
"""Holds the bearer token for ``--target URL``."""


class Described(Protocol):
    """What is asked of a known building block: the names that can be written under its keys."""

    @property
    def functions(self) -> Collection[str]:
        """Name the functions that can be claimed."""

    @property
    def counterparties(self) -> Collection[str]:
        """Name those that the harness can play."""

    @property
    def fixtures(self) -> Collection[str]:
        """Name the prepared data that is read; empty: any."""

    @property
    def declares(self) -> Collection[str]:
        """Name what a vendor can declare; empty: anything."""


class Product(Strict):
    """The item under test, as the report names it."""

    vendor: str = ""
    """Who makes the product."""
    name: Annotated[str, Field(min_length=1)]
    """What the product is called."""
    version: str = ""
    """The release under test, as the vendor writes it, in quotes."""
    build: str = ""
    """The exact build: a commit, an image digest, a build number."""
    contact: str = ""
    """Whom to write to about findings."""
    adaptor: Literal["native", "adaptor"] = "native"
    """native: the product speaks the standard itself; adaptor: something in front of it does."""


class ProductFile(Strict):
    """A product and its blocks, as product.yaml describes them."""

    product: Product
    """The product under test."""
    blocks: Annotated[dict[str, Target], Field(min_length=1)]
    """How each building block of the product is reached, by the block's name."""

    _warnings: tuple[Message, ...] = PrivateAttr(default=())

    @property
    def warnings(self) -> tuple[Message, ...]:
        """Say what does not keep a run from starting, but ought to be changed."""
        return self._warnings


def load_product(
    path: Path, *, known: Mapping[str, Described] | None = None, environment: Mapping[str, str] | None = None
) -> ProductFile:
    """Read product.yaml; everything that is wrong with it is one UsageError that lists it all.

    ``known`` are the blocks that there are: with them, unknown blocks, claims, counterparties, fixtures and
    declarations are found.
    Relative paths in the file start at its folder; ``environment`` is the process' own if not given.
    """

    text = read_product_text(path)
    problems: list[Problem] = []
    found = os.environ if environment is None else environment
    values = _expanded(text.values, (), _Expansion(environment=found, place=text.place, problems=problems))
    told = {keys for keys, _ in problems}
    product: ProductFile | None = None
    try:
        product = ProductFile.model_validate(values, context={"folder": path.parent})
    except ValidationError as error:
        problems += [one for one in complaints(ProductFile, error, text) if one[0] not in told]
    for keys, name, names in _unknown(values, known or {}):
        if keys not in told:
            problems.append((keys, unknown_name(text.place(keys), name, names)))
    if problems or product is None:
        problems.sort(key=lambda problem: text.line(problem[0]))
        raise one_error(str(path), (message for _, message in problems))
    product._warnings = tuple(cautions(product.product, product.blocks, text))  # noqa: SLF001 -- our own
    return product


def product_at(
    url: str, blocks: Mapping[str, Described], environment: Mapping[str, str] | None = None
) -> ProductFile:
    """Make the product of ``--target URL``, which is all that is known of it; its warnings say what that leaves open."""
    place = target_at(url, environment)
    product = ProductFile(product=Product(name=urlsplit(url).netloc), blocks=dict.fromkeys(blocks, place))
    product._warnings = tuple(  # noqa: SLF001 -- our own
        Message(
            text=N_(
                "--target names none of those whom “{block}” asks ({names}), so what depends on their answers stays "
                "inconclusive. A product.yaml can name them; dpi-conformance init writes one."
            ),
            values={"block": name, "names": ", ".join(block.counterparties)},
        )
        for name, block in blocks.items()
        if block.counterparties
    )
    return product


def target_at(url: str, environment: Mapping[str, str] | None = None) -> Target:
    """Make the target of ``--target URL``: a bearer token from DPI_CONFORMANCE_TOKEN if set, else no credentials."""
    token = (os.environ if environment is None else environment).get(TOKEN_VARIABLE, "")
    place, shown = TOKEN_VARIABLE, N_("the value given")
    try:
        auth = BearerAuth(type="bearer", token=token) if token else NoAuth()
        place, shown = "--target", f"“{url}”"
        return Target(base_url=url, auth=auth)
    except ValidationError as error:
        (first, *_) = error.errors(include_url=False)
        own = {key: str(value) for key, value in first.get("ctx", {}).items()}
        sentence = own.pop("sentence", N_("{place}: {value} does not do."))
        raise UsageError(Message(text=sentence, values={**own, "place": place, "value": shown})) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expansion:
    environment: Mapping[str, str]
    place: Callable[[KeyPath], str]
    problems: list[Problem]

    def text(self, text: str, path: KeyPath) -> str:
        try:
            return expand(text, self.environment)
        except UnsetError as unset:
            sentence = N_(
                "{place}: the environment variable {name} is not set; set it (export {name}=…), or write "
                "${{{name}:-…}} with what stands in for it."
            )
            values = {"place": self.place(path), "name": unset.args[0]}
        except MalformedError:
            sentence = N_(
                "{place}: “${{” opens no reference; write ${{NAME}}, ${{NAME:-default}}, or $${{ for the characters."
            )
            values = {"place": self.place(path)}
        self.problems.append((path, Message(text=sentence, values=values)))
        return text


def _expanded(value: Any, path: KeyPath, expansion: _Expansion) -> Any:
    """Put the environment's values into every text below; what cannot be is a problem and stays."""
    match value:
        case str():
            return expansion.text(value, path)
        case dict():
            return {key: _expanded(part, (*path, key), expansion) for key, part in value.items()}
        case list():
            return [_expanded(part, (*path, i), expansion) for i, part in enumerate(value)]
        case _:
            return value


def _unknown(values: Any, known: Mapping[str, Described]) -> Iterator[tuple[KeyPath, str, Collection[str]]]:
    """Yield (path, name, names that there are) for blocks and for names below them that nobody knows.

    Takes the file's values as they are, so that these are told together with what is malformed elsewhere.
    """
    for name, target in _entries(_part(values, "blocks")) if known else ():
        if name not in known:
            yield ("blocks", name), name, known.keys()
            continue
        claims = _part(target, "claims")
        for i, claim in enumerate(claims if isinstance(claims, list) else ()):
            if isinstance(claim, str) and claim not in known[name].functions:
                yield ("blocks", name, "claims", i), claim, known[name].functions
        for played, _ in _entries(_part(target, "counterparties")):
            if played not in known[name].counterparties:
                yield ("blocks", name, "counterparties", played), played, known[name].counterparties
        for key, names in (("fixtures", known[name].fixtures), ("declares", known[name].declares)):
            for written, _ in _entries(_part(target, key)):
                if names and written not in names and not (key == "declares" and written.startswith(HEADER)):
                    yield ("blocks", name, key, written), written, names


def _part(values: Any, key: str) -> Any:
    return values.get(key) if isinstance(values, Mapping) else None


def _entries(values: Any) -> Iterator[tuple[str, Any]]:
    """Yield the entries of a mapping whose keys are text; what is none has its complaint already."""
    if isinstance(values, Mapping):
        yield from ((key, value) for key, value in values.items() if isinstance(key, str))
