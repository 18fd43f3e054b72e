"""Gives the login driver that product.yaml names."""

import contextlib
from collections.abc import AsyncIterator

from dpi_conformance.catalogue.login import Login
from dpi_conformance.catalogue.target import Target
from dpi_conformance.login.landing import LoginDriver
from dpi_conformance.wire.client import Wire

__all__ = ["login_driver"]


@contextlib.asynccontextmanager
async def login_driver(target: Target, wire: Wire) -> AsyncIterator[LoginDriver | None]:
    """Give the driver for as long as it is used; None where product.yaml names no way to log in.

    Nothing is started before the first login.
    """
    driver = None if target.login is None else _driver(target.login, target, wire)
    try:
        yield driver
    finally:
        if driver is not None:
            await driver.aclose()


def _driver(login: Login, target: Target, wire: Wire) -> LoginDriver:
    """Import only the driver that is named: each has libraries of its own."""
    match login.driver:
        case "browser":
            from dpi_conformance.login.browser import BrowserDriver  # noqa: PLC0415

            return BrowserDriver(login, target)
        case "command":
            from dpi_conformance.login.command import CommandDriver  # noqa: PLC0415

            return CommandDriver(login)
        case "manual":
            from dpi_conformance.login.manual import ManualDriver  # noqa: PLC0415

            return ManualDriver(login)
        case "form":
            from dpi_conformance.login.form import FormDriver  # noqa: PLC0415

            return FormDriver(login, wire, target.base_url)
