"""Everything that the mediator remembers."""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from dpi_conformance.mockkit.calls import Refused

from .configuration import Configuration, Right, Service
from .identifiers import Application

__all__ = ["State"]

_TOKENS = 4096
"""Page tokens that are remembered; the oldest give way."""


class State:
    """The configurations by instance, whose clients may not speak here, and the pages that were begun."""

    def __init__(self, described: Mapping[str, Any] | None = None) -> None:
        """Start with one configuration, or with none: then the mediator is not configured."""
        self.configurations: dict[str, Configuration] = {}
        self.foreign: set[Application] = set()
        """Clients of another member's mediator: nobody may speak for them here."""
        self.last = ""
        """The instance that was described last."""
        self.admitted: set[tuple[Application, str, Application]] = set()
        """Who was let through to what service; only a fault remembers them."""
        self.repeated: dict[Right, int] = {}
        """Rights that were given again, and how often; only a fault remembers them."""
        self._pages: OrderedDict[str, Any] = OrderedDict()
        if described is not None:
            self.put(Configuration(described))

    @property
    def configured(self) -> bool:
        """Tell whether there is an instance with a member."""
        return any(configuration.names for configuration in self.configurations.values())

    @property
    def own(self) -> str:
        """Give the mediator's own instance: the first that was described; empty where there is none."""
        return next(iter(self.configurations), "")

    def put(self, configuration: Configuration) -> None:
        """Put a configuration in force in the place of the one of its instance."""
        self.configurations[configuration.instance] = configuration
        self.last = configuration.instance

    def change(self, configuration: Configuration) -> None:
        """Put a configuration in force that was not described, but changed in a part."""
        self.configurations[configuration.instance] = configuration

    def knows(self, client: Application) -> bool:
        """Tell whether an application is in the directory."""
        configuration = self.configurations.get(client.instance)
        return configuration is not None and client in configuration.applications

    def service(self, provider: Application, code: str) -> Service | None:
        """Find a service."""
        configuration = self.configurations.get(provider.instance)
        return None if configuration is None else configuration.services.get((provider, code))

    def services_of(self, provider: Application) -> list[Service]:
        """Give the services of an application; raises Refused where it is not in the directory."""
        if not self.knows(provider):
            raise Refused("There is no such application in the directory.")
        return self.configurations[provider.instance].services_of(provider)

    def begin_page(self, place: Any) -> str:
        """Remember where the next page begins; give the token for it, from which nothing can be read."""
        token = secrets.token_urlsafe(18)
        self._pages[token] = place
        if len(self._pages) > _TOKENS:
            self._pages.popitem(last=False)
        return token

    def page(self, token: str) -> Any:
        """Give what was remembered; raises Refused for a token that is not ours."""
        if token not in self._pages:
            raise Refused("query.nextPageToken was not given out here.")
        return self._pages[token]
