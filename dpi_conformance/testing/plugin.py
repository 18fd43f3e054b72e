"""The pytest plug-in that comes with the package: the fixture ``govstack_mock``."""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from dpi_conformance.testing.mounting import MountedMock

__all__ = ["Mount", "govstack_mock"]


class Mount(Protocol):
    """Mounts the mock of a block on a base address, until the test ends."""

    def __call__(self, block: str, base_url: str, **settings: Any) -> "MountedMock":
        """Mount it; the settings are those of ``dpi_conformance.testing.mounted``."""


@pytest.fixture
def govstack_mock() -> Iterator[Mount]:
    """Mount mocks of building blocks on addresses of your choice: ``govstack_mock("payments", "https://pay.test")``."""
    from dpi_conformance.testing.mounting import mounted  # noqa: PLC0415 -- only where a test asks for it

    with contextlib.ExitStack() as stack:

        def mount(block: str, base_url: str, **settings: Any) -> "MountedMock":
            return stack.enter_context(mounted(block, base_url, **settings))

        yield mount
