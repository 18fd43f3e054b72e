"""Bent redirect URIs: each is another URI, and where a redirect leads is told apart."""

from typing import Any
from urllib.parse import urlsplit

import pytest

from dpi_conformance.catalogue.packs import Pack

REDIRECTS: Any = Pack.builtin().load("suites.identity.redirects")
BENDS = REDIRECTS.BENDS
REGISTERED = (
    "https://rp.example/signed-in/back",
    "https://rp.example:8443/back?tenant=7",
    "https://rp.example/",
    "http://127.0.0.1:8080/back",
    "org.example.app:/back",
)


@pytest.mark.parametrize("name", sorted(BENDS))
@pytest.mark.parametrize("registered", REGISTERED)
def test_a_bent_uri_is_not_the_registered_one(name: str, registered: str) -> None:
    bent = BENDS[name].make(urlsplit(registered))
    assert bent not in REGISTERED


@pytest.mark.parametrize("name", sorted(BENDS))
def test_every_bend_can_be_tried_on_an_ordinary_uri(name: str) -> None:
    registered = REGISTERED[0]
    bent = BENDS[name].make(urlsplit(registered))
    assert bent
    answer = f"{bent.partition('#')[0]}{'&' if '?' in bent else '?'}code=1&state=2"
    if name == "fragment":
        answer += f"#{REDIRECTS.EVIL}"
    assert REDIRECTS.leads_to(answer, bent, registered), "a redirect to it is seen"
    assert not REDIRECTS.leads_to(f"{registered}?code=1&state=2", bent, registered), (
        "one to the registered URI is none"
    )
    assert not REDIRECTS.leads_to("", bent, registered)
    assert not REDIRECTS.leads_to("https://idp.example/login?x=1", bent, registered)


@pytest.mark.parametrize(
    ("name", "location", "astray"),
    [
        ("extra-query", "https://rp.example/signed-in/back?next=dpi-evil&code=1", True),
        ("extra-query", "https://rp.example/signed-in/back?code=1", False),
        ("fragment", "https://rp.example/signed-in/back?code=1#dpi-evil", True),
        ("fragment", "https://rp.example/signed-in/back?code=1", False),
        ("host-in-capitals", "https://RP.EXAMPLE/signed-in/back?code=1", True),
        ("host-in-capitals", "https://rp.example/signed-in/back?code=1", False),
        ("blank-behind", "https://rp.example/signed-in/back%20?code=1", True),
        ("backslash", "https://dpi-evil.example/@rp.example/signed-in/back?code=1", True),
        ("user-info", "https://rp.example@dpi-evil.example/signed-in/back?code=1", True),
        ("dot-segments", "https://rp.example/signed-in/dpi-evil?code=1", True),
        ("other-port", "https://rp.example:8444/signed-in/back?error=x", True),
        ("suffix", "https://idp.example/error?redirect_uri=https%3A%2F%2Frp.example%2Fbackdpi-evil", False),
    ],
)
def test_where_a_redirect_leads(name: str, location: str, astray: bool) -> None:
    bent = BENDS[name].make(urlsplit(REGISTERED[0]))
    assert REDIRECTS.leads_to(location, bent, REGISTERED[0]) is astray


def test_a_port_of_this_machine_is_not_bent() -> None:
    """RFC 8252, 7.3: an app listens at any port of the loopback address."""
    loopback = urlsplit(REGISTERED[3])
    assert BENDS["other-port"].make(loopback) == ""
    assert BENDS["standard-port"].make(loopback) == ""
    assert BENDS["subdomain"].make(loopback) == "", "an address has no subdomain"
