"""The verdict in the words of a minister: one sentence, what it rests on, and what to do next."""

from collections.abc import Iterator

from dpi_conformance.i18n import N_, Message
from dpi_conformance.model.report import Conformance, Report
from dpi_conformance.model.requirements import Level
from dpi_conformance.model.verdicts import Outcome, RequirementVerdict
from dpi_conformance.reporting.groups import check_groups
from dpi_conformance.reporting.labels import ENDED
from dpi_conformance.reporting.language import Language

__all__ = ["because", "claims_named", "headline", "next_steps", "product_named", "scope", "specifications"]


def product_named(report: Report) -> str:
    """Name the product: name, version, vendor in brackets."""
    product = report.product
    named = " ".join(part for part in (product.name, product.version) if part)
    return f"{named} ({product.vendor})" if product.vendor else named


def specifications(report: Report) -> str:
    """Name the specifications that the product was held against."""
    return ", ".join(dict.fromkeys(block.specification or block.title for block in report.blocks))


def claims_named(report: Report, language: Language) -> list[str]:
    """Name the claimed functions in the reader's language."""
    return [
        language.text(block.functions.get(claim, claim)) for block in report.blocks for claim in block.claims
    ]


def headline(report: Report) -> Message:
    """Say in one sentence whether the product conforms."""
    named: dict[str, str | int | float] = {
        "product": product_named(report),
        "specification": specifications(report),
    }
    if report.verdict is Conformance.CONFORMANT:
        if report.run.only:
            text = N_(
                "{product} passes the selected cases of {specification}; a selection certifies nothing."
            )
        elif report.counts.failed:
            text = N_(
                "{product} conforms to {specification} in everything that is required and that this run tests."
            )
        else:
            text = N_("{product} conforms to {specification} in everything that this run tests.")
    elif report.verdict is Conformance.NOT_CONFORMANT:
        text = N_("{product} does not conform to {specification}.")
    else:
        text = N_("Whether {product} conforms to {specification} cannot be said from this run.")
    return Message(text=text, values=named)


def because(report: Report, language: Language) -> Message:
    """Say in one sentence what the verdict rests on."""
    counts = report.counts
    failed = sum(case.decides and case.verdict is Outcome.FAILED for case in report.cases)
    values = {
        "judged": language.number(counts.expected - counts.not_applicable),
        "passed": language.number(counts.passed),
        "undecided": language.number(counts.inconclusive + counts.error),
        "failed": language.number(failed),
    }
    if report.verdict is Conformance.NOT_CONFORMANT:
        text = N_("Of {judged} cases that apply to what the vendor claims, {failed} failed a requirement.")
        if failed < counts.failed:
            values["less"] = language.number(counts.failed - failed)
            text = N_(
                "Of {judged} cases that apply to what the vendor claims, {failed} failed a requirement, and {less} only "
                "a recommendation."
            )
    elif report.verdict is Conformance.CONFORMANT:
        text = N_(
            "Of {judged} cases that apply to what the vendor claims, {passed} passed and none failed a requirement."
        )
        if counts.failed:
            values["less"] = language.number(counts.failed)
            text = N_(
                "Of {judged} cases that apply to what the vendor claims, {passed} passed, none failed a requirement, and "
                "{less} failed a recommendation."
            )
    elif not counts.passed:
        text = N_("Not one of the {judged} cases that apply to what the vendor claims has passed.")
    elif not counts.inconclusive + counts.error:
        text = N_(
            "No case failed a requirement, but none of the {judged} is about one: recommendations alone decide nothing."
        )
    else:
        text = N_(
            "No case failed a requirement, but of {judged} that apply to what the vendor claims, {undecided} were "
            "not decided."
        )
    return Message(text=text, values=values)


def scope(report: Report) -> Iterator[Message]:
    """Say what limits the verdict: a run that ended early or was resumed, a selection of cases."""
    if report.run.ended in ENDED:
        yield Message(text=ENDED[report.run.ended])
    if report.run.reason is not None and report.run.ended != "interrupted":  # which says all that there is
        yield report.run.reason.message
    if report.run.resumed_at:
        yield Message(
            text=N_("The run was stopped and resumed; unfinished cases were sent again as a whole.")
        )
    if report.run.only:
        text = N_("Only the cases that match {globs} were part of this run.")
        yield Message(text=text, values={"globs": ", ".join(report.run.only)})


def next_steps(report: Report, language: Language) -> Iterator[Message]:
    """Say what to do next, in order."""
    if report.verdict is Conformance.NOT_CONFORMANT:
        yield from _after_failure(report, language)
    elif report.verdict is Conformance.INCONCLUSIVE:
        yield from _after_nothing(report)
    else:
        yield from _after_success(report)


def _after_failure(report: Report, language: Language) -> Iterator[Message]:
    heaviest = next(iter(check_groups(report)), None)
    if heaviest is not None:
        values = {
            "finding": language.translate(heaviest.message.message),
            "cases": language.number(heaviest.cases),
        }
        text = N_(
            "The vendor mends the product, beginning with what touches the most cases: “{finding}” (cases: {cases})"
        )
        yield Message(text=text, values=values)
    yield Message(
        text=N_(
            "Each finding shows what was sent and what came back, with a command that repeats it. Where a finding "
            "seems wrong, repeat it before disputing it, and cite its clause."
        )
    )
    if report.counts.inconclusive:
        yield Message(
            text=N_("Some cases could not be decided; see “Not decided” for what keeps them from it.")
        )
    yield Message(
        text=N_(
            "Then the same command runs again; every vendor meets the same frozen vectors and the same written cases."
        )
    )


def _after_nothing(report: Report) -> Iterator[Message]:
    if any(seen.health == "trouble" for seen in report.observations):
        yield Message(
            text=N_(
                "Mend what stands under “Before the run” as trouble: it is the configuration or the network, and says "
                "nothing of the product."
            )
        )
    elif report.run.ended != "complete":
        yield Message(text=N_("Go on where the run stopped: dpi-conformance run --resume RUN_DIR"))
    if report.counts.inconclusive and report.run.ended == "complete":
        yield Message(
            text=N_("Remove what kept cases from being decided; the reasons are listed under “Not decided”.")
        )
    if report.counts.error:
        yield Message(
            text=N_(
                "Report the harness's own errors to its maintainers with the journal; they say nothing of the product."
            )
        )
    yield Message(text=N_("Do not treat the product as failed, nor as passed: run again, then decide."))


def _after_success(report: Report) -> Iterator[Message]:
    yield Message(
        text=N_(
            "Keep this folder: from journal.ndjson anyone can rebuild this report with “dpi-conformance judge”."
        )
    )
    open_ones = sum(
        requirement.level is Level.REQUIRED and requirement.verdict is RequirementVerdict.NOT_TESTED
        for requirement in report.requirements
    )
    if open_ones:
        text = N_(
            "Required, and not tested by this run: {count}. The list below says why for each; an auditor can answer "
            "for those that nothing outside the product can see."
        )
        yield Message(text=text, values={"count": open_ones})
    if report.levels.recommended.failed:
        text = N_("Recommended, and not met: {count}. They do not deny conformance, and are worth mending.")
        yield Message(text=text, values={"count": report.levels.recommended.failed})
