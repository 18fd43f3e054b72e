"""The system's Chromium under Playwright: one process, told which hosts there are in the world."""

import asyncio
import base64
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dpi_conformance.catalogue.login import Login
from dpi_conformance.catalogue.target import Target, Tls
from dpi_conformance.i18n import N_
from dpi_conformance.login.landing import trouble

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright

__all__ = ["Chromium"]

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Chromium:
    """Starts with the first login that needs it, and ends with the run."""

    def __init__(self, login: Login, target: Target) -> None:
        """Take which program to start, and what it may reach."""
        self._login = login
        self._target = target
        self._starting = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None

    async def browser(self) -> "Browser":
        """Give the running browser; raises LoginError where there is none to start."""
        async with self._starting:
            if self._browser is None:
                self._browser = await self._started()
            return self._browser

    async def aclose(self) -> None:
        """End the browser."""
        if self._browser is not None:
            await self._browser.close()
        if self._playwright is not None:
            await self._playwright.stop()

    async def _started(self) -> "Browser":
        try:
            from playwright.async_api import Error, async_playwright  # noqa: PLC0415 -- an extra, and 200 ms
        except ImportError as error:
            text = N_(
                "login.driver is browser, and the package playwright is not installed: install "
                "dpi-conformance[browser], or choose another driver in product.yaml."
            )
            raise trouble(text) from error
        program = self._program()
        self._playwright = await async_playwright().start()
        try:
            return await self._playwright.chromium.launch(
                executable_path=program, args=list(self._arguments())
            )
        except Error as error:
            text = N_("Chromium does not start ({program}): {reason}")
            raise trouble(text, program=program, reason=str(error).splitlines()[0][:300]) from error

    def _program(self) -> str:
        named = (self._login.browser,) if self._login.browser else _PROGRAMS
        found = next((path for name in named if (path := shutil.which(name))), None)
        if found is None:
            text = N_(
                "login.driver is browser, and there is no {programs} here: install Chromium (make browser), or name its "
                "program under login.browser in product.yaml."
            )
            raise trouble(text, programs=", ".join(named))
        return found

    def _arguments(self) -> Iterator[str]:
        """Yield Chromium's switches: no other host is to be found, and no proxy leads round that."""
        hosts = [urlsplit(self._target.base_url).hostname or "", *map(_host, self._login.hosts)]
        yield "--host-resolver-rules=" + ", ".join(("MAP * ~NOTFOUND", *(f"EXCLUDE {one}" for one in hosts)))
        yield "--no-proxy-server"
        yield "--disable-background-networking"
        if os.geteuid() == 0:  # Chromium refuses to run sandboxed as root
            yield "--no-sandbox"
        if self._target.tls.ca_file is not None:
            yield f"--ignore-certificate-errors-spki-list={','.join(_fingerprints(self._target.tls))}"


def _host(named: str) -> str:
    return named.partition(":")[0]


def _fingerprints(tls: Tls) -> Iterator[str]:
    """Yield the fingerprints of the keys in ``ca_file``, in which Chromium is told to trust."""
    from cryptography import x509  # noqa: PLC0415 -- 40 ms, for this driver only
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    for certificate in x509.load_pem_x509_certificates(Path(str(tls.ca_file)).read_bytes()):
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        yield base64.b64encode(hashlib.sha256(key).digest()).decode()
