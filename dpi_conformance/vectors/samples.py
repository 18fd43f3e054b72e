"""Samples for slots: what stands in their place while a draft is held against its schemas."""

import re
from collections.abc import Mapping
from typing import Any

from dpi_conformance.vectors.scripts import TEXTS

__all__ = ["Sampler"]

_CALLBACK = "http://127.0.0.1:54321/callback/0123456789abcdefghijkl"
_NOW = "2026-01-02T03:04:05Z"
_NOW_TO_THE_MILLISECOND = "2026-01-02T03:04:05.678Z"
_NUMBER = re.compile(r":\d+(?=\.)")
"""Which of several resources of one kind: ``voucher-created:2.serial``."""


class Sampler:
    """Fills slots with samples, as the run fills them with real values."""

    def __init__(self, resources: Mapping[str, Mapping[str, Any]]) -> None:
        """Take a sample of each resource's fields."""
        self._named: dict[str, Any] = {
            f"{resource}.{field}": sample
            for resource, fields in resources.items()
            for field, sample in fields.items()
        }

    def __call__(self, slot: str) -> Any:
        """Give a sample for a slot; KeyError if there is no such slot."""
        slot = _NUMBER.sub("", slot).removeprefix("json:")
        kind, _, rest = slot.partition(":")
        size = int(rest.partition(":")[0] or 0) if rest and kind != "now" else 0
        if kind == "id":
            return ("A1B2C3D4E5" * (size // 10 + 1))[:size]
        if kind == "number":
            return int("1" * size)
        if kind == "callback":
            return _CALLBACK.ljust(size, "x")
        if kind == "now":
            return _NOW_TO_THE_MILLISECOND if rest == "ms" else _NOW
        return self._named[slot if slot in self._named else _unscripted(slot)]


def _unscripted(slot: str) -> str:
    """Give the slot of the resource that one with text in some script stands for: ``beneficiary-arabic.address``."""
    resource, _, field = slot.partition(".")
    script = next((script for script in TEXTS if resource.endswith(f"-{script}")), "")
    return f"{resource.removesuffix(f'-{script}')}.{field}"
