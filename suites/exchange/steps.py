"""Steps of the exchange block: they create what a vector's request refers to, through the published interface."""

from typing import Final

from dpi_conformance.execution.steps import Steps

from .configuration_steps import CONFIGURATION
from .parties import PARTIES
from .pubsub_steps import PUBSUB

__all__ = ["FREE", "LAST", "STEPS"]

STEPS: Final[Steps] = {**PARTIES, **CONFIGURATION, **PUBSUB}

FREE: Final = frozenset({*PARTIES, "description", "configuration-repeatable"})
"""Resources whose steps send nothing."""

LAST: Final = ("config-create", "config-replace")
"""Variants that describe the whole configuration anew: what others enter beside them would be lost."""
