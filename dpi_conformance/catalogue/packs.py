"""Packs: folders with ``specs/ suites/ mocks/ reports/``, loaded by path and never installed."""

import importlib
import importlib.machinery
import importlib.util
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from dpi_conformance.errors import PackError, UsageError
from dpi_conformance.i18n import N_, Message

__all__ = ["Pack"]

_BUILTIN = "govstack"
_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One pack: its name and the folder that holds ``specs/ suites/ mocks/ reports/``."""

    name: str
    root: Path

    @classmethod
    def builtin(cls) -> "Pack":
        """Give the pack that comes with the harness: inside the wheel, else in the checkout around it."""
        inside = _PACKAGE / "_packs" / _BUILTIN
        return cls(name=_BUILTIN, root=inside if inside.is_dir() else _PACKAGE.parent)

    @property
    def blocks(self) -> tuple[str, ...]:
        """Name the building blocks that the pack specifies, in alphabetical order."""
        return tuple(sorted(p.parent.name for p in (self.root / "specs").glob("*/block.yaml")))

    @property
    def scenarios(self) -> tuple[str, ...]:
        """Name the scenarios over several of these blocks, in alphabetical order."""
        return tuple(sorted(p.parent.name for p in (self.root / "specs").glob("*/scenario.yaml")))

    def require_judged(self, name: str) -> str:
        """Give the name of a block or a scenario back, or say which there are (UsageError)."""
        if name in self.scenarios or name in self.blocks:
            return name
        raise UsageError(
            Message(
                text=N_("There is no building block or scenario “{name}”; write one of: {known}."),
                values={"name": name, "known": ", ".join((*self.blocks, *self.scenarios))},
            )
        )

    def description(self, name: str) -> Path:
        """Give the path of what describes a block or a scenario."""
        return self.spec(name, "scenario.yaml" if name in self.scenarios else "block.yaml")

    def require(self, block: str) -> str:
        """Give the block's name back, or say which blocks there are (UsageError)."""
        if block in self.blocks:
            return block
        raise UsageError(
            Message(
                text=N_("There is no building block “{block}”; write one of: {blocks}."),
                values={"block": block, "blocks": ", ".join(self.blocks)},
            )
        )

    def spec(self, block: str, name: str) -> Path:
        """Give the path of one of the block's specification files, e.g. ``openapi.yaml``."""
        return self._file(Path("specs") / block / name)

    def suite(self, block: str, name: str) -> Path:
        """Give the path of one of the block's suite files, e.g. ``vectors/vectors.ndjson.gz``."""
        return self._file(self.suite_folder(block).relative_to(self.root) / name)

    def suite_folder(self, block: str) -> Path:
        """Give the folder of a block's or scenario's suite; a name's hyphens are underscores where modules lie."""
        return self.root / "suites" / block.replace("-", "_")

    def load(self, dotted: str) -> ModuleType:
        """Import a module of the pack by its dotted path below the root, e.g. ``mocks.payments.app``."""
        package, dotted = self._mount(), dotted.replace("-", "_")
        try:
            return importlib.import_module(f"{package}.{dotted}")
        except ModuleNotFoundError as error:
            if error.name is None or not error.name.startswith(package):
                raise
            raise PackError(
                Message(
                    text=N_("The pack “{pack}” at {root} has no {module}."),
                    values={"pack": self.name, "root": str(self.root), "module": dotted.replace(".", "/")},
                )
            ) from error

    def _file(self, relative: Path) -> Path:
        path = self.root / relative
        if not path.is_file():
            raise PackError(
                Message(
                    text=N_("The pack “{pack}” lacks the file {path}."),
                    values={"pack": self.name, "path": str(path)},
                )
            )
        return path

    def _mount(self) -> str:
        """Make the root importable as a synthetic package, so that two packs never collide."""
        name = f"_dpi_pack_{self.name.replace('-', '_')}"
        if name not in sys.modules:
            spec = importlib.machinery.ModuleSpec(name, loader=None, is_package=True)
            spec.submodule_search_locations = [str(self.root)]
            sys.modules[name] = importlib.util.module_from_spec(spec)
        return name
