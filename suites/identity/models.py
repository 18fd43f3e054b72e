"""Stateful models of what the product keeps: the life of linked logins (E23).

Loaded only where a model is walked: hypothesis takes longer to import than a run takes to begin.
"""

from collections.abc import Mapping
from typing import Final

from dpi_conformance.execution.models import Machine

from .linked_model import LinkedLife

__all__ = ["MODELS"]

MODELS: Final[Mapping[str, type[Machine]]] = {"linked-life": LinkedLife}
"""The stateful models in the deciding tier: fixed seeds, so that every product meets the same sequences."""
