"""Steps of the exchange block: they create what a vector's request refers to, through the published interface."""

from collections.abc import Collection
from typing import Final
from urllib.parse import quote

from dpi_conformance.execution.steps import Stage, Steps
from dpi_conformance.model.spec import Parameter, Variant

from .configuration_steps import CONFIGURATION
from .mediating import X_ROAD_CLIENT
from .parties import CLIENT, PARTIES, application, fixture
from .pubsub_steps import PUBSUB

__all__ = ["FREE", "LAST", "STEPS", "unlisted"]

STEPS: Final[Steps] = {**PARTIES, **CONFIGURATION, **PUBSUB}

FREE: Final = frozenset({*PARTIES, "description", "configuration-repeatable"})
"""Resources whose steps send nothing."""

LAST: Final = ("config-create", "config-replace")
"""Variants that describe the whole configuration anew: what others enter beside them would be lost."""


def unlisted(stage: Stage, claims: Collection[str]) -> Variant:
    """Give a call of the provider's service: the files have no operation for what is mediated (GovStack IM 7.3)."""
    provider, service = (
        application(stage, "provider.application"),
        fixture(stage, "provider.service").split()[0],
    )
    client = {"type": "string", "example": str(application(stage, "consumer.client"))}
    return Variant(
        id="mediated-call",
        method="get",
        path=f"{provider.path}/{quote(service, safe='')}",
        function="mediation",
        parameters=(
            Parameter(
                name=CLIENT if "mediation" in claims else X_ROAD_CLIENT,
                location="header",
                required=True,
                schema=client,
            ),
        ),
    )
