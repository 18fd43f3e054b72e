"""What the biller is told of a request to pay, read from whatever comes to its address."""

import pytest

from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.model.evidence import Callback, Request

REQUESTS = Pack.builtin().load("suites.payments.requests_to_pay")


@pytest.mark.parametrize(
    ("body", "number"),
    [
        (b'{"rtpId": 7}', "7"),
        (b'{"rtpId": "7"}', "7"),
        (b'{"rtpId": [7]}', "[7]"),
        (b'{"rtpStatus": "00"}', ""),
        (b'[{"rtpId": 7}]', ""),
        (b"7", ""),
        (b"<html>", ""),
        (b"", ""),
    ],
)
def test_the_number_is_read_where_there_is_one(body: bytes, number: str) -> None:
    request = Request(method="POST", url="http://127.0.0.1/x", body=body)
    call = Callback(id="c", address="x", request=request, received_at="", after_ms=0, answered=202)
    assert REQUESTS.number_told(call) == number
