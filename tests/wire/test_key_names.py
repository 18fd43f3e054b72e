"""What a provider publishes of its authorization server is shown; what proves who calls is not."""

import pytest

from dpi_conformance.wire.key_names import SECRET, KeyNames


@pytest.mark.parametrize(
    "key",
    [
        "authorization_endpoint",
        "pushed_authorization_request_endpoint",
        "authorization_response_iss_parameter_supported",
        "authorization_signing_alg_values_supported",
    ],
)
def test_metadata_of_a_provider_is_no_secret(key: str) -> None:
    assert KeyNames((), ()).kind(key) == ""


@pytest.mark.parametrize(
    "key",
    [
        "Authorization",
        "X-Authorization",
        "authorization_code",
        "endpoint_authorization",
        "authorizationHeader",
    ],
)
def test_what_proves_who_calls_is_a_secret(key: str) -> None:
    assert KeyNames((), ()).kind(key) == SECRET
