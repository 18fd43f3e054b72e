"""The provider's description is its own, whole, and leads to what it names (properties E1 and E2)."""

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.i18n import N_
from dpi_conformance.model.evidence import Request

from .discovery import WELL_KNOWN, Provider, described, discovered, on_the_target
from .replies import Reply, ask
from .sentences import say

_REQUIRED: Mapping[str, type] = {
    "issuer": str,
    "authorization_endpoint": str,
    "token_endpoint": str,
    "jwks_uri": str,
    "response_types_supported": list,
    "subject_types_supported": list,
    "id_token_signing_alg_values_supported": list,
}
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
_WEB = frozenset({"http", "https"})


@case("E1/description-served", clause="OpenID Connect Discovery 1.0, 4.2", functions=("openid-connect",))
async def test_the_description_is_json(scene: Scene) -> None:
    """The provider describes itself below its own address, as a JSON object that is called JSON."""
    reply = await described(scene)
    whole = reply.served and isinstance(reply.body, Mapping) and bool(reply.body)
    scene.expect(
        whole and reply.media_type == "application/json",
        code="discovery.served",
        message=say(
            N_(
                "The address below which every client looks for the provider's description did not give a JSON object as "
                "application/json: clients cannot find its endpoints."
            )
        ),
        expected="HTTP 200, application/json, {…}",
        actual=f"{reply.media_type or '-'}; {reply}",
        advice=say(N_("Answer {path} with the description, without a redirect."), path=WELL_KNOWN),
    )


@case("E1/issuer", clause="OpenID Connect Discovery 1.0, 3 and 4.3", functions=("openid-connect",))
async def test_the_issuer_is_the_address(scene: Scene) -> None:
    """The issuer's identifier is an https URL without query or fragment, and is where the description was fetched."""
    provider = await discovered(scene)
    fetched = scene.base_url.rstrip("/")
    scene.expect(
        provider.issuer
        in {fetched, f"{fetched}/"},  # a slash at the end is taken off before (Discovery, 4.1)
        code="discovery.issuer-exact",
        message=say(
            N_(
                "The description names another issuer than the address it was fetched from: a client that compares them, "
                "as it has to, refuses the provider."
            )
        ),
        expected=fetched,
        actual=provider.issuer,
        place="body.issuer",
        advice=say(
            N_("Compare character by character: a slash at the end, a port or a letter's case counts.")
        ),
    )
    scene.expect(
        _identifier(provider.issuer, scene.base_url),
        code="discovery.issuer-form",
        message=say(N_("The issuer's identifier is no https URL without query and fragment.")),
        expected="https://host[:port][/path]",
        actual=provider.issuer,
        place="body.issuer",
    )


def _identifier(issuer: str, base_url: str) -> bool:
    """Tell whether an issuer has its form; a product on the harness's own machine may do without TLS."""
    try:
        parts = urlsplit(issuer)
    except ValueError:
        return False
    schemes = _WEB if loopback(base_url) else {"https"}
    return parts.scheme in schemes and bool(parts.hostname) and "?" not in issuer and "#" not in issuer


def loopback(url: str) -> bool:
    """Tell whether a URL lies on this machine."""
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@case("E1/endpoints-absolute", clause="OpenID Connect Discovery 1.0, 3", functions=("openid-connect",))
async def test_endpoints_are_absolute(scene: Scene) -> None:
    """Every endpoint of the description is an absolute URL, by https where the provider itself is."""
    provider = await discovered(scene)
    schemes = _WEB if loopback(scene.base_url) else {"https"}
    named = {name: url for name, url in provider.metadata.items() if _is_endpoint(name)}
    wrong = {name: url for name, url in named.items() if not _absolute(url, schemes)}
    scene.expect(
        bool(named) and not wrong,
        code="discovery.endpoint-absolute",
        message=say(
            N_("The description names endpoints by what is no absolute URL: clients cannot call them.")
        ),
        expected="https://…",
        actual=wrong or "no endpoint",
        place=", ".join(f"body.{name}" for name in wrong),
    )


def _is_endpoint(name: str) -> bool:
    return name.endswith("_endpoint") or name == "jwks_uri"


