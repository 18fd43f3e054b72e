"""Stateful models of what the product keeps: rooms, event types and subscribers (P13).

Loaded only where a model is walked: hypothesis takes longer to import than a run takes to begin.
"""

from collections.abc import Mapping
from typing import Final

from dpi_conformance.execution.models import Machine

from .pubsub_model import EventLife

__all__ = ["MODELS"]

MODELS: Final[Mapping[str, type[Machine]]] = {"event-life": EventLife}
