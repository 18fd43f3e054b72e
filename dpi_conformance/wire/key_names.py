"""Which keys hold secrets and which hold personal data: by their name in any block, and because the block says so."""

import html
import re
from collections.abc import Collection
from typing import Final
from urllib.parse import unquote

__all__ = ["PERSON", "SECRET", "KeyNames", "bare", "of_a_thing"]

SECRET: Final = "secret"  # noqa: S105 -- the name of a kind
PERSON: Final = "personal"

_CONFIDENTIAL = re.compile(
    r".*(?:secret|passw|credential|authorization(?!.*(?:endpoint|supported)$)|apikey).*|.*token|pin|otp|cvv|cvc",
    re.IGNORECASE,
)
"""``authorization_endpoint`` and its like are what a provider publishes of itself (RFC 8414, 2)."""
_WHO = (
    "(?:payee|payer|beneficiary|customer|client|user|holder|accountholder|person|citizen|owner|debtor|creditor"
    "|recipient|receiver|sender|subscriber|contact|applicant|guardian|parent|mother|father|spouse|employee)?s?"
)
_PERSONAL = re.compile(
    rf"{_WHO}(?:"
    "(?:full|first|last|middle|given|family|sur|maiden|birth|preferred|nick|account|accountholder)*names?"
    "|(?:financial|home|postal|street|residential|permanent|mailing|billing)?address(?:es|line)?|street"
    "|(?:bank|wallet)?account(?:number|no|nr|id|identifier|holder)?s?|wallet(?:number|id)?|identit(?:y|ies)"
    "|(?:national|citizen|personal|civil|functional|foundational|party)(?:id|identity|identifier|number|idnumber)s?"
    "|(?:id|identity|identitycard|nationalidentity)numbers?|passport(?:number|no|id)?|ssn|socialsecuritynumber|nin|nik"
    "|aadhaar(?:number)?|taxid|taxpayerid|driv(?:ing|ers?)licen[cs]e(?:number)?"
    "|dateofbirth|birthdate|birthday|birthplace|placeofbirth|dob"
    ")"
    "|(?:payee|payer|beneficiary|person|party|citizen)(?:id|identifier)s?"
    "|.*(?:iban|msisdn|phone(?:number|no)?|e?mail(?:address)?)s?"
    "|(?:.*mobile|tel|fax)(?:number|no|money)*s?"
)
"""Names of persons, their accounts, addresses and numbers; spelt without separators, in lower case."""
_THINGS = re.compile(
    "(?:.*(?:file|field|host|biller|merchant|bank|institution|product|parameter|property|attribute|header|column"
    "|method|class|function|server|domain|event|service|table|tag|type|variable|element|path|package|module|tenant"
    "|programme|program|currency|country|operation|schema|key|vendor|company|branch|city|scheme|brand|model|device"
    "|application|system|queue|bucket|database|cookie|form))name"
)
"""What is called after a thing is nobody's name: ``file name: report.csv``."""
_SECRET_STEMS = (
    "secret",
    "passw",
    "credential",
    "authorization",
    "apikey",
    "token",
    "pin",
    "otp",
    "cvv",
    "cvc",
)
_PERSONAL_STEMS = (
    *(
        "name",
        "address",
        "street",
        "account",
        "wallet",
        "identi",
        "iban",
        "msisdn",
        "phone",
        "mail",
        "mobile",
    ),
    *("birth", "dob", "passport", "ssn", "socialsec", "nin", "nik", "aadhaar", "taxid", "taxpayer", "licen"),
    *("tel", "fax", "payeeid", "payerid", "beneficiaryid", "personid", "citizenid", "civil", "functional"),
    *("nationalid", "nationalnum", "foundational", "personalid", "personalnum", "partyid", "idnumber"),
)
"""A text that has none of these has no such key: the cheap question before the dear one."""
_SEPARATORS = str.maketrans("", "", "_- +\t")
_SQUEEZED = "_- +"
_TELLS = re.compile(r"[:=<%\\&]")
_HIDDEN = re.compile(
    r"\\u00[2-7]|\\x[2-7]|%(?:25)*(?:20|2[dD]|3\d|4[1-9a-fA-F]|5[\daAfF]|6[1-9a-fA-F]|7[\daA])|&(?:amp;)*#"
)
"""An ASCII letter or digit that is written as an escape: the text may hold a key that cannot be read off it."""
_ESCAPED = re.compile(r"\\+(?:u00|x)([2-7][0-9a-fA-F])|\\+[nrt]")
_MOST_KINDS = 4096
_MOST_REMEMBERED = 160
_MOST_JUDGED = 1000


def bare(key: str) -> str:
    """Give a key as it is compared: without escapes, separators and letter case, plural and number at its end kept."""
    if "\\" in key:
        key = _ESCAPED.sub(lambda found: chr(int(found[1], 16)) if found[1] else " ", key)
    if "%" in key:
        key = unquote(unquote(key))
    if "&" in key:
        key = html.unescape(key)
    return key.translate(_SEPARATORS).casefold()


def of_a_thing(key: str) -> bool:
    """Tell whether a key of several words is the name of a thing."""
    return _THINGS.fullmatch(bare(key)) is not None


def _shortest(stems: Collection[str]) -> tuple[str, ...]:
    """Leave out what is found by a part of it."""
    return tuple(sorted(stem for stem in stems if not any(part in stem and part != stem for part in stems)))


class KeyNames:
    """Tells what a key's values are: ``secret``, ``personal`` or nothing."""

    def __init__(self, personal: Collection[str], secret: Collection[str]) -> None:
        """Take the block's own personal and secret keys."""
        self._personal = frozenset(map(bare, personal))
        self._secret = frozenset(map(bare, secret))
        self._secret_stems = _shortest({*_SECRET_STEMS, *self._secret})
        self._stems = _shortest({*_SECRET_STEMS, *_PERSONAL_STEMS, *self._secret, *self._personal})
        self._kinds: dict[str, str] = {}

    def may_hold(self, text: str, *, only_secrets: bool = False) -> bool:
        """Tell whether a text can hold a private key with its value at all; most cannot."""
        if _TELLS.search(text) is None:
            return False
        squeezed = text.lower()
        for separator in _SQUEEZED:
            squeezed = squeezed.replace(separator, "")
        for stem in self._secret_stems if only_secrets else self._stems:
            if stem in squeezed:
                return True
        return _HIDDEN.search(text) is not None

    def kind(self, key: str) -> str:
        """Give what the values of a key are; empty where they may be shown."""
        if len(key) > _MOST_REMEMBERED:
            return self._judged(key[:_MOST_JUDGED])
        kind = self._kinds.get(key)
        if kind is None:
            if len(self._kinds) >= _MOST_KINDS:
                self._kinds.clear()  # a product that invents keys without end
            kind = self._kinds[key] = self._judged(key)
        return kind

    def secrets_only(self, key: str) -> str:
        """Give ``secret`` or nothing: what we send ourselves is synthetic, and what it is called by is shown."""
        return SECRET if self.kind(key) == SECRET else ""

    def _judged(self, key: str) -> str:
        whole = bare(key)
        parts = [part for part in re.split(r"[.\[\]/:]", whole) if part and not part.isdecimal()]
        last = parts[-1] if parts else whole
        for name in dict.fromkeys((whole, last, last.removeprefix("x"), last.rstrip("0123456789"))):
            if name in self._secret or _CONFIDENTIAL.fullmatch(name):
                return SECRET
            if (
                name in self._personal
                or name.removesuffix("s") in self._personal
                or _PERSONAL.fullmatch(name)
            ):
                return PERSON
        return ""
