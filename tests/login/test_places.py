"""Where a login may lead: what is the client's, what is the product's, and what is neither."""

import pytest

from dpi_conformance.login.places import Places, answers_at, resolved

CLIENT = "https://client.example/cb"


@pytest.mark.parametrize(
    ("location", "redirect_uri"),
    [
        (CLIENT, CLIENT),
        (f"{CLIENT}?code=1", CLIENT),
        (f"{CLIENT}#code=1", CLIENT),
        (f"{CLIENT}?a=b&code=1", f"{CLIENT}?a=b"),
        ("https://CLIENT.example:443/cb?code=1", CLIENT),
        ("https://client.example/?code=1", "https://client.example"),
        ("app.example:/cb?code=1", "app.example:/cb"),
    ],
)
def test_an_answer_is_the_redirect_uri_with_more_behind_it(location: str, redirect_uri: str) -> None:
    assert answers_at(location, redirect_uri)


@pytest.mark.parametrize(
    ("location", "redirect_uri"),
    [
        ("", CLIENT),
        (f"{CLIENT}/x?code=1", CLIENT),
        (f"{CLIENT}x", CLIENT),
        ("https://client.example.evil.example/cb?code=1", CLIENT),
        ("https://client.example@evil.example/cb?code=1", CLIENT),
        ("https://evil.example/?next=https://client.example/cb", CLIENT),
        ("http://client.example/cb?code=1", CLIENT),
        (f"{CLIENT}?a=bc", f"{CLIENT}?a=b"),
        ("https://[::1", CLIENT),
        (f"{CLIENT}?code=1", ""),
    ],
)
def test_everything_else_is_none(location: str, redirect_uri: str) -> None:
    assert not answers_at(location, redirect_uri)


@pytest.mark.parametrize(
    ("url", "may"),
    [
        ("https://idp.example/a", True),
        ("https://IDP.example:443/a", True),
        ("https://idp.example:8443/a", False),
        ("http://idp.example/a", False),
        ("https://login.example/a", True),
        ("https://login.example:9/a", True),
        ("https://pages.example:8443/a", True),
        ("https://pages.example/a", False),
        ("https://sub.login.example/a", False),
        ("https://idp.example@evil.example/", False),
        ("https://evil.example\\@idp.example/", False),
        ("ftp://idp.example/", False),
        ("javascript:alert(1)", False),
        ("https://idp.example:x/", False),
        ("", False),
    ],
)
def test_only_the_hosts_of_the_login_are_gone_to(url: str, *, may: bool) -> None:
    places = Places(base_url="https://idp.example/api", hosts=("login.example", "pages.example:8443"))
    assert places.may_go(url) is may


@pytest.mark.parametrize(
    ("reference", "url"),
    [
        ("/x?a=b", "https://idp.example/x?a=b"),
        ("x", "https://idp.example/a/x"),
        ("?q", "https://idp.example/a/b?q"),
        ("//evil.example/x", "https://evil.example/x"),
        (" /x\r\n\t ", "https://idp.example/x"),
        ("/é ü", "https://idp.example/%C3%A9%20%C3%BC"),
        ("/\\evil.example", "https://idp.example/%5Cevil.example"),
        ("https://x.example:port/", ""),
    ],
)
def test_references_are_read_as_browsers_do(reference: str, url: str) -> None:
    assert resolved("https://idp.example/a/b", reference) == url
