"""Takes secrets and personal data out of evidence, before any of it is written."""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from dpi_conformance.i18n import Message
from dpi_conformance.model.evidence import Finding, Headers
from dpi_conformance.wire.disguises import disguises
from dpi_conformance.wire.key_names import PERSON, SECRET, KeyNames
from dpi_conformance.wire.own_values import OwnValues
from dpi_conformance.wire.private_keys import find
from dpi_conformance.wire.sayings import names_nobody
from dpi_conformance.wire.values import cut_off, forms, spelt, without

__all__ = [
    "INVENTED",
    "MOST_CHARACTERS",
    "PERSONAL",
    "PROTECTED_HEADERS",
    "REDACTED",
    "Cleaned",
    "Redactor",
    "personal",
]

REDACTED = "[redacted]"
PERSONAL = "[personal data"
"""How the place of a personal value begins, wherever one was taken out."""
INVENTED = "invented-by-the-harness"
"""Stands for credentials that the harness made up, and can be sent in their place: they have to be refused as well."""
MOST_CHARACTERS = 4096
"""So much of a body is kept as evidence; a longer one is cut, with ``…`` at the end."""

_FROM_THE_PRODUCT = frozenset({"cookie", "x-xsrf-token", "x-csrf-token"})
"""Headers in which a caller gives back what the product gave to a browser."""
PROTECTED_HEADERS = frozenset(
    {
        "api-key",
        "apikey",
        "authentication",
        "authorization",
        "cookie",
        "proxy-authorization",
        "set-cookie",
        "x-access-token",
        "x-amz-security-token",
        "x-api-key",
        "x-auth-token",
        "x-csrf-token",
        "x-xsrf-token",
    }
)
_SCHEME = re.compile(r"(?:Bearer|Basic|Digest|Negotiate|DPoP)(?=\s)", re.IGNORECASE)
_NOBODY = frozenset({"null", "none", "nil", "true", "false", "undefined"})
_TAKEN_OUT = re.compile(rf"{re.escape(REDACTED)}|{re.escape(PERSONAL)}, \d+ characters\]")
_BEGINNING = 6
"""So many characters of a secret's beginning, at the end of an excerpt, give it away."""
_BEGINNING_OF_VALUE = 3
_EXCERPT = 100
"""A shorter text of a finding is no excerpt that was cut off anywhere."""
_TELLING = 4
"""A private value of fewer characters is not looked for outside its key: it would hit half of all texts."""


def personal(value: str) -> str:
    """Give what stands in a personal value's place: that there was one, and its length, which findings are about."""
    return f"{PERSONAL}, {len(value)} characters]"


class Cleaned:
    """One exchange's or callback's texts on their way into evidence; remembers what it took out of them."""

    def __init__(self, redactor: "Redactor") -> None:
        """Take the redactor whose rules hold."""
        self._redactor = redactor
        self._taken: dict[str, str] = {}

    def body(self, body: bytes, *, ours: bool) -> str:
        """Give a body as text: without secrets, without personal data unless it is ours, cut to 4,096 characters."""
        margin = self._redactor.margin
        whole = body[: (MOST_CHARACTERS + margin) * 4].decode("utf-8", "replace")
        text = self._clean(whole[: MOST_CHARACTERS + margin], ours=ours)
        if len(whole) <= MOST_CHARACTERS:
            return text
        # The margin at the end may hold a secret that the limit cut in half.
        return f"{text[: max(min(MOST_CHARACTERS, len(text) - margin), 0)]}…"

    def url(self, url: str, *, ours: bool) -> str:
        """Give a URL without secrets, and without personal query parameters unless it is ours."""
        return self._clean(url[:MOST_CHARACTERS], ours=ours)

    def headers(self, headers: Headers, *, ours: bool = False) -> list[list[str]]:
        """Give headers without secrets, and without personal data unless they are ours.

        A protected one keeps its scheme (``Bearer``) and nothing else. Of what is ours it is told whether it was a
        secret, or wrong credentials that the harness made up.
        """
        return [[name, self._header(name, value, ours=ours)] for name, value in headers]

    def _header(self, name: str, value: str, *, ours: bool) -> str:
        if self._redactor.protects(name):
            scheme = _SCHEME.match(value)
            made_up = ours and name.lower() not in _FROM_THE_PRODUCT and self._redactor.is_invented(value)
            shown = INVENTED if made_up else REDACTED
            return f"{scheme[0]} {shown}" if scheme else shown
        value = value[:MOST_CHARACTERS]
        if kind := self._redactor.kinds(ours=ours)(name):
            return self._replaced(self._redactor.without_secrets(value), kind, "")
        return self._clean(value, ours=ours)

    def text(self, text: str, *, least: int = _TELLING) -> str:
        """Give any other text without secrets, private keys' values, and what was taken out of the bodies.

        ``least``: values of so many characters are looked for.
        """
        clean = self._without_taken(self._clean(self._redactor.excerpt(text), ours=False), least=least)
        for value, shown in self._taken.items() if len(clean) >= _EXCERPT else ():
            if (start := cut_off(clean, value, _BEGINNING_OF_VALUE)) >= 0:
                clean = clean[:start] + shown
        return clean[:MOST_CHARACTERS]

    def finding(self, finding: Finding) -> Finding:
        """Give a finding whose texts may be shown; use it after the bodies, whose private values it takes out."""
        kinds = self._redactor.kinds(ours=False)
        least = 1 if any(map(kinds, finding.place.split("."))) else _TELLING
        return replace(
            finding,
            expected=self.text(finding.expected, least=least),
            actual=self.text(finding.actual, least=least),
            place=self.text(finding.place),
            message=self.message(finding.message),
            advice=self.message(finding.advice) if finding.advice else None,
        )

    def message(self, message: Message) -> Message:
        """Give a sentence whose values may be shown."""
        if not message.values:
            return message
        values = {key: self.text(v) if isinstance(v, str) else v for key, v in message.values.items()}
        return Message(text=message.text, values=values)

    def _clean(self, text: str, *, ours: bool) -> str:
        text = self._without_taken(self._redactor.without_secrets(text), ours=ours)
        if not self._redactor.may_hold(text, only_secrets=ours):
            return text
        parts: list[str] = []
        done = 0
        for found in find(text, self._redactor.kinds(ours=ours)):
            parts.append(text[done : found.start])
            parts.append(self._replaced(text[found.start : found.end], found.kind, found.peeled))
            done = found.end
        return self._without_taken("".join((*parts, text[done:])), ours=ours)

    def _replaced(self, value: str, kind: str, peeled: str) -> str:
        """Give what stands in a value's place: the value itself where it may stay."""
        if value.lower() in _NOBODY or _TAKEN_OUT.fullmatch(value) or not any(map(str.isalnum, value)):
            return value
        own = forms(value, peeled)
        if names_nobody(own[-1]) or (kind == PERSON and any(map(self._redactor.is_ours, own))):
            return value
        shown = REDACTED if kind == SECRET else personal(own[-1])
        self._taken.update(dict.fromkeys(own, shown))
        return shown

    def _without_taken(self, text: str, *, ours: bool = False, least: int = _TELLING) -> str:
        """Take out of a text what was taken out of one before, also where it stands under no key."""
        escaped = "%" in text or "\\" in text
        for value in sorted(self._taken, key=len, reverse=True) if self._taken else ():
            shown = self._taken[value]
            if len(value) >= least and not (ours and shown != REDACTED):
                for form in (value, *spelt(value)) if escaped else (value,):
                    if form in text:
                        text = without(text, form, shown)
        return text


