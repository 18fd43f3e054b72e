"""What a person does on a page: fills the login form, answers the consent page, goes on, or has come to the end."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dpi_conformance.catalogue.login import Login
from dpi_conformance.i18n import N_
from dpi_conformance.login.landing import Wish, short, trouble
from dpi_conformance.login.pages import Control, Document, Form, Link
from dpi_conformance.login.people import person_for

__all__ = ["CONSENT", "LOGIN", "Choices", "Move", "controls_of"]

LOGIN, CONSENT = "login", "consent"
Pairs = tuple[tuple[str, str], ...]
_YES = frozenset({"true", "yes", "on", "1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """What is sent next: a form with these fields, or nothing but a link's address."""

    action: str
    method: str = "GET"
    encoding: str = ""
    fields: Pairs = ()
    answers: str = ""
    """``login`` or ``consent``, where the page asked for one."""
    asked: frozenset[str] = frozenset()
    """The declared fields that were filled in."""
    refuses: bool = False
    offered: frozenset[str] | None = None
    controls: tuple[Control, ...] = ()
    """The same as a person does it: the form's controls as they are left, and what is pressed then."""
    pressed: Control | Link | None = None


class Choices:
    """One person's choices, as product.yaml names the fields and buttons and a wish says what is wanted."""

    def __init__(self, login: Login, wish: Wish) -> None:
        """Take how one logs in, and what is wanted; raises LoginError for a person whom nobody knows."""
        who = person_for(login, wish)
        self.person = who.name
        self._login = login
        self._wish = wish
        values = who.values
        self._values: Mapping[str, str] = (
            {field: values[name] for field, name in login.fields.items()} if login.fields else values
        )

    def move(self, page: Document) -> Move | None:
        """Give what to send next; None where the page is the end. Raises LoginError where nothing fits."""
        refuse = self._login.consent.refuse
        if self._wish.cancel and (refusing := self._pressed(page, refuse, LOGIN, refuses=True)):
            return refusing
        asking = next((form for form in page.forms if form.asks & self._values.keys()), None)
        if asking is not None:
            return self._logged_in(asking)
        if page.error:  # its buttons lead home, or out
            return None
        return self._consented(page) or self._gone_on(page)

    @property
    def declared(self) -> str:
        """Name the fields that can be filled in, for a message."""
        return ", ".join(self._values)

    def _logged_in(self, form: Form) -> Move:
        button = _named(form.buttons, self._login.submit) or next(iter(form.buttons), None)
        asked = form.asks.intersection(self._values)
        return replace(_sent(form, self._filled(form), button), answers=LOGIN, asked=asked)

    def _filled(self, form: Form) -> Iterator[Control]:
        """Give the form's controls with this person's values in them."""
        written: set[str] = set()
        for one in form.controls:
            value = self._values.get(one.name)
            if value is None or not one.visible:
                yield one
            elif one.kind == "radio":
                yield _ticked(one, on=one.value == value)
            elif one.kind == "checkbox":
                yield _ticked(one, on=value in {one.value, *_YES})
            elif one.name not in written:
                written.add(one.name)
                yield _with(one, value)

    def _consented(self, page: Document) -> Move | None:
        """Answer a consent page; None if this is none."""
        consent = self._login.consent
        ticking = [form for form in page.forms if any(map(self._claim, form.controls))]
        named = self._pressed(page, (*consent.accept, *consent.refuse), CONSENT)
        if not ticking and named is None and not _bare_question(page):
            return None
        offered = self._offered(ticking)
        if self._wish.refuse:
            return self._refused(page, offered)
        if accepting := self._pressed(page, consent.accept, CONSENT, offered):
            return accepting
        form = next((one for one in ticking or page.forms if one.buttons), None)
        if form is None:
            return None
        button = next((one for one in form.buttons if not _is(one, consent.refuse)), None)
        return replace(_sent(form, self._agreed(form), button), answers=CONSENT, offered=offered)

    def _offered(self, forms: Sequence[Form]) -> frozenset[str] | None:
        """Name the claims that a consent page offers; None where product.yaml does not say how it does."""
        if self._login.consent.claims:
            return frozenset(claim for form in forms for one in form.controls if (claim := self._claim(one)))
        if self._wish.claims is not None:
            text = N_(
                "Which claims are consented to cannot be chosen: write under login.consent.claims in product.yaml how "
                "the checkboxes of the consent page are called."
            )
            raise trouble(text)
        return None

    def _refused(self, page: Document, offered: frozenset[str] | None) -> Move:
        refusing = self._pressed(page, self._login.consent.refuse, CONSENT, offered, refuses=True)
        if refusing is None:
            text = N_(
                "The page at {url} can be refused by none of “{declared}”; write the button or link that refuses "
                "under login.consent.refuse in product.yaml. It has: {controls}."
            )
            declared = ", ".join(self._login.consent.refuse) or "-"
            raise trouble(text, url=short(page.url), declared=declared, controls=controls_of(page))
        return refusing

    def _pressed(
        self,
        page: Document,
        named: Sequence[str],
        answers: str,
        offered: frozenset[str] | None = None,
        *,
        refuses: bool = False,
    ) -> Move | None:
        """Press the first of these buttons and links that the page has; None if it has none."""
        for name in named:
            for form in page.forms:
                if button := _named(form.buttons, (name,)):
                    sent = _sent(form, self._agreed(form), button)
                    return replace(sent, answers=answers, offered=offered, refuses=refuses)
            if link := next((one for one in page.links if _is(one, (name,)) and (one.url or one.mark)), None):
                ticked = tuple(one for form in page.forms for one in self._agreed(form))
                followed = Move(action=link.url, controls=ticked, pressed=link)
                return replace(followed, answers=answers, offered=offered, refuses=refuses)
        return None

    def _agreed(self, form: Form) -> Iterator[Control]:
        """Give the form's controls with the claims ticked that are wished for."""
        for one in form.controls:
            claim = self._claim(one)
            yield _ticked(one, on=self._wish.claims is None or claim in self._wish.claims) if claim else one

    def _claim(self, control: Control) -> str:
        """Give the voluntary claim that a checkbox stands for; empty if for none."""
        pattern = self._login.consent.claims
        if control.kind != "checkbox" or not pattern:
            return ""
        before, braces, after = pattern.partition("{claim}")
        if not braces:
            return control.value if control.name == pattern else ""
        found = re.fullmatch(f"{re.escape(before)}(.+){re.escape(after)}", control.name)
        return found[1] if found else ""

    def _gone_on(self, page: Document) -> Move | None:
        """Send a form in which nothing is to be filled in, or follow the page's own refresh."""
        idle = [form for form in page.forms if not form.asks and form.controls]
        if len(idle) == 1:
            return _sent(idle[0], idle[0].controls, next(iter(idle[0].buttons), None))
        return Move(action=page.refresh) if page.refresh else None


