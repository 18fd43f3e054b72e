"""The people whom the product knows: invented ones, with names in Arabic, Amharic, French and English."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["PEOPLE", "TEST_OTP", "People", "Person"]

TEST_OTP = "482915"
"""The one-time code that test people get; it must have been asked for, and serves once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One registered identity."""

    key: str
    """A name by which the harness speaks of the person."""
    uin: str
    pin: str
    template: str
    """What the test scanner gives as the person's biometric template."""
    claims: Mapping[str, Any]
    """OpenID Connect Core 5.1, in the language ``language``."""
    language: str = "en"
    localised: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Claims by language, for those that differ."""
    blocked: bool = False


class People:
    """All identities, by their number."""

    def __init__(self, people: Iterable[Person]) -> None:
        """Start with these."""
        self._people = {person.uin: person for person in people}

    def find(self, uin: str) -> Person | None:
        """Look one up by its number; None if nobody has it."""
        return self._people.get(uin)

    def keep(self, person: Person) -> None:
        """Enter an identity, in place of the one that had its number."""
        self._people[person.uin] = person

    def __iter__(self) -> Iterator[Person]:
        """Go through them."""
        return iter(self._people.values())


def _address(street: str, city: str, region: str, code: str, country: str) -> dict[str, str]:
    return {
        "formatted": f"{street}\n{code} {city}\n{country}",
        "street_address": street,
        "locality": city,
        "region": region,
        "postal_code": code,
        "country": country,
    }


_MARIE = Person(
    key="marie",
    uin="3627104958",
    pin="570318",
    template="bio:marie:right-index",
    language="fr",
    claims={
        "name": "Marie-Hélène N’Guessan",
        "given_name": "Marie-Hélène",
        "family_name": "N’Guessan",
        "middle_name": "Aïssatou",
        "preferred_username": "mh.nguessan",
        "nickname": "Léna",
        "gender": "female",
        "birthdate": "1987-03-09",
        "email": "marie.helene@example.org",
        "email_verified": True,
        "phone_number": "+2250700000001",
        "phone_number_verified": True,
        "picture": "https://example.org/portraits/marie.png",
        "address": _address("12, rue des Jardins", "Abidjan", "Lagunes", "01 BP 12", "Côte d’Ivoire"),
        "locale": "fr-CI",
        "zoneinfo": "Africa/Abidjan",
    },
    localised={
        "en": {
            "name": "Marie-Helene N'Guessan",
            "given_name": "Marie-Helene",
            "family_name": "N'Guessan",
            "middle_name": "Aissatou",
        },
        "ar": {"name": "ماري هيلين نغيسان", "given_name": "ماري هيلين", "family_name": "نغيسان"},
    },
)
_AHMED = Person(
    key="ahmed",
    uin="5810473629",
    pin="204816",
    template="bio:ahmed:left-iris",
    language="ar",
    claims={
        "name": "أحمد بن يوسف العلوي",
        "given_name": "أحمد",
        "family_name": "العلوي",
        "middle_name": "بن يوسف",
        "preferred_username": "ahmed.alaoui",
        "nickname": "حمادي",
        "gender": "male",
        "birthdate": "1974-11-30",
        "email": "ahmed.alaoui@example.org",
        "email_verified": True,
        "phone_number": "+212600000002",
        "phone_number_verified": False,
        "picture": "https://example.org/portraits/ahmed.png",
        "address": _address("٧ شارع الحسن الثاني", "القنيطرة", "الرباط سلا القنيطرة", "14000", "المغرب"),
        "locale": "ar-MA",
        "zoneinfo": "Africa/Casablanca",
    },
    localised={
        "fr": {
            "name": "Ahmed Ben Youssef El Alaoui",
            "given_name": "Ahmed",
            "family_name": "El Alaoui",
            "middle_name": "Ben Youssef",
        },
        "en": {
            "name": "Ahmed Ben Youssef Alaoui",
            "given_name": "Ahmed",
            "family_name": "Alaoui",
            "middle_name": "Ben Youssef",
        },
    },
)
_ALMAZ = Person(
    key="almaz",
    uin="7093582146",
    pin="661274",
    template="bio:almaz:face",
    language="am",
    claims={
        "name": "አልማዝ ተስፋዬ",
        "given_name": "አልማዝ",
        "family_name": "ተስፋዬ",
        "preferred_username": "almaz.tesfaye",
        "gender": "female",
        "birthdate": "1992-06-17",
        "email": "almaz.tesfaye@example.org",
        "email_verified": False,
        "phone_number": "+251911000003",
        "phone_number_verified": True,
        "address": _address("ቦሌ መንገድ 4", "አዲስ አበባ", "አዲስ አበባ", "1000", "ኢትዮጵያ"),
        "locale": "am-ET",
        "zoneinfo": "Africa/Addis_Ababa",
    },
    localised={
        "en": {"name": "Almaz Tesfaye", "given_name": "Almaz", "family_name": "Tesfaye"},
        "fr": {"name": "Almaz Tesfayé", "given_name": "Almaz", "family_name": "Tesfayé"},
    },
)
_GRACE = Person(
    key="grace",
    uin="2485069137",
    pin="918352",
    template="bio:grace:right-thumb",
    claims={
        "name": "Grace Wanjiru Otieno",
        "given_name": "Grace",
        "family_name": "Otieno",
        "middle_name": "Wanjiru",
        "gender": "female",
        "birthdate": "2001-01-01",
        "locale": "en-KE",
        "zoneinfo": "Africa/Nairobi",
    },
)
"""Has neither mail nor telephone: a claim without a value is left out (OpenID Connect Core 5.3.2)."""
_OMAR = Person(
    key="omar",
    uin="9146273058",
    pin="337745",
    template="bio:omar:right-index",
    language="ar",
    claims={"name": "عمر الشريف", "given_name": "عمر", "family_name": "الشريف", "locale": "ar-EG"},
    blocked=True,
)

PEOPLE: tuple[Person, ...] = (_MARIE, _AHMED, _ALMAZ, _GRACE, _OMAR)