class Redactor:
    """Knows what may not be seen.

    Secrets (those of the target, also percent-encoded, JSON-escaped or in base64, and the tokens learned later) are
    replaced by ``[redacted]`` in URLs, headers, bodies, findings and messages. Headers that prove who calls always
    are, and so are the values of keys that are secrets by their name (``voucherSecretNumber``, ``access_token``) or
    because the block says so.

    The values of personal keys, by their name (``iban``, ``phone``) or because the block says so, are replaced by
    ``[personal data, 20 characters]`` in what the product answers and calls back, **unless they equal a value that we
    sent ourselves**: that is synthetic, and the evidence needs it. Keys are found in JSON, also as a text within JSON,
    in XML, forms, queries, headers and logs, however they are spelt and escaped (``wire.private_keys``).
    """

    def __init__(
        self,
        secrets: Iterable[str] = (),
        *,
        headers: Collection[str] = frozenset(),
        personal: Collection[str] = frozenset(),
        secret_keys: Collection[str] = frozenset(),
    ) -> None:
        """Take the target's secrets, further protected headers, and the block's personal and secret keys."""
        self._headers = PROTECTED_HEADERS | {name.lower() for name in headers}
        self._names = KeyNames(personal, secret_keys)
        self._own = OwnValues(self._names)
        self._sources: list[Callable[[], Collection[str]]] = []
        self._secrets: frozenset[str] = frozenset()
        self._forms: list[str] = []
        self.learn(secrets)

    def learn(self, secrets: Iterable[str]) -> None:
        """Take further secrets, e.g. an access token."""
        new = frozenset(secrets) - self._secrets
        if new:
            self._secrets |= new
            self._forms = sorted(disguises(self._secrets), key=len, reverse=True)

    def watch(self, source: Callable[[], Collection[str]]) -> None:
        """Ask ``source`` for new secrets before each evidence, e.g. ``lambda: wire.secrets``."""
        self._sources.append(source)

    def cleaned(self) -> Cleaned:
        """Begin one evidence: an exchange, a callback, a message."""
        for source in self._sources:
            self.learn(source())
        return Cleaned(self)

    def sent(self, url: str, body: bytes) -> None:
        """Take note of a request of ours: the personal values in it are synthetic."""
        self._own.sent(url, body)

    def is_ours(self, value: str) -> bool:
        """Tell whether we sent this value under a personal key."""
        return value in self._own

    @property
    def margin(self) -> int:
        """Give the length of the longest form of a secret."""
        return len(self._forms[0]) if self._forms else 0

    def protects(self, header: str) -> bool:
        """Tell whether a header proves who calls."""
        return header.lower() in self._headers

    def is_invented(self, credential: str) -> bool:
        """Tell whether a credential of ours holds none of the secrets, in no form."""
        if not self._secrets or any(secret in credential for secret in self._secrets):
            return False
        return self.without_secrets(credential) == credential

    def may_hold(self, text: str, *, only_secrets: bool) -> bool:
        """Tell whether a text can hold a private key at all: the cheap question before the dear one."""
        return self._names.may_hold(text, only_secrets=only_secrets)

    def kinds(self, *, ours: bool) -> Callable[[str], str]:
        """Give what tells of a key what its values are; in what is ours, only secrets count."""
        return self._names.secrets_only if ours else self._names.kind

    def without_secrets(self, text: str) -> str:
        """Give a text with every form of every secret replaced."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, REDACTED)
        return text

    def excerpt(self, text: str) -> str:
        """Give a text that may have been cut anywhere: the beginning of a secret at its end goes too."""
        for secret in self._secrets:
            if (start := cut_off(text, secret, _BEGINNING)) >= 0:
                return text[:start] + REDACTED
        return text
