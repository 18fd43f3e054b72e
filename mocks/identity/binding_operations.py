"""Wallet binding: a wallet's key is bound to a person, and certified (GovStack Identity, /wallet-binding)."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from joserfc.jwk import RSAKey

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .bindings import Binding
from .client_operations import read_key
from .envelopes import Envelopes
from .factors import FORMATS, Challenge, proven
from .keys import certificate_for, pem, stray_key
from .people import Person
from .state import State, stamp

__all__ = ["BindingOperations"]

_LIFE = timedelta(days=365)


class BindingOperations:
    """Binds keys."""

    def __init__(self, state: State, envelopes: Envelopes, on: FaultSwitches) -> None:
        """Take the memory, the envelope of answers, and the faults."""
        self._state = state
        self._envelopes = envelopes
        self._on = on

    def bind(self, call: Call) -> Answer:
        """Bind a key to a person who proves to be there; the same person, key and factor only once."""
        self._envelopes.check_time(call)
        request = call.body["request"]
        if request["format"] != "jwt":
            raise Refused("format is not jwt.", code="unsupported_challenge_format")
        if request["authFactorType"] != "WLA":
            raise Refused("authFactorType is not WLA.", code="invalid_request")
        public = read_key(request["publicKey"])
        key = RSAKey.import_key({name: public[name] for name in ("kty", "n", "e")})
        person = self._proven_person(request)
        binding = Binding(uin=person.uin, factor=request["authFactorType"], key=key)
        if self._state.bindings.has(binding) and not self._on("wallet-duplicate-accepted"):
            raise Refused("This key is bound to this person already.", code="duplicate_public_key")
        return self._envelopes.answer(call, self._bound(binding))

    def _bound(self, binding: Binding) -> dict[str, str]:
        user = self._state.bindings.keep(binding)
        expires = datetime.fromtimestamp(int(self._state.clock()), UTC) + _LIFE
        key = stray_key().key if self._on("wallet-certificate-other-key") else binding.key
        certificate = certificate_for(key.public_key, user, expires)
        shown = expires + timedelta(days=30) if self._on("wallet-expiry-differs") else expires
        written = pem(certificate)
        if self._on("binding-certificate-unreadable"):
            written = base64.b64encode(written.encode()).decode()
        named = {} if self._on("binding-user-missing") else {"walletUserId": user}
        return {**named, "certificate": written, "expireDateTime": stamp(shown.timestamp())}

    def _proven_person(self, request: dict[str, list[dict[str, str]]]) -> Person:
        challenges = [
            Challenge(kind=one["authFactorType"], value=one["challenge"], format=one["format"])
            for one in request["challengeList"]
        ]
        if any(one.format not in FORMATS[one.kind] for one in challenges):
            raise Refused("A challenge's format is not its factor's.", code="unsupported_challenge_format")
        person = self._state.people.find(str(request["individualId"]))
        if self._on("wallet-challenge-not-checked") and person is not None:
            return person
        right = person is not None and not person.blocked and challenges
        anybody = self._on("binding-proof-of-anybody")
        proving = [one for one in self._state.people if anybody or one is person]
        if not right or person is None or not any(_right_all(one, challenges) for one in proving):
            raise Refused("The person did not prove to be there.", code="invalid_auth_challenge")
        return person


def _right_all(person: Person, challenges: Sequence[Challenge]) -> bool:
    return all(_right(person, one) for one in challenges)


def _right(person: Person, challenge: Challenge) -> bool:
    return challenge.kind != "WLA" and proven(person, challenge, otp_sent=True)
