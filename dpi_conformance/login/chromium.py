"""The system's Chromium under Playwright: one process, told which hosts there are in the world."""

import asyncio
import base64
import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from dpi_conformance.catalogue.login import Login
from dpi_conformance.catalogue.target import Target, Tls
from dpi_conformance.i18n import N_
from dpi_conformance.login.landing import trouble
from dpi_conformance.wire.tls import context

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
            switches = [*self._switches(), *await self._trust()]
            return await self._playwright.chromium.launch(executable_path=program, args=switches)
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

    async def _trust(self) -> list[str]:
        """Vouch for the hosts whose certificates ``tls.ca_file`` vouches for: Chromium cannot be given that file."""
        tls = self._target.tls
        if tls.ca_file is None:
            return []
        home = urlsplit(self._target.base_url)
        named = [home.netloc, *self._login.hosts] if home.scheme == "https" else list(self._login.hosts)
        seconds = self._target.limits.connect_seconds
        keys = await asyncio.gather(*(_fingerprint(host, tls, seconds) for host in named))
        return [f"--ignore-certificate-errors-spki-list={','.join(filter(None, keys))}"]

    def _switches(self) -> Iterator[str]:
        """Yield Chromium's switches: no other host is to be found, and no proxy leads round that."""
        hosts = [urlsplit(self._target.base_url).hostname or "", *map(_host, self._login.hosts)]
        yield "--host-resolver-rules=" + ", ".join(("MAP * ~NOTFOUND", *(f"EXCLUDE {one}" for one in hosts)))
        yield "--no-proxy-server"
        yield "--disable-background-networking"
        if os.geteuid() == 0:  # Chromium refuses to run sandboxed as root
            yield "--no-sandbox"


def _host(named: str) -> str:
    return named.partition(":")[0]


async def _fingerprint(host: str, tls: Tls, seconds: float) -> str:
    """Give the fingerprint of the key of a host that shows a valid certificate; empty for any other."""
    from cryptography import x509  # noqa: PLC0415 -- 40 ms, for this driver only
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415

    parts = urlsplit(f"https://{host}")
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(
                parts.hostname, parts.port or 443, ssl=context(tls, "none")
            )
    except (OSError, TimeoutError):  # Chromium will find the same, and say so
        return ""
    shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    key = x509.load_der_x509_certificate(shown).public_key()
    told = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(told).digest()).decode()
