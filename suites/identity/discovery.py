"""What the provider says of itself: its description and its keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.evidence import Exchange

from .jose import KeyRing, TokenError
from .replies import Reply, ask, get

__all__ = ["WELL_KNOWN", "Provider", "described", "discovered", "key_ring", "on_the_target"]

WELL_KNOWN = "/.well-known/openid-configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An OpenID provider as its description says (OpenID Connect Discovery 1.0, 3)."""

    base_url: str
    """The target's address; nothing is sent to another host."""
    metadata: Mapping[str, Any]
    exchange: Exchange
    """That showed it."""

    @property
    def issuer(self) -> str:
        """Give the issuer's identifier."""
        return str(self.metadata.get("issuer", ""))

    def listed(self, name: str) -> Sequence[str]:
        """Give a list of texts; empty if there is none."""
        value = self.metadata.get(name)
        return [str(one) for one in value] if isinstance(value, list) else []

    def endpoint(self, name: str) -> str:
        """Give an endpoint's URL; raises Prerequisite if it is not there, not absolute, or on another host."""
        url = self.metadata.get(name)
        if not isinstance(url, str) or not url:
            raise _missing(N_("The description of the provider names no {name}."), name=name)
        if not on_the_target(url, self.base_url):
            text = N_(
                "The description names {url} as {name}, which is not on the host of base_url ({base}). No code, token or "
                "secret is sent there. If that is the product, write its address as base_url in product.yaml."
            )
            raise _missing(text, url=url[:200], name=name, base=self.base_url)
        return url


def on_the_target(url: str, base_url: str) -> bool:
    """Tell whether a URL lies on the target's own host and port, with the target's scheme."""
    return _place(url) == _place(base_url) is not None


def _place(url: str) -> tuple[str, str, int] | None:
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    except ValueError:
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname and _plain(parts) else None


def _plain(parts: SplitResult) -> bool:
    """Tell whether nothing stands before the host, and every character is one that a URL may have (RFC 3986, 2)."""
    text = parts.netloc + parts.path + parts.query
    return "@" not in parts.netloc and text.isascii() and text.isprintable() and not set(text) & set(' \\"<>')


async def described(scene: Scene) -> Reply:
    """Fetch the description, whatever comes."""
    return await ask(scene, get(scene.base_url.rstrip("/") + WELL_KNOWN), "discovery")


async def discovered(scene: Scene) -> Provider:
    """Give the provider by its description; raises Prerequisite if it has none."""
    reply = await described(scene)
    if not reply.served or not isinstance(reply.body, Mapping) or not reply.body:
        raise _missing(N_("The provider gives no description of itself: {answer}."), answer=str(reply))
    return Provider(base_url=scene.base_url, metadata=reply.body, exchange=reply.exchange)


async def key_ring(scene: Scene, provider: Provider) -> KeyRing:
    """Give the provider's public keys; raises Prerequisite if it shows none."""
    reply = await ask(scene, get(provider.endpoint("jwks_uri")), "jwks")
    try:
        return KeyRing.of(reply.body)
    except TokenError as error:
        text = N_("The provider shows no keys: {answer} ({error}).")
        raise _missing(text, answer=str(reply), error=str(error)) from error


def _missing(text: str, **values: str) -> Prerequisite:
    return Prerequisite(Message(text=text, values=values))
