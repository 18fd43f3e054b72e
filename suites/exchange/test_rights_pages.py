"""The list of rights in pages: each right once, and no page longer than asked for (property D6)."""

from typing import Final

from dpi_conformance.execution.behaviour import case
from dpi_conformance.execution.scene import Scene
from dpi_conformance.execution.steps import Prerequisite
from dpi_conformance.i18n import N_, Message

from .advice import ADVICE
from .configuring import changed
from .entering import Entry, alone, entry, right, until
from .parties import application
from .rights import Page, filters, page

_LIST: Final = "GovStack IM 8.6 (getAllowed)"
_SERVICES: Final = 5
_BOTH: Final = ("consumer.client", "consumer.other")
_MOST_PAGES: Final = 40


async def _entered(scene: Scene) -> tuple[Entry, set[tuple[str, str, str]]]:
    """Enter a member with ten rights; raises Prerequisite where they do not show in the list."""
    one = entry(scene, _SERVICES, [await right(scene, name) for name in _BOTH])
    wanted = {
        (one.application.code, service["id"], application(scene, name).code)
        for service in one.services
        for name in _BOTH
    }
    await changed(scene, [one.described])
    listed = await until(
        scene, lambda: page(scene, filters(one.application)), lambda got: wanted <= set(got.pairs)
    )
    if not listed.answer.served or not set(listed.pairs) & wanted:
        text = N_(
            "Rights that were entered with the configuration do not show in the list of rights: {answer}."
        )
        raise Prerequisite(Message(text=text, values={"answer": str(listed.answer)}))
    return one, wanted


@case("D6/pages-of-one", clause=_LIST, functions=["configuration"], given={"size": 1})
@case("D6/pages-of-three", clause=_LIST, functions=["configuration"], given={"size": 3})
@case("D6/pages-of-five", clause=_LIST, functions=["configuration"], given={"size": 5})
async def test_pages(scene: Scene, size: int) -> None:
    """Pages of {size} together hold each right once, none is longer, and the last one names no further one."""
    async with alone(scene):
        one, wanted = await _entered(scene)
        pages = await _walked(scene, one, size)
    longest = max(pages, key=lambda got: len(got.pairs))
    scene.expect(
        len(longest.pairs) <= size,
        code="rights.page-size",
        message=Message(text=N_("A page of rights holds more pairs than were asked for.")),
        expected=f"at most {size}",
        actual=len(longest.pairs),
        seen=longest.answer,
        advice=ADVICE["rights.page-size"],
    )
    every = [pair for got in pages for pair in got.pairs]
    lost = sorted(wanted - set(every))
    scene.expect(
        not lost,
        code="rights.pages-whole",
        message=Message(text=N_("Rights are lost between the pages of their list.")),
        expected=f"{len(wanted)} rights",
        actual=f"without {lost}",
        seen=pages[-1].answer,
        advice=ADVICE["rights.pages-whole"],
    )
    twice = sorted({pair for pair in every if every.count(pair) > 1})
    scene.expect(
        not twice,
        code="rights.pages-without-repeats",
        message=Message(text=N_("A right stands on more than one page.")),
        expected="each once",
        actual=twice,
        seen=pages[-1].answer,
        advice=ADVICE["rights.pages-without-repeats"],
    )


async def _walked(scene: Scene, one: Entry, size: int) -> list[Page]:
    """Go from page to page to the last one."""
    query = filters(one.application)
    pages = [await page(scene, query, size)]
    while (token := pages[-1].token) and len(pages) < _MOST_PAGES:
        following = await page(scene, query, size, token)
        if not following.answer.served and len(pages) == 1:
            following = await page(scene, {}, size, token)  # a token may stand for its filters
        pages.append(following)
    ended = pages[-1].token is None and (len(pages) == 1 or bool(pages[-1].pairs))
    scene.expect(
        ended,
        code="rights.pages-end",
        message=Message(text=N_("The pages of rights come to no end, or to one that is empty.")),
        expected="no token on the last page, which is not empty",
        actual=f"{len(pages)} pages, the last one with {len(pages[-1].pairs)} rights and token {pages[-1].token}",
        seen=pages[-1].answer,
        advice=ADVICE["rights.pages-end"],
    )
    return pages


@case("D6/filters", clause=_LIST, functions=["configuration"])
async def test_filters(scene: Scene) -> None:
    """Each filter of the list lets through what it names, and nothing else."""
    async with alone(scene):
        one, wanted = await _entered(scene)
        code = one.services[0]["id"]
        own = filters(one.application, applicationId=one.application.code)
        of_service = {pair for pair in wanted if pair[1] == code}
        nobody = filters(one.application, applicationId=f"no-{scene.fresh.identifier(8)}")
        asked = (
            (filters(one.application), wanted),
            (own, wanted),
            ({**own, "serviceId": code}, of_service),
            (nobody, set[tuple[str, str, str]]()),
        )
        for query, right_ones in asked:
            got = await page(scene, query, 100)
            if not got.answer.served and not right_ones:
                continue
            scene.expect(
                set(got.pairs) == right_ones,
                code="rights.filter-sound",
                message=Message(
                    text=N_(
                        "A filter of the list of rights lets through what it does not name, or holds back what it does."
                    )
                ),
                expected=sorted(right_ones),
                actual=got.pairs[:10],
                seen=got.answer,
                advice=ADVICE["rights.filter-sound"],
            )
