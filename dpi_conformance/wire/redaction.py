"""Takes secrets and personal data out of evidence, before any of it is written."""

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace

from dpi_conformance.i18n import Message
from dpi_conformance.model.evidence import Finding, Headers
from dpi_conformance.wire.disguises import disguises
from dpi_conformance.wire.private_keys import Choose, Replace, in_json, in_query

__all__ = ["INVENTED", "MOST_CHARACTERS", "PERSONAL", "PROTECTED_HEADERS", "REDACTED", "Cleaned", "Redactor"]

REDACTED = "[redacted]"
PERSONAL = "[personal]"
INVENTED = "invented-by-the-harness"
"""Stands for credentials that the harness made up, and can be sent in their place: they have to be refused as well."""
MOST_CHARACTERS = 4096
"""So much of a body is kept as evidence; a longer one is cut, with ``…`` at the end."""

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
_CONFIDENTIAL = re.compile(
    r".*(?:secret|passw|credential|authorization|api[-_]?key).*|.*token|pin|otp|cvv|cvc", re.IGNORECASE
)
"""Keys that hold secrets by their name, in any block."""
_SCHEME = re.compile(r"(?:Bearer|Basic|Digest|Negotiate|DPoP)(?=\s)", re.IGNORECASE)
_IS_SECRET, _IS_PERSONAL = "secret", "personal"
_NOBODY = frozenset({"", "null", "true", "false"})
_MOST_KINDS = 4096
_MOST_SENT = 20_000
_MOST_UNREAD = 1024
_MOST_READ = 4096
_BEGINNING = 6
"""So many characters of a secret's beginning, at the end of an excerpt, give it away."""
_TELLING = 4
"""A personal value of fewer characters is not looked for outside its key: it would hit half of all texts."""


class Cleaned:
    """One exchange's or callback's texts on their way into evidence; remembers what personal values it took out."""

    def __init__(self, redactor: "Redactor") -> None:
        """Take the redactor whose rules hold."""
        self._redactor = redactor
        self._taken: dict[str, None] = {}

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
        """Give headers without secrets; a protected one keeps its scheme (``Bearer``) and nothing else.

        Of what is ours it is told whether it was a secret, or wrong credentials that the harness made up.
        """
        return [[name, self._redactor.header(name, value, ours=ours)] for name, value in headers]

    def text(self, text: str) -> str:
        """Give any other text without secrets, private keys' values, and what was taken out of the bodies."""
        clean = self._redactor.excerpt(self._clean(text, ours=False))
        for value in sorted(self._taken, key=len, reverse=True):
            clean = clean.replace(value, PERSONAL)
        return clean[:MOST_CHARACTERS]

    def finding(self, finding: Finding) -> Finding:
        """Give a finding whose texts may be shown; use it after the bodies, whose personal values it takes out."""
        return replace(
            finding,
            expected=self.text(finding.expected),
            actual=self.text(finding.actual),
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
        text = self._redactor.without_secrets(text)
        choose = self._redactor.chosen(None if ours else self._person)
        if '":' in text or '" :' in text:
            text = in_json(text, choose)
        return in_query(text, choose)

    def _person(self, scalar: str) -> str:
        value = scalar.strip('"')
        if not value or scalar in _NOBODY or value == REDACTED or self._redactor.is_ours(value):
            return scalar
        if len(value) >= _TELLING:
            self._taken[value] = None
        return f'"{PERSONAL}"' if scalar.startswith('"') else PERSONAL


class Redactor:
    """Knows what may not be seen.

    Secrets (those of the target, also percent-encoded, JSON-escaped or in base64, and the tokens learned later) are
    replaced by ``[redacted]`` in URLs, headers, bodies, findings and messages. Headers that prove who calls always
    are, and so are the values of keys that are secrets by their name (``voucherSecretNumber``, ``access_token``) or
    because the block says so.

    The values of the block's personal keys are replaced by ``[personal]`` in what the product answers and calls
    back, **unless they equal a value that we sent ourselves**: that is synthetic, and the evidence needs it. What
    was sent is remembered within limits (2,048 requests, 20,000 values); beyond them more is replaced, never less.
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
        self._kinds: dict[str, str] = {}
        self._personal = frozenset(name.casefold() for name in personal)
        self._secret_keys = frozenset(name.casefold() for name in secret_keys)
        self._sources: list[Callable[[], Collection[str]]] = []
        self._secrets: frozenset[str] = frozenset()
        self._forms: list[str] = []
        self._unread: deque[tuple[str, bytes]] = deque(maxlen=_MOST_UNREAD)
        self._ours: dict[str, None] = {}  # oldest first
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
        if self._personal:
            self._unread.append((url, body[:_MOST_READ]))

    def is_ours(self, value: str) -> bool:
        """Tell whether we sent this value under a personal key; requests are read when this is first asked."""
        while self._unread:
            url, body = self._unread.popleft()
            in_query(url, self._remembering)
            in_json(body.decode("utf-8", "replace"), self._remembering)
        return value in self._ours

    def _remembering(self, key: str) -> Replace | None:
        return self._remember if self._kind(key) == _IS_PERSONAL else None

    def _remember(self, scalar: str) -> str:
        self._ours[scalar.strip('"')] = None
        if len(self._ours) > _MOST_SENT:
            del self._ours[next(iter(self._ours))]
        return scalar

    @property
    def margin(self) -> int:
        """Give the length of the longest form of a secret."""
        return len(self._forms[0]) if self._forms else 0

    def without_secrets(self, text: str) -> str:
        """Give a text with every form of every secret replaced."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, REDACTED)
        return text

    def excerpt(self, text: str) -> str:
        """Give a text that may have been cut anywhere: the beginning of a secret at its end goes too."""
        for secret in self._secrets:
            start = text.find(secret[:_BEGINNING], max(len(text) - len(secret), 0))
            while start >= 0 and len(secret) > _BEGINNING:
                if secret.startswith(text[start:]):
                    return text[:start] + REDACTED
                start = text.find(secret[:_BEGINNING], start + 1)
        return text

    def header(self, name: str, value: str, *, ours: bool = False) -> str:
        """Give a header's value as it may be shown."""
        if name.lower() not in self._headers:
            return in_query(self.without_secrets(value[:MOST_CHARACTERS]), self.chosen(None))
        scheme = _SCHEME.match(value)
        shown = INVENTED if ours and self._is_invented(value) else REDACTED
        return f"{scheme[0]} {shown}" if scheme else shown

    def _is_invented(self, value: str) -> bool:
        """Tell whether a credential of ours holds none of the secrets, in no form."""
        if not self._secrets or any(secret in value for secret in self._secrets):
            return False
        return self.without_secrets(value) == value

    def chosen(self, person: Replace | None) -> Choose:
        """Give how each key's values are replaced: secrets always, personal data by ``person``."""
        replaces = {_IS_SECRET: _redacted, _IS_PERSONAL: person}
        return lambda key: replaces.get(self._kind(key))

    def _kind(self, key: str) -> str:
        kind = self._kinds.get(key)
        if kind is None:
            if len(self._kinds) >= _MOST_KINDS:
                self._kinds.clear()  # a product that invents keys without end
            kind = self._kinds[key] = self._judged(key.casefold())
        return kind

    def _judged(self, key: str) -> str:
        if key in self._secret_keys or _CONFIDENTIAL.fullmatch(key):
            return _IS_SECRET
        return _IS_PERSONAL if key in self._personal else ""


def _redacted(scalar: str) -> str:
    if scalar == '""' or scalar in _NOBODY:
        return scalar
    return f'"{REDACTED}"' if scalar.startswith('"') else REDACTED