def _absolute(url: Any, schemes: frozenset[str] | set[str]) -> bool:
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and not parts.fragment


@case("E1/endpoints-answer", clause="OpenID Connect Discovery 1.0, 3", functions=("openid-connect",))
async def test_endpoints_answer(scene: Scene) -> None:
    """At every endpoint that the description names on the provider's own host, somebody answers."""
    provider = await discovered(scene)
    for name in _ENDPOINTS:
        url = provider.metadata.get(name)
        if not isinstance(url, str) or not on_the_target(url, scene.base_url):
            continue
        reply = await _knock(scene, name, url)
        scene.expect(
            reply.status != 404,
            code="discovery.endpoint-answers",
            message=say(
                N_("The description names {url} as {name}, and nothing is there."), url=url[:200], name=name
            ),
            expected="anything but HTTP 404",
            actual=reply,
            seen=reply.exchange,
            place=f"body.{name}",
        )


async def _knock(scene: Scene, name: str, url: str) -> Reply:
    """Ask an endpoint for nothing in particular, by the method that it is for."""
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    posted = name == "token_endpoint"
    return await ask(
        scene, Request(method="POST" if posted else "GET", url=url, headers=form if posted else ()), name
    )


@case("E1/code-flow-listed", clause="OpenID Connect Discovery 1.0, 3", functions=("openid-connect",))
async def test_the_code_flow_is_listed(scene: Scene) -> None:
    """The description lists the response type code, the algorithm RS256, and the scope openid where it lists scopes."""
    provider = await discovered(scene)
    _listed(scene, provider, "response_types_supported", "code", code="discovery.code-listed")
    _listed(scene, provider, "id_token_signing_alg_values_supported", "RS256", code="discovery.rs256-listed")
    if "scopes_supported" in provider.metadata:
        _listed(scene, provider, "scopes_supported", "openid", code="discovery.openid-listed")


@case(
    "E1/private-key-jwt-listed",
    clause="GovStack Identity, openid-configuration",
    functions=("idbb-endpoints",),
)
async def test_private_key_jwt_is_listed(scene: Scene) -> None:
    """The description lists private_key_jwt, by which alone GovStack's clients prove themselves."""
    provider = await discovered(scene)
    name = "token_endpoint_auth_methods_supported"
    _listed(scene, provider, name, "private_key_jwt", code="discovery.private-key-jwt-listed")


def _listed(scene: Scene, provider: Provider, name: str, value: str, *, code: str) -> None:
    scene.expect(
        value in provider.listed(name),
        code=code,
        message=say(
            N_("The description does not list {value} under {name}: clients that need it do not try."),
            value=value,
            name=name,
        ),
        expected=value,
        actual=provider.metadata.get(name),
        seen=provider.exchange,
        place=f"body.{name}",
    )


@case("E2/required-members", clause="OpenID Connect Discovery 1.0, 3", functions=("openid-connect",))
async def test_required_members_are_there(scene: Scene) -> None:
    """The description has all that OpenID Connect requires, also the two members that GovStack's schema leaves out."""
    provider = await discovered(scene)
    for name, kind in _REQUIRED.items():
        value = provider.metadata.get(name)
        scene.expect(
            isinstance(value, kind) and bool(value),
            code="discovery.required",
            message=say(
                N_("The description has no {name}, which OpenID Connect Discovery requires."), name=name
            ),
            expected=kind.__name__,
            actual=value,
            seen=provider.exchange,
            place=f"body.{name}",
        )


@case(
    "E2/subject-types", clause="OpenID Connect Discovery 1.0, 3; Core 1.0, 8", functions=("openid-connect",)
)
async def test_subject_types_are_known(scene: Scene) -> None:
    """The subject types that the description lists are pairwise and public."""
    provider = await discovered(scene)
    types = provider.listed("subject_types_supported")
    scene.expect(
        bool(types) and set(types) <= {"pairwise", "public"},
        code="discovery.subject-types",
        message=say(N_("The description lists subject types that OpenID Connect does not know.")),
        expected="pairwise, public",
        actual=provider.metadata.get("subject_types_supported"),
        seen=provider.exchange,
        place="body.subject_types_supported",
    )
