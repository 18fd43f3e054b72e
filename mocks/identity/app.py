"""The identity product: a stateful OpenID provider and identity building block, as a careful vendor would make it."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette

from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.mockkit.faults import FaultSwitches
from dpi_conformance.mockkit.outbox import Carrier
from dpi_conformance.mockkit.refusals import Spellings
from dpi_conformance.mockkit.service import Operation, Page, Service
from dpi_conformance.mockkit.serving import serve_app
from dpi_conformance.mockkit.settings import MockSettings

from .admission import Admission
from .assertions import Assertions
from .binding_operations import BindingOperations
from .client_operations import ClientOperations
from .credential_operations import CredentialOperations
from .discovery import Discovery
from .enrollment_operations import EnrollmentOperations
from .envelopes import Envelopes
from .faults import FAULTS
from .keys import warm_up
from .linked_operations import LinkedOperations
from .login_operations import LoginOperations
from .refusals import Refusals
from .register_operations import RegisterOperations
from .sessions import Sessions
from .state import State
from .subjects import Subjects
from .token_operations import TokenOperations
from .tokens import Tokens
from .userinfo import UserInfo
from .wallet_operations import WalletOperations
from .wallets import Wallets

__all__ = ["create_app"]

_SPEC = Path(__file__).resolve().parents[2] / "specs" / "identity" / "openapi.yaml"
_SPELLINGS = Spellings(
    code=("errorCode", "error"),
    description=("errorMessage", "error_description", "message"),
    request_id=("linkedTransactionId", "transactionId", "clientId"),
    success={},
    failure={"errorCode": "invalid_request", "error": "invalid_request"},
)


def create_app(
    settings: MockSettings, state: State | None = None, carrier: Carrier | None = None
) -> Starlette:
    """Make the product; ``state`` is its memory, a fresh one if none is given; ``carrier`` carries its own calls."""
    warm_up()
    parts = _Parts(settings, state or State())
    service = Service(
        spec=load_spec(_SPEC),
        operations=parts.operations(),
        spellings=_SPELLINGS,
        faults=FAULTS,
        pages=parts.pages(),
        admit=parts.admission.admit,
        refuse=Refusals(parts.state, parts.on).answer,
        self_checking=frozenset({"authorize", "token", "userinfo"}),
    )
    return serve_app(service, settings, carrier)


class _Parts:
    """The product's parts, put together."""

    def __init__(self, settings: MockSettings, state: State) -> None:
        issuer = settings.public_url.rstrip("/")
        self.state = state
        self.on = on = FaultSwitches(FAULTS, settings.faults)
        self.admission = Admission(state, settings.token, on)
        envelopes = Envelopes(state, on)
        subjects = Subjects(state.salt, on)
        tokens = Tokens(state, issuer, subjects, on)
        self._login = LoginOperations(state, Sessions(state), subjects, on, urlsplit(issuer).path)
        self._clients = ClientOperations(state, envelopes, on)
        self._exchange = TokenOperations(state, Assertions(state, issuer, on), tokens, on)
        self._discovery = Discovery(issuer, tokens, on)
        self._userinfo = UserInfo(state, issuer, tokens, subjects, on)
        self._linked = LinkedOperations(state, envelopes, on)
        self._wallet = WalletOperations(state, envelopes, Wallets(state, issuer, on), on)
        self._bindings = BindingOperations(state, envelopes, on)
        self._enrollment = EnrollmentOperations(state, envelopes, on)
        self._credentials = CredentialOperations(state, envelopes)
        self._register = RegisterOperations(state, envelopes)

    def operations(self) -> Mapping[str, Operation]:
        """Give each variant's operation by its id."""
        return {
            "client-create": self._clients.create,
            "client-update": self._clients.update,
            "authorize": self._login.authorize,
            "token": self._exchange.exchange,
            "userinfo": self._userinfo.answer,
            "jwks": self._discovery.keys,
            "discovery": self._discovery.describe,
            "link-code": self._linked.link_code,
            "link-status": self._linked.link_status,
            "link-auth-code": self._linked.link_auth_code,
            "link-transaction": self._wallet.link_transaction,
            "linked-authenticate": self._wallet.authenticate,
            "linked-consent": self._wallet.consent,
            "wallet-binding": self._bindings.bind,
            "enroll": self._enrollment.enroll,
            "share-credential": self._credentials.share,
            "credential-event": self._credentials.event,
            "download-card": self._credentials.download,
            "update-uin": self._credentials.update,
            "service-history": self._credentials.history,
            "update-identity": self._register.update,
            "block": self._register.block,
            "unblock": self._register.unblock,
        }

    def pages(self) -> tuple[Page, ...]:
        """Give what browsers and clients ask for beside the specification."""
        login = self._login
        return (
            Page(id="authorize-posted", method="post", path="/authorize", operation=login.authorize),
            Page(id="login", method="get", path="/login", operation=login.show_login),
            Page(id="login-posted", method="post", path="/login", operation=login.log_in),
            Page(id="consent", method="get", path="/consent", operation=login.show_consent),
            Page(id="consent-posted", method="post", path="/consent", operation=login.consent),
            Page(id="userinfo-posted", method="post", path="/oidc/userinfo", operation=self._userinfo.answer),
        )
