"""What in a product.yaml does not keep a run from starting, but ought to be changed."""

from collections.abc import Iterator, Mapping
from typing import Protocol
from urllib.parse import urlsplit

from dpi_conformance.catalogue.environment import is_literal
from dpi_conformance.catalogue.product_text import ProductText
from dpi_conformance.catalogue.target import Target
from dpi_conformance.i18n import N_, Message

__all__ = ["cautions"]

_OURSELVES = frozenset({"127.0.0.1", "::1", "localhost"})


class _Named(Protocol):
    @property
    def vendor(self) -> str: ...

    @property
    def version(self) -> str: ...


def cautions(product: _Named, blocks: Mapping[str, Target], text: ProductText) -> Iterator[Message]:
    """Yield one sentence for each thing that ought to be changed, each naming its key."""
    for key in ("vendor", "version"):
        if not getattr(product, key):
            sentence = N_("{place} is empty; a report that does not name it proves nothing about a release.")
            yield _caution(sentence, text.place(("product", key)))
    for name, target in blocks.items():
        yield from _secrets(name, target, text)
        yield from _transport(name, target, text)
        yield from _callbacks(name, target, text)


def _caution(sentence: str, place: str, **values: str) -> Message:
    return Message(text=sentence, values={"place": place, **values})


def _secrets(name: str, target: Target, text: ProductText) -> Iterator[Message]:
    for path, _ in target.secret_places():
        full = ("blocks", name, *path)
        if is_literal(text.written.get(full, "")):
            yield _caution(
                N_("{place}: a secret stands in the file; write ${{NAME}} and set NAME in the environment."),
                text.place(full),
            )


def _transport(name: str, target: Target, text: ProductText) -> Iterator[Message]:
    if not target.tls.verify:
        yield _caution(
            N_(
                "{place}: the product's certificate is not checked, so anybody can answer in its place; name the "
                "authority's certificate under tls.ca_file instead."
            ),
            text.place(("blocks", name, "tls", "verify")),
        )


def _callbacks(name: str, target: Target, text: ProductText) -> Iterator[Message]:
    host = urlsplit(target.base_url).hostname or ""
    callbacks, place = target.callbacks, text.place(("blocks", name, "callbacks"))
    if callbacks.public_url is None and callbacks.bind in _OURSELVES and host not in _OURSELVES:
        yield _caution(
            N_(
                "{place}: the product at {host} cannot call back to {bind}; write callbacks.bind and "
                "callbacks.public_url, the address by which it reaches this machine."
            ),
            place,
            host=host,
            bind=callbacks.bind,
        )
    if callbacks.public_url is not None and callbacks.port == 0:
        yield _caution(
            N_("{place}: public_url is fixed and the port is not; write callbacks.port, which it leads to."),
            place,
        )
