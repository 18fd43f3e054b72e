"""Globs choose cases; a variant's control goes along with any of its cases."""

from dpi_conformance.execution.selection import applicable, matching, needed
from dpi_conformance.i18n import Message
from dpi_conformance.model.cases import Case
from dpi_conformance.model.vectors import Expectation, Vector


def _case(case_id: str, variant: str, functions: tuple[str, ...] = ()) -> Case:
    return Case(
        id=case_id,
        block="b",
        kind="contract",
        purpose=Message(text="p"),
        variant=variant,
        functions=functions,
    )


CREATE, READ = (
    _case("b/contract/create/type/body.x", "create"),
    _case("b/contract/read/positive/full", "read"),
)


def _vector(case: Case, *, control: bool = False, variant: str = "") -> Vector:
    return Vector(
        id=f"{case.id}{control}",
        case=case.id,
        variant=variant or case.variant,
        method="GET",
        target="/",
        expect=Expectation.ACCEPTED,
        control=control,
    )


def test_globs_cross_slashes_and_none_means_all() -> None:
    assert matching([CREATE, READ], ["b/contract/create*"]) == (CREATE,)
    assert matching([CREATE, READ], ["*type*", "*full"]) == (CREATE, READ)
    assert matching([CREATE, READ], []) == (CREATE, READ)
    assert matching([CREATE, READ], ["nothing"]) == ()


def test_the_control_goes_along_with_its_variants_cases() -> None:
    control = _vector(_case("b/contract/create/positive/minimal", "create"), control=True)
    other = _vector(READ, control=True)
    wanted = _vector(CREATE)
    assert list(needed([control, wanted, other], {CREATE.id: CREATE})) == [control, wanted]


def test_a_case_is_applicable_if_one_of_its_functions_is_claimed() -> None:
    case = _case("x", "v", ("g2p", "p2g"))
    assert applicable(case, {"p2g"})
    assert not applicable(case, {"vouchers"})
    assert applicable(CREATE, ())
