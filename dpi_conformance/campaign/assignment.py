"""All that one block of a run is judged by, read from its pack."""

import dataclasses
import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dpi_conformance.catalogue.blocks import load_block
from dpi_conformance.catalogue.openapi import load_spec
from dpi_conformance.catalogue.packs import Pack
from dpi_conformance.catalogue.requirements import load_requirements
from dpi_conformance.checks.answers import Answers
from dpi_conformance.checks.refusal import BodyRefusal, RedirectRefusal, RefusalRules
from dpi_conformance.errors import UsageError
from dpi_conformance.execution.behaviour import SuiteCase, suite_cases, with_requirements
from dpi_conformance.execution.selection import matching
from dpi_conformance.execution.steps import Steps
from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.block import Block
from dpi_conformance.model.cases import Case
from dpi_conformance.model.requirements import RequirementSet
from dpi_conformance.model.spec import Spec
from dpi_conformance.model.vectors import Profile, Vector
from dpi_conformance.vectors.store import CASES, MANIFEST, VECTORS, read_cases, read_manifest, read_vectors

__all__ = ["Assignment", "read_assignment"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """One block's content and the cases that a run plans."""

    pack: Pack
    block: Block
    spec: Spec
    requirements: RequirementSet
    cases: tuple[Case, ...]
    profile: Profile
    digests: Mapping[str, str]
    """sha256 of what the verdict rests on, by name."""
    frozen: Path
    """The folder of the frozen vectors."""
    suite: tuple[SuiteCase, ...] = ()
    """The cases among them that are written in Python."""
    parts: tuple["Assignment", ...] = ()
    """In a scenario: the blocks that take part."""

    @property
    def places(self) -> Mapping[str, "Assignment"]:
        """Give the blocks that are reached, by the name of each place: the block's, or ``<scenario>/<block>``."""
        if not self.parts:
            return {self.block.id: self}
        return {f"{self.block.id}/{part.block.id}": part for part in self.parts}

    def vectors(self) -> Iterator[Vector]:
        """Stream the profile's frozen vectors, in canonical order."""
        return read_vectors(self.frozen / VECTORS, self.profile)

    def answers(self, answer_seconds: float) -> Answers:
        """Give the checks on this block's answers."""
        return Answers(
            spec=self.spec,
            rules=refusal_rules(self.block),
            time_limit_ms=answer_seconds * 1000,
            echo=self.block.echo,
            aliases=self.block.aliases,
            proofs=self.block.proofs,
            introduced=self.block.introduced,
        )

    def steps(self) -> Steps:
        """Give the block's own steps."""
        steps: Steps = self.pack.load(f"suites.{self.block.id}.steps").STEPS
        return steps

    def last(self) -> Collection[str]:
        """Name the variants that are sent when nothing else is under way; a block may have none."""
        return frozenset(getattr(self.pack.load(f"suites.{self.block.id}.steps"), "LAST", ()))

    def free(self) -> Collection[str]:
        """Name the resources whose steps cost the product no request."""
        return frozenset(self.pack.load(f"suites.{self.block.id}.steps").FREE)


def read_assignment(
    pack: Pack, block: str, profile: Profile, only: Collection[str] = (), *, frozen: Path | None = None
) -> Assignment:
    """Read a block's content; UsageError if no case matches ``only``.

    ``frozen`` is a folder of other vectors than the block's own, for exploring. A scenario has cases of its suite only.
    """
    if block in pack.scenarios:
        return _scenario(pack, block, profile, only)
    folder = frozen or pack.suite(block, f"vectors/{MANIFEST}").parent
    requirements = load_requirements(pack.spec(block, "requirements.yaml"))
    suite = () if frozen else _suite(pack, block, profile, only, requirements)
    cases = (
        *(
            dataclasses.replace(case, requirements=requirements.for_case(case.id))
            for case in matching(read_cases(folder / CASES, profile, block), only)
        ),
        *(one.case for one in suite),
    )
    if not cases:
        raise _no_case(block, only)
    return Assignment(
        pack=pack,
        block=load_block(pack.spec(block, "block.yaml")),
        spec=load_spec(pack.spec(block, "openapi.yaml")),
        requirements=requirements,
        cases=cases,
        profile=profile,
        digests=_digests(pack, block, folder),
        frozen=folder,
        suite=suite,
    )


def _scenario(pack: Pack, name: str, profile: Profile, only: Collection[str]) -> Assignment:
    described = load_block(pack.description(name))
    requirements = load_requirements(pack.spec(name, "requirements.yaml"))
    suite = _suite(pack, name, profile, only, requirements)
    if not suite:
        raise _no_case(name, only)
    parts = tuple(read_assignment(pack, part, Profile.QUICK) for part in described.scenario)
    own = {"requirements": pack.spec(name, "requirements.yaml"), "scenario": pack.description(name)}
    inherited = {
        f"{part.block.id}.{key}": part.digests[key] for part in parts for key in ("openapi", "suite")
    }
    return Assignment(
        pack=pack,
        block=described,
        spec=Spec(title=described.title, version="", variants=()),
        requirements=requirements,
        cases=tuple(one.case for one in suite),
        profile=profile,
        digests={**_sums(own), "suite": _written(pack, name), **inherited},
        frozen=pack.description(name).parent,
        suite=suite,
        parts=parts,
    )


def _no_case(block: str, only: Collection[str]) -> UsageError:
    text = N_("No case of “{block}” matches --only {globs}; see: dpi-conformance list cases {block}")
    return UsageError(Message(text=text, values={"block": block, "globs": ", ".join(only)}))


def _suite(
    pack: Pack, block: str, profile: Profile, only: Collection[str], requirements: RequirementSet
) -> tuple[SuiteCase, ...]:
    """Read the block's suite: the cases of a profile whose ids match, with the requirements that they test."""
    modules = (pack.load(f"suites.{block}.{path.stem}") for path in _suite_files(pack, block))
    every = {one.case.id: one for one in suite_cases(block, modules, profile)}
    chosen = matching((one.case for one in every.values()), only)
    return tuple(with_requirements(every[case.id], requirements.for_case(case.id)) for case in chosen)


def _suite_files(pack: Pack, block: str) -> list[Path]:
    return sorted(pack.suite_folder(block).glob("test_*.py"))


def refusal_rules(block: Block) -> RefusalRules:
    """Make the block's own way of refusing into rules."""
    return RefusalRules(
        bodies=tuple(
            BodyRefusal(
                fields=frozenset(rule.fields),
                values=frozenset(rule.values),
                filled=frozenset(rule.filled),
                variants=frozenset(rule.variants),
                statuses=frozenset(rule.statuses),
            )
            for rule in block.bodies
        ),
        redirects=tuple(
            RedirectRefusal(parameter=rule.parameter, variants=frozenset(rule.variants))
            for rule in block.redirects
        ),
        success_fields={name: frozenset(values) for name, values in block.success_fields.items()},
        undeclared=frozenset(block.undeclared),
    )


def _digests(pack: Pack, block: str, folder: Path) -> dict[str, str]:
    files = {
        "openapi": pack.spec(block, "openapi.yaml"),
        "requirements": pack.spec(block, "requirements.yaml"),
        "errata": pack.spec(block, "errata.yaml"),
    }
    manifest = read_manifest(folder / MANIFEST)
    frozen = {name: manifest.digests[name] for name in ("vectors", "cases")}
    return _sums(files) | frozen | {"suite": _written(pack, block)}


def _sums(files: Mapping[str, Path]) -> dict[str, str]:
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}


def _written(pack: Pack, block: str) -> str:
    """Give the digest of all that is written for a block's suite."""
    written = b"".join(path.read_bytes() for path in sorted(pack.suite_folder(block).glob("*.py")))
    return hashlib.sha256(written).hexdigest()
