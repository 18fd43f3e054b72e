"""The identity mock in a vendor's own test, below a path of its own."""

import re

import httpx

from dpi_conformance.testing.mounting import mounted

URL = "https://id.example.org/gov"


def test_a_relying_party_finds_everything_below_the_base_address() -> None:
    with mounted("identity", URL) as mock, httpx.Client() as client:
        described = client.get(f"{URL}/.well-known/openid-configuration").json()
        assert described["issuer"] == URL
        assert described["token_endpoint"] == f"{URL}/oauth/token"
        request = {
            "clientId": "rp",
            "clientName": "Service",
            "relyingPartyId": "rp",
            "logoUri": "https://rp.example/l.png",
            "redirectUris": ["https://rp.example/back"],
            "authContextRefs": ["idbb:acr:static-code"],
            "publicKey": client.get(described["jwks_uri"]).json()["keys"][0],
            "userClaims": ["name"],
            "grantTypes": ["authorization_code"],
            "clientAuthMethods": ["private_key_jwt"],
        }
        body = {"requestTime": "2026-11-25T08:00:00.000Z", "request": request}
        made = client.post(described["registration_endpoint"], json=body, headers=mock.headers)
        assert made.json()["response"] == {"clientId": "rp"}
        wanted = {
            "scope": "openid",
            "response_type": "code",
            "client_id": "rp",
            "redirect_uri": "https://rp.example/back",
        }
        page = client.get(described["authorization_endpoint"], params=wanted)
        assert re.search(r'<form method="post" action="/gov/login">', page.text)
