"""An OpenID provider made with django-oauth-toolkit: two people, two clients, Django's login and the toolkit's consent.

Usage: python provider.py [port]     (3901 if it is not given)
"""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import django
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

PORT = int(sys.argv[1]) if len(sys.argv) > 1 else 3901
FOLDER = Path(tempfile.mkdtemp(prefix="provider-under-test-"))
LOGIN_PAGE = """<!DOCTYPE html><title>Sign in</title><h1>Sign in</h1><form method="post">{% csrf_token %}{{ form }}
<button>Sign in</button></form>"""
PEOPLE = {
    "alice": (os.environ.get("ALICE_PASSWORD", "open-sesame-1"), "Alice", "Example", "alice@people.example"),
    "bob": (os.environ.get("BOB_PASSWORD", "open-sesame-2"), "Bob", "Example", "bob@people.example"),
}
CLIENTS = {
    "harness-basic": (
        os.environ.get("BASIC_SECRET", "a-secret-of-the-harness-1"),
        "https://client.example/cb",
    ),
    "harness-other": (
        os.environ.get("OTHER_SECRET", "a-secret-of-the-harness-2"),
        "https://other.example/cb",
    ),
}


def signing_key() -> str:
    """Give a fresh RSA key as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


settings.configure(
    DEBUG=False,
    SECRET_KEY=os.urandom(32).hex(),
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    LOGGING={
        "version": 1,
        "disable_existing_loggers": False,
        "handlers": {"console": {"class": "logging.StreamHandler"}},
        "loggers": {"django.request": {"handlers": ["console"]}},
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    LOGIN_URL="/login/",
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "oauth2_provider",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
    # Django's default takes half a second of CPU for each login, which is no part of what is judged here.
    PASSWORD_HASHERS=["django.contrib.auth.hashers.ScryptPasswordHasher"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": FOLDER / "provider.sqlite3",
            "OPTIONS": {
                "timeout": 30,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL",
            },
        }
    },
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "OPTIONS": {
                "loaders": [
                    (
                        "django.template.loaders.locmem.Loader",
                        {
                            "registration/login.html": LOGIN_PAGE,
                            "oauth2_provider/base.html": "{% block content %}{% endblock %}",
                        },
                    ),
                    "django.template.loaders.app_directories.Loader",
                ],
                "context_processors": ["django.template.context_processors.request"],
            },
        }
    ],
    OAUTH2_PROVIDER={
        "OIDC_ENABLED": True,
        "OIDC_ISS_ENDPOINT": f"http://127.0.0.1:{PORT}/o",
        "OIDC_RSA_PRIVATE_KEY": signing_key(),
        "OAUTH2_VALIDATOR_CLASS": f"{__name__}.Validator",
        "SCOPES": {
            "openid": "Know who you are",
            "profile": "Know your name",
            "email": "Know your address",
        },
        "PKCE_REQUIRED": False,
        "AUTHORIZATION_CODE_EXPIRE_SECONDS": 28,
        "ACCESS_TOKEN_EXPIRE_SECONDS": 28,
    },
)
sys.modules.setdefault("provider", sys.modules[__name__])
django.setup()

from django.contrib.auth.models import User  # noqa: E402 -- Django's models exist once it is set up
from django.contrib.auth.views import LoginView  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.urls import include, path  # noqa: E402
from oauth2_provider.models import get_application_model  # noqa: E402
from oauth2_provider.oauth2_validators import OAuth2Validator  # noqa: E402

urlpatterns = [path("login/", LoginView.as_view()), path("o/", include("oauth2_provider.urls"))]


class Validator(OAuth2Validator):
    """Tells the claims of the scopes profile and email."""

    oidc_claim_scope = {  # noqa: RUF012 -- as the toolkit declares it
        **OAuth2Validator.oidc_claim_scope,
        "name": "profile",
        "given_name": "profile",
        "family_name": "profile",
        "preferred_username": "profile",
        "email": "email",
    }

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """Give what is known of the person."""
        user = request.user
        return {
            "name": user.get_full_name(),
            "given_name": user.first_name,
            "family_name": user.last_name,
            "preferred_username": user.username,
            "email": user.email,
        }


def fill() -> None:
    """Make the tables, the people and the clients."""
    call_command("migrate", verbosity=0)
    for name, (password, first, last, email) in PEOPLE.items():
        User.objects.create_user(name, email, password, first_name=first, last_name=last)
    application = get_application_model()
    for name, (secret, redirect_uri) in CLIENTS.items():
        application.objects.create(
            client_id=name,
            client_secret=secret,
            name=name,
            client_type=application.CLIENT_CONFIDENTIAL,
            authorization_grant_type=application.GRANT_AUTHORIZATION_CODE,
            redirect_uris=redirect_uri,
            algorithm=application.RS256_ALGORITHM,
        )


if __name__ == "__main__":
    fill()
    call_command("runserver", f"127.0.0.1:{PORT}", use_reloader=False)
