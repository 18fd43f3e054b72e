"""How far a login has come: what was asked and answered, and whether a page asks for more than is declared."""

from dataclasses import dataclass, field

from dpi_conformance.i18n import N_
from dpi_conformance.login.choices import Choices, Move, controls_of
from dpi_conformance.login.landing import Wish, short, trouble
from dpi_conformance.login.pages import Document

__all__ = ["Progress"]


@dataclass(kw_only=True)
class Progress:
    """One login, page by page."""

    choices: Choices
    wish: Wish
    asked: list[str] = field(default_factory=list)
    """What was answered, in order: ``login``, ``consent``."""
    refused: bool = False
    offered: frozenset[str] | None = None
    _filled: set[frozenset[str]] = field(default_factory=set)
    """The sets of fields that were filled in so far."""

    def taken(self, move: Move, page: Document) -> Move | None:
        """Take down what is done on a page, and give it; None where the page is the answer to a wrong secret.

        Raises LoginError where the page asks again for what it was given.
        """
        if move.asked and move.asked in self._filled:
            if self.wish.wrong_secret:
                return None
            text = N_(
                "The product does not take what login.persons.{person} in product.yaml says: {url} asks for it again. "
                "It says: “{said}”"
            )
            raise trouble(text, person=self.choices.person, url=short(page.url), said=page.said)
        if move.asked:
            self._filled.add(move.asked)
        if move.answers:
            self.asked.append(move.answers)
        self.refused = self.refused or move.refuses
        self.offered = move.offered if move.offered is not None else self.offered
        return move

    def see_that_nothing_is_asked(self, page: Document) -> None:
        """Raise LoginError where a page waits for something that nobody declared; an error page never does."""
        waiting = (
            [] if page.error else [form for form in page.forms if form.method == "POST" and form.controls]
        )
        seen = [one for form in waiting for one in form.controls if one.visible and one.name]
        fields = ", ".join(sorted({one.name for one in seen}))
        if seen and all(one.kind == "checkbox" for one in seen):
            text = N_(
                "The page at {url} has the checkboxes {fields}; if it asks for consent, write under login.consent in "
                "product.yaml how those of the claims are called, or which button agrees. It has: {controls}."
            )
            raise trouble(text, url=short(page.url), fields=fields, controls=controls_of(page))
        if seen:
            text = N_(
                "The page at {url} asks for {fields}; none of these is declared. Write under login.fields in product.yaml "
                "which of a person's values belongs into which field. (Declared: {declared}.)"
            )
            raise trouble(text, url=short(page.url), fields=fields, declared=self.choices.declared)
        if any(form.buttons for form in waiting):
            text = N_(
                "The page at {url} waits for a button, and which one is not declared: write it under login.consent.accept "
                "in product.yaml. It has: {controls}."
            )
            raise trouble(text, url=short(page.url), controls=controls_of(page))
