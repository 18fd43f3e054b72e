"""Who takes part: the applications that a product was configured with, as ``fixtures`` in product.yaml names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from dpi_conformance.execution.steps import Prerequisite, Resource, Stage, Step
from dpi_conformance.i18n import N_, Message

__all__ = ["CLIENT", "PARTIES", "Application", "application", "as_client", "fixture"]

CLIENT: Final = "X-GovStack-Client"
"""The header that names the caller; a product may spell it otherwise (exchange-e002)."""
_FALLBACKS: Final = {
    "publisher.client": "consumer.client",
    "subscriber.client": "consumer.client",
    "manager.client": "room.id",
}
"""Who plays a part that ``fixtures`` names nobody for."""
_FORM: Final = "INSTANCE/CLASS/MEMBER/APPLICATION"


@dataclass(frozen=True, slots=True, order=True)
class Application:
    """An application by the four parts of its identifier."""

    instance: str
    member_class: str
    member: str
    code: str

    @classmethod
    def read(cls, text: str) -> "Application":
        """Read INSTANCE/CLASS/MEMBER/APPLICATION with parts percent-encoded one by one; ValueError if it is none."""
        parts = [unquote(part) for part in text.strip().split("/")]
        if len(parts) != 4 or not all(parts):
            raise ValueError(text)
        return cls(*parts)

    def __str__(self) -> str:
        """Write the identifier as headers carry it."""
        return "/".join(map(_encoded, (self.instance, self.member_class, self.member, self.code)))

    @property
    def path(self) -> str:
        """Give the path under which the application is called, and its room's operations lie."""
        return f"/r1/{self}"

    @property
    def parts(self) -> dict[str, str]:
        """Give the parts as messages name them."""
        return {
            "instanceId": self.instance,
            "memberClass": self.member_class,
            "memberCode": self.member,
            "applicationCode": self.code,
        }


def fixture(stage: Stage, name: str) -> str:
    """Give what product.yaml names under ``fixtures``; raises Prerequisite that says what is missing."""
    text = stage.fixtures.get(name, "").strip() or stage.fixtures.get(_FALLBACKS.get(name, ""), "").strip()
    if text:
        return text
    raise Prerequisite(
        Message(
            text=N_("The product has to know who takes part; name {name} under fixtures in product.yaml."),
            values={"name": name},
        )
    )


def application(stage: Stage, name: str) -> Application:
    """Give the application that a fixture names; raises Prerequisite where it names none."""
    text = fixture(stage, name)
    try:
        return Application.read(text)
    except ValueError:
        raise Prerequisite(
            Message(
                text=N_("fixtures.{name} in product.yaml is “{text}”; write it as {form}."),
                values={"name": name, "text": text, "form": _FORM},
            )
        ) from None


def as_client(client: Application) -> dict[str, str]:
    """Give the header by which an application says that it calls."""
    return {CLIENT: str(client)}


def _party(resource: str, name: str = "client") -> Step:
    """Make the step that names a party; nothing is sent."""

    async def step(stage: Stage, count: int) -> Sequence[Resource]:
        return [_fields(resource, application(stage, f"{resource}.{name}"))] * count

    return step


async def _consumer(stage: Stage, count: int) -> Sequence[Resource]:
    """Name who consumes, with its member's name, by which a configuration calls it."""
    one = application(stage, "consumer.client")
    name = stage.fixtures.get("consumer.member-name", "").strip() or one.member
    return [{**_fields("consumer", one), "consumer.name": name}] * count


async def _provider(stage: Stage, count: int) -> Sequence[Resource]:
    """Name who provides, with the first of its services."""
    one = application(stage, "provider.application")
    service = fixture(stage, "provider.service").split()[0]
    return [{**_fields("provider", one), "provider.service": service}] * count


def _fields(resource: str, one: Application) -> dict[str, str]:
    """Give the slots of a party: the identifier as a header carries it, and its parts."""
    fields = {
        "client": str(one),
        "instance": one.instance,
        "class": one.member_class,
        "member": one.member,
        "application": one.code,
    }
    return {f"{resource}.{key}": value for key, value in fields.items()}


PARTIES: Final[dict[str, Step]] = {
    "consumer": _consumer,
    "provider": _provider,
    "manager": _party("manager"),
    "publisher": _party("publisher"),
    "subscriber": _party("subscriber"),
    "room": _party("room", "id"),
}
"""The steps of this module by resource; none of them sends anything."""


def _encoded(part: str) -> str:
    return quote(part, safe="")
