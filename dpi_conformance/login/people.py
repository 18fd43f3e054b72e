"""Who logs in: a test person of product.yaml, with the right values or with a wrong secret."""

from collections.abc import Mapping
from dataclasses import dataclass

from dpi_conformance.catalogue.login import Login
from dpi_conformance.i18n import N_
from dpi_conformance.login.landing import Wish, trouble
from dpi_conformance.wire.authentication import wrong

__all__ = ["Person", "person_for"]


@dataclass(frozen=True, slots=True)
class Person:
    """A test person, and what that person says on the login page."""

    name: str
    values: Mapping[str, str]
    """By the names that product.yaml gives them."""


def person_for(login: Login, wish: Wish) -> Person:
    """Give the person of a wish; raises LoginError for one whom nobody knows, or who has no secret to get wrong."""
    name = wish.person or next(iter(login.persons))
    if name not in login.persons:
        text = N_(
            "There is no “{person}” under login.persons in product.yaml; write one, or one of: {known}."
        )
        raise trouble(text, person=name, known=", ".join(login.persons))
    values = dict(login.persons[name])
    if wish.wrong_secret:
        proofs = login.proofs(name)
        if not proofs:
            text = N_(
                "Nothing of {person} under login.persons proves who that is; name such values under login.secret "
                "in product.yaml, so that a wrong one can be tried."
            )
            raise trouble(text, person=name)
        values.update({proof: wrong(values[proof]) for proof in proofs})
    return Person(name, values)