def _bare_question(page: Document) -> bool:
    """Tell whether a page asks nothing but which of several buttons is pressed."""
    forms = [form for form in page.forms if form.buttons]
    return len(forms) == 1 and len(forms[0].buttons) > 1 and not forms[0].asks


def _sent(form: Form, controls: Iterator[Control] | Sequence[Control], button: Control | None) -> Move:
    """Give a form as it is sent with this button (HTML, 4.10.21.4): named, ticked controls, no other button."""
    pressed = None if button is None else (button.name, button.value, button.id, button.text)
    fields: list[tuple[str, str]] = []
    left = tuple(controls)
    for one in left:
        if one.visible or one.kind == "hidden":
            fields.extend([(one.name, one.value)] if one.checked and one.name else [])
        elif pressed == (one.name, one.value, one.id, one.text) and one.name:
            places = [(f"{one.name}.x", "0"), (f"{one.name}.y", "0")]
            fields.extend(places if one.kind == "image" else [(one.name, one.value)])
            pressed = None
    return Move(
        action=(button.action if button else "") or form.action,
        method="POST" if form.method == "POST" else "GET",
        encoding=form.encoding,
        fields=tuple(fields),
        controls=left,
        pressed=button,
    )


def _with(control: Control, value: str) -> Control:
    return replace(control, value=value, checked=True)


def _ticked(control: Control, *, on: bool) -> Control:
    return replace(control, checked=on)


def _named(buttons: Sequence[Control], names: Sequence[str]) -> Control | None:
    """Give the first button that has one of these names, the first name first."""
    return next((one for name in names for one in buttons if _is(one, (name,))), None)


def _is(control: Control | Link, names: Sequence[str]) -> bool:
    """Tell whether a control is called so: ``#id``, ``name=value``, or what it shows."""
    pair = f"{control.name}={control.value}" if isinstance(control, Control) else ""
    shown = control.text.casefold()
    return any(
        name in {f"#{control.id}" if control.id else "", pair} or " ".join(name.split()).casefold() == shown
        for name in names
    )


def controls_of(page: Document) -> str:
    """List the buttons and links of a page, for a message."""
    buttons = (f"{one.name}={one.value} ({one.text})" for form in page.forms for one in form.buttons)
    links = (one.text for one in page.links if one.text)
    return ", ".join([*buttons, *links][:12]) or "-"
