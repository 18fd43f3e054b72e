"""The authorization endpoint and its pages: log in, consent, back to the client (OpenID Connect Core 3.1.2)."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from dpi_conformance.mockkit.calls import Answer, Call, Refused
from dpi_conformance.mockkit.faults import FaultSwitches

from .authorize_request import AuthorizeRequests, SentBack
from .codes import issue_code
from .factors import FACTORS, Challenge, proven
from .grants import Grant, Session, Transaction, Wanted
from .pages import draw, login_page
from .people import Person
from .redirects import Redirects
from .sessions import Sessions
from .state import State
from .subjects import Subjects

__all__ = ["LoginOperations"]

_ATTEMPTS = 5
"""Wrong proofs in one login before the client is told that there was none."""
_SHORT_CODE = 8
"""Characters of a code that a product with a fault gives out."""
_FIELDS = {"PIN": "pin", "OTP": "otp", "BIO": "biometric"}
_REDIRECT_HEADERS = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


class LoginOperations:
    """Takes a browser from an authentication request to a code, or to an error."""

    def __init__(
        self, state: State, sessions: Sessions, subjects: Subjects, on: FaultSwitches, root: str
    ) -> None:
        """Take the memory, the cookies, the subjects' names, the faults, and the path that all pages lie below."""
        self._root = root
        self._state = state
        self._sessions = sessions
        self._subjects = subjects
        self._on = on
        self._redirects = Redirects(state.clients, on)
        self._requests = AuthorizeRequests(state, self._redirects, on)

    def authorize(self, call: Call) -> Answer:
        """Begin a login; by GET or POST (OpenID Connect Core 3.1.2.1)."""
        values = _single(call.query if call.variant.method == "get" else call.body or {})
        try:
            wanted = self._requests.read(values, call)
            return self._begun(wanted, call)
        except SentBack as back:
            return self._redirects.failure(back.redirect_uri, back.error, back.description, back.state)

    def _begun(self, wanted: Wanted, call: Call) -> Answer:
        name, session = self._sessions.current(call)
        silent = "none" in wanted.prompts
        if silent and session is None and self._on("prompt-none-last-person") and self._state.sessions:
            name, session = next(reversed(self._state.sessions.items()))
        usable = session is not None and self._serves(session, wanted)
        if silent and not usable and not self._on("prompt-none-shows-login"):
            raise _sent_back(wanted, "login_required", "Nobody is logged in who will do.")
        token, cookies = self._sessions.xsrf(call)
        transaction = Transaction(wanted=wanted, xsrf=token)
        self._state.transactions[transaction.id] = transaction
        if session is None or not usable:
            return self._login_page(call, transaction, wanted.acrs[0], cookies)
        transaction.session_id = name
        transaction.uin, transaction.acr, transaction.since = session.uin, session.acr, session.since
        decided = self._decided(session, wanted)
        if self._asks(wanted, decided):
            if silent:
                raise _sent_back(wanted, "consent_required", "The person has not consented.")
            return self._consent_page(transaction, call, cookies)
        return self._finished(transaction, decided)

    def _decided(self, session: Session, wanted: Wanted) -> Mapping[str, bool]:
        """Give what the person has decided for the client in this session: each claim, as far as it was asked about."""
        decided = session.consents.get(wanted.client.client_id, {})
        if decided and self._on("consent-kept-for-all"):
            return dict.fromkeys(wanted.offered, True)
        return decided

    def _serves(self, session: Session, wanted: Wanted) -> bool:
        """Tell whether a session will do without another login (OpenID Connect Core 3.1.2.3)."""
        if wanted.prompts & {"login", "select_account"} and not self._on("prompt-login-ignored"):
            return False
        age = self._state.clock() - session.since
        too_old = wanted.max_age is not None and (age > wanted.max_age or wanted.max_age == 0)
        if wanted.max_age == 0 and self._on("max-age-zero-ignored"):
            too_old = False
        renewed = "none" in wanted.prompts and self._on("prompt-none-renews")
        if too_old and not renewed and not self._on("max-age-ignored"):
            return False
        person = self._state.people.find(session.uin)
        return (
            session.acr in wanted.acrs
            and person is not None
            and not person.blocked
            and self._meant(person, wanted)
        )

    def _meant(self, person: Person, wanted: Wanted) -> bool:
        """Tell whether the request will do with this person (OpenID Connect Core 5.5.1)."""
        return not wanted.subject or wanted.subject == self._subjects.of(person.uin, wanted.client)

    def _login_page(
        self,
        call: Call,
        transaction: Transaction,
        acr: str,
        cookies: tuple[str, ...] = (),
        *,
        wrong: bool = False,
    ) -> Answer:
        return self._page("login", call, transaction, cookies, **login_page(transaction, acr, wrong=wrong))

    def _page(
        self,
        template: str,
        call: Call,
        transaction: Transaction,
        cookies: tuple[str, ...],
        **values: Any,
    ) -> Answer:
        shown = {"root": self._root, "transaction": transaction, **values}
        return draw(template, call.headers, wanted=transaction.wanted, cookies=cookies, **shown)

    def show_login(self, call: Call) -> Answer:
        """Show the login page of another way to log in."""
        transaction = self._sessions.transaction(call, call.query.get("transaction", ""))
        acr = call.query.get("acr", transaction.wanted.acrs[0])
        if acr not in transaction.wanted.acrs:
            raise Refused("This way to log in is not offered here.")
        transaction.otp_for = ""
        return self._login_page(call, transaction, acr)

    def log_in(self, call: Call) -> Answer:
        """Take a login form."""
        form = _single(call.body or {})
        transaction = self._sessions.transaction(call, form.get("transactionId", ""), form.get("csrf", ""))
        if form.get("action") == "cancel":
            return self._given_up(transaction, "The person cancelled.")
        acr = form.get("acr", "")
        if acr not in transaction.wanted.acrs or "WLA" in FACTORS[acr]:
            raise Refused("This way to log in is not offered here.")
        person = self._state.people.find(transaction.otp_for or form.get("individual_id", "").strip())
        if person is None or not self._right(person, transaction, acr, form):
            return self._wrong(transaction, acr, call)
        if "OTP" in FACTORS[acr] and not transaction.otp_for:
            transaction.otp_for, transaction.otp_acr = person.uin, acr
            return self._login_page(call, transaction, acr)
        return self._logged_in(transaction, person, acr, call)

    def _right(self, person: Person, transaction: Transaction, acr: str, form: Mapping[str, str]) -> bool:
        """Tell whether the form's proofs are right; each is asked for on one page only."""
        sent = bool(transaction.otp_for)
        if sent and acr != transaction.otp_acr:
            return False
        due = [kind for kind in FACTORS[acr] if (kind == "OTP") == sent]
        given = [Challenge(kind=kind, value=form.get(_FIELDS[kind], "").strip()) for kind in due]
        meant = self._meant(person, transaction.wanted) and not person.blocked
        if self._on("wrong-secret-accepted"):
            return meant
        return meant and all(proven(person, one, otp_sent=sent) for one in given)

    def _wrong(self, transaction: Transaction, acr: str, call: Call) -> Answer:
        transaction.failures += 1
        if transaction.failures >= _ATTEMPTS:
            return self._given_up(transaction, "The person could not log in.")
        return self._login_page(call, transaction, acr, wrong=True)

    def _logged_in(self, transaction: Transaction, person: Person, acr: str, call: Call) -> Answer:
        _, before = self._sessions.current(call)
        name, cookie = self._sessions.open(person.uin, acr, before)
        session = self._state.sessions[name]
        transaction.session_id, transaction.uin, transaction.acr = name, person.uin, acr
        transaction.since = session.since
        decided = self._decided(session, transaction.wanted)
        if self._asks(transaction.wanted, decided):
            location = f"{self._root}/consent?" + urlencode({"transaction": transaction.id})
            return Answer(
                status=303, body=None, headers={"location": location, **_REDIRECT_HEADERS}, cookies=(cookie,)
            )
        return self._finished(transaction, decided, (cookie,))

    def _asks(self, wanted: Wanted, decided: Mapping[str, bool]) -> bool:
        """Tell whether the person must be asked; for nothing but a login nobody is (GovStack Identity 9.1.2)."""
        if not wanted.offered and self._on("consent-asked-for-nothing"):
            return "" not in decided
        if not wanted.offered or self._on("consent-never-asked"):
            return False
        return "consent" in wanted.prompts or any(name not in decided for name in wanted.offered)

    def show_consent(self, call: Call) -> Answer:
        """Show the consent page, once the person has logged in."""
        transaction = self._sessions.transaction(call, call.query.get("transaction", ""))
        if not transaction.session_id:
            raise Refused("Nobody has logged in yet.", status=403)
        return self._consent_page(transaction, call, ())

    def _consent_page(self, transaction: Transaction, call: Call, cookies: tuple[str, ...]) -> Answer:
        person = self._state.people.find(transaction.uin)
        name = person.claims.get("name", transaction.uin) if person is not None else transaction.uin
        return self._page("consent", call, transaction, cookies, name=name)

    def consent(self, call: Call) -> Answer:
        """Take a consent form."""
        form = call.body or {}
        single = _single(form)
        transaction = self._sessions.transaction(
            call, single.get("transactionId", ""), single.get("csrf", "")
        )
        if not transaction.session_id:
            raise Refused("Nobody has logged in yet.", status=403)
        if single.get("decision") != "allow":
            return self._given_up(transaction, "The person refused.")
        accepted = {*_several(form, "essential"), *_several(form, "claims")}
        decided = {name: name in accepted for name in transaction.wanted.offered or ("",)}
        self._sessions.remember(transaction.session_id, transaction.wanted.client.client_id, decided)
        return self._finished(transaction, decided)

    def _given_up(self, transaction: Transaction, why: str) -> Answer:
        transaction.over = True
        wanted = transaction.wanted
        if self._on("refusal-gives-code") and transaction.session_id:
            return self._finished(transaction, {})
        if self._on("essential-cannot-be-refused") and transaction.session_id and wanted.essential:
            return self._finished(transaction, dict.fromkeys(wanted.essential, True))
        error = "server_error" if self._on("refusal-as-server-error") else "access_denied"
        return self._redirects.failure(wanted.redirect_uri, error, why, wanted.state)

    def _finished(
        self, transaction: Transaction, decided: Mapping[str, bool], cookies: tuple[str, ...] = ()
    ) -> Answer:
        transaction.over = True
        wanted = transaction.wanted
        claims = frozenset(name for name in wanted.offered if decided.get(name))
        grant = Grant(
            wanted=wanted,
            uin=transaction.uin,
            acr=transaction.acr,
            since=transaction.since,
            claims=claims,
        )
        characters = _SHORT_CODE if self._on("code-short") else 0
        code = issue_code(self._state, grant, characters)
        answer = self._redirects.success(wanted.redirect_uri, code, wanted.state)
        return Answer(status=answer.status, body=None, headers=answer.headers, cookies=cookies)


def _sent_back(wanted: Wanted, error: str, description: str) -> SentBack:
    return SentBack(error, description, wanted.redirect_uri, wanted.state)


def _single(form: Mapping[str, Any]) -> dict[str, str]:
    """Give the fields that came once; RFC 6749, 3.1: a parameter without a value is treated as left out."""
    return {name: value for name, value in form.items() if isinstance(value, str) and value}


def _several(form: Mapping[str, Any], name: str) -> list[str]:
    value = form.get(name, [])
    return value if isinstance(value, list) else [value]
